"""Income per head of one group is at least a ratio of another's (区镇收入差距); the pool's money counts in both."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import compress
from math import gcd, lcm

from allocation.terms import GROUP_TITLES, Field, Member, Row, Words, belonging
from domain.facts import Strict
from domain.key import Key, Keys
from domain.money import floor_fen
from domain.paid import Finding, Paid
from domain.values import Ratio

WORDS = Words("收入差距", held="让给基层：缩小区镇收入差距", aim="缩小区镇收入差距")
KIND = "group"
FIELDS = (
    Field("headcount", kind="number", metric="heads_on_post"),
    Field("gap_income", kind="money", item="staff_income"),
)
ORDER = 80
STAFF_ONLY = False
MISSABLE = True
KEYS: Keys = {
    "Params": Key(WORDS.title, "两级人均收入之比的下限, 本池所发也计入"),
    "low": Key("收入低的一组", "机构层级, 或一组", "grassroots", GROUP_TITLES),
    "high": Key("收入高的一组", "机构层级, 或一组", "lead", GROUP_TITLES),
    "ratio": Key("人均收入之比", "低的一组人均至少是高的一组的多少", "0.78"),
}


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


def refusals(params: Params, members: Sequence[Member]) -> Iterator[tuple[str, str, str]]:
    """A group of members without heads has no income per head: parameter, code, message."""
    for side, name in groups(params):
        here = _counted(members, name)
        if here and not _summed(members, here)[1]:
            yield side, "NO-HEADS", f"组 {name} 的 headcount 合计为 0, 无法计算人均"


def _counted(members: Sequence[Member], group: str) -> list[int]:
    """Who of the members is in the group and not exempt."""
    here = compress(range(len(members)), belonging(members, group))
    return [i for i in here if "pay_gap" not in members[i].exempt]


def _summed(members: Sequence[Member], some: Sequence[int]) -> tuple[int, int, int]:
    """The income of some members, and their heads as a ratio (adding fractions one by one is slow)."""
    income: int | Fraction = 0
    heads, scale = 0, 1
    for i in some:
        fields = members[i].fields
        income += fields["gap_income"]
        n, d = fields["headcount"].as_integer_ratio()
        if d != scale:
            finer = lcm(scale, d)
            heads, n, scale = heads * (finer // scale), n * (finer // d), finer
        heads += n
    return int(income), heads, scale


def rows(params: Params, index: int, members: Sequence[Member]) -> list[Row]:
    """(G_low + X_low) − ratio·N_low/N_high·(G_high + X_high) ≥ 0: the shortfall per head times the heads of `low`.

    No row where exemptions leave either side without anybody: the rule passes over all of it.
    """
    low, high = _counted(members, params.low), _counted(members, params.high)
    (of_low, n_low, by_low), (of_high, n_high, by_high) = _summed(members, low), _summed(members, high)
    if not n_low or not n_high:
        return []
    n, d = params.ratio.as_integer_ratio()
    p, q = n * n_low * by_high, d * n_high * by_low
    common = gcd(p, q)
    p, q = p // common, q // common
    coefs = [0] * len(members)
    for i in low:
        coefs[i] = q
    for i in high:
        coefs[i] -= p
    const = q * of_low - p * of_high
    return [Row(index, tuple(coefs), const, q, frozenset(low), holds="lower_outside")]


def loosened(params: Params) -> tuple[Params, Fraction]:
    """A ratio lower by 0.01."""
    less = Fraction(1, 100)
    return params.model_copy(update={"ratio": params.ratio - less}), less


def check(params: Params, paid: Paid) -> Iterator[Finding]:
    """The income per head of both groups, with what each gets."""
    low, high = paid.group(params.low), paid.group(params.high)
    heads = [sum((Fraction(m.fields["headcount"]) for m in side), Fraction(0)) for side in (low, high)]
    income = [sum(int(m.fields["gap_income"]) for m in side) + paid.sum(side) for side in (low, high)]
    if not all(heads):
        return
    mean_low = (income[0] + paid.slack(low)) / heads[0]
    mean_high = (income[1] - paid.slack(high)) / heads[1]
    if mean_low < params.ratio * mean_high:
        got, other = (floor_fen(total / head) for total, head in zip(income, heads, strict=True))
        yield Finding(paid.rule, "per_head", params.low, got, against=params.high, other=other)
