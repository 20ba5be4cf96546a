"""From a parsed problem to its exact optimum: with `soft_keep`, first the optimum without soft rules."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from allocation.model import Model, compile_model
from allocation.optimum import Solved, build, largest_sum, solve_model
from allocation.parse import Problem
from allocation.solvers import proposer
from allocation.tableau import Propose


@dataclass(frozen=True, slots=True)
class Optimum:
    """x* of a problem in fen, exact, by member in order of code; `base`: the optimum without soft rules, if needed."""

    problem: Problem
    solved: Solved
    base: Solved | None

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
        unit = self.solved.program.model.unit
        return [v / unit for _, v in sorted(self.solved.violations.items())]

    @property
    def certificate(self) -> list[dict[str, object]]:
        """The proof as data: each step's label, bound and multipliers (see `certificate.check`)."""
        return [
            {"label": step.label, "bound": str(step.bound), "multipliers": {str(v): str(m) for v, m in step.multipliers.items()}}
            for step in self.solved.program.tableau.steps
        ]


@dataclass(frozen=True, slots=True)
class Variation:
    """A problem with one thing changed: a rule left out, soft rules left out, one member's own cap loosened by 1%."""

    without: int | None = None
    raised: tuple[int, int] | None = None


AS_IS = Variation()


def propose_with(problem: Problem, solver: str) -> Propose | None:
    """The proposer of a solver name; None for auto, which needs none."""
    return None if solver == "auto" else proposer(solver, problem.pool)


def optimum_of(problem: Problem, solver: str = "auto", change: Variation = AS_IS) -> Optimum | None:
    """The exact optimum, or None where the hard rules contradict each other."""
    propose = propose_with(problem, solver)
    model = compile_model(problem, without=change.without, raised=change.raised)
    base = None
    if problem.has_soft and problem.soft_keep is not None:
        base = solve_model(compile_model(problem, without=change.without, soft=False, raised=change.raised), propose)
        if base is None:
            return None
        model.keep(keep_floors(problem, base))
    solved = solve_model(model, propose)
    return Optimum(problem, solved, base) if solved else None


def keep_floors(problem: Problem, base: Solved) -> list[Fraction]:
    """What nobody of positive merit may fall below in fen: soft_keep times the optimum without soft rules."""
    keep = problem.soft_keep or Fraction(0)
    return [keep * x if m.merit else Fraction(0) for m, x in zip(problem.members, base.fen, strict=True)]


def largest_without(problem: Problem, rule: int) -> Fraction:
    """D* in fen if one hard rule were not there."""
    program = build(compile_model(problem, without=rule, soft=False))
    return largest_sum(program)


def hard_model(problem: Problem) -> Model:
    """The model of the hard rules alone."""
    return compile_model(problem, soft=False)
