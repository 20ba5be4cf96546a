"""From a parsed problem to its exact optimum: with `soft_keep`, first the optimum without soft rules."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from allocation.exact.closed_form import solve_closed
from allocation.exact.model import Model, compile_model, softened
from allocation.exact.optimum import Solved, largest_sum, solve_model
from allocation.exact.program import build
from allocation.exact.repair import repair
from allocation.exact.tableau import Propose
from allocation.solvers import proposer
from allocation.statement import Problem
from allocation.terms import Row


@dataclass(frozen=True, slots=True)
class Optimum:
    """x* of a problem in fen, exact, by member in order of code.

    base: the optimum without soft rules; where it violates none of them it is x* (solved is base).
    """

    problem: Problem
    solved: Solved
    base: Solved

    @property
    def hard_rows(self) -> list[tuple[int, Row]]:
        """The hard group rows with the order of their rule, counting in fen."""
        problem = self.problem
        rules = zip(problem.ranked, problem.rows, strict=True)
        return [(rule.file.order, row) for rule, rows in rules if rows and not rule.priority for row in rows]

    @property
    def amounts(self) -> list[Fraction]:
        """x* in fen, by member."""
        return self.solved.fen

    @property
    def exact(self) -> dict[str, Fraction]:
        """x* in fen by code."""
        return {m.code: x for m, x in zip(self.problem.members, self.amounts, strict=True)}

    @property
    def distributed(self) -> Fraction:
        """D* in fen."""
        return sum(self.amounts, Fraction(0))

    @property
    def violations(self) -> list[Fraction]:
        """The least total violation per soft priority, ascending, in fen."""
        unit = self.solved.frame.model.unit
        found = {rule.priority: Fraction(0) for rule in self.problem.rules if rule.priority}
        found |= {priority: v / unit for priority, v in self.solved.violations.items()}
        return [v for _, v in sorted(found.items())]


@dataclass(frozen=True, slots=True)
class Variation:
    """A problem with one thing changed: a rule left out, soft rules left out, one member's own cap loosened by 1%."""

    without: int | None = None
    raised: tuple[int, int] | None = None


AS_IS = Variation()


def propose_with(model: Model, solver: str) -> Propose | None:
    """The proposer of a solver name; None for auto and tableau, which need none."""
    return None if solver in ("auto", "tableau") else proposer(solver, model.problem.pool * model.unit)


def optimum_of(problem: Problem, solver: str = "auto", change: Variation = AS_IS) -> Optimum | None:
    """The exact optimum, or None where the hard rules contradict each other.

    solver: auto looks for a closed form first, tableau does not, highs and cbc let PuLP propose to the tableau.
    """
    hard = compile_model(problem, without=change.without, soft=False, raised=change.raised)
    closed = solve_closed(hard) if solver == "auto" else None
    base = closed.solved if closed else solve_model(hard, propose_with(hard, solver))
    if base is None:
        return None
    if not violated(problem, base):
        return Optimum(problem, base, base)
    model = softened(hard, change.without, change.raised)
    if problem.soft_keep is not None:
        model.keep(*keep_floors(problem, base))
    solved = (repair(model, closed) if closed else None) or solve_model(model, propose_with(model, solver))
    if solved is None:
        raise AssertionError("软规则不会产生矛盾")
    return Optimum(problem, solved, base)


def violated(problem: Problem, solved: Solved) -> bool:
    """Whether an allocation violates any soft rule."""
    amounts, unit = solved.amounts, solved.unit
    for k, rule in enumerate(problem.ranked):
        if not rule.priority:
            continue
        kind = rule.file.kind
        if kind == "group":
            missed = any(solved.value(row, unit) < 0 for row in problem.rows[k])
        else:
            sign = 1 if kind == "cap" else -1
            own = zip(amounts, problem.bounds[k], strict=True)
            missed = any(b is not None and sign * (x - b * unit) > 0 for x, b in own)
        if missed:
            return True
    return False


def keep_floors(problem: Problem, base: Solved) -> tuple[list[int], int]:
    """What nobody of positive merit may fall below: soft_keep times the optimum without soft rules, and its unit."""
    n, d = (problem.soft_keep or Fraction(0)).as_integer_ratio()
    return [n * x if weight else 0 for weight, x in zip(problem.weights, base.amounts, strict=True)], d * base.unit


def largest_without(problem: Problem, rule: int) -> Fraction:
    """D* in fen if one hard rule were not there."""
    program = build(compile_model(problem, without=rule, soft=False))
    return largest_sum(program)


def hard_model(problem: Problem) -> Model:
    """The model of the hard rules alone."""
    return compile_model(problem, soft=False)
