"""What a run passes over although somebody filled it in, or belongs to an alliance: told, never silent.

    UNIT-UNSCORED    a member that no scorecard of members takes, by its tier
    UNIT-UNPAID      a member that no pool of the plan takes in any kind of period, by its tier, ownership and alliance
    ITEM-UNIT        an amount of a unit whose tier the item is not asked of (a fund budget of a hospital)
    QUOTA-PRIVATE    an approved total of a unit that is not public
    PAID-FALLS       what was paid to date is less than what an earlier period of the year says
    SCORE-NO-GRADE   a total that is below the lowest grade of its scorecard
    UNREASONABLE-UNCHARGED  unreasonable spending of a unit in a period that shares overspends, while the alliance that
                     would charge it did not overspend or does not share any

Nothing of it changes an amount: the tier may be mistyped, or the plan may mean it. Where a whole kind of members is
passed over that is said once, with every unit. Source: 数据不能悄悄不算, domain/E_sheets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

import pandas as pd

from domain.documents import BY_POOL
from domain.institution import TIER_TITLES, Ownership, Tier
from domain.period import Period
from domain.plan import Plan, Pool, Scorecard
from domain.selection import during
from domain.step import Phrase, Place, RunWarning, Value
from engine.run.indexed import Indexed
from engine.run.memo import Memo

_FALLING = ("quota_paid", "reward_paid", "permits_paid", "prepaid", "surplus_prepaid")
UNREASONABLE = "unreasonable_spend"
_CELLS = 3  # of several units, how many are told with their cells
WORDS = {
    "unscored": "{units:join 、}: 没有一张评分表评{tier}, 不计得分; 核对机构表的层级",
    "unpaid": "{units:join 、}: 方案没有一个资金池分给{ownership}{tier}, 核对机构表的层级和所有制",
    "at": "{unit:where} ({cell})",
    "unit": "{unit:where}",
    "item_unit": "{unit:where} 是{tier}, 填了{item:title} {fen} 元 ({cell}), 该项由{tiers:join 、}填报; 核对单位",
    "private": "{unit:where} 不是公立机构, 填了{item:title} {fen} 元 ({cell}); 核对所有制",
    "falls": "{unit:where} {item:title}: {period:period} {fen} 元 ({cell}), "
    "少于 {before:period}的 {more} 元 ({other}); 累计数不会减少, 核对",
    "uncharged": "{unit:where} {item:title} {fen} 元 ({cell}) 没有由谁承担: "
    "它所归的医联体本期没有超支分担; 核对认定和超支确认数",
    "no_grade": "{unit:where} {card:title} 得分 {score}, 低于最低的等次 ({least} 分), 没有等次",
}


def passed_over(
    plan: Plan, indexed: Indexed, totals: pd.DataFrame, overspend: pd.DataFrame | None, memo: Memo
) -> tuple[RunWarning, ...]:
    """What to say of these facts under this plan.

    totals, overspend: frames of the run; None: it shares no overspends.
    """
    facts, period = indexed.facts, indexed.period
    falling, spent = (indexed.telling(of.__contains__).money for of in (_FALLING, (UNREASONABLE,)))
    units = (facts.institutions, facts.memberships, period)
    cards = [(card.scope, card.tiers) for card in plan.scorecards]
    pools = [(pool.tiers, pool.ownership, pool.forms) for pool in plan.pools]
    grades = [(card.id, card.grades) for card in plan.scorecards]
    return (
        *memo.of(("passed_over", "members"), (cards, pools, *units), lambda: tuple(_members(plan, indexed))),
        *memo.of(("passed_over", "money"), (facts.money, *units), lambda: tuple(_money(facts.money, indexed, period))),
        *memo.of(("passed_over", "to_date"), (falling, period), lambda: tuple(_falls(falling, period))),
        *memo.of(
            ("passed_over", "unreasonable"),
            (spent, period, overspend),
            lambda: tuple(_uncharged(spent, period, overspend)),
        ),
        *memo.of(("passed_over", "grades"), (grades, totals), lambda: tuple(_ungraded(plan.scorecards, totals))),
    )


def _members(plan: Plan, indexed: Indexed) -> Iterator[RunWarning]:
    """Members of the period that no scorecard or no pool takes, by tier and ownership."""
    facts = indexed.facts
    joined: defaultdict[str, set[str]] = defaultdict(set)
    rows = during(facts.memberships, indexed.period)
    for unit, alliance in zip(rows["unit_code"], rows["alliance_code"], strict=True):
        joined[str(unit)].add(indexed.forms.get(alliance, ""))
    cards = [card for card in plan.scorecards if card.scope == "member"]
    unscored: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    unpaid: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    columns = (facts.institutions[name] for name in ("unit_code", "tier", "ownership", "source"))
    for unit, tier, owner, cell in zip(*columns, strict=True):
        if unit not in joined:
            continue
        if cards and not any(not card.tiers or Tier(tier) in card.tiers for card in cards):
            unscored[str(tier), ""].append((str(unit), str(cell)))
        if plan.pools and not any(_takes(pool, str(tier), str(owner), joined[unit]) for pool in plan.pools):
            unpaid[str(tier), str(owner)].append((str(unit), str(cell)))
    for code, words, found in (("UNIT-UNSCORED", "unscored", unscored), ("UNIT-UNPAID", "unpaid", unpaid)):
        for (tier, owner), units in sorted(found.items()):
            kind = {"tier": TIER_TITLES[Tier(tier)], "ownership": Ownership(owner).chinese if owner else ""}
            place = Place(unit=units[0][0]) if len(units) == 1 else Place()
            yield _warning(code, words, place, units=tuple(_named(units)), **kind)


def _takes(pool: Pool, tier: str, owner: str, forms: set[str]) -> bool:
    return pool.shared_by(tier, owner) and (not pool.forms or bool({*map(str, pool.forms)} & forms))


def _named(units: Sequence[tuple[str, str]]) -> Iterator[Phrase]:
    """Units, the first ones with their cells."""
    for at, (unit, cell) in enumerate(units):
        told: dict[str, Value | None] = {"unit": unit, "cell": cell} if at < _CELLS else {"unit": unit}
        yield Phrase(f"{__name__}:{'at' if at < _CELLS else 'unit'}", told)


def _money(money: pd.DataFrame, indexed: Indexed, period: Period) -> Iterator[RunWarning]:
    """Amounts of the year that stand at a unit that the item is not asked of."""
    items, tiers = indexed.catalogue.items, indexed.tiers
    owners = dict(zip(indexed.facts.institutions["unit_code"], indexed.facts.institutions["ownership"], strict=True))
    rows = _of_year(money[money["amount"] != 0], period)
    columns = (rows[name] for name in ("unit_code", "item", "amount", "source"))
    for unit, item, fen, cell in zip(*columns, strict=True):
        asked, tier = items[item].scopes, tiers[unit]
        stray = asked and tier not in asked
        if not stray and (item != "quota_approved" or tier == Tier.ALLIANCE or owners[unit] == Ownership.PUBLIC):
            continue
        said: dict[str, Value] = {"unit": unit, "item": item, "fen": int(fen), "cell": str(cell)}
        if stray:
            titles = tuple(TIER_TITLES[Tier(one)] for one in asked)
            yield _warning(
                "ITEM-UNIT", "item_unit", Place(unit=unit), **said, tier=TIER_TITLES[Tier(tier)], tiers=titles
            )
        else:
            yield _warning("QUOTA-PRIVATE", "private", Place(unit=unit), **said)


def _falls(money: pd.DataFrame, period: Period) -> Iterator[RunWarning]:
    """Amounts to date that are less than those of the period of the year that ended before."""
    rows = _of_year(money[money["item"].isin(_FALLING)], period)
    sums: dict[tuple[str, str, str], dict[Period, tuple[int, str]]] = defaultdict(dict)
    columns = (rows[name] for name in ("unit_code", "item", "document", "period", "amount", "source"))
    for unit, item, document, text, fen, cell in zip(*columns, strict=True):
        of, at = sums[unit, item, document if item in BY_POOL else ""], Period.parse(str(text))
        had, first = of.get(at, (0, str(cell)))
        of[at] = had + int(fen), first
    for (unit, item, _), said in sorted(sums.items(), key=lambda one: one[0]):
        yield from _falling(unit, item, said)


def _falling(unit: str, item: str, said: Mapping[Period, tuple[int, str]]) -> Iterator[RunWarning]:
    ordered = sorted(said, key=lambda one: (one.end, -one.months))
    for before, after in pairwise(ordered):
        (more, other), (fen, cell) = said[before], said[after]
        if before.end < after.end and fen < more:
            told: dict[str, Value] = {"unit": unit, "item": item, "fen": fen, "cell": cell, "more": more}
            periods = {"period": str(after), "before": str(before), "other": other}
            yield _warning("PAID-FALLS", "falls", Place(unit=unit), **told, **periods)


def _uncharged(money: pd.DataFrame, period: Period, overspend: pd.DataFrame | None) -> Iterator[RunWarning]:
    """Unreasonable spending of the period that no statement of an overspend charges."""
    if overspend is None:
        return
    charged = {*overspend.loc[overspend["line"] == "unreasonable", "unit_code"]}
    rows = money[(money["item"] == UNREASONABLE) & (money["amount"] != 0) & ~money["unit_code"].isin(charged)]
    columns = (rows[name] for name in ("unit_code", "amount", "source", "period"))
    for unit, fen, cell, text in zip(*columns, strict=True):
        if period.contains(Period.parse(str(text))):
            said: dict[str, Value] = {"unit": str(unit), "item": UNREASONABLE, "fen": int(fen), "cell": str(cell)}
            yield _warning("UNREASONABLE-UNCHARGED", "uncharged", Place(unit=str(unit)), **said)


def _of_year(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The rows of the period's year that do not begin after it."""
    kept = {
        text
        for text in rows["period"].unique()
        if (one := Period.parse(str(text))).year == period.year and one.start <= period.end
    }
    return rows[rows["period"].isin(kept)]


def _ungraded(cards: Sequence[Scorecard], totals: pd.DataFrame) -> Iterator[RunWarning]:
    """Totals that no grade of their scorecard takes."""
    least = {card.id: min(grade.min for grade in card.grades) for card in cards if card.grades}
    columns = (totals[name] for name in ("unit_code", "scorecard", "score", "grade"))
    for unit, card, score, grade in zip(*columns, strict=True):
        if card in least and score is not None and not grade:
            said: dict[str, Value] = {"unit": unit, "card": card, "score": Fraction(score), "least": least[card]}
            yield _warning("SCORE-NO-GRADE", "no_grade", Place(unit=unit, card=card), **said)


def _warning(code: str, words: str, place: Place, **said: Value) -> RunWarning:
    return RunWarning(code, Phrase(f"{__name__}:{words}", said), place)
