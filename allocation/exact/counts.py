"""How many of each kind of member are rounded up: whole numbers with a given sum that satisfy the needs of group rows.

A need that weighs the kinds in two ways only is, the sum being given, a bound on how many of some kinds there are: it
is rounded to a whole number, and of one kind it is a bound of that kind. For what is left a short search tries kind by
kind. Where it finds nothing, the linear program without wholeness does (exact, `tableau`): tiers, grassroots and
signing members lie within one another or apart, so a corner of it is mostly whole, and where it is not, what lies
between two whole numbers is cut out. What is looked at is counted, and after `WORK` of it the search ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul
from typing import NamedTuple

from allocation.exact.tableau import Tableau

WORK = 3_000_000
"""Kinds times needs looked at, after which the search ends: a second or two."""
_KINDS = 400
"""Kinds above which there is no search: it goes as deep as there are kinds."""
_DESCENTS = 3  # ways through all the kinds that the short search may take
_PIVOTS = 4  # entries of a tableau that cost as much as one of a need

Need = tuple[list[int], int]
"""Weights by kind, and what Σ weight·n must at least be."""


class _EndedError(Exception):
    """The search has taken `WORK`."""


class _LongError(Exception):
    """The short search has taken what it may."""


class _Look(NamedTuple):
    """What one search keeps to; dead: what it found to lead nowhere; until: where it becomes long."""

    low: list[int]
    high: list[int]
    needs: list[Need]
    dead: set[tuple[int, int, tuple[int, ...]]]
    until: int


class Counts:
    """How many of each kind may be rounded up: low ≤ n ≤ high, Σ n = total, and each need Σ weight·n ≥ least.

    known: counts that satisfy all of this. Where the search ends early, what is not known to be possible counts as not.
    """

    def __init__(self, total: int, high: list[int], known: list[int]) -> None:
        self.total, self.high, self.known = total, high, known
        self.needs: list[Need] = []
        self.looked = 0
        self.ended = False
        self.taken = [0] * len(high)

    def narrowed(self, weights: list[int], least: int) -> bool:
        """Add a need, if some counts satisfy it with the others."""
        need = self._plain(weights, least)
        if sum(map(mul, need[0], self.known)) < need[1]:
            found = self._found(self.taken, [*self.needs, need])
            if found is None:
                return False
            self.known = found
        self.needs.append(need)
        return True

    def takes(self, k: int) -> bool:
        """Whether one more of a kind can be rounded up, which it then is."""
        if self.taken[k] == self.high[k]:
            return False
        if self.known[k] == self.taken[k]:
            more = self.taken.copy()
            more[k] += 1
            found = self._found(more, self.needs)
            if found is None:
                self.high[k] = self.taken[k]
                return False
            self.known = found
        self.taken[k] += 1
        return True

    def _plain(self, weights: list[int], least: int) -> Need:
        """A need that weighs the kinds in two ways as how many of some there must be."""
        ways = sorted(set(weights))
        if len(ways) != 2:
            return weights, least
        less, more = ways
        return [int(w == more) for w in weights], -((less * self.total - least) // (more - less))

    def _found(self, low: list[int], needs: list[Need]) -> list[int] | None:
        """Counts within low and high that satisfy the needs, if there are any."""
        if len(low) > _KINDS:
            self.ended = True
        if self.ended:
            return None
        low, high, left = self._bounded(low, needs)
        if any(map(int.__gt__, low, high)) or not sum(low) <= self.total <= sum(high):
            return None
        try:
            until = self.looked + _DESCENTS * (1 + len(left) * len(low)) * len(low)
            look = _Look(low, high, left, set(), until)
            try:
                return self._search(look, 0, self.total, tuple(least for _, least in left))
            except _LongError:
                return self._whole(low, high, left)
        except _EndedError:
            self.ended = True
            return None

    def _bounded(self, low: list[int], needs: list[Need]) -> tuple[list[int], list[int], list[Need]]:
        """Bounds of each kind, with what the needs of one kind make of them, and the other needs."""
        low, high, left = low.copy(), self.high.copy(), []
        for weights, least in needs:
            ones = sum(weights) if set(weights) == {0, 1} else 0
            if ones == 1:
                k = weights.index(1)
                low[k] = max(low[k], least)
            elif ones and ones == len(weights) - 1:
                k = weights.index(0)
                high[k] = min(high[k], self.total - least)
            else:
                left.append((weights, least))
        return low, high, left

    def _count(self, looked: int) -> None:
        self.looked += looked
        if self.looked > WORK:
            raise _EndedError

    def _search(self, look: _Look, k: int, left: int, least: tuple[int, ...]) -> list[int] | None:
        """Counts of the kinds from k on that make `left` and satisfy what the needs still ask for, if there are any."""
        low, high, needs, dead, until = look
        self._count(1 + len(needs) * (len(low) - k))
        if self.looked > until:
            raise _LongError
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

    def _whole(self, low: list[int], high: list[int], needs: list[Need]) -> list[int] | None:
        """Counts that satisfy the needs, by linear programs, with bounds cut in two where a count is not whole."""
        waiting = [(low, high)]
        while waiting:
            low, high = waiting.pop()
            corner = self._corner(low, high, needs)
            if corner is None:
                continue
            part = next((k for k, (_, d) in enumerate(corner) if d != 1), None)
            if part is None:
                return [n for n, _ in corner]
            n, d = corner[part]
            below, above = high.copy(), low.copy()
            below[part], above[part] = n // d, n // d + 1
            waiting += [(low, below), (above, high)]
        return None

    def _corner(self, low: list[int], high: list[int], needs: list[Need]) -> list[tuple[int, int]] | None:
        """A corner of what bounds and needs leave, as ratios in lowest terms; None: they leave nothing."""
        open_ = [k for k, (least, most) in enumerate(zip(low, high, strict=True)) if most > least]
        spare = self.total - sum(low)
        tableau, each = Tableau(), [1] * len(open_)
        lines = [(each, spare), ([-1] * len(open_), -spare)]
        lines += [([-weights[k] for k in open_], sum(map(mul, weights, low)) - least) for weights, least in needs]
        lines += [([int(k == other) for other in open_], high[k] - low[k]) for k in open_ if high[k] - low[k] < spare]
        self._count(len(open_) ** 2 * len(lines) // _PIVOTS)
        tableau.cols = list(range(len(open_)))
        tableau.rows = [[*line, bound, 1] for line, bound in lines]
        tableau.basis = list(range(len(open_), len(open_) + len(lines)))
        if not tableau.make_feasible():
            return None
        corner = [(n, 1) for n in low]
        for v, row in zip(tableau.basis, tableau.rows, strict=True):
            if v < len(open_):
                k = open_[v]
                corner[k] = Fraction(low[k] * row[-1] + row[-2], row[-1]).as_integer_ratio()
        return corner


def _most(weights: Sequence[int], low: Sequence[int], high: Sequence[int], total: int) -> int:
    """The largest Σ weight·n with low ≤ n ≤ high and Σ n = total (which is known to fit)."""
    best = sum(w * n for w, n in zip(weights, low, strict=True))
    left = total - sum(low)
    for w, room in sorted(((w, h - lo) for w, lo, h in zip(weights, low, high, strict=True)), reverse=True):
        take = min(left, room)
        best += w * take
        left -= take
    return best
