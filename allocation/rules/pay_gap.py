"""Income per head of one group is at least a ratio of another's (区镇收入差距); the pool's money counts in both."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from allocation.terms import Member, Row
from domain.facts import Strict
from domain.values import Ratio

CHINESE = "收入差距"
KIND = "group"
NEEDS = ("gap_income", "headcount")
STAFF_ONLY = False


class Params(Strict):
    """low, high: groups; ratio: the least that `low` has per head, as a share of `high`."""

    low: str
    high: str
    ratio: Ratio


def groups(params: Params) -> list[tuple[str, str]]:
    """The two groups it compares."""
    return [("low", params.low), ("high", params.high)]


def concerns(params: Params, member: Member) -> bool:
    """It needs income and heads of the members of both groups."""
    return member.belongs(params.low) or member.belongs(params.high)


def heads(params: Params, members: Sequence[Member]) -> tuple[Fraction, Fraction]:
    """Σ headcount of `low` and of `high`, without the exempt."""
    counted = [m for m in members if "pay_gap" not in m.exempt]
    low, high = ([m.belongs(group) for m in counted] for group in (params.low, params.high))
    return _heads(counted, low), _heads(counted, high)


def _heads(members: Sequence[Member], here: Sequence[bool]) -> Fraction:
    """Their sum, by one common denominator (adding fractions one by one is slow)."""
    parts = [m.headcount for m, inside in zip(members, here, strict=True) if inside and m.headcount is not None]
    scale = lcm(*(part.denominator for part in parts))
    return Fraction(sum(part.numerator * (scale // part.denominator) for part in parts), scale)


def rows(params: Params, index: int, members: Sequence[Member]) -> list[Row]:
    """(G_low + X_low) − ratio·N_low/N_high·(G_high + X_high) ≥ 0: the shortfall per head times the heads of `low`.

    No row where exemptions leave either side without anybody: the rule passes over all of it.
    """
    counted = ["pay_gap" not in m.exempt for m in members]
    low = [c and m.belongs(params.low) for c, m in zip(counted, members, strict=True)]
    high = [c and m.belongs(params.high) for c, m in zip(counted, members, strict=True)]
    n_low, n_high = _heads(members, low), _heads(members, high)
    if not n_low or not n_high:
        return []
    factor = params.ratio * n_low / n_high
    p, q = factor.numerator, factor.denominator
    coefs = tuple(q * a - p * b for a, b in zip(low, high, strict=True))
    income = [m.gap_income or 0 for m in members]
    const = sum(c * g for c, g in zip(coefs, income, strict=True))
    return [Row(index, "", coefs, const, q, frozenset(i for i, here in enumerate(low) if here))]


def loosened(params: Params) -> tuple[Params, str]:
    """A ratio lower by 0.01."""
    return params.model_copy(update={"ratio": params.ratio - Fraction(1, 100)}), "0.01"
