"""The optimizer's front: one allocation problem in, one answer out."""

from __future__ import annotations

from dataclasses import replace

from allocation.allocated import Allocation, allocate, held_by, soft_violations, tight, undistributed_because, warnings
from allocation.answer import Answer, Conflicting, MemberAmount, Relief
from allocation.exact.conflict import explain_conflict
from allocation.exact.solution import AS_IS, Variation, hard_model
from allocation.statement import Problem

SOLVERS = ("auto", "highs", "cbc")


def solve(problem: Problem, *, solver: str = "auto", relief: bool = True) -> Answer:
    """The answer to one problem.

    solver: auto (exact, no float), highs or cbc (PuLP proposes, exact arithmetic completes): all give the same fen.
    relief: whether to say what loosening each binding rule would move.
    """
    made = allocate(problem, solver)
    if made is None:
        torn = explain_conflict(hard_model(problem))
        parts = tuple(Conflicting(one.use, one.code, torn.short) for one in torn.elements)
        return Answer(problem.pool, conflict=parts, first=torn.first)
    amounts = zip(problem.members, made.paid, held_by(made), strict=True)
    return Answer(
        problem.pool,
        tuple(MemberAmount(member.code, fen, held) for member, fen, held in amounts),
        undistributed_because(made),
        soft_violations(made),
        _relief(made) if relief else None,
        warnings(made),
    )


def _relief(allocation: Allocation) -> tuple[Relief, ...]:
    """What loosening each binding rule a little would move, by use, then code."""
    problem, solved = allocation.problem, allocation.optimum.solved
    found: list[Relief] = []
    for k, rule in enumerate(problem.ranked):
        if rule.kind == "cap":
            for i, (bound, x) in enumerate(zip(problem.bounds[k], solved.amounts, strict=True)):
                if bound is not None and x >= bound * solved.unit:
                    moves = _moves(allocation, problem, Variation(raised=(k, i)))
                    found.append(Relief(rule.use, problem.members[i].code, bound // 100, moves))
        elif tight(allocation, k):
            params, by = rule.file.loosened(rule.params)
            wider = (*problem.ranked[:k], replace(rule, params=params), *problem.ranked[k + 1 :])
            found.append(Relief(rule.use, "", by, _moves(allocation, replace(problem, rules=wider), AS_IS)))
    return tuple(sorted(found, key=lambda one: (one.use, one.code)))


def _moves(allocation: Allocation, problem: Problem, change: Variation) -> dict[str, int]:
    """By how many fen each member's amount differs in a changed problem, of those whose amount does."""
    after = allocate(problem, "auto", change)
    if after is None:
        raise AssertionError("放宽一条规则不会产生矛盾")
    return {
        member.code: new - old
        for member, old, new in zip(problem.members, allocation.paid, after.paid, strict=True)
        if new != old
    }
