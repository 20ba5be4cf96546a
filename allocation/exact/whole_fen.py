"""Whole fen: of all ways to round x* up or down that keep the sum, the first that the hard group rules allow.

The rules restrict the choices one after another; one that no remaining choice satisfies is passed over (FEN-GRID).
What is looked at is counted, and where that takes too long the search ends (FEN-BOUND).
Then largest remainders get the fen, ties by code. Source: contract "Whole fen, one answer".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import mul
from typing import NamedTuple

from allocation.terms import Row

_WORK = 20_000_000
"""Kinds of members times rows looked at, after which the search ends: some seconds."""
_KINDS = 400
"""Kinds of members above which there is no search: it goes as deep as there are kinds."""


class WholeFen(NamedTuple):
    """floors: ⌊x*⌋; paid: what each gets; passed_over, ended: whether some group rule had to be passed over.

    passed over: provably nobody could satisfy it. ended: the search ended early: another rule may have been passed
    over that some choice satisfies, and the choice made, which satisfies all the rest, may not be the first.
    """

    floors: list[int]
    paid: list[int]
    passed_over: bool = False
    ended: bool = False


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
        return WholeFen(floors, paid)
    return _restricted(floors, up, order, [row for _, row in sorted(rows, key=_place)])


def _place(pair: tuple[int, Row]) -> tuple[int, str, bool]:
    """When a row restricts the choices: by rule; shares by group, lower bounds first, whatever rule they are of.

    Two shares of one place bound the same sum from the same side: which comes first changes nothing. Pay gaps keep the
    problem's order, which goes by their groups before their ratios.
    """
    order, row = pair
    return order, row.group, row.holds == "inside"


def _restricted(floors: list[int], up: int, order: list[int], rows: list[Row]) -> WholeFen:
    """The first choice of `up` members along `order` that satisfies the rows, passing over what nobody can satisfy."""
    kinds: dict[tuple[int, ...], list[int]] = {}
    for i in order:
        kinds.setdefault(tuple(row.coefs[i] for row in rows), []).append(i)
    signatures = list(kinds)
    low, high = [0] * len(kinds), [len(kinds[s]) for s in signatures]
    kind_of = {i: k for k, s in enumerate(signatures) for i in kinds[s]}
    largest = Counter(kind_of[i] for i in order[:up])
    search = _Counts(up, low, high, [largest[k] for k in range(len(kinds))])
    passed_over = False
    for k, row in enumerate(rows):
        if not search.narrowed([s[k] for s in signatures], -row.value(floors)):
            passed_over |= not search.ended
    chosen = floors.copy()
    for i in order:
        if search.takes(kind_of[i]):
            chosen[i] += 1
    return WholeFen(floors, chosen, passed_over, search.ended)


class _EndedError(Exception):
    """The search has taken `_WORK`."""


class _Look(NamedTuple):
    """What one search keeps to; dead: what it found to lead nowhere."""

    low: list[int]
    high: list[int]
    needs: list[tuple[list[int], int]]
    dead: set[tuple[int, int, tuple[int, ...]]]


class _Counts:
    """How many of each kind may be rounded up: low ≤ n ≤ high, Σ n = total, and each need Σ weight·n ≥ least.

    known: counts that satisfy all of this. Where the search ends early, what is not known to be possible counts as not.
    """

    def __init__(self, total: int, low: list[int], high: list[int], known: list[int]) -> None:
        self.total, self.low, self.high, self.known = total, low, high, known
        self.needs: list[tuple[list[int], int]] = []
        self.looked = 0
        self.ended = False
        self.taken = [0] * len(low)

    def narrowed(self, weights: list[int], least: int) -> bool:
        """Add a need, if some counts satisfy it with the others."""
        needs = [*self.needs, (weights, least)]
        if sum(map(mul, weights, self.known)) < least:
            found = self._found(self.low, self.high, needs)
            if found is None:
                return False
            self.known = found
        self.needs = needs
        return True

    def takes(self, k: int) -> bool:
        """Whether one more of a kind can be rounded up, which it then is."""
        if self.taken[k] == self.high[k]:
            return False
        if self.known[k] == self.taken[k]:
            low = self.low.copy()
            low[k] = self.taken[k] + 1
            found = self._found(low, self.high, self.needs)
            if found is None:
                self.high[k] = self.taken[k]
                return False
            self.known = found
        self.taken[k] += 1
        self.low[k] = self.taken[k]
        return True

    def _found(self, low: list[int], high: list[int], needs: list[tuple[list[int], int]]) -> list[int] | None:
        if len(low) > _KINDS:
            self.ended = True
        if self.ended:
            return None
        try:
            return self._search(_Look(low, high, needs, set()), 0, self.total, tuple(least for _, least in needs))
        except _EndedError:
            self.ended = True
            return None

    def _search(self, look: _Look, k: int, left: int, least: tuple[int, ...]) -> list[int] | None:
        """Counts of the kinds from k on that make `left` and satisfy what the needs still ask for, if there are any."""
        low, high, needs, dead = look
        self.looked += 1 + len(needs) * (len(low) - k)
        if self.looked > _WORK:
            raise _EndedError
        if k == len(low):
            return [] if left == 0 and all(need <= 0 for need in least) else None
        if (k, left, least) in dead:
            return None
        most = (_most(weights[k:], low[k:], high[k:], left) for weights, _ in needs)
        if all(reached >= need for reached, need in zip(most, least, strict=True)):
            for n in range(max(low[k], left - sum(high[k + 1 :])), min(high[k], left - sum(low[k + 1 :])) + 1):
                rest = tuple(need - weights[k] * n for (weights, _), need in zip(needs, least, strict=True))
                found = self._search(look, k + 1, left - n, rest)
                if found is not None:
                    return [n, *found]
        dead.add((k, left, least))
        return None


def _most(weights: Sequence[int], low: Sequence[int], high: Sequence[int], total: int) -> int:
    """The largest Σ weight·n with low ≤ n ≤ high and Σ n = total (which is known to fit)."""
    best = sum(w * n for w, n in zip(weights, low, strict=True))
    left = total - sum(low)
    for w, room in sorted(((w, h - lo) for w, lo, h in zip(weights, low, high, strict=True)), reverse=True):
        take = min(left, room)
        best += w * take
        left -= take
    return best
