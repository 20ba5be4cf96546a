"""What amounts cannot be, beside other amounts, facts, memberships and the plan: told at their cells."""

from __future__ import annotations

import difflib
from datetime import date

import pandas as pd

from domain.documents import BY_POOL
from domain.facts import Catalogue
from domain.institution import Tier
from domain.money import format_yuan
from domain.period import Period
from domain.plan import Plan
from domain.problems import Problems
from engine.read import words
from engine.read.units import Units

_EXPLAIN = "核对填报, 或在文号列写明依据"
_PLACE = ["period", "unit_code"]


def impossible(
    money: pd.DataFrame,
    facts: pd.DataFrame,
    catalogue: Catalogue,
    units: Units,
    period: Period,
    *,
    problems: Problems,
    broken: pd.DataFrame,
) -> None:
    """Parts above their whole, more paid than approved (unless a document explains it), income of nobody.

    broken: unit_code and item of the rows that could not be read; what lacks one of them is not judged.
    """
    if money.empty:
        return
    titles = {code: item.title for code, item in catalogue.items.items()}
    whole = {code: item.part_of for code, item in catalogue.items.items() if item.part_of}
    lost = _lost(broken)
    sums: dict[tuple[str, str, str], int] = {}
    first: dict[tuple[str, str, str], str] = {}
    columns = (money[name] for name in (*_PLACE, "item", "amount", "source"))
    for period_, unit, item, amount, source in zip(*columns, strict=True):
        key = period_, unit, item
        sums[key] = sums.get(key, 0) + int(amount)
        if item in whole:
            first.setdefault(key, source)
    for (period_, unit, item), at in first.items():
        of, total = whole[item], sums[period_, unit, item]
        most = sums.get((period_, unit, of))
        if most is not None and total > most and not _unread(unit, of, lost):
            said = f"{titles[item]} {_yuan(total)} 元大于{titles[of]} {_yuan(most)} 元"
            problems.add(at, "PART-GT-WHOLE", said, "核对填报")
    approved = money[(money["item"] == "quota_approved") & (money["period"] == str(period.year))]
    if lost:
        pairs = zip(approved["unit_code"], approved["item"], strict=True)
        read = [not _unread(unit, item, lost) for unit, item in pairs]
        approved = approved[pd.Series(read, index=approved.index, dtype=bool)]
    _over_quota(money, approved, titles, units, period, problems)
    _nobody(money, facts, titles, units, problems)


def _lost(broken: pd.DataFrame) -> set[tuple[str | None, str | None]]:
    """Unit and item of the rows that could not be read; None where that is not known."""
    return set(zip(broken["unit_code"], broken["item"], strict=True))


def _unread(unit: str, item: str, lost: set[tuple[str | None, str | None]]) -> bool:
    """Whether a row of a unit and item may not have been read; one of an unknown unit or item may be any."""
    return bool(lost) and not lost.isdisjoint({(unit, item), (unit, None), (None, item), (None, None)})


def _yuan(fen: int) -> str:
    return format_yuan(int(fen), thousands=True)


def _over_quota(
    money: pd.DataFrame,
    approved: pd.DataFrame,
    titles: dict[str, str],
    units: Units,
    period: Period,
    problems: Problems,
) -> None:
    """Of the run's period: what was paid inside the total is above all approvals of the unit for the year."""
    total = approved.groupby("unit_code")["amount"].sum()
    paid = money[(money["item"] == "quota_paid") & (money["period"] == str(period)) & (money["document"] == "")]
    paid = paid[paid["unit_code"].isin(total.index)]
    over = paid[paid["amount"] > paid["unit_code"].map(total)]
    for at, unit, amount in zip(over["source"], over["unit_code"], over["amount"], strict=True):
        said = (
            f"{units.codes[unit]} {titles['quota_paid']} {_yuan(amount)} 元超过 {period.year} 年"
            f"{titles['quota_approved']} {_yuan(total[unit])} 元"
        )
        problems.add(str(at), "PAID-GT-APPROVED", said, _EXPLAIN)


def _nobody(money: pd.DataFrame, facts: pd.DataFrame, titles: dict[str, str], units: Units, problems: Problems) -> None:
    """Income of staff where the same period has nobody on post."""
    heads = facts[facts["metric"] == "heads_on_post"]
    empty = heads[heads["value"].map(lambda value: value == 0).astype(bool)][[*_PLACE, "source"]]
    paid = money[(money["item"] == "staff_income") & (money["amount"] > 0)]
    both = paid.merge(empty, on=_PLACE, suffixes=("", "_heads"))
    for at, unit, amount, heads_at in zip(
        both["source"], both["unit_code"], both["amount"], both["source_heads"], strict=True
    ):
        said = f"{units.codes[unit]} 在岗人数为 0 ({heads_at}), {titles['staff_income']}却有 {_yuan(amount)} 元"
        problems.add(str(at), "INCOME-WITHOUT-STAFF", said, "核对两处填报")


def pools(money: pd.DataFrame, plan: Plan, period: Period, problems: Problems) -> None:
    """Amounts that belong to a pool must name one of the plan; years before that of the run are not looked at."""
    ids = {pool.id for pool in plan.pools}
    if not ids or money.empty:
        return
    now = {text for text in money["period"].unique() if Period.parse(text).year >= period.year}
    rows = money[money["item"].isin(BY_POOL) & money["period"].isin(now) & ~money["document"].isin(ids)]
    names = {**{one: one for one in sorted(ids)}, **{words.key(pool.title): pool.id for pool in plan.pools}}
    at = rows["document_at"].where(rows["document_at"].notna(), rows["source"])
    for where, document in zip(at, rows["document"], strict=True):
        close = difflib.get_close_matches(words.key(document), names, n=1, cutoff=0.5)
        said = f"方案没有资金池 {document}" if document else "没有填资金池编号"
        remedy = f"是否为 {names[close[0]]}" if close else f"填 {'、'.join(sorted(ids))} 之一"
        problems.add(str(where), "POOL-UNKNOWN", said, remedy)


def alone(
    money: pd.DataFrame, members: pd.DataFrame, units: Units, plan: Plan, period: Period, problems: Problems
) -> None:
    """Money of an alliance that has no member in the period of the run would reach nobody: once per alliance."""
    if not plan.pools or money.empty or members.empty:
        return
    until = members["to"].map(lambda day: day if isinstance(day, date) else date.max)
    during = (members["from"] <= period.end) & (until >= period.start)
    peopled = set(members.loc[during, "alliance_code"])
    spans = {text: Period.parse(text) for text in money["period"].unique()}
    now = {text for text, one in spans.items() if one.end >= period.start and one.start <= period.end}
    alliances = money["unit_code"].map(units.tiers) == Tier.ALLIANCE.value
    rows = money[alliances & money["period"].isin(now) & ~money["unit_code"].isin(peopled) & (money["amount"] != 0)]
    counts = rows["unit_code"].value_counts()
    first = rows.drop_duplicates("unit_code")
    for at, unit in zip(first["source"], first["unit_code"], strict=True):
        said = f"{units.codes[unit]} 在{period.title}没有成员, 却有 {counts[unit]} 行资金"
        problems.add(str(at), "ALLIANCE-EMPTY", said, "补填成员关系表, 或删去这些行")
