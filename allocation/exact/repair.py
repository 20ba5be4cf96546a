"""One soft row that the optimum without it misses, repaired in closed form: sum, least violation, leximin.

Members count for the row (those it helps), against it, or neither. The others come down to a common level, each
counting as much as it weighs against the row, until the row holds or nobody can come down further; those it helps share
what is left. Where these are full, or a hard row fills one side, what the rest have is given, and only those who count
against the row and those who do not can change places.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import mul

from allocation.exact.closed_form import Closed, NoFitError, Shape, Sides
from allocation.exact.model import Model
from allocation.exact.optimum import Solved
from allocation.exact.program import Class
from allocation.exact.tableau import Ratio
from allocation.terms import Row


def repair(model: Model, closed: Closed) -> Solved | None:
    """x* of a model whose one soft row the optimum without it misses; None: it does not fit."""
    if len(model.soft_rows) != 1 or any(model.softs) or model.contradictory:
        return None
    try:
        return _Repair.of(model, closed).solved()
    except NoFitError:
        return None


@dataclass(slots=True)
class _Repair:
    """helped, against, neither: the classes by how they count for the row (k of all rows)."""

    work: Sides
    shape: Shape
    total: Ratio
    row: Row
    k: int
    slack: int
    short: int
    helped: list[Class]
    against: list[Class]
    neither: list[Class]

    @classmethod
    def of(cls, model: Model, closed: Closed) -> _Repair:
        work, shape, k = Sides(model, closed.ends), closed.shape, len(model.rows)
        frame = work.frame
        helped = [c for c in frame.classes if c.coefs[k] > 0]
        against = [c for c in frame.classes if c.coefs[k] < 0]
        neither = [c for c in frame.classes if c.coefs[k] == 0]
        row, total = model.soft_rows[0][1], work.counted(shape)
        return cls(work, shape, total, row, k, frame.slacks[k], frame.shorts[0], helped, against, neither)

    def solved(self) -> Solved:
        work = self.work
        work.distribute(self.shape)
        if self.shape.full:
            self._nothing_moves()
        elif self.shape.row is not None:
            self._change_places(work.sides(self.shape.row)[0])
        else:
            self._come_down()
        return work.solved(self.shape)

    def _one(self, classes: list[Class]) -> int:
        """The one coefficient that classes have in the row."""
        coefs = {c.coefs[self.k] for c in classes}
        if len(coefs) != 1:
            raise NoFitError
        return coefs.pop()

    def _missed(self, multipliers: dict[int, int], scale: int = 1) -> None:
        """Note why the row is missed by no less."""
        scale *= self.row.scale
        bound = self.work.alone(multipliers), scale
        self.work.prove("soft", multipliers, bound, scale=scale, goal={self.short: -1})

    def _holds(self) -> None:
        """Note that the row holds: it is missed by no less than nothing."""
        self.work.prove("soft", {self.short: 1}, (0, 1), goal={self.short: -1})

    def _nothing_moves(self) -> None:
        """Everybody is full."""
        work = self.work
        work.make_full(work.frame.classes)
        self._missed({self.slack: 1} | self._lacking(work.frame.classes))

    def _lacking(self, classes: list[Class]) -> dict[int, int]:
        """What classes lack to their high bounds, as much as they count for the row."""
        return {part.slack: c.coefs[self.k] for c in classes for part in c.parts}

    def _come_down(self) -> None:
        """Those that the row does not help come down, those it helps have what is left."""
        work, (total, unit) = self.work, self.total
        gain = self._one(self.helped)
        others = [*self.against, *self.neither]
        weighed = [gain - c.coefs[self.k] for c in others]
        target = gain * total + self.row.const * unit
        comes_down = sum(map(mul, weighed, [c.base for c in others])) * unit < target
        level = work.put_weighed(others, (target, unit), weighed) if comes_down else work.stand(others, (0, 1))
        n, d = level
        left = total * d - unit * sum(work.placed[-1][1]), unit * d
        if left[0] > work.top(self.helped) * left[1]:
            work.placed.clear()
            self._change_places(self.helped)
            return
        weight = {part.variable: by for c, by in zip(others, weighed, strict=True) for part in c.parts}
        if comes_down:
            self._holds()
            multipliers = {self.slack: 1, work.limit_slack: gain, self.short: -self.row.scale, **weight}
            work.prove("level", multipliers, level)
        else:
            self._missed({self.slack: 1, work.limit_slack: gain, **weight})
        above = work.reach(self.helped, left)
        if above is not None:
            if comes_down and above[0] * d < n * above[1]:
                raise NoFitError
            work.prove("level", {work.limit_slack: 1, **work.parts(work.frame.classes)}, above)

    def _change_places(self, full: list[Class]) -> None:
        """With some classes full: as little for those who count against the row as it asks for, or as there is."""
        work, (total, unit) = self.work, self.total
        work.make_full(full)
        against, neither = ([c for c in some if c not in full] for some in (self.against, self.neither))
        if any(c not in full and c.parts for c in self.helped):
            raise NoFitError
        loss = -self._one(against)
        rest = total - work.top(full) * unit
        allowed = sum([c.coefs[self.k] * work.top([c]) for c in full]) + self.row.const
        least, spare = work.bottom(against) * unit, rest - work.top(neither) * unit
        fewest = max(least, spare)
        summed, scale = work.sum_multipliers(self.shape)
        if loss * fewest < allowed * unit:
            self._holds()
            level = work.reach(against, (allowed, loss))
            if level is None:
                raise NoFitError
            lacking = {self.slack: 1, self.short: -self.row.scale, **self._lacking(full)}
            work.prove("level", lacking | work.parts(against, loss), level)
            left = rest * loss - allowed * unit, unit * loss
            self._rest(neither, left, full, [*against, *neither], above=level)
        elif spare >= least:
            lacking = {v: -loss * times for v, times in summed.items()}
            for c in full:
                for part in c.parts:
                    lacking[part.slack] = lacking.get(part.slack, 0) + scale * (c.coefs[self.k] + loss)
            self._missed(lacking | {self.slack: scale} | work.room(neither, scale * loss), scale)
            work.make_full(neither)
            self._rest(against, (fewest, unit), [*full, *neither], against)
        else:
            self._missed({self.slack: 1, **self._lacking(full), **work.parts(against, loss)})
            work.stand(against, (0, 1))
            self._rest(neither, (rest - fewest, unit), full, [*against, *neither])

    def _rest(
        self,
        classes: list[Class],
        total: Ratio,
        full: list[Class],
        moving: list[Class],
        above: Ratio | None = None,
    ) -> None:
        """Put the last classes at the level of what is left for them, and note that the sum allows no more."""
        work = self.work
        level = work.reach(classes, total)
        if level is None:
            return
        if above is not None and level[0] * above[1] < above[0] * level[1]:
            raise NoFitError
        summed, scale = work.sum_multipliers(self.shape)
        multipliers = dict(summed)
        for v, times in work.room(full, -scale).items():
            multipliers[v] = multipliers.get(v, 0) + times
        work.prove("level", multipliers | work.parts(moving, scale), level)
