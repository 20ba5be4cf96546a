"""A second opinion on one allocation problem, written from the contract alone: plain, exact and slow.

It works member by member, in rational fen, on a valid problem of a handful of members. Nothing is shared with the
optimizer except the parsing and printing of amounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from domain.money import ceil_fen, floor_fen, format_yuan, half_up_fen

from .oracle_conflict import TooManyConflicts, conflict_answer, proves_conflict
from .oracle_model import (
    CAPS,
    HUNDREDTH,
    OWN,
    SETTLED,
    SHARED,
    ZERO,
    Exact,
    Json,
    Model,
    Rule,
    Side,
    exact,
    gap_groups,
    greatest_total,
    group,
    read,
    shared_by,
    sides_of,
)

__all__ = ["OWN", "TooManyConflicts", "answer", "proves_conflict", "read"]


def settle(model: Model, best: Exact) -> tuple[dict[str, int], bool]:
    """Whole fen, and whether some hard group rule had to be passed over."""
    down = {code: floor_fen(amount) for code, amount in best.x.items()}
    rest = {code: amount - down[code] for code, amount in best.x.items()}
    order = sorted((code for code in down if rest[code]), key=lambda code: (-rest[code], code))
    ups = floor_fen(best.distributed) - sum(down.values())
    choices = [{**down, **{code: down[code] + 1 for code in chosen}} for chosen in combinations(order, ups)]
    passed_over = False
    for uses in SETTLED:
        rules = sorted((rule for rule in model.hard if rule.use in uses), key=lambda rule: rule.order)
        if uses == SHARED:
            rules.sort(key=lambda rule: shared_by(rule.spec))
        sides = [side for rule in rules for side in rule.sides]
        if uses == ("tier_shares",):  # by tier, lower bound first: "low township" before "high township"
            sides.sort(key=lambda side: (side.who.split(" ", 1)[1], side.who.startswith("high")))
        for side in sides:
            good = [choice for choice in choices if side.value(choice) >= 0]
            passed_over |= not good
            choices = good or choices
    return max(choices, key=lambda choice: [choice[code] - down[code] for code in order]), passed_over


def tight(rule: Rule, side: Side, x: Mapping[str, Fraction]) -> bool:
    """At its limit; a soft side also beyond it."""
    return side.value(x) <= 0 if rule.priority else side.value(x) == 0


def _holds(model: Model, rule: Rule, side: Side, x: Mapping[str, Fraction], member: Json) -> bool:
    """Whether a tight side holds this member."""
    code, merit = member["code"], model.merit
    if rule.use in CAPS:
        return side.who == code
    if rule.use in SHARED:
        inside = group(model.members, shared_by(rule.spec))
        return code not in inside
    if rule.use == "tier_shares":
        bound, tier = side.who.split(" ", 1)
        return (member["tier"] == tier) == (bound == "high")
    if rule.use == "pay_gap":
        low, _ = gap_groups(model.members, rule.spec)
        if code in low or not merit[code]:
            return False
        return any(x[code] / merit[code] < x[other] / merit[other] for other in low if merit[other])
    return False


def held_by(model: Model, x: Mapping[str, Fraction], member: Json) -> list[str]:
    """What holds a member at x*."""
    return sorted(
        {
            rule.use
            for rule in model.rules
            for side in rule.sides
            if tight(rule, side, x) and _holds(model, rule, side, x, member)
        }
    )


def because(model: Model, best: Exact) -> list[str]:
    """The hard rules that keep money from being paid."""
    if floor_fen(best.distributed) == model.pool:
        return []
    single = set()
    for rule in model.hard:
        without = greatest_total(replace(model, rules=tuple(other for other in model.rules if other is not rule)))
        if without is not None and without > best.distributed:
            single.add(rule.use)
    return sorted(single or {rule.use for rule in model.hard for side in rule.sides if tight(rule, side, best.x)})


def loosened(model: Model, best: Exact) -> list[tuple[str, str | None, str, Model]]:
    """Every binding rule, loosened a little: (use, code, relax, the new model)."""

    def swap(old: Rule, new: Rule) -> Model:
        return replace(model, rules=tuple(new if rule is old else rule for rule in model.rules))

    found = []
    for rule in model.rules:
        binding = [side for side in rule.sides if tight(rule, side, best.x)]
        if not binding:
            continue
        if rule.use in CAPS or rule.use == "total_cap":
            for side in binding:
                more = floor_fen(side.constant / 100)
                wider = tuple(
                    replace(other, constant=other.constant + more) if other is side else other for other in rule.sides
                )
                found.append((rule.use, side.who or None, format_yuan(more), swap(rule, replace(rule, sides=wider))))
            continue
        spec = dict(rule.spec)
        if rule.use == "tier_shares":
            spec["tolerance"] = Fraction(spec.get("tolerance", 0)) + HUNDREDTH
        else:
            name = "share" if "share" in spec else "ratio"
            spec[name] = Fraction(spec[name]) - HUNDREDTH
        new = replace(rule, spec=spec, sides=sides_of(model.members, spec))
        found.append((rule.use, None, "0.01", swap(rule, new)))
    return found


def relief(model: Model, best: Exact, amounts: Mapping[str, int]) -> list[Json]:
    """What each binding rule costs: the fen that move when it is loosened a little."""
    entries = []
    for use, code, relax, wider in loosened(model, best):
        new = exact(wider)
        assert new is not None
        paid, _ = settle(wider, new)
        moves = [
            {"code": member, "amount": format_yuan(paid[member] - amounts[member])}
            for member in sorted(amounts)
            if paid[member] != amounts[member]
        ]
        entries.append({"use": use, "code": code, "relax": relax, "moves": moves})
    return sorted(entries, key=lambda entry: (entry["use"], entry["code"] or ""))


def takes_all(model: Model, best: Exact) -> bool:
    """Whether soft rules left somebody with merit, who would otherwise be paid, without anything."""
    if not model.soft or model.keep:
        return False
    without = exact(replace(model, rules=tuple(model.hard)))
    assert without is not None
    return any(model.merit[code] and not best.x[code] and without.x[code] for code in model.codes)


def answer(problem: Json, *, with_relief: bool = True) -> Json:
    """The whole answer of the contract to a valid problem."""
    model = read(problem)
    best = exact(model)
    if best is None:
        return conflict_answer(model)
    amounts, passed_over = settle(model, best)
    paid = sum(amounts.values())
    millionths = {code: half_up_fen(Fraction(amount * 10**6, paid or 1)) for code, amount in amounts.items()}
    violations = [
        {
            "use": rule.use,
            "priority": rule.priority,
            "amount": format_yuan(ceil_fen(sum((side.violation(best.x) for side in rule.sides), ZERO))),
        }
        for rule in sorted(model.soft, key=lambda rule: (rule.priority, rule.use, rule.order))
    ]
    said: Json = {
        "status": "optimal",
        "pool": format_yuan(model.pool),
        "distributed": format_yuan(paid),
        "undistributed": format_yuan(model.pool - paid),
        "undistributed_because": because(model, best),
        "amounts": [
            {
                "code": member["code"],
                "amount": format_yuan(amounts[member["code"]]),
                "share": f"{millionths[member['code']] // 10**6}.{millionths[member['code']] % 10**6:06d}",
                "held_by": held_by(model, best.x, member),
            }
            for member in model.members
        ],
        "soft_violations": violations,
        "warnings": ["FEN-GRID"] * passed_over + ["SOFT-RULE-TAKES-ALL"] * takes_all(model, best),
    }
    if with_relief:
        said["relief"] = relief(model, best, amounts)
    return said
