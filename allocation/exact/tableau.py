"""An exact simplex tableau in integers: small linear programs solved and proved without a rounding.

Every row is an equation  d·x_B + Σ a_j·x_j = b  with integer a, b and d > 0, kept short by its common divisor.
Variables are ≥ 0. `maximize` moves to the optimum of one goal and then holds it: every column whose reduced cost is
not zero is fixed at 0, so that the next goal is optimised over exactly the set of optima of the last (lexicographic
programming in one tableau). Each goal leaves a `Step`: an identity that proves the optimum by arithmetic alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import Literal, NamedTuple

Ratio = tuple[int, int]
"""A numerator and a denominator above 0, not always in lowest terms: of long numbers these cost more than they save."""
Proposal = list[int]
"""Variables that a solver sees above zero at the optimum, in the order in which to enter them."""
_LONG = 1 << 31
Kind = Literal["distribute", "soft", "pin", "level", "probe"]
"""What a goal is: the largest sum, the least violation, a stretch's total, a level, or only a look."""
GOAL = -1
"""Stands in the basis for the value of the goal while one is optimised."""
Propose = Callable[["Tableau", list[int]], Proposal]


def _short(row: list[int]) -> list[int]:
    """The row without its common divisor, once its numbers have grown long enough for that to pay."""
    if row[-1] < _LONG:
        return row
    g = gcd(*row)
    return [v // g for v in row] if g > 1 else row


class Step(NamedTuple):
    """A proved bound: goal + Σ multipliers·variables/scale ≡ bound.

    A multiplier is ≥ 0 unless its variable was already fixed at 0 by an earlier step, so the goal cannot pass the
    bound; where it reaches it, the variables with a positive multiplier are 0. Of a level the goal is 0 and the bound
    the level itself: the identity says of which variables a non-negative sum is constant (`certificate`).
    """

    kind: Kind
    goal: Mapping[int, int]
    bound: Ratio
    multipliers: Mapping[int, int]
    scale: int


class Tableau:
    """One program: columns are the non-basic variables, `fixed` are those that must stay 0, `names` are for people."""

    __slots__ = ("basis", "cols", "fixed", "names", "propose", "rows", "steps")

    def __init__(self, propose: Propose | None = None) -> None:
        self.rows: list[list[int]] = []
        self.basis: list[int] = []
        self.cols: list[int] = []
        self.fixed: set[int] = set()
        self.steps: list[Step] = []
        self.names: dict[int, str] = {}
        self.propose = propose

    def pivot(self, r: int, j: int) -> None:
        """Let column j enter the basis at row r (the variable of row r becomes column j)."""
        row = self.rows[r]
        p = row[j]
        if p < 0:
            row = [-v for v in row]
            p = -p
        d = row[-1]
        for i, other in enumerate(self.rows):
            a = other[j]
            if i == r or not a:
                continue
            new = [p * u - a * v for u, v in zip(other, row, strict=True)]
            new[j] = -a * d
            new[-1] = p * other[-1]
            self.rows[i] = _short(new)
        entered = row.copy() if row is self.rows[r] else row
        entered[j] = d
        entered[-1] = p
        self.rows[r] = entered
        self.basis[r], self.cols[j] = self.cols[j], self.basis[r]

    def leaving(self, j: int, count: int) -> int | None:
        """The row among the first `count` that stops column j first (ties: smallest variable); None if none does."""
        best, best_b, best_a = None, 0, 1
        for i in range(count):
            row = self.rows[i]
            a = row[j]
            if a > 0 and row[-2] >= 0:
                left, right = row[-2] * best_a, best_b * a
                if best is None or left < right or (left == right and self.basis[i] < self.basis[best]):
                    best, best_b, best_a = i, row[-2], a
        return best

    def make_feasible(self) -> bool:
        """Reach a point where every variable is ≥ 0. False if there is none."""
        for r in range(len(self.rows)):
            while self.rows[r][-2] < 0:
                row = self.rows[r]
                j = self._entering(row)
                if j is None:
                    return False
                i = self.leaving(j, len(self.rows))
                if i is None or row[-2] * self.rows[i][j] >= self.rows[i][-2] * row[j]:
                    i = r  # reaches 0 before another row is hurt
                self.pivot(i, j)
        return True

    def _entering(self, row: list[int]) -> int | None:
        """The smallest variable not fixed whose column is negative in `row` (Bland: no cycles)."""
        best = None
        for j, variable in enumerate(self.cols):
            if row[j] < 0 and variable not in self.fixed and (best is None or variable < self.cols[best]):
                best = j
        return best

    def goal_row(self, goal: Mapping[int, int]) -> list[int]:
        """The row  z − Σ goal·x = 0  in terms of the columns."""
        parts = [(goal[v], self.rows[i]) for i, v in enumerate(self.basis) if goal.get(v)]
        d = lcm(*(row[-1] for _, row in parts)) if parts else 1
        z = [-goal.get(v, 0) * d for v in self.cols]
        z += [0, d]
        for weight, row in parts:
            factor = weight * (d // row[-1])
            for j, a in enumerate(row[:-1]):
                z[j] += factor * a
        return z

    def maximize(self, goal: Mapping[int, int], kind: Kind = "probe") -> Fraction | None:
        """The largest value of Σ goal·x from a feasible tableau; None if there is no bound.

        Unless it is only a probe, keeps to the optima from here on and notes the proof.
        """
        count = len(self.rows)
        self.rows.append(self.goal_row(goal))
        self.basis.append(GOAL)
        if self.propose:
            self.follow(self.propose(self, self.rows[count]), count)
        while (j := self._entering(self.rows[count])) is not None:
            i = self.leaving(j, count)
            if i is None:
                self.drop_row(count)
                return None
            self.pivot(i, j)
        row = self.rows[count]
        self.drop_row(count)
        bound = Fraction(row[-2], row[-1])
        if kind != "probe":
            self.hold(row, kind, goal, (row[-2], row[-1]))
        return bound

    def follow(self, proposal: Proposal, count: int) -> None:
        """Pivot towards a proposed vertex; pivots are exact and keep feasibility: a bad one only costs time."""
        for variable in proposal:
            if variable in self.cols and variable not in self.fixed:
                j = self.cols.index(variable)
                i = self.leaving(j, count)
                if i is not None:
                    self.pivot(i, j)

    def hold(self, row: list[int], kind: Kind, goal: Mapping[int, int], bound: Ratio) -> None:
        """Fix the columns that `row` proves to be 0 at its optimum, and note the proof."""
        multipliers = {v: a for v, a in zip(self.cols, row, strict=False) if a}
        self.steps.append(Step(kind, goal, bound, multipliers, row[-1]))
        self.fixed.update(v for v, a in multipliers.items() if a > 0)

    def drop_row(self, r: int) -> None:
        """Forget a row and its basic variable."""
        self.rows.pop(r)
        self.basis.pop(r)

    def drop_column(self, j: int) -> None:
        """Forget a column: its variable is 0 for good."""
        self.cols.pop(j)
        for row in self.rows:
            row.pop(j)

    def shift(self, amounts: Mapping[int, int], unit: int) -> None:
        """Replace every variable v of `amounts` by v + amount/unit: from now on it counts from there."""
        where = {v: j for j, v in enumerate(self.cols)}
        columns = [(where[v], a) for v, a in amounts.items() if a and v in where]
        for i, row in enumerate(self.rows):
            moved = amounts.get(self.basis[i], 0) * row[-1]
            for j, a in columns:
                moved += a * row[j]
            if moved:
                g = gcd(moved, unit)
                d = unit // g
                new = [v * d for v in row] if d != 1 else row.copy()
                new[-2] -= moved // g
                self.rows[i] = _short(new)
