"""Reading off x*: who is held by what, why money is left, which soft rules are missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress
from math import inf
from operator import ge
from typing import cast

from allocation.answer import SoftMiss
from allocation.exact.solution import AS_IS, Optimum, Variation, largest_without, optimum_of
from allocation.exact.whole_fen import WholeFen, settle
from allocation.statement import LONG, Problem
from allocation.terms import Row
from domain.money import ceil_fen

_LEAST, _RATE, _OFF = 1e-9, 1e-18, 1e-9
"""Above such a level, and with no merit further below the largest, floats are off by far less than _OFF of a level."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Whole fen of one problem by member in order of code, with the optimum they are rounded from."""

    problem: Problem
    optimum: Optimum
    whole: WholeFen

    @property
    def paid(self) -> list[int]:
        """Fen by member."""
        return self.whole.paid

    @property
    def distributed(self) -> int:
        """Σ paid in fen."""
        return sum(self.paid)


def allocate(problem: Problem, solver: str = "auto", change: Variation = AS_IS) -> Allocation | None:
    """Whole fen of a problem, or None where its hard rules contradict each other."""
    best = optimum_of(problem, solver, change)
    if best is None:
        return None
    return Allocation(problem, best, settle(best.hard_rows, best.solved.amounts, best.solved.unit))


def held_by(allocation: Allocation) -> list[tuple[str, ...]]:
    """Per member, the uses of the rules that stop it, sorted (as the ranked rules are)."""
    problem = allocation.problem
    held: list[tuple[str, ...]] = [()] * len(problem.members)
    for rule, bounds, rows in zip(problem.ranked, problem.bounds, problem.rows, strict=True):
        if rule.kind == "cap":
            stopped: Iterable[int] = _capped(allocation, bounds)
        else:
            stopped = [i for row in rows for i in _squeezed(allocation, row)]
        use = rule.use
        for i in stopped:
            if use not in held[i]:
                held[i] += (use,)
    return held


def _capped(allocation: Allocation, bounds: Sequence[int | None]) -> Iterable[int]:
    """Whose own cap is reached: at or above a bound in whole fen where x* is."""
    floors = allocation.whole.floors
    caps = [inf if bound is None else bound for bound in bounds] if None in bounds else cast("Sequence[int]", bounds)
    return compress(range(len(floors)), map(ge, floors, caps))


def _squeezed(allocation: Allocation, row: Row) -> Iterable[int]:
    """Whom a group row holds down, if it is tight or short."""
    solved = allocation.optimum.solved
    if row.holds == "nobody" or solved.value(row, solved.unit) > 0:
        return ()
    inside = row.inside
    if row.holds == "inside":
        return inside
    outside = [i for i in range(len(solved.amounts)) if i not in inside]
    return outside if row.holds == "outside" else _lower(allocation, outside, inside)


def _lower(allocation: Allocation, some: Sequence[int], others: Iterable[int]) -> list[int]:
    """Who of some has less per merit than the one of others that has most.

    Floats of the amounts in fen and of the merits tell who does; whole numbers, of who is nearly as high, or where the
    numbers are too far apart for floats.
    """
    weights, rates, solved = allocation.problem.weights, allocation.problem.rates, allocation.optimum.solved
    amounts = solved.amounts
    cut = max(0, solved.unit.bit_length() - LONG)
    unit = solved.unit >> cut
    high = [i for i in others if weights[i]]
    levels = [(amounts[i] >> cut) / unit / rates[i] for i in high]
    most = max(levels, default=0.0)
    good = most > _LEAST and min(rates) > _RATE
    low, near = [], []
    for i in some:
        level = (amounts[i] >> cut) / unit / rates[i]
        if not good or abs(level - most) <= most * _OFF:
            near.append(i)
        elif level < most:
            low.append(i)
    if near:
        top_x, top_w = 0, 1
        for i, level in zip(high, levels, strict=True):
            if (not good or level >= most * (1.0 - _OFF)) and amounts[i] * top_w > top_x * weights[i]:
                top_x, top_w = amounts[i], weights[i]
        low += [i for i in near if weights[i] and amounts[i] * top_w < top_x * weights[i]]
    return low


def tight(allocation: Allocation, k: int) -> bool:
    """Whether rule k is tight (soft: tight or short) at x*."""
    problem, solved = allocation.problem, allocation.optimum.solved
    rule = problem.ranked[k]
    if rule.kind == "group":
        return any(solved.value(row, solved.unit) <= 0 for row in problem.rows[k])
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
            missed += Fraction(max(0, -solved.value(row, solved.unit)), row.scale * solved.unit)
        found.append(SoftMiss(rule.use, rule.priority, ceil_fen(missed)))
    return tuple(sorted(found, key=lambda one: (one.priority, one.use)))


def warnings(allocation: Allocation) -> tuple[str, ...]:
    """FEN-GRID, FEN-BOUND and SOFT-RULE-TAKES-ALL, where they apply."""
    problem = allocation.problem
    whole = allocation.whole
    said = ["FEN-GRID"] * whole.passed_over + ["FEN-BOUND"] * whole.ended
    if problem.has_soft and not problem.soft_keep:
        best = allocation.optimum
        empty = [i for i, x in enumerate(best.solved.amounts) if not x and problem.members[i].merit]
        if any(best.base.amounts[i] for i in empty):
            said.append("SOFT-RULE-TAKES-ALL")
    return tuple(said)
