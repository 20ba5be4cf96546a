"""What rules speak about: members, their groups, and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul

GROUPS = ("grassroots", "signing_grassroots", "all")
"""Group names besides the tiers' own."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a problem. Money in fen; None where the field was not given."""

    code: str
    name: str
    tier: str
    grassroots: bool
    signing: bool
    merit: Fraction
    wage_headroom: int | None
    reward_base: int | None
    headcount: Fraction | None
    gap_income: int | None
    previous: int | None
    exempt: frozenset[str]

    def belongs(self, group: str) -> bool:
        """Whether it is in a group: a tier's name, grassroots, signing_grassroots or all."""
        if group == "grassroots":
            return self.grassroots
        if group == "signing_grassroots":
            return self.grassroots and self.signing
        return group in ("all", self.tier)


@dataclass(frozen=True, slots=True)
class Row:
    """A side of a group rule: Σ coefs[i]·x_i + const ≥ 0 in whole numbers; its shortfall in fen is −value/scale.

    rule: index in the problem; part: "" or "<tier> lower"/"<tier> upper"; inside: members of the group it protects
    (for an upper bound: of the group it holds down).
    """

    rule: int
    part: str
    coefs: tuple[int, ...]
    const: int
    scale: int
    inside: frozenset[int]

    def value(self, amounts: Sequence[int], unit: int = 1) -> int:
        """Its value at `amounts` in 1/unit of what it counts in, times `scale`·unit: ≥ 0 where it holds."""
        value: int = sum(map(mul, self.coefs, amounts), self.const * unit)
        return value


def share_row(index: int, part: str, inside: Sequence[bool], share: Fraction, *, upper: bool = False) -> Row:
    """Σ over the group ≥ share · Σ over all (upper: ≤), in whole coefficients."""
    p, q = share.numerator, share.denominator
    sign = -1 if upper else 1
    coefs = tuple(sign * ((q if here else 0) - p) for here in inside)
    return Row(index, part, coefs, 0, q, frozenset(i for i, here in enumerate(inside) if here))
