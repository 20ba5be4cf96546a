"""The optimizer's front: one allocation problem in, one answer out."""

from __future__ import annotations

from dataclasses import replace

from allocation.allocated import Allocation, allocate, held_by, soft_violations, tight, undistributed_because, warnings
from allocation.answer import Answer, Conflicting, MemberAmount, Relief
from allocation.exact.conflict import explain_conflict
from allocation.exact.solution import AS_IS, Variation, hard_model
from allocation.statement import Problem

_RELIEF_WORK = 1_000_000  # members times entries, after which relief ends: some seconds


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
    loosened, ended = _relief(made) if relief else (None, False)
    return Answer(
        problem.pool,
        tuple(MemberAmount(member.code, fen, held) for member, fen, held in amounts),
        undistributed_because(made),
        soft_violations(made),
        loosened,
        (*warnings(made), *["RELIEF-BOUND"] * ended),
    )


def _relief(allocation: Allocation) -> tuple[tuple[Relief, ...], bool]:
    """What loosening each binding rule a little would move, by use, then code; whether some of it is left out."""
    problem, solved = allocation.problem, allocation.optimum.solved
    binding: list[tuple[str, str, int, int]] = []
    for k, rule in enumerate(problem.ranked):
        if rule.kind == "cap":
            own = enumerate(zip(problem.bounds[k], solved.amounts, strict=True))
            binding += [
                (rule.use, problem.members[i].code, k, i)
                for i, (bound, x) in own
                if bound is not None and x >= bound * solved.unit
            ]
        elif tight(allocation, k):
            binding.append((rule.use, "", k, -1))
    most = max(1, _RELIEF_WORK // len(problem.members))
    binding.sort()
    return tuple(_loosened(allocation, *one) for one in binding[:most]), len(binding) > most


def _loosened(allocation: Allocation, use: str, code: str, k: int, i: int) -> Relief:
    """What loosening rule k (of member i alone, if it is an own cap) would move."""
    problem = allocation.problem
    if i >= 0:
        bound = problem.bounds[k][i] or 0
        return Relief(use, code, bound // 100, _moves(allocation, problem, Variation(raised=(k, i))))
    rule = problem.ranked[k]
    params, by = rule.file.loosened(rule.params)
    wider = (*problem.ranked[:k], replace(rule, params=params), *problem.ranked[k + 1 :])
    return Relief(use, code, by, _moves(allocation, replace(problem, rules=wider), AS_IS))


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
