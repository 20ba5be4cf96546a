"""Contradictions of one group row with members' own caps and floors, as early in the order as rounded sums can see.

A row is missed where the caps of those who count for it, all of them, and some floors of those who count against it
leave less than nothing; each of the floors is needed where without the least of them something would be left. Which
caps and floors add up so is a question of sums, which a search for sets that hold does not see: element by element,
whether it can be part of such a set is looked up among all sums that the rest can make, on a grid. What comes out is a
guess: whether it is an irreducible contradiction is for the caller to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_GRID = 4_000
"""Steps on which the least floor of a set is counted: sums are off by half a step for each that is added."""
_BITS = 20_000_000
"""Steps times elements above which sums are not looked at."""


class Row(NamedTuple):
    """A row with what may be added to it.

    element: of the row itself; start: what stands alone in it; caps: by member that counts for the row, what each cap
    that it may have adds, by element (−1: it has none to choose); floors: what each floor takes away, by element.
    """

    element: int
    start: int
    caps: Sequence[Mapping[int, int]]
    floors: Mapping[int, int]


def guess(row: Row) -> set[int] | None:
    """The elements of a contradiction that begins as early as can be seen; None: there is none to be seen."""
    undecided = sorted([*row.floors, *(k for one in row.caps for k in one if k >= 0)])
    inside: set[int] = set()
    outside: set[int] = set()
    if not all(row.caps) or not _possible(row, inside, outside):
        return None
    member = {k: n for n, one in enumerate(row.caps) for k in one}
    for k in undecided:
        if k in outside:
            continue
        others = set() if k in row.floors else {other for other in row.caps[member[k]] if other != k}
        if _possible(row, inside | {k}, outside | others):
            inside.add(k)
            outside |= others
        else:
            outside.add(k)
    return inside | {row.element}


def _possible(row: Row, inside: set[int], outside: set[int]) -> bool:
    """Whether caps and floors can make the row missed by little enough: with all inside, without those outside."""
    caps = [[by for k, by in one.items() if k not in outside] for one in row.caps]
    if not all(caps):
        return False
    chosen = [by for k, by in row.floors.items() if k in inside]
    free = sorted(by for k, by in row.floors.items() if k not in inside and k not in outside)
    fixed = min(chosen, default=0)
    if chosen and _sums(row.start, caps, chosen, [by for by in free if by >= fixed], fixed):
        return True
    lower = [n for n, by in enumerate(free) if not chosen or by < fixed]  # one of these may be the least
    return any(_sums(row.start, caps, [*chosen, free[n]], free[n + 1 :], free[n]) for n in lower)


def _sums(start: int, caps: Sequence[Sequence[int]], chosen: Sequence[int], free: Sequence[int], least: int) -> bool:
    """Whether start + one of the caps of each − the chosen − some of the free is below 0 by no more than the least."""
    step = max(1, least // _GRID)
    base = start + sum(map(min, caps)) - sum(chosen)
    spread = [[(by - min(one)) // step for by in one] for one in caps]
    taken = [by // step for by in free]
    low = base // step - sum(taken)
    width = sum(map(max, spread)) + sum(taken) + 1
    if width * (len(spread) + len(taken) + 1) > _BITS:
        return False
    reached = 1 << sum(taken)  # the bit of `base`
    for one in spread:
        reached = _or(reached << by for by in set(one))
    for by in taken:
        reached |= reached >> by
    off = (len(caps) + len(free) + 2) if step > 1 else 0
    first, last = -(least // step) + off - low, -1 - off - low
    if last < 0 or last < first:
        return False
    return bool(reached >> max(0, first) & ((1 << (last - max(0, first) + 1)) - 1))


def _or(masks: Iterator[int]) -> int:
    made = 0
    for mask in masks:
        made |= mask
    return made
