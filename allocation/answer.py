"""Reading the answer off x*: whole fen, who is held by what, why money is left, what loosening a rule would move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from allocation.exact.conflict import explain_conflict
from allocation.exact.solution import Optimum, Variation, hard_model, largest_without, optimum_of
from allocation.exact.whole_fen import settle
from allocation.parse import Problem, Rule
from allocation.terms import Row
from domain.money import ceil_fen, format_exact, format_yuan


@dataclass(frozen=True, slots=True)
class Allocation:
    """Whole fen of one problem by member in order of code, and what holds each."""

    problem: Problem
    optimum: Optimum
    paid: list[int]
    passed_over: bool

    @property
    def distributed(self) -> int:
        """Σ paid in fen."""
        return sum(self.paid)


def allocate(problem: Problem, solver: str = "auto", change: Variation = Variation()) -> Allocation | None:  # noqa: B008
    """Whole fen of a parsed problem, or None where its hard rules contradict each other."""
    best = optimum_of(problem, solver, change)
    if best is None:
        return None
    paid, passed_over = settle(best.hard_rows, best.solved.amounts, best.solved.unit)
    return Allocation(problem, best, paid, passed_over)


def _group_rows(allocation: Allocation) -> list[tuple[Rule, Row, int]]:
    """Every group row with its value at x*: ≥ 0 where it holds; in 1/(scale·solved.unit) fen."""
    problem, solved = allocation.problem, allocation.optimum.solved
    return [
        (rule, row, row.value(solved.amounts, solved.unit))
        for rule, rows in zip(problem.rules, problem.rows, strict=True)
        for row in rows
    ]


def held_by(allocation: Allocation) -> list[list[str]]:
    """Per member, the uses of the rules that stop it, sorted."""
    problem, solved = allocation.problem, allocation.optimum.solved
    held: list[set[str]] = [set() for _ in problem.members]
    for rule, bounds in zip(problem.rules, problem.bounds, strict=True):
        if rule.kind == "cap":
            for i, bound in enumerate(bounds):
                if bound is not None and solved.amounts[i] >= bound * solved.unit:
                    held[i].add(rule.use)
    for rule, row, value in _group_rows(allocation):
        if value > 0 or rule.use == "total_cap":
            continue
        for i in _squeezed(problem, rule, row, solved.amounts):
            held[i].add(rule.use)
    return [sorted(one) for one in held]


def _squeezed(problem: Problem, rule: Rule, row: Row, amounts: Sequence[int]) -> list[int]:
    """Whom a tight group row holds down."""
    if row.part.endswith("upper"):
        return sorted(row.inside)
    outside = [i for i in range(len(amounts)) if i not in row.inside]
    if rule.use != "pay_gap":
        return outside
    weights = problem.weights
    top = max((Fraction(amounts[i], weights[i]) for i in row.inside if weights[i]), default=Fraction(0))
    return [i for i in outside if weights[i] and amounts[i] * top.denominator < top.numerator * weights[i]]


def _tight(allocation: Allocation, k: int) -> bool:
    """Whether rule k is tight (soft: tight or short) at x*."""
    problem, solved = allocation.problem, allocation.optimum.solved
    rule = problem.rules[k]
    if rule.kind == "group":
        return any(value <= 0 for _, row, value in _group_rows(allocation) if row.rule == k)
    bounds = [
        (bound * solved.unit, x)
        for bound, x in zip(problem.bounds[k], solved.amounts, strict=True)
        if bound is not None
    ]
    return any(x >= bound if rule.kind == "cap" else x <= bound for bound, x in bounds)


def undistributed_because(allocation: Allocation) -> list[str]:
    """The hard rules without which more could be paid; if no single one suffices, all that are tight."""
    problem = allocation.problem
    if allocation.distributed == problem.pool:
        return []
    hard = [k for k, rule in enumerate(problem.rules) if not rule.priority]
    most = allocation.optimum.distributed
    alone = [k for k in hard if largest_without(problem, k) > most]
    return sorted({problem.rules[k].use for k in alone or [k for k in hard if _tight(allocation, k)]})


def soft_violations(allocation: Allocation) -> list[dict[str, object]]:
    """Every soft rule, by priority, then use: by how much x* misses it, rounded up to the fen."""
    problem, solved = allocation.problem, allocation.optimum.solved
    missed: dict[int, Fraction] = {k: Fraction(0) for k, rule in enumerate(problem.rules) if rule.priority}
    for k, (rule, bounds) in enumerate(zip(problem.rules, problem.bounds, strict=True)):
        if k in missed and bounds:
            sign = 1 if rule.kind == "cap" else -1
            over = [sign * (x - b * solved.unit) for x, b in zip(solved.amounts, bounds, strict=True) if b is not None]
            missed[k] = Fraction(sum(x for x in over if x > 0), solved.unit)
    for _, row, value in _group_rows(allocation):
        if row.rule in missed and value < 0:
            missed[row.rule] += Fraction(-value, row.scale * solved.unit)
    order = sorted(missed, key=lambda k: (problem.rules[k].priority or 0, *problem.rules[k].order))
    return [
        {"use": problem.rules[k].use, "priority": problem.rules[k].priority, "amount": format_yuan(ceil_fen(missed[k]))}
        for k in order
    ]


def warnings(allocation: Allocation) -> list[str]:
    """FEN-GRID and SOFT-RULE-TAKES-ALL, where they apply."""
    problem = allocation.problem
    said = ["FEN-GRID"] if allocation.passed_over else []
    if problem.has_soft and problem.soft_keep is None:
        best = allocation.optimum
        empty = [i for i, x in enumerate(best.solved.amounts) if not x and problem.members[i].merit]
        if any(best.base.amounts[i] for i in empty):
            said.append("SOFT-RULE-TAKES-ALL")
    return said


def relief(allocation: Allocation) -> list[dict[str, object]]:
    """What loosening each binding rule a little would move (whole fen, signed), by use, then code."""
    problem, solved = allocation.problem, allocation.optimum.solved
    found: list[tuple[tuple[object, ...], dict[str, object]]] = []
    for k, rule in enumerate(problem.rules):
        if rule.kind == "cap":
            for i, (member, x) in enumerate(zip(problem.members, solved.amounts, strict=True)):
                bound = problem.bounds[k][i]
                if bound is not None and x >= bound * solved.unit:
                    entry = _entry(
                        allocation, rule.use, member.code, format_yuan(bound // 100), Variation(raised=(k, i))
                    )
                    found.append(((rule.use, member.code, k), entry))
        elif _tight(allocation, k):
            params, said = rule.file.loosened(rule.params)
            wider = replace(problem, rules=(*problem.rules[:k], replace(rule, params=params), *problem.rules[k + 1 :]))
            found.append(((rule.use, "", k), _entry(allocation, rule.use, None, said, Variation(), wider)))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


def _entry(
    allocation: Allocation, use: str, code: str | None, said: str, change: Variation, problem: Problem | None = None
) -> dict[str, object]:
    after = allocate(problem or allocation.problem, "auto", change)
    if after is None:
        raise AssertionError("放宽一条规则不会产生矛盾")
    moves = [
        {"code": member.code, "amount": format_yuan(new - old)}
        for member, old, new in zip(allocation.problem.members, allocation.paid, after.paid, strict=True)
        if new != old
    ]
    return {"use": use, "code": code, "relax": said, "moves": moves}


def infeasible(problem: Problem) -> dict[str, object]:
    """The answer where hard rules contradict each other."""
    return {"status": "infeasible", "conflict": explain_conflict(hard_model(problem))}


def answer(allocation: Allocation, *, with_relief: bool) -> dict[str, object]:
    """The answer of the contract for an allocation."""
    problem, distributed = allocation.problem, allocation.distributed
    amounts = [
        {
            "code": member.code,
            "amount": format_yuan(fen),
            "share": _six(Fraction(fen, distributed) if distributed else Fraction(0)),
            "held_by": held,
        }
        for member, fen, held in zip(problem.members, allocation.paid, held_by(allocation), strict=True)
    ]
    made: dict[str, object] = {
        "status": "optimal",
        "pool": format_yuan(problem.pool),
        "distributed": format_yuan(distributed),
        "undistributed": format_yuan(problem.pool - distributed),
        "undistributed_because": undistributed_because(allocation),
        "amounts": amounts,
        "soft_violations": soft_violations(allocation),
    }
    if with_relief:
        made["relief"] = relief(allocation)
    made["warnings"] = warnings(allocation)
    return made


def _six(share: Fraction) -> str:
    text = format_exact(share, 6)
    whole, _, digits = text.partition(".")
    return f"{whole}.{digits:0<6}"
