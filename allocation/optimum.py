"""The exact optimum of one problem: hard rules, then the sum, then soft rules by priority, then leximin.

All of it happens in one tableau over class totals (see `tableau`, `model`), in whole numbers. A solver, where one is
asked for, only proposes which columns to enter; the arithmetic here completes and proves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from allocation.model import Model
from allocation.tableau import Propose, Step, Tableau
from allocation.terms import Row

Costs = tuple[tuple[int, int], ...]
"""What a unit more costs by priority: ((priority, +1 above a cap, −1 below a floor), …), priorities ascending."""


@dataclass(slots=True)
class Part:
    """A stretch of a class's total along which soft bounds cost the same: one variable of the program."""

    variable: int
    costs: Costs
    size: int | None
    slack: int = -1


@dataclass(slots=True)
class Class:
    """Members with equal coefficients in every row: only their sum matters to the rules."""

    members: list[int]
    coefs: tuple[int, ...]
    parts: list[Part]
    base: int
    active: Part | None = None
    low: dict[int, int] = field(default_factory=dict)
    high: dict[int, int] = field(default_factory=dict)
    level: Fraction | None = None


@dataclass(slots=True)
class Program:
    """The tableau of a model and what its variables mean."""

    model: Model
    tableau: Tableau
    classes: list[Class]
    rows: list[Row]
    slack_of: dict[int, Row | None]  # None: the pool
    short_of: dict[int, tuple[int, Row]]  # violation variable → (priority, row)
    feasible: bool


@dataclass(frozen=True, slots=True)
class Solved:
    """x* of every member as amounts[i]/unit fen, exact, with the program whose steps prove it.

    violations: the least total per soft priority, in 1/program.model.unit fen.
    """

    amounts: list[int]
    unit: int
    program: Program
    violations: dict[int, Fraction]

    @property
    def fen(self) -> list[Fraction]:
        """x* in fen."""
        return [Fraction(x, self.unit) for x in self.amounts]


def _parts(model: Model, i: int) -> list[tuple[Costs, int | None]]:
    """The stretches of one member between its soft bounds, from its low to its high bound."""
    low, high = model.low[i], model.high[i]
    if high is not None and high <= low:
        return []
    softs = model.softs[i]
    if not softs:
        return [((), None if high is None else high - low)]
    cuts = sorted({low, *(s.at for s in softs if s.at > low and (high is None or s.at < high))})
    made: list[tuple[Costs, int | None]] = []
    for start, end in zip(cuts, [*cuts[1:], high], strict=True):
        costs: dict[int, int] = {}
        for s in softs:
            if s.cap and s.at <= start:
                costs[s.priority] = costs.get(s.priority, 0) + 1
            elif not s.cap and s.at > start:
                costs[s.priority] = costs.get(s.priority, 0) - 1
        key = tuple(sorted((p, c) for p, c in costs.items() if c))
        made.append((key, None if end is None else end - start))
    return made


def _steeper(costs: Costs, priorities: Sequence[int]) -> tuple[int, ...]:
    """Sort key: lexicographic cost over all priorities."""
    by = dict(costs)
    return tuple(by.get(p, 0) for p in priorities)


def build(model: Model, propose: Propose | None = None) -> Program:
    """The program of a model over class totals, brought to a feasible point if there is one."""
    rows = [*model.rows, *(row for _, row in model.soft_rows)]
    by_coefs: dict[tuple[int, ...], list[int]] = {}
    for i, coefs in enumerate(zip(*(row.coefs for row in rows), strict=True) if rows else [()] * len(model.low)):
        by_coefs.setdefault(coefs, []).append(i)
    tableau = Tableau(propose)
    priorities = sorted({s.priority for one in model.softs for s in one})
    classes: list[Class] = []
    fresh = 0
    for coefs, members in by_coefs.items():
        sizes: dict[Costs, int | None] = {}
        for i in members:
            for costs, size in _parts(model, i):
                before = sizes.get(costs, 0)
                sizes[costs] = None if size is None or before is None else before + size
        parts = []
        for costs in sorted(sizes, key=lambda c: _steeper(c, priorities)):
            parts.append(Part(fresh, costs, sizes[costs]))
            fresh += 1
        classes.append(Class(members, coefs, parts, sum(model.low[i] for i in members)))
    columns = [(part.variable, c, part) for c in classes for part in c.parts]
    tableau.cols = [variable for variable, _, _ in columns]
    hard = len(model.rows)
    program = Program(model, tableau, classes, rows, {}, {}, feasible=not model.contradictory)
    short_cols = []
    for k, (priority, row) in enumerate(model.soft_rows):
        tableau.cols.append(fresh)
        program.short_of[fresh] = (priority, row)
        short_cols.append(len(columns) + k)
        fresh += 1
    width = len(tableau.cols)
    at_low = [row.const + sum(c * x for c, x in zip(row.coefs, model.low, strict=True)) for row in rows]
    for k, row in enumerate(rows):
        line = [-c.coefs[k] for _, c, _ in columns] + [0] * (width - len(columns)) + [at_low[k], 1]
        if k >= hard:
            line[short_cols[k - hard]] = -row.scale
        tableau.rows.append(line)
        tableau.basis.append(fresh)
        program.slack_of[fresh] = row
        fresh += 1
    if model.pool is not None:
        tableau.rows.append([1] * len(columns) + [0] * (width - len(columns)) + [model.pool - sum(model.low), 1])
        tableau.basis.append(fresh)
        program.slack_of[fresh] = None
        fresh += 1
    for j, (_, _, part) in enumerate(columns):
        if part.size is not None:
            tableau.rows.append([int(k == j) for k in range(width)] + [part.size, 1])
            tableau.basis.append(fresh)
            part.slack = fresh
            fresh += 1
    for k in range(hard, len(rows)):
        if at_low[k] < 0:  # its violation starts positive
            tableau.pivot(k, short_cols[k - hard])
    if program.feasible:
        program.feasible = tableau.make_feasible()
    return program


def largest_sum(program: Program) -> Fraction:
    """D*: as much as the hard rules allow, in units. Holds it from here on."""
    goal = {part.variable: 1 for c in program.classes for part in c.parts}
    more = program.tableau.maximize(goal, "distribute")
    if more is None:
        raise AssertionError("无上界: 资金池本身就是上界")
    return more + sum(program.model.low)


def least_violations(program: Program) -> dict[int, Fraction]:
    """The least total violation per priority, in units, each without harming the one before it. Holds them."""
    model = program.model
    found: dict[int, Fraction] = {}
    for priority in sorted({p for p, _ in model.soft_rows} | {s.priority for one in model.softs for s in one}):
        goal = {v: -1 for v, (p, _) in program.short_of.items() if p == priority}
        for c in program.classes:
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
        best = program.tableau.maximize(goal, f"soft {priority}")
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
    fill(program)
    levels = [c.level for c in program.classes if c.level is not None]
    finer = lcm(*(level.denominator for level in levels))
    amounts = [low * finer for low in model.low]
    for c in program.classes:
        if c.level is None:
            continue
        per_weight = c.level.numerator * (finer // c.level.denominator)
        for i, low in c.low.items():
            amounts[i] = min(c.high[i] * finer, max(low * finer, per_weight * model.weights[i]))
    return Solved(amounts, model.unit * finer, program, violations)


def _settle_parts(program: Program) -> None:
    """Which stretch of each class is still free: on the set of optima at most one is (see docs/allocation.md)."""
    tableau, model = program.tableau, program.model
    for c in program.classes:
        if len(c.parts) <= 1:
            c.active = c.parts[0] if c.parts else None
            c.low = {i: model.low[i] for i in c.members}
            c.high = {i: max(model.low[i], model.high[i] or 0) for i in c.members}
            continue
        values = {}
        for part in c.parts:
            top = tableau.maximize({part.variable: 1}, "", hold=False)
            bottom = tableau.maximize({part.variable: -1}, "", hold=False)
            if top is None or bottom is None:
                raise AssertionError("每一段都有上下界")
            if top == -bottom:
                tableau.maximize({part.variable: 1}, "pin")
                tableau.maximize({part.variable: -1}, "pin")
                values[part.variable] = top
            else:
                c.active = part
        if c.active is None:  # all pinned: the part that is neither empty nor full, or the last full one
            inner = [p for p in c.parts if p.size is None or 0 < values[p.variable] < p.size]
            full = [p for p in c.parts if p.size is not None and values[p.variable] == p.size]
            c.active = inner[0] if inner else full[-1] if full else c.parts[0]
        order = c.parts.index(c.active)
        below = {part.costs for part in c.parts[:order]}
        for i in c.members:
            low = model.low[i]
            for costs, size in _parts(model, i):
                if costs in below:
                    low += size or 0
                elif costs == c.active.costs:
                    c.high[i] = low + (size or 0)
            c.low[i] = low
            c.high.setdefault(i, low)


class _Rise:
    """A class's least total as a function of the level t: Σ clip(t·weight, low, high), in pieces A + B·t."""

    __slots__ = ("a", "b", "keys")

    def __init__(self, c: Class, weights: Sequence[int], scale: int) -> None:
        events: list[tuple[int, int, int]] = []
        start = 0
        for i, low in c.low.items():
            high, weight = c.high[i], weights[i]
            start += low
            if weight and high > low:
                events.append((low * (scale // weight), -low, weight))
                events.append((high * (scale // weight), high, -weight))
        events.sort()
        self.keys: list[int] = []
        self.a, self.b = [start], [0]
        for key, a, b in events:
            if self.keys and self.keys[-1] == key:
                self.a[-1] += a
                self.b[-1] += b
            else:
                self.keys.append(key)
                self.a.append(self.a[-1] + a)
                self.b.append(self.b[-1] + b)


def fill(program: Program) -> None:
    """Leximin: raise the common level of all classes; where a rule stops some, they stay and the rest go on."""
    tableau, model = program.tableau, program.model
    weights = model.weights
    free = [c for c in program.classes if c.active is not None]
    scale = lcm(*(weights[i] for c in free for i in c.members if weights[i])) if free else 1
    rises = {c.active.variable: _Rise(c, weights, scale) for c in free if c.active}
    for c in free:
        c.level = Fraction(0)
    open_ = {c.active.variable: c for c in free if c.active}
    keys = sorted({key for rise in rises.values() for key in rise.keys})
    level = Fraction(0)
    at = dict.fromkeys(rises, Fraction(0))
    for variable, c in open_.items():
        at[variable] = Fraction(sum(c.low.values()))
    position = 0  # keys before it are behind the level
    while open_:
        for variable in [v for v in open_ if v in tableau.fixed]:
            open_.pop(variable).level = level
        position = bisect_right(keys, level * scale, lo=position)
        if position == len(keys) or not open_:
            break
        position, level = _jump(tableau, open_, rises, at, keys, position, level, scale)
        if position == len(keys):
            break
        slopes = {v: _slope(rises[v], level * scale) for v in open_}
        step = Fraction(keys[position], scale) - level
        if not any(slopes.values()):
            level += step
            continue
        raised = _raise(tableau, slopes, step, level)
        level += raised
        for variable, slope in slopes.items():
            at[variable] += slope * raised
    for c in open_.values():
        c.level = level


def _slope(rise: _Rise, key: Fraction) -> int:
    return rise.b[bisect_right(rise.keys, key)]


def _jump(
    tableau: Tableau,
    open_: dict[int, Class],
    rises: dict[int, _Rise],
    at: dict[int, Fraction],
    keys: list[int],
    position: int,
    level: Fraction,
    scale: int,
) -> tuple[int, Fraction]:
    """Go to a late event that the present basis can bear as it is: the basis stays, only amounts move."""
    where = {v: j for j, v in enumerate(tableau.cols)}
    lines: list[tuple[list[int], int]] = []
    variables = list(open_)
    for i, row in enumerate(tableau.rows):
        coefs = [row[where[v]] if v in where else row[-1] if tableau.basis[i] == v else 0 for v in variables]
        if any(c > 0 for c in coefs) or any(coefs):
            lines.append((coefs, row[-2]))
    common = lcm(*(at[v].denominator for v in variables))
    base = [int(at[v] * common) for v in variables]

    def moved(key: int) -> list[int]:
        out = []
        for v, b in zip(variables, base, strict=True):
            rise = rises[v]
            k = bisect_right(rise.keys, key)
            out.append((rise.a[k] * scale + rise.b[k] * key) * common - b * scale)
        return out

    unit = scale * common
    low, high, best = position, len(keys) - 1, None
    while low <= high:
        middle = (low + high) // 2
        delta = moved(keys[middle])
        if all(b * unit >= sum(c * x for c, x in zip(coefs, delta, strict=True)) for coefs, b in lines):
            best, low = (middle, delta), middle + 1
        else:
            high = middle - 1
    if best is None:
        return position, level
    middle, delta = best
    tableau.shift(dict(zip(variables, delta, strict=True)), unit)
    for v, x in zip(variables, delta, strict=True):
        at[v] += Fraction(x, unit)
    return middle + 1, Fraction(keys[middle], scale)


_THETA, _ROOM = -2, -3


def _raise(tableau: Tableau, slopes: dict[int, int], step: Fraction, level: Fraction) -> Fraction:
    """Raise the level by up to `step`; if rules stop it earlier, hold the columns that prove it. Returns the rise."""
    where = {v: j for j, v in enumerate(tableau.cols)}
    for i, row in enumerate(tableau.rows):
        slope = sum(s * row[where[v]] for v, s in slopes.items() if v in where)
        slope += slopes.get(tableau.basis[i], 0) * row[-1]
        row[-2:-2] = [slope]
    tableau.cols.append(_THETA)
    tableau.rows.append([0] * (len(tableau.cols) - 1) + [step.denominator, step.numerator, step.denominator])
    tableau.basis.append(_ROOM)
    raised = tableau.maximize({_THETA: 1}, "", hold=False)
    if raised is None:
        raise AssertionError("水平每步有上界")
    at = tableau.basis.index(_THETA)
    if _ROOM in tableau.cols:  # reached the next event: nothing stopped it
        j = tableau.cols.index(_ROOM)
        tableau.rows.pop(at)
        tableau.basis.pop(at)
    else:
        row = tableau.rows[at]
        tableau.hold(row, f"level {level + raised}", {}, level + raised)
        tableau.shift({_THETA: raised.numerator}, raised.denominator)
        row = tableau.rows[at]
        j = next(k for k, v in enumerate(tableau.cols) if row[k] and v in tableau.fixed)
        tableau.pivot(at, j)
        room = tableau.basis.index(_ROOM)
        tableau.rows.pop(room)
        tableau.basis.pop(room)
    tableau.cols.pop(j)
    for row in tableau.rows:
        row.pop(j)
    return raised
