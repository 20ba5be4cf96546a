"""Whole fen: of all ways to round x* up or down that keep the sum, the first that the hard group rules allow.

The rules restrict the choices one after another; one that no remaining choice satisfies is passed over (FEN-GRID).
Then largest remainders get the fen, ties by code. Source: contract "Whole fen, one answer".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allocation.terms import Row


@dataclass(frozen=True, slots=True)
class WholeFen:
    """floors: ⌊x*⌋; paid: what each gets; passed_over: whether some group rule had to be passed over."""

    floors: list[int]
    paid: list[int]
    passed_over: bool


def settle(rows: Sequence[tuple[int, Row]], amounts: Sequence[int], unit: int) -> WholeFen:
    """Fen per member: Σ = ⌊Σ x*⌋; each is ⌊x*⌋ or ⌈x*⌉.

    rows: the hard group rows with the order of their rule, counting in fen, in the problem's order; amounts: x* in
    1/unit fen.
    """
    parted = [divmod(x, unit) for x in amounts]
    floors, rest = [fen for fen, _ in parted], [left for _, left in parted]
    up = sum(rest) // unit
    order = sorted([i for i, left in enumerate(rest) if left], key=rest.__getitem__, reverse=True)  # stable: by code
    paid = floors.copy()
    for i in order[:up]:
        paid[i] += 1
    if all(row.value(paid) >= 0 for _, row in rows):
        return WholeFen(floors, paid, passed_over=False)
    chosen, passed_over = _restricted(floors, up, order, [row for _, row in sorted(rows, key=_place)])
    return WholeFen(floors, chosen, passed_over)


def _place(pair: tuple[int, Row]) -> tuple[int, str, bool]:
    """When a row restricts the choices: by rule; shares by group, lower bounds first, whatever rule they are of.

    Two shares of one place bound the same sum from the same side: which comes first changes nothing. Pay gaps keep the
    problem's order, which goes by their groups before their ratios.
    """
    order, row = pair
    return order, row.group, row.holds == "inside"


def _restricted(paid: list[int], up: int, order: list[int], rows: list[Row]) -> tuple[list[int], bool]:
    """The first choice of `up` members along `order` that satisfies the rows, passing over what nobody can satisfy."""
    kinds: dict[tuple[int, ...], list[int]] = {}
    for i in order:
        kinds.setdefault(tuple(row.coefs[i] for row in rows), []).append(i)
    signatures = list(kinds)
    counts = [len(kinds[s]) for s in signatures]
    value = [row.const + sum(c * x for c, x in zip(row.coefs, paid, strict=True)) for row in rows]
    search = _Counts([], up)
    passed_over = False
    for k in range(len(rows)):
        wider = _Counts([*search.needs, ([s[k] for s in signatures], -value[k])], up)
        if wider.possible([0] * len(counts), counts):
            search = wider
        else:
            passed_over = True
    low, high = [0] * len(counts), counts.copy()
    kind_of = {i: k for k, s in enumerate(signatures) for i in kinds[s]}
    taken = [0] * len(counts)
    chosen = paid.copy()
    for i in order:
        k = kind_of[i]
        if taken[k] == high[k]:
            continue
        raised = low.copy()
        raised[k] = taken[k] + 1
        if search.possible(raised, high):
            low = raised
            taken[k] += 1
            chosen[i] += 1
        else:
            high[k] = taken[k]
    return chosen, passed_over


class _Counts:
    """How many of each kind may be rounded up: Σ = total, and each need Σ weight·n ≥ least."""

    def __init__(self, needs: list[tuple[list[int], int]], total: int) -> None:
        self.needs = needs
        self.total = total

    def possible(self, low: list[int], high: list[int]) -> bool:
        """Whether whole counts between low and high exist that satisfy every need."""
        return self._search(0, self.total, tuple(least for _, least in self.needs), low, high, set())

    def _search(
        self, k: int, left: int, least: tuple[int, ...], low: list[int], high: list[int], dead: set[object]
    ) -> bool:
        if not sum(low[k:]) <= left <= sum(high[k:]):
            return False
        if k == len(low):
            return all(need <= 0 for need in least)
        if (k, left, least) in dead:
            return False
        for (weights, _), need in zip(self.needs, least, strict=True):
            if _most(weights[k:], low[k:], high[k:], left) < need:
                dead.add((k, left, least))
                return False
        for n in range(low[k], min(high[k], left) + 1):
            rest = tuple(need - weights[k] * n for (weights, _), need in zip(self.needs, least, strict=True))
            if self._search(k + 1, left - n, rest, low, high, dead):
                return True
        dead.add((k, left, least))
        return False


def _most(weights: Sequence[int], low: Sequence[int], high: Sequence[int], total: int) -> int:
    """The largest Σ weight·n with low ≤ n ≤ high and Σ n = total (which is known to fit)."""
    best = sum(w * n for w, n in zip(weights, low, strict=True))
    left = total - sum(low)
    for w, room in sorted(((w, h - lo) for w, lo, h in zip(weights, low, high, strict=True)), reverse=True):
        take = min(left, room)
        best += w * take
        left -= take
    return best
