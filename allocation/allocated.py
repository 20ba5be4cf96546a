"""Reading off x*: who is held by what, why money is left, which soft rules are missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocation.answer import SoftMiss
from allocation.exact.solution import AS_IS, Optimum, Variation, largest_without, optimum_of
from allocation.exact.whole_fen import settle
from allocation.statement import Problem
from allocation.terms import Row
from domain.money import ceil_fen


@dataclass(frozen=True, slots=True)
class Allocation:
    """Whole fen of one problem by member in order of code, with the optimum they are rounded from."""

    problem: Problem
    optimum: Optimum
    paid: list[int]
    passed_over: bool

    @property
    def distributed(self) -> int:
        """Σ paid in fen."""
        return sum(self.paid)

    def row_values(self) -> list[tuple[Row, int]]:
        """Every group row with its value at x*: ≥ 0 where it holds; in 1/(scale·solved.unit) fen."""
        solved = self.optimum.solved
        return [(row, row.value(solved.amounts, solved.unit)) for rows in self.problem.rows for row in rows]


def allocate(problem: Problem, solver: str = "auto", change: Variation = AS_IS) -> Allocation | None:
    """Whole fen of a problem, or None where its hard rules contradict each other."""
    best = optimum_of(problem, solver, change)
    if best is None:
        return None
    paid, passed_over = settle(best.hard_rows, best.solved.amounts, best.solved.unit)
    return Allocation(problem, best, paid, passed_over)


def held_by(allocation: Allocation) -> list[tuple[str, ...]]:
    """Per member, the uses of the rules that stop it, sorted."""
    problem, solved = allocation.problem, allocation.optimum.solved
    held: list[set[str]] = [set() for _ in problem.members]
    whole = [x // solved.unit for x in solved.amounts]  # at or above a bound in whole fen where x* is
    for rule, bounds in zip(problem.ranked, problem.bounds, strict=True):
        if rule.kind == "cap":
            for one, fen, bound in zip(held, whole, bounds, strict=True):
                if bound is not None and fen >= bound:
                    one.add(rule.use)
    for row, value in allocation.row_values():
        if value <= 0 and row.holds != "nobody":
            for i in _squeezed(problem, row, solved.amounts):
                held[i].add(problem.ranked[row.rule].use)
    return [tuple(sorted(one)) for one in held]


def _squeezed(problem: Problem, row: Row, amounts: Sequence[int]) -> list[int]:
    """Whom a tight group row holds down."""
    if row.holds == "inside":
        return sorted(row.inside)
    outside = [i for i in range(len(amounts)) if i not in row.inside]
    if row.holds == "outside":
        return outside
    weights = problem.weights
    top_x, top_w = 0, 1
    for i in row.inside:
        if weights[i] and amounts[i] * top_w > top_x * weights[i]:
            top_x, top_w = amounts[i], weights[i]
    return [i for i in outside if weights[i] and amounts[i] * top_w < top_x * weights[i]]


def tight(allocation: Allocation, k: int) -> bool:
    """Whether rule k is tight (soft: tight or short) at x*."""
    problem, solved = allocation.problem, allocation.optimum.solved
    rule = problem.ranked[k]
    if rule.kind == "group":
        return any(row.value(solved.amounts, solved.unit) <= 0 for row in problem.rows[k])
    bounds = [
        (bound * solved.unit, x)
        for bound, x in zip(problem.bounds[k], solved.amounts, strict=True)
        if bound is not None
    ]
    return any(x >= bound if rule.kind == "cap" else x <= bound for bound, x in bounds)


def undistributed_because(allocation: Allocation) -> tuple[str, ...]:
    """The hard rules without which more could be paid; if no single one suffices, all that are tight."""
    problem = allocation.problem
    if allocation.distributed == problem.pool:
        return ()
    hard = [k for k, rule in enumerate(problem.ranked) if not rule.priority]
    most = allocation.optimum.distributed
    alone = [k for k in hard if largest_without(problem, k) > most]
    return tuple(sorted({problem.ranked[k].use for k in alone or [k for k in hard if tight(allocation, k)]}))


def soft_violations(allocation: Allocation) -> tuple[SoftMiss, ...]:
    """Every soft rule, by priority, then use: by how much x* misses it, rounded up to the fen."""
    problem, solved = allocation.problem, allocation.optimum.solved
    found = []
    for rule, bounds, rows in zip(problem.ranked, problem.bounds, problem.rows, strict=True):
        if rule.priority is None:
            continue
        sign = 1 if rule.kind == "cap" else -1
        over = [sign * (x - b * solved.unit) for x, b in zip(solved.amounts, bounds, strict=False) if b is not None]
        missed = Fraction(sum(x for x in over if x > 0), solved.unit)
        for row in rows:
            missed += Fraction(max(0, -row.value(solved.amounts, solved.unit)), row.scale * solved.unit)
        found.append(SoftMiss(rule.use, rule.priority, ceil_fen(missed)))
    return tuple(sorted(found, key=lambda one: (one.priority, one.use)))


def warnings(allocation: Allocation) -> tuple[str, ...]:
    """FEN-GRID and SOFT-RULE-TAKES-ALL, where they apply."""
    problem = allocation.problem
    said = ["FEN-GRID"] if allocation.passed_over else []
    if problem.has_soft and problem.soft_keep is None:
        best = allocation.optimum
        empty = [i for i, x in enumerate(best.solved.amounts) if not x and problem.members[i].merit]
        if any(best.base.amounts[i] for i in empty):
            said.append("SOFT-RULE-TAKES-ALL")
    return tuple(said)
