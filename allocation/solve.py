"""The optimizer's front: one allocation problem in, one answer out (contracts: JSON)."""

from __future__ import annotations

from allocation.answer import Allocation, allocate, answer, infeasible
from allocation.exact.solution import Optimum, optimum_of
from allocation.parse import Problem, parse
from domain.problems import InputProblems

SOLVERS = ("auto", "highs", "cbc")

__all__ = ["SOLVERS", "Allocation", "Optimum", "Problem", "allocate", "optimum", "parse", "solve"]


def solve(data: object, *, solver: str = "auto", relief: bool = True) -> dict[str, object]:
    """The answer to one problem (decoded JSON). Never raises for bad input: the answer then has status "invalid".

    solver: auto (exact, no float), highs or cbc (PuLP proposes, exact arithmetic completes): all give the same fen.
    relief: whether to say what loosening each binding rule would move.
    """
    try:
        problem = parse(data)
    except InputProblems as error:
        return {"status": "invalid", "problems": [problem.as_json() for problem in error.problems]}
    made = allocate(problem, solver)
    return infeasible(problem) if made is None else answer(made, with_relief=relief)


def optimum(data: object, *, solver: str = "auto") -> Optimum | None:
    """The exact optimum of one valid problem with its proof; None where the hard rules contradict each other.

    Raises InputProblems for bad input.
    """
    return optimum_of(data if isinstance(data, Problem) else parse(data), solver)
