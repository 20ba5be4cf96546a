"""Reading the answer off x*: whole fen, who is held by what, why money is left, what loosening a rule would move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from allocation.conflict import explain_conflict
from allocation.exact import Optimum, Variation, hard_model, largest_without, optimum_of
from allocation.model import own_bound
from allocation.parse import Problem, Rule
from allocation.settle import settle
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
    paid, passed_over = settle(best.solved.program.model, best.amounts)
    return Allocation(problem, best, paid, passed_over)


def _own(problem: Problem) -> list[tuple[int, Rule, list[int | None]]]:
    """Own caps and floors of every rule by member, in fen."""
    return [
        (k, rule, [own_bound(rule, member) for member in problem.members])
        for k, rule in enumerate(problem.rules)
        if rule.kind != "group"
    ]


def _group_rows(allocation: Allocation) -> list[tuple[Rule, Row, Fraction]]:
    """Every group row with its value at x* in fen (≥ 0 where it holds)."""
    model = allocation.optimum.solved.program.model
    amounts = allocation.optimum.solved.amounts
    rows = [*model.rows, *(row for _, row in model.soft_rows)]
    return [(model.problem.rules[row.rule], row, row.value(amounts) / model.unit) for row in rows]


def held_by(allocation: Allocation) -> list[list[str]]:
    """Per member, the uses of the rules that stop it, sorted."""
    problem, amounts = allocation.problem, allocation.optimum.amounts
    held: list[set[str]] = [set() for _ in problem.members]
    for _, rule, bounds in _own(problem):
        if rule.kind == "cap":
            for i, bound in enumerate(bounds):
                if bound is not None and amounts[i] >= bound:
                    held[i].add(rule.use)
    for rule, row, value in _group_rows(allocation):
        if value > 0 or rule.use == "total_cap":
            continue
        for i in _squeezed(problem, rule, row, amounts):
            held[i].add(rule.use)
    return [sorted(one) for one in held]


def _squeezed(problem: Problem, rule: Rule, row: Row, amounts: Sequence[Fraction]) -> list[int]:
    """Whom a tight group row holds down."""
    if row.part.endswith("upper"):
        return sorted(row.inside)
    outside = [i for i in range(len(amounts)) if i not in row.inside]
    if rule.use != "pay_gap":
        return outside
    merits = [m.merit for m in problem.members]
    top = max((amounts[i] / merits[i] for i in row.inside if merits[i]), default=Fraction(0))
    return [i for i in outside if merits[i] and amounts[i] < top * merits[i]]


def _tight(allocation: Allocation, k: int) -> bool:
    """Whether rule k is tight (soft: tight or short) at x*."""
    problem, amounts = allocation.problem, allocation.optimum.amounts
    rule = problem.rules[k]
    if rule.kind == "group":
        return any(value <= 0 for _, row, value in _group_rows(allocation) if row.rule == k)
    bounds = [(own_bound(rule, m), x) for m, x in zip(problem.members, amounts, strict=True)]
    if rule.kind == "cap":
        return any(bound is not None and x >= bound for bound, x in bounds)
    return any(bound is not None and x <= bound for bound, x in bounds)


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
    problem, amounts = allocation.problem, allocation.optimum.amounts
    missed: dict[int, Fraction] = {k: Fraction(0) for k, rule in enumerate(problem.rules) if rule.priority}
    for k, rule, bounds in _own(problem):
        if k in missed:
            sign = 1 if rule.kind == "cap" else -1
            missed[k] = sum(
                (max(Fraction(0), sign * (x - b)) for x, b in zip(amounts, bounds, strict=True) if b is not None),
                Fraction(0),
            )
    for _, row, value in _group_rows(allocation):
        if row.rule in missed:
            missed[row.rule] += max(Fraction(0), -value)
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
        empty = [i for i, x in enumerate(allocation.optimum.amounts) if not x and problem.members[i].merit]
        if empty:
            base = optimum_of(replace(problem, rules=tuple(r for r in problem.rules if not r.priority)))
            if base and any(base.amounts[i] for i in empty):
                said.append("SOFT-RULE-TAKES-ALL")
    return said


def relief(allocation: Allocation) -> list[dict[str, object]]:
    """What loosening each binding rule a little would move (whole fen, signed), by use, then code."""
    problem = allocation.problem
    found: list[tuple[tuple[object, ...], dict[str, object]]] = []
    for k, rule in enumerate(problem.rules):
        if rule.kind == "cap":
            for i, (member, x) in enumerate(zip(problem.members, allocation.optimum.amounts, strict=True)):
                bound = own_bound(rule, member)
                if bound is not None and x >= bound:
                    entry = _entry(allocation, rule.use, member.code, format_yuan(bound // 100), Variation(raised=(k, i)))
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
