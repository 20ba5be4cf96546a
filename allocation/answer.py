"""The answer to one allocation problem: whole fen, what holds each member, why money is left, what loosening moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal


@dataclass(frozen=True, slots=True)
class MemberAmount:
    """What one member gets in fen, and the rules that stop it, sorted."""

    code: str
    fen: int
    held_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SoftMiss:
    """By how many fen a soft rule is missed, rounded up."""

    use: str
    priority: int
    fen: int


@dataclass(frozen=True, slots=True)
class Relief:
    """What loosening a binding rule would move, in fen by member code; relaxed: by how much, int: fen.

    code: the member whose own cap it is, "" for the rule as a whole.
    """

    use: str
    code: str
    relaxed: int | Fraction
    moves: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Conflicting:
    """A part of a contradiction: a rule, of own caps and floors the member's ("" for the rule as a whole).

    short: the least total by which the set must be missed, in fen.
    """

    use: str
    code: str
    short: int


@dataclass(frozen=True)
class Answer:
    """Whole fen by member in order of code; or a conflict, and then nothing is paid.

    pool: fen. relief: None where it was not asked for. warnings: codes. first: whether the conflict is proved to be the
    first of all irreducible ones, by use, then code.
    """

    pool: int
    amounts: tuple[MemberAmount, ...] = ()
    undistributed_because: tuple[str, ...] = ()
    soft_violations: tuple[SoftMiss, ...] = ()
    relief: tuple[Relief, ...] | None = None
    warnings: tuple[str, ...] = ()
    conflict: tuple[Conflicting, ...] = ()
    first: bool = True

    @property
    def off_grid(self) -> bool:
        """Whether whole fen may miss a group rule by what rounding each member takes."""
        return "FEN-GRID" in self.warnings or "FEN-BOUND" in self.warnings

    @property
    def status(self) -> Literal["optimal", "infeasible"]:
        """Whether the hard rules can hold together."""
        return "infeasible" if self.conflict else "optimal"

    @cached_property
    def paid(self) -> dict[str, int]:
        """Fen by member code."""
        return {one.code: one.fen for one in self.amounts}

    @property
    def distributed(self) -> int:
        """All that is paid, in fen."""
        return sum(one.fen for one in self.amounts)

    @property
    def undistributed(self) -> int:
        """What is left of the pool, in fen."""
        return self.pool - self.distributed
