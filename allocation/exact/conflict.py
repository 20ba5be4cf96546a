"""Where hard rules contradict each other: an irreducible set of them, the first by use, then code.

An element is one rule, for own caps and floors one rule and one member; the pool may be one. A member of merit 0 stays
at or below its own hard floor throughout: that is not a rule of the plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul

from allocation.exact.irreducible import bits, first_irreducible
from allocation.exact.model import Model, Soft
from allocation.exact.one_row import Row, guess
from allocation.exact.optimum import least_violations
from allocation.exact.program import build
from allocation.exact.tableau import Tableau
from domain.money import ceil_fen

_GUESSED = 250
"""Elements above which no guesses are made: they cost as much as the square of them."""


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a contradiction. rule −1 is the pool; member −1: the rule as a whole."""

    use: str
    code: str
    rule: int
    member: int


@dataclass(frozen=True, slots=True)
class Torn:
    """An irreducible set by use and code, the fen it must be missed by, and whether it is proved to be the first."""

    elements: list[Element]
    short: int
    first: bool


def explain_conflict(model: Model) -> Torn:
    """Why an infeasible model in whole fen is."""
    elements = _elements(model)
    together = _Together(model, elements)
    found, first = first_irreducible(together, together.guesses())
    chosen = [elements[k] for k in found]
    return Torn(chosen, ceil_fen(_short(model, chosen)), first)


def _elements(model: Model) -> list[Element]:
    """What may be part of a contradiction, by use and code.

    A floor of 0 never is; a cap only if something pushes against it: the member's own floor, or a row in which more for
    this member is better. (Else it could be left out of any proof, for x ≥ 0 does as well.)
    """
    members = model.problem.members
    rules = model.problem.ranked
    pushed = {i for row in model.rows for i, c in enumerate(row.coefs) if c > 0}
    own = [
        Element(rule.use, members[i].code, k, i)
        for k, (rule, bounds) in enumerate(zip(rules, model.problem.bounds, strict=True))
        for i, bound in enumerate(bounds)
        if rule.priority is None and bound is not None
        if ((i in pushed or model.low[i] > bound) if rule.kind == "cap" else bound)
    ]
    group = [Element(rules[k].use, "", k, -1) for k in {row.rule for row in model.rows}]
    return sorted([*own, *group, Element("pool", "", -1, -1)], key=lambda e: (e.use, e.code, e.rule))


def _is_cap(model: Model, e: Element) -> bool:
    """Whether it is a member's own cap."""
    return e.member >= 0 and model.problem.ranked[e.rule].kind == "cap"


def _bound(model: Model, e: Element) -> int:
    """A member's own cap or floor in fen, 0 of the others."""
    return (model.problem.bounds[e.rule][e.member] or 0) if e.member >= 0 else 0


def _submodel(model: Model, chosen: Sequence[Element], *, soft: bool = False) -> Model:
    """Only the chosen elements; soft: floors and gaps as soft rules of one priority."""
    count = len(model.low)
    zero = {i: model.low[i] for i, m in enumerate(model.problem.members) if not m.merit}
    low, softs = [0] * count, [list[Soft]() for _ in range(count)]
    high: list[int | None] = [zero.get(i) for i in range(count)]
    groups = {e.rule for e in chosen if e.member < 0}
    for e in chosen:
        if e.member < 0:
            continue
        bound, before = _bound(model, e), high[e.member]
        if _is_cap(model, e):
            high[e.member] = bound if before is None else min(bound, before)
        elif soft:
            softs[e.member].append(Soft(e.rule, 1, cap=False, at=bound))
        else:
            low[e.member] = max(low[e.member], bound)
    rows = [row for row in model.rows if row.rule in groups]
    gaps = [row for row in rows if model.problem.ranked[row.rule].file.missable] if soft else []
    return Model(
        problem=model.problem,
        low=low,
        high=high,
        softs=softs,
        rows=[row for row in rows if row not in gaps],
        soft_rows=[(1, row) for row in gaps],
        pool=model.problem.pool if -1 in groups else None,
        weights=model.weights,
    )


def _short(model: Model, chosen: Sequence[Element]) -> Fraction:
    """The least total by which the floors and gaps must be missed while the other elements hold, in fen."""
    return sum(least_violations(build(_submodel(model, chosen, soft=True))).values(), Fraction(0))


class _Together:
    """The elements of a model, for `first_irreducible`: what can hold together, by totals of classes.

    A class is a class under all rows, so it is one under any of them. Where no member's floor is above its cap, only
    a class's sum of floors and sum of caps count.
    """

    def __init__(self, model: Model, elements: Sequence[Element]) -> None:
        members = model.problem.members
        self.model = model
        self.keys = [(e.use, e.code) for e in elements]
        self.own = [e.member for e in elements]
        self.is_cap = [_is_cap(model, e) for e in elements]
        self.bound = [_bound(model, e) for e in elements]
        self.zero = {i: model.low[i] for i, m in enumerate(members) if not m.merit}
        coefs = list(zip(*(row.coefs for row in model.rows), strict=True)) or [()] * len(members)
        numbers: dict[tuple[int, ...], int] = {}
        self.kind = [numbers.setdefault(one, len(numbers)) for one in coefs]
        self.size = Counter(self.kind)
        self.rows = [
            [([one[n] for one in numbers], row.const) for n, row in enumerate(model.rows) if row.rule == e.rule]
            for e in elements
        ]
        for e, rows in zip(elements, self.rows, strict=True):
            if e.rule < 0:
                rows.append(([-1] * len(numbers), model.problem.pool))
        self.groups = sum(1 << k for k, e in enumerate(elements) if e.member < 0)
        self.known: dict[tuple[object, ...], bool] = {}
        self.asked = 0
        self.of_member: dict[tuple[int, bool], int] = {}
        self.of_class: dict[tuple[int, bool], int] = {}
        for k, (i, cap) in enumerate(zip(self.own, self.is_cap, strict=True)):
            if i >= 0:
                self.of_member[i, cap] = self.of_member.get((i, cap), 0) | 1 << k
                at = self.kind[i], cap
                self.of_class[at] = self.of_class.get(at, 0) | 1 << k
        self.capping: list[list[int]] = [[] for _ in numbers]  # by class: each member's caps
        for i, kind in enumerate(self.kind):
            if i not in self.zero:
                self.capping[kind].append(self.of_member.get((i, True), 0))
        self.torn = [
            1 << floor | 1 << cap
            for (i, is_cap), floors in self.of_member.items()
            if not is_cap
            for floor in bits(floors)
            for cap in bits(self.of_member.get((i, True), 0))
            if self.bound[floor] > self.bound[cap]
        ]

    def holds(self, chosen: int) -> bool:
        """Whether the elements can hold together."""
        self.asked += 1
        low, high = self._bounds(chosen)
        if any(high.get(i, floor) < floor for i, floor in low.items()):
            return False
        base, top, capped = ([0] * len(self.size) for _ in range(3))
        for i, floor in low.items():
            base[self.kind[i]] += floor
        for i, cap in high.items():
            top[self.kind[i]] += cap
            capped[self.kind[i]] += 1
        room = [top[c] - base[c] if capped[c] == self.size[c] else None for c in range(len(base))]
        key = (chosen & self.groups, *base, *room)
        if key not in self.known:
            self.known[key] = self._program(chosen & self.groups, base, room).make_feasible()
        return self.known[key]

    def guesses(self) -> list[int]:
        """What may be irreducible contradictions of one row, early in the order."""
        if len(self.keys) > _GUESSED:
            return []
        found = [guess(self._alone(e, *row)) for e, rows in enumerate(self.rows) for row in rows]
        return [sum(1 << k for k in one) for one in found if one]

    def _alone(self, element: int, coefs: Sequence[int], const: int) -> Row:
        """One row with the caps and floors that may contradict it."""
        caps: list[dict[int, int]] = []
        floors: dict[int, int] = {}
        for i, kind in enumerate(self.kind):
            own = bits(self.of_member.get((i, coefs[kind] > 0), 0))
            if coefs[kind] > 0:
                zero = {-1: coefs[kind] * self.zero[i]} if i in self.zero else {}
                caps.append(zero or {k: coefs[kind] * self.bound[k] for k in own})
            elif coefs[kind] < 0:
                floors |= {k: -coefs[kind] * self.bound[k] for k in own}
        return Row(element, const, caps, floors)

    def _bounds(self, chosen: int) -> tuple[dict[int, int], dict[int, int]]:
        """The highest floor and the lowest cap by member, of those that have one."""
        low: dict[int, int] = {}
        high = dict(self.zero)
        for k in bits(chosen & ~self.groups):
            i, bound = self.own[k], self.bound[k]
            if self.is_cap[k]:
                high[i] = min(bound, high.get(i, bound))
            else:
                low[i] = max(bound, low.get(i, bound))
        return low, high

    def _program(self, groups: int, base: list[int], room: list[int | None]) -> Tableau:
        """What each class has above its floors, under its room and the chosen rows."""
        open_ = [c for c, left in enumerate(room) if left != 0]
        tableau = Tableau()
        tableau.cols = list(range(len(open_)))
        lines = [
            ([-coefs[c] for c in open_], sum(map(mul, coefs, base), const))
            for k in bits(groups)
            for coefs, const in self.rows[k]
        ]
        lines += [([int(c == other) for other in open_], left) for c in open_ if (left := room[c]) is not None]
        tableau.rows = [[*line, bound, 1] for line, bound in lines]
        tableau.basis = list(range(len(open_), len(open_) + len(lines)))
        return tableau

    def each_needed(self, chosen: int) -> bool:
        """Whether what is left can hold together whichever element is taken away."""
        alike = self._alike(chosen)
        return all(self.holds(chosen & ~(1 << min(some, key=self.bound.__getitem__))) for some in alike)

    def needed(self, chosen: int) -> int:
        """Elements without which the rest can hold together: the largest floors of a class, its caps, the rest."""
        found = 0
        for some in self._alike(chosen):
            for k in sorted(some, key=self.bound.__getitem__, reverse=True):
                if not self.holds(chosen & ~(1 << k)):
                    break
                found |= 1 << k
                if self.is_cap[k]:  # without a cap its class has none: one goes for all
                    found |= sum(1 << other for other in some)
                    break
        return found

    def rivals(self, chosen: int) -> int:
        """Elements that no irreducible set has beside all of the chosen, but for one floor above one cap.

        A proof that rows contradict each other takes of a class its floors or its caps, of a member one of them.
        """
        found = 0
        for k in bits(chosen & ~self.groups):
            i, cap = self.own[k], self.is_cap[k]
            found |= self.of_member[i, cap] & ~(1 << k) | self.of_class.get((self.kind[i], not cap), 0)
        return found

    def useful(self, chosen: int) -> int:
        """The elements without the caps of classes in which somebody has none (there is none on the class then)."""
        for (kind, cap), caps in self.of_class.items():
            if cap and chosen & caps and not all(chosen & one for one in self.capping[kind]):
                chosen &= ~caps
        return chosen

    def strongest(self, chosen: int) -> int:
        """The elements with only the lowest cap and the highest floor of each member."""
        best: dict[tuple[int, bool], int] = {}
        for k in bits(chosen & ~self.groups):
            at, sign = (self.own[k], self.is_cap[k]), 1 if self.is_cap[k] else -1
            if at not in best or sign * self.bound[k] < sign * self.bound[best[at]]:
                best[at] = k
        return chosen & self.groups | sum(1 << k for k in best.values())

    def _alike(self, chosen: int) -> list[list[int]]:
        """The elements, together where taking away the lower bound changes no more than taking away the higher one.

        So it is with the floors of a class, and with its caps (that leaves no cap on its total), but for members of
        merit 0, with two caps or floors, or with a floor above their cap: theirs stand alone.
        """
        low, high = self._bounds(chosen)
        if any(high.get(i, floor) < floor for i, floor in low.items()):
            return [[k] for k in bits(chosen)]
        own = bits(chosen & ~self.groups)
        times = Counter((self.own[k], self.is_cap[k]) for k in own)
        found: dict[tuple[object, ...], list[int]] = {}
        for k in own:
            i, cap = self.own[k], self.is_cap[k]
            alone = times[i, cap] > 1 or (cap and i in self.zero)
            found.setdefault((k,) if alone else (self.kind[i], cap), []).append(k)
        return [[k] for k in bits(chosen & self.groups)] + list(found.values())
