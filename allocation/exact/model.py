"""One allocation problem as the optimizer sees it: bounds per member, rows over groups, in whole units.

A `Row` says Σ coefs·x + const ≥ 0 and counts its shortfall in fen as −value/scale. Members with equal coefficients in
every row are one `class`: among them only their sum matters, so the programs stay small however many members there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import lcm
from operator import gt
from typing import cast

from allocation.statement import Problem
from allocation.terms import Row


@dataclass(frozen=True, slots=True)
class Soft:
    """A soft bound of one member: a threshold it should not be above (cap) or below (floor)."""

    rule: int
    priority: int
    cap: bool
    at: int


@dataclass(slots=True)
class Model:
    """Bounds and rows of one problem. Amounts are in units of 1/`unit` fen.

    low, high: per member (high None: no bound); softs: per member; rows: hard group rows; soft_rows: (priority, row).
    pool None: not bounded by a pool.
    """

    problem: Problem
    low: list[int]
    high: list[int | None]
    softs: Sequence[Sequence[Soft]]
    rows: list[Row]
    soft_rows: list[tuple[int, Row]]
    pool: int | None
    unit: int = 1
    weights: list[int] = field(default_factory=list)

    @property
    def contradictory(self) -> bool:
        """Whether some member's floor is above its cap."""
        low, high = self.low, self.high
        if None in high:
            return any(most is not None and least > most for least, most in zip(low, high, strict=True))
        return any(map(gt, low, cast("list[int]", high)))

    def says(self, other: Model) -> bool:
        """Whether another model in the same unit has the same bounds, rows and pool."""
        mine = (self.unit, self.low, self.high, self.softs, self.rows, self.soft_rows, self.pool)
        return mine == (other.unit, other.low, other.high, other.softs, other.rows, other.soft_rows, other.pool)

    def rescale(self, unit: int) -> None:
        """Count in units of 1/unit fen from now on."""
        by = unit // self.unit
        if by != 1:
            self.low = [v * by for v in self.low]
            self.high = [None if v is None else v * by for v in self.high]
            if any(self.softs):
                self.softs = [[Soft(s.rule, s.priority, s.cap, s.at * by) for s in one] for one in self.softs]
            self.rows = [_scaled(row, by) for row in self.rows]
            self.soft_rows = [(p, _scaled(row, by)) for p, row in self.soft_rows]
            self.pool = None if self.pool is None else self.pool * by
            self.unit = unit

    def keep(self, floors: Sequence[int], unit: int) -> None:
        """Raise the lower bounds to `floors` (in 1/unit fen): nobody falls below them from here on."""
        self.rescale(lcm(self.unit, unit))
        by = self.unit // unit
        raised = floors if by == 1 else [b * by for b in floors]
        self.low = [a if a > b else b for a, b in zip(self.low, raised, strict=True)] if any(self.low) else [*raised]


def _scaled(row: Row, by: int) -> Row:
    return Row(row.rule, row.coefs, row.const * by, row.scale, row.inside, row.group, row.holds)


def compile_model(
    problem: Problem,
    *,
    without: int | None = None,
    soft: bool = True,
    raised: tuple[int, int] | None = None,
) -> Model:
    """The model of a problem.

    without: leave out the rule of that index; soft=False: leave out all soft rules; raised: the (rule, member) whose
    own cap is loosened by 1%.
    """
    rows: list[Row] = []
    low = [0] * len(problem.members)
    high = [problem.pool] * len(problem.members)
    for k, rule in enumerate(problem.ranked):
        if k == without or rule.priority:
            continue
        kind = rule.file.kind
        if kind == "group":
            rows += problem.rows[k]
            continue
        bounds = _bounds(problem, k, raised)
        if kind == "cap":
            high = [most if bound is None or bound > most else bound for most, bound in zip(high, bounds, strict=True)]
        else:
            low = [least if bound is None or bound < least else bound for least, bound in zip(low, bounds, strict=True)]
    if 0 in problem.weights:
        for i, weight in enumerate(problem.weights):
            if not weight:
                high[i] = min(low[i], high[i])
    hard = Model(problem, low, list(high), [()] * len(low), rows, [], problem.pool, 1, problem.weights)
    return softened(hard, without, raised) if soft else hard


def softened(hard: Model, without: int | None = None, raised: tuple[int, int] | None = None) -> Model:
    """A model of the hard rules, counting in fen, with the soft rules added; without, raised: as of `compile_model`."""
    problem = hard.problem
    softs: list[tuple[Soft, ...]] = [()] * len(hard.low)
    soft_rows: list[tuple[int, Row]] = []
    for k, rule in enumerate(problem.ranked):
        if k == without or not rule.priority:
            continue
        kind = rule.file.kind
        if kind == "group":
            soft_rows += [(rule.priority, row) for row in problem.rows[k]]
            continue
        for i, bound in enumerate(_bounds(problem, k, raised)):
            if bound is not None:
                softs[i] += (Soft(k, rule.priority, kind == "cap", bound),)
    return Model(problem, hard.low, hard.high, softs, hard.rows, soft_rows, hard.pool, 1, hard.weights)


def _bounds(problem: Problem, k: int, raised: tuple[int, int] | None) -> Sequence[int | None]:
    return loosened(problem.bounds[k], raised[1]) if raised and raised[0] == k else problem.bounds[k]


def loosened(bounds: Sequence[int | None], member: int) -> list[int | None]:
    """The bounds with one member's loosened by 1%."""
    return [b + b // 100 if i == member and b is not None else b for i, b in enumerate(bounds)]
