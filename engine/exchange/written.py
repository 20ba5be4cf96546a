"""Allocation problems and answers as the contract's JSON: amounts in yuan, exact numbers as decimal texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm
from typing import Any

from allocation.answer import Answer, Conflicting, MemberAmount, Relief, SoftMiss
from allocation.rules import fields
from allocation.statement import Problem, Rule
from allocation.terms import Member
from domain.money import format_yuan, parse_yuan

Json = dict[str, Any]


def problem_json(problem: Problem) -> Json:
    """A problem as JSON. Merits whose decimals do not end are all multiplied by one whole number: nothing changes."""
    factor = lcm(*(_powers(member.merit.denominator)[2] for member in problem.members))
    made: Json = {
        "pool": {"code": problem.code, "purpose": problem.purpose, "amount": format_yuan(problem.pool)},
        "members": [_member(member, factor) for member in problem.members],
        "rules": [_rule(rule) for rule in problem.rules],
    }
    if problem.soft_keep is not None:
        made["soft_keep"] = decimal_text(problem.soft_keep)
    return made


def _member(member: Member, factor: int) -> Json:
    made: Json = {"code": member.code}
    if member.name:
        made["name"] = member.name
    made |= {"tier": member.tier, "grassroots": member.grassroots, "signing": member.signing}
    made["merit"] = decimal_text(member.merit * factor)
    for name, field in fields().items():
        if name in member.fields:
            number = member.fields[name]
            made[name] = format_yuan(int(number)) if field.kind == "money" else decimal_text(Fraction(number))
    if member.exempt:
        made["exempt"] = dict(member.exempt)
    return made


def _rule(rule: Rule) -> Json:
    """A rule with what was given of its parameters."""
    told = rule.params.model_dump(mode="json", exclude_unset=True)
    made = {"use": rule.use, **{name: _parameter(getattr(rule.params, name), said) for name, said in told.items()}}
    return made if rule.priority is None else made | {"priority": rule.priority}


def _parameter(value: object, said: object) -> object:
    """A parameter as it is written: shares and ratios with two decimals at least; said: as its model writes it."""
    if isinstance(value, Fraction):
        return decimal_text(value, 2)
    if isinstance(value, Mapping) and isinstance(said, Mapping):
        return {key: _parameter(inner, said[key]) for key, inner in value.items()}
    return said


def answer_json(answer: Answer) -> Json:
    """An answer as JSON."""
    if answer.conflict:
        return {"status": "infeasible", "conflict": conflict_json(answer.conflict), "first": answer.first}
    paid = answer.distributed
    made: Json = {
        "status": "optimal",
        "pool": format_yuan(answer.pool),
        "distributed": format_yuan(paid),
        "undistributed": format_yuan(answer.undistributed),
        "undistributed_because": list(answer.undistributed_because),
        "amounts": [
            {
                "code": one.code,
                "amount": format_yuan(one.fen),
                "share": _millionths(one.fen, paid),
                "held_by": list(one.held_by),
            }
            for one in answer.amounts
        ],
        "soft_violations": [
            {"use": one.use, "priority": one.priority, "amount": format_yuan(one.fen)} for one in answer.soft_violations
        ],
    }
    if answer.relief is not None:
        made["relief"] = [_relief(one) for one in answer.relief]
    made["warnings"] = list(answer.warnings)
    return made


def amounts_of(answer: Mapping[str, Any]) -> tuple[MemberAmount, ...]:
    """The amounts that `answer_json` wrote, read back."""
    entries = answer["amounts"]
    return tuple(MemberAmount(one["code"], parse_yuan(one["amount"]), tuple(one["held_by"])) for one in entries)


def missed_of(answer: Mapping[str, Any]) -> tuple[SoftMiss, ...]:
    """The soft rules that `answer_json` wrote, read back."""
    entries = answer["soft_violations"]
    return tuple(SoftMiss(one["use"], one["priority"], parse_yuan(one["amount"])) for one in entries)


def conflict_json(conflict: tuple[Conflicting, ...]) -> list[Json]:
    """A contradiction as JSON."""
    return [{"use": one.use, "code": one.code or None, "short": format_yuan(one.short)} for one in conflict]


def conflict_of(told: Iterable[Mapping[str, Any]]) -> tuple[Conflicting, ...]:
    """What `conflict_json` wrote, read back."""
    return tuple(Conflicting(one["use"], one["code"] or "", parse_yuan(one["short"])) for one in told)


def _relief(one: Relief) -> Json:
    by = format_yuan(one.relaxed) if isinstance(one.relaxed, int) else decimal_text(one.relaxed)
    moves = [{"code": code, "amount": format_yuan(fen)} for code, fen in one.moves.items()]
    return {"use": one.use, "code": one.code or None, "relax": by, "moves": moves}


def _millionths(fen: int, paid: int) -> str:
    """fen/paid rounded half-up to 6 decimals."""
    share = (2 * fen * 10**6 + paid) // (2 * paid) if paid else 0
    return f"{share // 10**6}.{share % 10**6:06d}"


def decimal_text(value: Fraction, least: int = 0) -> str:
    """The exact decimal text of a rational, with so many decimals at least.

    Raises ValueError if its decimals do not end.
    """
    twos, fives, rest = _powers(value.denominator)
    if rest != 1:
        raise ValueError(f"{value} 不是有限小数")
    places = max(twos, fives, least)
    whole, decimals = divmod(abs(value.numerator) * 10**places // value.denominator, 10**places)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{decimals:0{places}d}" if places else f"{sign}{whole}"


def _powers(denominator: int) -> tuple[int, int, int]:
    """How often 2 and 5 divide it, and what is left of it."""
    counts = {2: 0, 5: 0}
    for prime in counts:
        while denominator % prime == 0:
            denominator //= prime
            counts[prime] += 1
    return counts[2], counts[5], denominator
