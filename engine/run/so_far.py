"""What members had of a period's pools so far: one that changes alliance has only one headroom, one a and one R."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from allocation.permits import Parts, Source


@dataclass(frozen=True)
class SoFar:
    """One member's, in fen: what pools took of its headroom; allotted as income and paid out of R, by pool.

    returned: prepayments that were given back to its headroom elsewhere than at home; settled: the pools that did so
    anywhere, for what was prepaid is there again only once.
    """

    taken: int = 0
    allotted: Mapping[Source, int] = field(default_factory=dict)
    drawn: Mapping[Source, int] = field(default_factory=dict)
    returned: int = 0
    settled: frozenset[str] = frozenset()


Members = Mapping[str, SoFar]
"""Of members, by unit code."""


def allotted(members: Members) -> Parts:
    """Income by unit and pool."""
    return {unit: one.allotted for unit, one in members.items()}


def drawn(members: Members) -> Parts:
    """What was paid out of R, by unit and pool."""
    return {unit: one.drawn for unit, one in members.items()}


def drawn_totals(members: Members) -> dict[str, int]:
    """What was paid out of R, by unit."""
    return {unit: sum(one.drawn.values()) for unit, one in members.items()}


def with_income(members: Members, pool: Source, fen: Mapping[str, int]) -> dict[str, SoFar]:
    """After the income of one more pool."""
    return {
        unit: replace(one, allotted={**one.allotted, pool: fen[unit]}) if unit in fen else one
        for unit, one in members.items()
    }


def with_drawn(members: Members, pool: Source, fen: Mapping[str, int]) -> dict[str, SoFar]:
    """After what one more pool paid out of R."""
    return {
        unit: replace(one, drawn={**one.drawn, pool: fen[unit]}) if unit in fen else one
        for unit, one in members.items()
    }


def with_settled(members: Members, pool: str) -> dict[str, SoFar]:
    """After a settlement gave back what its members were prepaid."""
    return {unit: replace(one, settled=one.settled | {pool}) for unit, one in members.items()}


def with_taken(members: Members, fen: Mapping[str, int], returned: Mapping[str, int]) -> dict[str, SoFar]:
    """With what pools took of the headroom of those that have one.

    returned: what was given back in this alliance to members that are at home elsewhere, by unit.
    """
    return {
        unit: replace(one, taken=fen[unit], returned=one.returned + returned.get(unit, 0)) if unit in fen else one
        for unit, one in members.items()
    }
