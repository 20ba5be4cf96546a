"""The optimum of the common shapes in closed form, with the same proof that the tableau gives.

Without soft rules: everybody rises to one level, up to the pool or a cap on the whole sum; or everybody is full; or one
hard group row parts the members in two sides, each with a level of its own, and may keep the sum down. With one soft
row that this misses: `allocation.exact.repair`. Rows that were left out are looked at in the end: an optimum under
fewer rows that satisfies all of them is the optimum under all. Whatever does not fit is left to the tableau, which
needs no shape. Why the steps prove the optimum is told in the README of this folder; `certificate.check` sees that they
do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import compress
from operator import floordiv, itemgetter, mul
from typing import Any, NamedTuple

from allocation.exact.filling import Rising, fill, guess
from allocation.exact.model import Model
from allocation.exact.optimum import Solved
from allocation.exact.program import Class, frame_of
from allocation.exact.tableau import Kind, Ratio, Step

Multipliers = Mapping[int, int]
_NEAR = 1e-9  # of the sum: a row by which floats cannot tell


class NoFitError(Exception):
    """The problem has another shape, or a guess was wrong."""


class Shape(NamedTuple):
    """What keeps the sum down, and the sum in fen. row: of the hard row that does, None: all are full, or `limit`."""

    sum: Ratio
    full: bool
    row: int | None


class Ends(NamedTuple):
    """Members in the order in which they are full, with their weights, these as floats, and the levels at which.

    heaviest: the largest weight; pick: what any list by member has in this order.
    """

    order: list[int]
    weights: Sequence[int]
    rates: Sequence[float]
    levels: Sequence[float]
    heaviest: int
    pick: Callable[[Sequence[Any]], Sequence[Any]]

    @classmethod
    def of(cls, model: Model) -> Ends:
        """The ends of a model; they are the same for all its low bounds and units."""
        weights, rates, unit = model.weights, model.problem.rates, model.unit
        levels = [(hi or 0) / unit / rate for hi, rate in zip(model.high, rates, strict=True)]
        order = sorted(range(len(levels)), key=levels.__getitem__)
        pick = itemgetter(*order) if len(order) > 1 else list  # of one position it would give no sequence
        return cls(order, pick(weights), pick(rates), pick(levels), max(weights), pick)


class Closed(NamedTuple):
    """An optimum in closed form, its shape, and when members are full."""

    solved: Solved
    shape: Shape
    ends: Ends


def solve_closed(model: Model) -> Closed | None:
    """x* of a model of a common shape without soft rules, None for any other."""
    if model.pool is None or model.contradictory:
        return None
    try:
        return _solve(Sides(model))
    except NoFitError:
        return None


def _solve(work: Sides) -> Closed:
    model, everybody = work.model, work.frame.classes
    limit, room = work.limit, sum(work.high)
    most = min(limit, room)
    missed = work.seems_missed(most)
    if missed is not None:
        try:
            return _two_levels(work, missed, most)
        except NoFitError:
            work.begin()
    level = None
    if limit < room:
        level = work.put(everybody, (limit, 1))
    else:
        work.make_full(everybody)
    shape = Shape((most, model.unit), full=level is None, row=None)
    work.distribute(shape)
    if level is not None:
        work.prove("level", {work.limit_slack: 1, **work.parts(everybody)}, level)
    return Closed(work.solved(shape), shape, work.ends)


def _two_levels(work: Sides, k: int, most: int) -> Closed:
    """Row k tight: as much as it needs for the side that it raises, the rest for the side that it holds down."""
    raised, held, up, down = work.sides(k)
    row, slack, unit = work.model.rows[k], work.frame.slacks[k], work.model.unit
    full = work.top(raised)
    both, need = up + down, down * most - row.const
    if need <= full * both:
        if most < work.limit:
            raise NoFitError  # all are full, and the row holds
        shape = Shape((most, unit), full=False, row=None)
        work.distribute(shape)
        level = work.reach(held, (most * both - need, both))
        if level is not None:
            work.prove("level", {slack: 1, work.limit_slack: up, **work.parts(held, both)}, level)
        above = work.reach(raised, (need, both))
        if above is not None:
            if level is None:
                work.stand(held, above)
            elif above[0] * level[1] < level[0] * above[1]:
                raise NoFitError  # the row would not be missed without it
            work.prove("level", {work.limit_slack: 1, **work.parts(work.frame.classes)}, above)
        return Closed(work.solved(shape), shape, work.ends)
    rest = up * full + row.const
    total = full * down + rest
    if total > most * down:
        raise NoFitError
    shape = Shape((total, down * unit), full=False, row=k)
    work.distribute(shape)
    work.make_full(raised)
    level = work.reach(held, (rest, down))
    if level is not None:
        work.prove("level", {slack: 1, **work.parts(held, down), **work.room(raised, up)}, level)
    return Closed(work.solved(shape), shape, work.ends)


class Sides:
    """One model on its way: what its variables are, the steps proved so far, where the members of each class stand.

    placed: members with their amounts in so many parts of the model's unit.
    """

    def __init__(self, model: Model, ends: Ends | None = None) -> None:
        self.model = model
        self.frame = frame = frame_of(model)
        self.steps: list[Step] = []
        self.placed: list[tuple[Sequence[int], list[int], int]] = []
        self.ends = ends or Ends.of(model)
        low, high = model.low, model.high
        self.low: Sequence[int] = self.ends.pick(low) if any(low) else low
        self.high: Sequence[int] = self.ends.pick(high if None not in high else [hi or 0 for hi in high])
        for c in frame.classes:
            if len(c.parts) > 1:
                raise NoFitError
            c.active = c.parts[0] if c.parts else None
        self.limit, self.limit_slack = model.pool or 0, frame.pool_slack or 0
        for k, row in enumerate(model.rows):
            if row.const < self.limit and {c.coefs[k] for c in frame.classes} == {-1}:
                self.limit, self.limit_slack = row.const, frame.slacks[k]

    def begin(self) -> None:
        """Begin anew."""
        self.placed.clear()
        self.steps.clear()

    def sides(self, k: int) -> tuple[list[Class], list[Class], int, int]:
        """Of row k the classes that count for it and against it, and by how much."""
        raised: list[Class] = []
        held: list[Class] = []
        gains = set()
        for c in self.frame.classes:
            coef = c.coefs[k]
            (raised if coef > 0 else held).append(c)
            if coef or c.parts:
                gains.add(coef)
        if len(gains) != 2 or min(gains) >= 0 or max(gains) <= 0:
            raise NoFitError
        return raised, held, max(gains), -min(gains)

    @staticmethod
    def bottom(classes: Sequence[Class]) -> int:
        """What classes have at least."""
        return sum([c.base for c in classes])

    @staticmethod
    def top(classes: Sequence[Class]) -> int:
        """What classes have at most."""
        return sum([c.base + (c.parts[0].size or 0 if c.parts else 0) for c in classes])

    @staticmethod
    def parts(classes: Sequence[Class], times: int = 1) -> dict[int, int]:
        """What classes have above their low bounds, as multipliers."""
        return {part.variable: times for c in classes for part in c.parts}

    @staticmethod
    def room(classes: Sequence[Class], times: int = 1) -> dict[int, int]:
        """What classes lack to their high bounds, as multipliers."""
        return {part.slack: times for c in classes for part in c.parts}

    def seems_missed(self, total: int) -> int | None:
        """The first hard row that floats see missed, or nearly so, where everybody rises to one level, if any."""
        rows, unit, (_, _, rates, levels, _, pick) = self.model.rows, self.model.unit, self.ends
        if not rows:
            return None
        try:
            level, full = guess(rates, levels, total / unit)
            amounts = [end * rate for end, rate in zip(levels[:full], rates, strict=False)]
            amounts += [level * rate for rate in rates[full:]]
            if any(self.low):
                amounts = [max(x, lo / unit) for x, lo in zip(amounts, self.low, strict=True)]
            near = sum(amounts) * _NEAR
            for k, row in enumerate(rows):
                value = sum(map(mul, pick(row.coefs), amounts), row.const / unit)
                if value < near * row.scale:
                    return k
        except OverflowError:
            pass
        return None

    def put(self, classes: Sequence[Class], total: Ratio) -> Ratio:
        """Put classes at the level at which they have a total."""
        mask = self._mask(classes)
        found = fill(self._rising(mask), total)
        if found is None:
            raise NoFitError
        return self._place(classes, mask, found.amounts, found.level)

    def put_weighed(self, classes: Sequence[Class], total: Ratio, factors: Sequence[int]) -> Ratio:
        """Put classes at the level at which they have a total to which a unit of each counts its factor (by class)."""
        counts = {i: factor for factor, c in zip(factors, classes, strict=True) for i in c.members}
        mask, most = [i in counts for i in self.ends.order], max(factors)
        times = [counts[i] for i in compress(self.ends.order, mask)]
        some = self._rising(mask)
        weights, low, high = (list(map(mul, times, one)) for one in some[:3])
        slopes = [rate * (by / most) for rate, by in zip(some.rates, times, strict=True)]
        found = fill(Rising(weights, low, high, slopes, some.ends, some.unit * most, some.top * most), total)
        if found is None:
            raise NoFitError
        return self._place(classes, mask, list(map(floordiv, found.amounts, times)), found.level)

    def _mask(self, classes: Sequence[Class]) -> list[bool] | None:
        """Who is of some classes, in the order of `ends`; None: everybody."""
        if len(classes) == len(self.frame.classes):
            return None
        here = {i for c in classes for i in c.members}
        return [i in here for i in self.ends.order]

    def _rising(self, mask: list[bool] | None = None) -> Rising:
        _, weights, rates, levels, heaviest, _ = self.ends
        if mask is None:
            return Rising(weights, self.low, self.high, rates, levels, self.model.unit, heaviest)
        return Rising(
            list(compress(weights, mask)),
            list(compress(self.low, mask)),
            list(compress(self.high, mask)),
            list(compress(rates, mask)),
            list(compress(levels, mask)),
            self.model.unit,
            heaviest,
        )

    def reach(self, classes: Sequence[Class], total: Ratio) -> Ratio | None:
        """Put classes at the level at which they have a total, and say which; None where all of them are full."""
        n, d = total
        top = self.top(classes) * d
        if not self.bottom(classes) * d <= n <= top:
            raise NoFitError
        if n == top:
            self.make_full(classes)
            return None
        return self.put(classes, total)

    def stand(self, classes: Sequence[Class], level: Ratio) -> Ratio:
        """Put classes at a level."""
        mask = self._mask(classes)
        return self._place(classes, mask, self._rising(mask).at(level), level)

    def make_full(self, classes: Sequence[Class]) -> None:
        """Put classes at a level at which all their members are at their high bounds."""
        mask = self._mask(classes)
        amounts = list(self.high if mask is None else compress(self.high, mask))
        self._place(classes, mask, amounts, (max(amounts, default=0), 1))  # weights are 1 at least

    def _place(self, classes: Sequence[Class], mask: list[bool] | None, amounts: list[int], level: Ratio) -> Ratio:
        members = self.ends.order if mask is None else list(compress(self.ends.order, mask))
        self.placed.append((members, amounts, level[1]))
        for c in classes:
            c.level = level
        return level

    def prove(
        self,
        kind: Kind,
        multipliers: Multipliers,
        bound: Ratio,
        *,
        scale: int = 1,
        goal: Multipliers | None = None,
    ) -> None:
        """Note a step."""
        if 0 in multipliers.values():
            multipliers = {v: m for v, m in multipliers.items() if m}
        self.steps.append(Step(kind, goal or {}, bound, multipliers, scale))

    def alone(self, multipliers: Multipliers) -> int:
        """What multipliers make of what stands alone in their variables: of the sum of them all that is constant."""
        model, frame = self.model, self.frame
        classes = frame.classes
        left = -1 if frame.pool_slack is None else frame.pool_slack
        whole = multipliers.get(left, 0) * ((model.pool or 0) - self.bottom(classes))
        whole += sum([multipliers.get(part.slack, 0) * (part.size or 0) for c in classes for part in c.parts])
        for k, (v, row) in enumerate(zip(frame.slacks, frame.rows, strict=True)):
            if v in multipliers:
                whole += multipliers[v] * sum([c.coefs[k] * c.base for c in classes], row.const)
        return whole

    def sum_multipliers(self, shape: Shape) -> tuple[dict[int, int], int]:
        """What proves the sum, and its scale: scale·Σx + Σ multipliers·variables is constant."""
        everybody = self.frame.classes
        if shape.full:
            return self.room(everybody), 1
        if shape.row is None:
            return {self.limit_slack: 1}, 1
        raised, _, up, down = self.sides(shape.row)
        return {self.frame.slacks[shape.row]: 1, **self.room(raised, up + down)}, down

    def distribute(self, shape: Shape) -> None:
        """Note why the sum cannot be larger."""
        multipliers, scale = self.sum_multipliers(shape)
        everybody = self.frame.classes
        n, d = self.counted(shape)
        bound = n - d * self.bottom(everybody), d
        self.prove("distribute", multipliers, bound, scale=scale, goal=self.parts(everybody))

    def counted(self, shape: Shape) -> Ratio:
        """The sum as the model counts."""
        n, d = shape.sum
        return n * self.model.unit, d

    def amounts(self) -> tuple[list[int], int]:
        """Everybody where they were put, and the unit (of the model's) that this is counted in."""
        finer = 1
        for _, _, unit in self.placed:
            if finer % unit:  # two units seldom have much in common, and what they have is dear to find
                finer = unit if unit % finer == 0 else finer * unit
        everybody = [0] * len(self.high)
        for members, amounts, unit in self.placed:
            by = finer // unit
            for i, x in zip(members, amounts if by == 1 else [x * by for x in amounts], strict=True):
                everybody[i] = x
        return everybody, finer

    def solved(self, shape: Shape) -> Solved:
        """x*, if it has the sum that was proved and no hard row is missed."""
        amounts, finer = self.amounts()
        model, (n, d) = self.model, shape.sum
        missed: dict[int, Fraction] = {}
        made = Solved(amounts, model.unit * finer, self.frame, self.steps, missed)
        if sum(made.totals) * d != n * made.unit or any(made.value(row, finer) < 0 for row in model.rows):
            raise NoFitError
        for priority, row in model.soft_rows:
            value = made.value(row, finer)
            missed[priority] = Fraction(-value, row.scale * finer) if value < 0 else Fraction(0)
        return made
