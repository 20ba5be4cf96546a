"""The exact optimum of one problem: hard rules, then the sum, then soft rules by priority, then leximin.

All of it happens in one tableau over class totals (see `program`, `tableau`), in whole numbers. A solver, where one is
asked for, only proposes which columns to enter; the arithmetic here completes and proves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from allocation.exact.levels import Filling
from allocation.exact.model import Model
from allocation.exact.program import Class, Frame, Program, build, stretches
from allocation.exact.tableau import Propose, Step
from allocation.terms import Row


@dataclass(slots=True)
class Solved:
    """x* of every member as amounts[i]/unit fen, exact, with the steps that prove it (`certificate`).

    frame: what the steps speak of; violations: the least total per soft priority, in 1/frame.model.unit fen; totals: of
    each class, as the amounts.
    """

    amounts: list[int]
    unit: int
    frame: Frame
    steps: list[Step]
    violations: dict[int, Fraction]
    totals: list[int] = field(init=False, repr=False, compare=False)
    _firsts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        amounts, classes = self.amounts, [c.members for c in self.frame.classes]
        self.totals = [sum([amounts[i] for i in members]) for members in classes]
        self._firsts = [members[0] for members in classes]

    def value(self, row: Row, unit: int) -> int:
        """A row's value in 1/unit of what it counts in, as the amounts are: ≥ 0 where it holds."""
        coefs = row.coefs
        return sum([coefs[i] * total for i, total in zip(self._firsts, self.totals, strict=True)], row.const * unit)

    @property
    def fen(self) -> list[Fraction]:
        """x* in fen."""
        return [Fraction(x, self.unit) for x in self.amounts]


def largest_sum(program: Program) -> Fraction:
    """D*: as much as the hard rules allow, in units. Holds it from here on."""
    goal = {part.variable: 1 for c in program.frame.classes for part in c.parts}
    more = program.tableau.maximize(goal, "distribute")
    if more is None:
        raise AssertionError("无上界: 资金池本身就是上界")
    return more + sum(program.frame.model.low)


def least_violations(program: Program) -> dict[int, Fraction]:
    """The least total violation per priority, in units, each without harming the one before it. Holds them."""
    model = program.frame.model
    found: dict[int, Fraction] = {}
    for priority in sorted({p for p, _ in model.soft_rows} | {s.priority for one in model.softs for s in one}):
        goal = {v: -1 for v, (p, _) in zip(program.frame.shorts, model.soft_rows, strict=True) if p == priority}
        for c in program.frame.classes:
            for part in c.parts:
                cost = dict(part.costs).get(priority, 0)
                if cost:
                    goal[part.variable] = -cost
        at_low = sum(
            max(0, model.low[i] - s.at) if s.cap else max(0, s.at - model.low[i])
            for i, one in enumerate(model.softs)
            for s in one
            if s.priority == priority
        )
        best = program.tableau.maximize(goal, "soft")
        if best is None:
            raise AssertionError("违反量有下界 0")
        found[priority] = at_low - best
    return found


def solve_model(model: Model, propose: Propose | None = None) -> Solved | None:
    """x* of a model, or None where the hard rules contradict each other."""
    program = build(model, propose)
    if not program.feasible:
        return None
    largest_sum(program)
    violations = least_violations(program)
    _settle_parts(program)
    Filling(program).run()
    levels = [c.level for c in program.frame.classes if c.level is not None]
    finer = lcm(*(d for _, d in levels))
    amounts = [low * finer for low in model.low]
    for c in program.frame.classes:
        if c.level is None:
            continue
        per_weight = c.level[0] * (finer // c.level[1])
        for i, low, high in c.bounds(model):
            amounts[i] = min(high * finer, max(low * finer, per_weight * model.weights[i]))
    return Solved(amounts, model.unit * finer, program.frame, program.tableau.steps, violations)


def _settle_parts(program: Program) -> None:
    """Which stretch of each class is still free: on the set of optima at most one is (docs/allocation.md)."""
    for c in program.frame.classes:
        if len(c.parts) > 1:
            _choose_part(program, c)
        else:
            c.active = c.parts[0] if c.parts else None


def _choose_part(program: Program, c: Class) -> None:
    """The free stretch of one class, and its members' bounds within it."""
    tableau, model = program.tableau, program.frame.model
    values = {}
    for part in c.parts:
        top = tableau.maximize({part.variable: 1})
        bottom = tableau.maximize({part.variable: -1})
        if top is None or bottom is None:
            raise AssertionError("每一段都有上下界")
        if top == -bottom:
            tableau.maximize({part.variable: 1}, "pin")
            tableau.maximize({part.variable: -1}, "pin")
            values[part.variable] = top
        else:
            c.active = part
    if c.active is None:  # all pinned: the stretch that is neither empty nor full, or the last full one
        inner = [p for p in c.parts if p.size is None or 0 < values[p.variable] < p.size]
        full = [p for p in c.parts if p.size is not None and values[p.variable] == p.size]
        c.active = inner[0] if inner else full[-1] if full else c.parts[0]
    below = {part.costs for part in c.parts[: c.parts.index(c.active)]}
    lows: dict[int, int] = {}
    highs: dict[int, int] = {}
    for i in c.members:
        low = high = model.low[i]
        for costs, size in stretches(model, i):
            if costs in below:
                low += size or 0
                high = low
            elif costs == c.active.costs:
                high = low + (size or 0)
        lows[i], highs[i] = low, high
    c.low, c.high = lows, highs
