"""A model as a linear program over class totals.

Members with equal coefficients in every row are one class: among them only their sum matters to the rules, so the
program stays small however many members there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from allocation.exact.model import Model
from allocation.exact.tableau import Propose, Tableau
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
    slack_of: dict[int, Row | None]  # None: the pool
    short_of: dict[int, tuple[int, Row]]  # violation variable → (priority, row)
    feasible: bool


def stretches(model: Model, i: int) -> list[tuple[Costs, int | None]]:
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


def steepness(costs: Costs, priorities: Sequence[int]) -> tuple[int, ...]:
    """Sort key: lexicographic cost over all priorities."""
    by = dict(costs)
    return tuple(by.get(p, 0) for p in priorities)


def build(model: Model, propose: Propose | None = None) -> Program:
    """The program of a model over class totals, brought to a feasible point if there is one."""
    rows = [*model.rows, *(row for _, row in model.soft_rows)]
    fresh = iter(range(10**9))
    program = Program(model, Tableau(propose), _classes(model, rows, fresh), {}, {}, feasible=not model.contradictory)
    tableau = program.tableau
    columns = [(part, c.coefs) for c in program.classes for part in c.parts]
    tableau.cols = [part.variable for part, _ in columns]
    for priority, row in model.soft_rows:
        variable = next(fresh)
        tableau.cols.append(variable)
        program.short_of[variable] = (priority, row)
    rest = [0] * len(program.short_of)
    hard = len(model.rows)
    for k, row in enumerate(rows):
        line = [-coefs[k] for _, coefs in columns] + rest
        if k >= hard:
            line[len(columns) + k - hard] = -row.scale
        at_low = row.value(model.low)
        program.slack_of[_add_row(tableau, fresh, line, at_low)] = row
        if k >= hard and at_low < 0:  # its violation starts positive
            tableau.pivot(k, len(columns) + k - hard)
    if model.pool is not None:
        program.slack_of[_add_row(tableau, fresh, [1] * len(columns) + rest, model.pool - sum(model.low))] = None
    for j, (part, _) in enumerate(columns):
        if part.size is not None:
            line = [0] * len(tableau.cols)
            line[j] = 1
            part.slack = _add_row(tableau, fresh, line, part.size)
    if propose:
        tableau.names = _names(program)
    if program.feasible:
        program.feasible = tableau.make_feasible()
    return program


def _names(program: Program) -> dict[int, str]:
    """What the columns and slacks are, for who reads the program that a solver gets."""
    rules, members = program.model.problem.rules, program.model.problem.members
    names = {v: f"short_{rules[row.rule].use}" for v, (_, row) in program.short_of.items()}
    for v, row in program.slack_of.items():
        names[v] = f"slack_{rules[row.rule].use}_{row.part}".replace(" ", "_").strip("_") if row else "slack_pool"
    for c in program.classes:
        for k, part in enumerate(c.parts):
            names[part.variable] = f"more_from_{members[c.members[0]].code}_{k}"
            names[part.slack] = f"room_from_{members[c.members[0]].code}_{k}"
    return names


def _add_row(tableau: Tableau, fresh: Iterator[int], line: list[int], bound: int) -> int:
    """Add  slack + line·columns = bound  and return the slack; columns that soft rows swapped stay as they are."""
    slack = next(fresh)
    tableau.rows.append([*line, bound, 1])
    tableau.basis.append(slack)
    return slack


def _classes(model: Model, rows: Sequence[Row], fresh: Iterator[int]) -> list[Class]:
    by_coefs: dict[tuple[int, ...], list[int]] = {}
    for i, coefs in enumerate(zip(*(row.coefs for row in rows), strict=True) if rows else [()] * len(model.low)):
        by_coefs.setdefault(coefs, []).append(i)
    priorities = sorted({s.priority for one in model.softs for s in one})
    classes = []
    for coefs, members in by_coefs.items():
        sizes: dict[Costs, int | None] = {}
        for i in members:
            for costs, size in stretches(model, i):
                before = sizes.get(costs, 0)
                sizes[costs] = None if size is None or before is None else before + size
        order = sorted(sizes, key=lambda costs: steepness(costs, priorities))
        parts = [Part(next(fresh), costs, sizes[costs]) for costs in order]
        classes.append(Class(members, coefs, parts, sum(model.low[i] for i in members)))
    return classes
