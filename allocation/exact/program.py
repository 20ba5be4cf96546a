"""A model as a linear program over class totals.

Members with equal coefficients in every row are one class: among them only their sum matters to the rules, so the
program stays small however many members there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice

from allocation.exact.model import Model
from allocation.exact.tableau import Propose, Ratio, Tableau
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
    """Members with equal coefficients in every row: only their sum matters to the rules.

    active: the stretch that is still free once the goals are reached; low, high: members' bounds within it, where the
    class has several (else they are the model's); level: amounts over weights at which it stopped.
    """

    members: list[int]
    coefs: tuple[int, ...]
    parts: list[Part]
    base: int
    active: Part | None = None
    low: Mapping[int, int] | None = None
    high: Mapping[int, int] | None = None
    level: Ratio | None = None

    def bounds(self, model: Model) -> Iterator[tuple[int, int, int]]:
        """Its members with their bounds in the stretch that is free."""
        for i in self.members:
            least = self.low[i] if self.low else model.low[i]
            most = self.high[i] if self.high else model.high[i]
            yield i, least, least if most is None or most < least else most


@dataclass(slots=True)
class Frame:
    """What the variables of a model's program mean, each a number.

    slacks: by row, the hard ones first; shorts: by soft row, how much it is missed; pool_slack: None without a pool.
    """

    model: Model
    classes: list[Class]
    shorts: list[int]
    slacks: list[int]
    pool_slack: int | None

    @property
    def rows(self) -> list[Row]:
        """The hard rows, then the soft ones."""
        return [*self.model.rows, *[row for _, row in self.model.soft_rows]]

    def means(self, other: Frame) -> bool:
        """Whether another frame's variables mean the same."""
        mine = [(c.members, c.coefs, c.parts, c.base) for c in self.classes]
        theirs = [(c.members, c.coefs, c.parts, c.base) for c in other.classes]
        own = (mine, self.shorts, self.slacks, self.pool_slack)
        return own == (theirs, other.shorts, other.slacks, other.pool_slack)


@dataclass(slots=True)
class Program:
    """The tableau of a model and what its variables mean."""

    frame: Frame
    tableau: Tableau
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


def frame_of(model: Model) -> Frame:
    """The variables of a model's program."""
    rows = [*model.rows, *[row for _, row in model.soft_rows]]
    fresh = count()
    classes = _classes(model, rows, fresh)
    shorts = list(islice(fresh, len(model.soft_rows)))
    slacks = list(islice(fresh, len(rows)))
    pool_slack = None if model.pool is None else next(fresh)
    for c in classes:
        for part in c.parts:
            if part.size is not None:
                part.slack = next(fresh)
    return Frame(model, classes, shorts, slacks, pool_slack)


def build(model: Model, propose: Propose | None = None) -> Program:
    """The program of a model over class totals, brought to a feasible point if there is one."""
    frame, tableau = frame_of(model), Tableau(propose)
    columns = [(part, c.coefs) for c in frame.classes for part in c.parts]
    tableau.cols = [*(part.variable for part, _ in columns), *frame.shorts]
    rest = [0] * len(frame.shorts)
    hard = len(model.rows)
    for k, (row, slack) in enumerate(zip(frame.rows, frame.slacks, strict=True)):
        line = [-coefs[k] for _, coefs in columns] + rest
        if k >= hard:
            line[len(columns) + k - hard] = -row.scale
        at_low = row.value(model.low)
        _add_row(tableau, slack, line, at_low)
        if k >= hard and at_low < 0:  # its violation starts positive
            tableau.pivot(k, len(columns) + k - hard)
    if model.pool is not None and frame.pool_slack is not None:
        _add_row(tableau, frame.pool_slack, [1] * len(columns) + rest, model.pool - sum(model.low))
    for j, (part, _) in enumerate(columns):
        if part.size is not None:
            line = [0] * len(tableau.cols)
            line[j] = 1
            _add_row(tableau, part.slack, line, part.size)
    if propose:
        tableau.names = _names(frame)
    return Program(frame, tableau, not model.contradictory and tableau.make_feasible())


def _names(frame: Frame) -> dict[int, str]:
    """What the columns and slacks are, for who reads the program that a solver gets."""
    rules, members = frame.model.problem.ranked, frame.model.problem.members
    soft = frame.model.soft_rows
    names = {v: f"short_{rules[row.rule].use}" for v, (_, row) in zip(frame.shorts, soft, strict=True)}
    for v, row in zip(frame.slacks, frame.rows, strict=True):
        side = "upper" if row.holds == "inside" else "lower" if row.group else ""
        names[v] = "_".join(filter(None, ("slack", rules[row.rule].use, row.group, side)))
    if frame.pool_slack is not None:
        names[frame.pool_slack] = "slack_pool"
    for c in frame.classes:
        for k, part in enumerate(c.parts):
            names[part.variable] = f"more_from_{members[c.members[0]].code}_{k}"
            names[part.slack] = f"room_from_{members[c.members[0]].code}_{k}"
    return names


def _add_row(tableau: Tableau, slack: int, line: list[int], bound: int) -> None:
    """Add  slack + line·columns = bound; columns that soft rows swapped stay as they are."""
    tableau.rows.append([*line, bound, 1])
    tableau.basis.append(slack)


def _classes(model: Model, rows: Sequence[Row], fresh: Iterator[int]) -> list[Class]:
    priorities = sorted({s.priority for one in model.softs for s in one}) if any(model.softs) else []
    low, high, coefs = model.low, model.high, [row.coefs for row in rows]
    floored, open_ = any(low), None in high
    made = []
    for members in model.problem.classes:
        first, base = members[0], sum([low[i] for i in members]) if floored else 0
        if priorities:
            parts = _parts(model, members, priorities, fresh)
        else:  # all of the total above the low bounds costs the same
            most = [high[i] for i in members]
            size = None if open_ and None in most else sum(most) - base  # type: ignore[arg-type]  # none is None
            parts = [Part(next(fresh), (), size)] if size is None or size > 0 else []
        made.append(Class(members, tuple([one[first] for one in coefs]), parts, base))
    return made


def _parts(model: Model, members: Sequence[int], priorities: Sequence[int], fresh: Iterator[int]) -> list[Part]:
    """The stretches of a class's total, cheapest first."""
    sizes: dict[Costs, int | None] = {}
    for i in members:
        for costs, size in stretches(model, i):
            before = sizes.get(costs, 0)
            sizes[costs] = None if size is None or before is None else before + size
    order = sorted(sizes, key=lambda costs: steepness(costs, priorities))
    return [Part(next(fresh), costs, sizes[costs]) for costs in order]
