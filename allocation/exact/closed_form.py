"""The optimum of the common shapes in closed form, with the same proof that the tableau gives.

Without soft rules: everybody rises to one level, up to the pool or a cap on the whole sum; or everybody is full; or one
hard group row parts the members in two sides, each with a level of its own, and may keep the sum down. With one soft
row that this misses: `allocation.exact.repair`. Rows that were left out are looked at in the end: an optimum under
fewer rows that satisfies all of them is the optimum under all. Whatever does not fit is left to the tableau, which
needs no shape. Why the steps prove the optimum is told in the README of this folder; `certificate.check` sees that they
do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from allocation.exact.filling import common_level
from allocation.exact.model import Model
from allocation.exact.optimum import Solved
from allocation.exact.program import Class, frame_of
from allocation.exact.tableau import Kind, Step

Multipliers = Mapping[int, int]


class NoFitError(Exception):
    """The problem has another shape, or a guess was wrong."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What keeps the sum down, and the sum in fen. row: of the hard row that does, None: all are full, or `limit`."""

    sum: Fraction
    full: bool
    row: int | None


@dataclass(frozen=True, slots=True)
class Closed:
    """An optimum in closed form, and its shape."""

    solved: Solved
    shape: Shape


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
    limit, room = work.limit, work.top(everybody)
    level = work.level(everybody, limit) if limit < room else None
    if level is None:
        work.fill(everybody)
    amounts, unit = work.amounts()
    missed = next((k for k, row in enumerate(model.rows) if row.value(amounts, unit) < 0), None)
    if missed is not None:
        return _two_levels(work, missed, min(limit, room))
    shape = Shape(Fraction(min(limit, room), model.unit), full=level is None, row=None)
    work.distribute(shape)
    if level is not None:
        work.prove("level", {work.limit_slack: 1, **work.parts(everybody)}, bound=level)
    return Closed(Solved(amounts, model.unit * unit, work.frame, work.steps, {}), shape)


def _two_levels(work: Sides, k: int, most: int) -> Closed:
    """Row k tight: as much as it needs for the side that it raises, the rest for the side that it holds down."""
    raised, held, up, down = work.sides(k)
    row, slack = work.model.rows[k], work.frame.slacks[k]
    need = Fraction(down * most - row.const, up + down)
    if need <= work.top(raised):
        shape = Shape(Fraction(most) / work.model.unit, full=False, row=None)
        work.distribute(shape)
        rest = most - need
        level = work.reach(held, rest)
        if level is not None:
            multipliers = {slack: 1, work.limit_slack: up, **work.parts(held, up + down)}
            work.prove("level", multipliers, bound=level)
        above = work.reach(raised, need)
        if above is not None:
            if level is None:
                work.put(held, above)
            work.prove("level", {work.limit_slack: 1, **work.parts(work.frame.classes)}, bound=above)
        return Closed(work.solved(shape.sum), shape)
    rest = Fraction(up * work.top(raised) + row.const, down)
    total = work.top(raised) + rest
    if total > most:
        raise NoFitError
    shape = Shape(total / work.model.unit, full=False, row=k)
    work.distribute(shape)
    work.fill(raised)
    level = work.reach(held, rest)
    if level is not None:
        work.prove("level", {slack: 1, **work.parts(held, down), **work.room(raised, up)}, bound=level)
    return Closed(work.solved(shape.sum), shape)


class Sides:
    """One model on its way: what its variables are, the steps proved so far, and the level of each class."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.frame = frame = frame_of(model)
        self.steps: list[Step] = []
        if any(len(c.parts) > 1 for c in frame.classes):
            raise NoFitError
        self.limit, self.limit_slack = model.pool or 0, frame.pool_slack or 0
        self.alone = {self.limit_slack: self.limit - sum(model.low)}
        for c in frame.classes:
            for part in c.parts:
                c.active = part
                self.alone[part.slack] = part.size or 0
        for row, slack in zip(frame.rows, frame.slacks, strict=True):
            self.alone[slack] = row.value(model.low)
        for k, row in enumerate(model.rows):
            if row.const < self.limit and all(c.coefs[k] == -1 for c in frame.classes):
                self.limit, self.limit_slack = row.const, frame.slacks[k]

    def sides(self, k: int) -> tuple[list[Class], list[Class], int, int]:
        """Of row k the classes that count for it and against it, and by how much."""
        classes = self.frame.classes
        up, down = (sorted({sign * c.coefs[k] for c in classes if sign * c.coefs[k] > 0}) for sign in (1, -1))
        if len(up) != 1 or len(down) != 1 or any(not c.coefs[k] and c.parts for c in classes):
            raise NoFitError
        return [c for c in classes if c.coefs[k] > 0], [c for c in classes if c.coefs[k] <= 0], up[0], down[0]

    @staticmethod
    def bottom(classes: Sequence[Class]) -> int:
        """What classes have at least."""
        return sum(c.base for c in classes)

    @staticmethod
    def top(classes: Sequence[Class]) -> int:
        """What classes have at most."""
        return sum(c.base + (c.parts[0].size or 0 if c.parts else 0) for c in classes)

    @staticmethod
    def parts(classes: Sequence[Class], times: int = 1) -> dict[int, int]:
        """What classes have above their low bounds, as multipliers."""
        return {part.variable: times for c in classes for part in c.parts}

    @staticmethod
    def room(classes: Sequence[Class], times: int = 1) -> dict[int, int]:
        """What classes lack to their high bounds, as multipliers."""
        return {part.slack: times for c in classes for part in c.parts}

    def level(
        self, classes: Sequence[Class], total: Fraction | int, factors: Mapping[int, int] | None = None
    ) -> Fraction:
        """Put classes at the level at which they have a total; factors: how much each counts, by variable."""
        whole, unit = total.as_integer_ratio()
        lows, highs, all_weights = self.model.low, self.model.high, self.model.weights
        risers: list[tuple[int, int, int, int]] = []
        fixed = 0
        for c in classes:
            factor = factors[c.parts[0].variable] if factors and c.parts else 1
            for i in c.members:
                least, most, weight = lows[i], highs[i] or 0, all_weights[i]
                if weight and most > least:
                    risers.append((weight, least * unit, most * unit, factor))
                else:
                    fixed += factor * least
        if not risers:
            raise NoFitError
        weights, low, high, times = zip(*risers, strict=True)
        found = common_level(weights, low, high, whole - fixed * unit, times if factors else ())
        if found is None:
            raise NoFitError
        level = found / unit if unit != 1 else found
        self.put(classes, level)
        return level

    def reach(self, classes: Sequence[Class], total: Fraction) -> Fraction | None:
        """Put classes at the level at which they have a total; None if that is all they can have."""
        if total > self.top(classes) or total < self.bottom(classes):
            raise NoFitError
        if total == self.top(classes):
            self.fill(classes)
            return None
        return self.level(classes, total)

    @staticmethod
    def put(classes: Sequence[Class], level: Fraction) -> None:
        """Put classes at a level."""
        for c in classes:
            c.level = level

    def fill(self, classes: Sequence[Class]) -> None:
        """Put classes at a level at which all their members are at their high bounds."""
        model = self.model
        for c in classes:
            enough = [-(-(model.high[i] or 0) // model.weights[i]) for i in c.members if model.weights[i]]
            c.level = Fraction(max(enough, default=0))

    def prove(
        self,
        kind: Kind,
        multipliers: Multipliers,
        *,
        scale: int = 1,
        goal: Multipliers | None = None,
        bound: Fraction | None = None,
    ) -> None:
        """Note a step; its bound, unless it is a level, is what the multipliers make of what stands alone."""
        if bound is None:
            bound = Fraction(sum(times * self.alone.get(v, 0) for v, times in multipliers.items()), scale)
        self.steps.append(Step(kind, goal or {}, bound, {v: m for v, m in multipliers.items() if m}, scale))

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
        self.prove("distribute", multipliers, scale=scale, goal=self.parts(self.frame.classes))

    def amounts(self, some: Sequence[Class] | None = None) -> tuple[list[int], int]:
        """Members (of some classes) at their class's level, and the unit (of the model's) that this is counted in."""
        classes = self.frame.classes if some is None else some
        finer = lcm(*(c.level.denominator for c in classes if c.level is not None))
        low, high, weights = self.model.low, self.model.high, self.model.weights
        amounts = [0] * len(low)
        for c in classes:
            n, d = (c.level or Fraction(0)).as_integer_ratio()
            per_weight = n * (finer // d)
            for i in c.members:
                x, least, most = per_weight * weights[i], low[i], (high[i] or 0) * finer
                x = most if x > most else x
                amounts[i] = least * finer if least and x < least * finer else x
        return amounts, finer

    def solved(self, total: Fraction) -> Solved:
        """x*, if it has the total that was proved (in fen) and no hard row is missed."""
        amounts, finer = self.amounts()
        model = self.model
        if sum(amounts) != total * model.unit * finer or any(row.value(amounts, finer) < 0 for row in model.rows):
            raise NoFitError
        missed = {
            priority: Fraction(max(0, -row.value(amounts, finer)), row.scale * finer)
            for priority, row in model.soft_rows
        }
        return Solved(amounts, model.unit * finer, self.frame, self.steps, missed)
