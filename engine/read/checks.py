"""What cannot be right once all tables stand together. Every check is whole-table and tells every row at its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from domain.facts import Catalogue, Metric
from domain.institution import Form, Tier
from domain.money import format_yuan
from domain.period import Period
from domain.problems import Problems
from domain.selection import FLOWS
from engine.read.units import Units

_EXPLAIN = "核对填报或在备注列注明原因"
_ALWAYS = date.max
_APART, _NAMED = 5, 4  # rows with one fault that are told one by one; cells named of more
Tell = Callable[[dict[str, Any]], str]


def _shown(value: Decimal) -> str:
    return f"{value:,}"


def _tell(problems: Problems, rows: pd.DataFrame, code: str, tell: Tell, remedy: str) -> None:
    """One problem at the source of every row."""
    if rows.empty:
        return
    for row in rows.to_dict("records"):
        problems.add(str(row["source"]), code, tell({str(name): value for name, value in row.items()}), remedy)


def _tell_together(problems: Problems, rows: pd.DataFrame, by: str, code: str, tell: Tell, remedy: str) -> None:
    """As `_tell`, but what is wrong with many rows of one `by` for one reason is one problem: count, first cells."""
    if rows.empty:
        return
    for _, group in rows.groupby(by, sort=False):
        if len(group) <= _APART:
            _tell(problems, group, code, tell, remedy)
            continue
        first = group.iloc[:1]
        cells = "、".join(group["source"].iloc[1:_NAMED])
        said = f", 共 {len(group):,} 行, 还有 {cells} 等"
        _tell(problems, first, code, lambda row, said=said: tell(row) + said, remedy)  # type: ignore[misc]


def once(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Without rows that another sheet repeats: every workbook of many hands names its units and their alliances."""
    sheet = frame["source"].map(lambda source: str(source).rpartition("!")[0])
    again = frame.duplicated(keys) & ~frame.assign(sheet=sheet).duplicated([*keys, "sheet"])
    return frame[~again] if again.any() else frame


def institutions(frame: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """The institutions, each code once; a row that several workbooks repeat alike is one."""
    frame = once(frame, [str(name) for name in frame.columns if name not in {"source", "managing_unit_at"}])
    first = frame.drop_duplicates("unit_code").set_index("unit_code")["source"]
    again = frame[frame["unit_code"].duplicated()]
    _tell(
        problems,
        again.assign(other=again["unit_code"].map(first)),
        "UNIT-TWICE",
        lambda row: f"单位代码 {row['unit_code']} 与 {row['other']} 重复",
        "每家单位一行",
    )
    coded = frame[frame["credit_code"] != ""]
    other = coded.drop_duplicates("credit_code").set_index("credit_code")["source"]
    twice = coded[coded["credit_code"].duplicated() & ~coded["unit_code"].duplicated()]
    _tell(
        problems,
        twice.assign(other=twice["credit_code"].map(other)),
        "CREDIT-CODE-TWICE",
        lambda row: f"统一社会信用代码 {row['credit_code']} 与 {row['other']} 重复",
        "对照登记证书核对",
    )
    return frame.drop_duplicates("unit_code")


def memberships(frame: pd.DataFrame, units: Units, problems: Problems, forms: Mapping[str, str] | None = None) -> None:
    """Days in order, one alliance at a time, one lead hospital at a time, alliances that are alliances.

    forms: Form values of the alliances by code; alliances of different forms may share a member, those of a form that
    is not exclusive always may.
    """
    rows = frame.assign(
        end=frame["to"].map(lambda day: _ALWAYS if day is None else day),
        name=frame["unit_code"].map(units.codes),
        alliance=frame["alliance_code"].map(units.codes),
        tier=frame["unit_code"].map(units.tiers),
    )
    wrong = rows["alliance_code"].map(units.tiers) != Tier.ALLIANCE.value
    _tell(
        problems,
        rows.assign(source=rows["alliance_at"])[wrong],
        "ALLIANCE-TIER",
        lambda row: f"{row['alliance']} 在机构表中不是医联体",
        "核对医联体代码或机构层级",
    )
    aggregate = rows["tier"].isin([Tier.ALLIANCE.value, Tier.DISTRICT.value])
    _tell(
        problems,
        rows[aggregate],
        "MEMBER-TIER",
        lambda row: f"{row['name']} 是{Tier(row['tier']).chinese}, 不能是成员单位",
        "核对单位代码",
    )
    backwards = rows["end"] < rows["from"]
    _tell(
        problems,
        rows.assign(source=rows["to_at"])[backwards],
        "MEMBER-DATES",
        lambda row: f"退出日期 {row['to']} 早于加入日期 {row['from']}",
        "核对日期",
    )
    valid = rows.assign(source=rows["from_at"])[~backwards]
    _overlaps(
        _exclusive(valid, forms),
        "seat",
        problems,
        code="MEMBER-OVERLAP",
        tell=lambda row: (
            f"{row['name']} 在 {row['from']} 已是 {row['alliance_before']} 的成员 ({row['source_before']})"
        ),
        remedy="同一单位同一时间只能属于一个医联体, 核对起止日期",
    )
    leads = valid[valid["tier"] == Tier.LEAD.value]
    _overlaps(
        leads,
        "alliance_code",
        problems,
        code="TWO-LEADS",
        tell=lambda row: (
            f"{row['alliance']} 在 {row['from']} 已有牵头医院 {row['name_before']} ({row['source_before']})"
        ),
        remedy="同一时间只能有一家牵头医院, 核对机构层级和起止日期",
    )


def _exclusive(rows: pd.DataFrame, forms: Mapping[str, str] | None) -> pd.DataFrame:
    """The memberships that exclude one another: those with the same `seat`, a unit in alliances of one form."""
    form = rows["alliance_code"].map(lambda code: (forms or {}).get(code, ""))
    kept = form.map(lambda one: not one or Form(one).exclusive).astype(bool)
    seats = rows["unit_code"].astype(str) + "/" + form
    return rows.assign(seat=seats)[kept]


def diseases(frame: pd.DataFrame, units: Units, problems: Problems) -> None:
    """Of alliances and districts, each disease once a year."""
    aggregate = frame["unit_code"].map(units.tiers).isin([Tier.ALLIANCE.value, Tier.DISTRICT.value])
    _tell(
        problems,
        frame[~aggregate],
        "DISEASE-UNIT",
        lambda row: f"病种表只填医联体或区域, {units.codes[row['unit_code']]} 不是",
        "核对单位代码",
    )
    _tell(
        problems,
        frame[frame.duplicated(["period", "unit_code", "disease"])],
        "DUPLICATE",
        lambda row: f"{units.codes[row['unit_code']]} {row['period']} 年病种 {row['disease']} 写了两次",
        "只留一行",
    )


def _overlaps(rows: pd.DataFrame, by: str, problems: Problems, *, code: str, tell: Tell, remedy: str) -> None:
    """Rows that begin before the one in force before them (the latest end so far) has ended."""
    rows = rows[rows[by].duplicated(keep=False)]  # one alone overlaps nothing
    if rows.empty:
        return
    ordered = rows.sort_values([by, "from", "end", "unit_code"], kind="stable")
    days = ordered["end"].map(date.toordinal)
    reach = days.groupby(ordered[by]).cummax()
    before = reach.groupby(ordered[by]).shift()
    # The row that reaches furthest so far is the one to name.
    holder = pd.Series(ordered.index, index=ordered.index).where(days == reach).groupby(ordered[by]).ffill()
    holder = holder.groupby(ordered[by]).shift()
    hit = before.notna() & (ordered["from"].map(date.toordinal) <= before)
    other = ordered.loc[holder[hit].astype(int), ["name", "alliance", "source"]].add_suffix("_before")
    _tell(problems, ordered[hit].assign(**{str(name): other[name].to_numpy() for name in other}), code, tell, remedy)


def duplicates(frame: pd.DataFrame, keys: list[str], titles: dict[str, str], units: Units, problems: Problems) -> None:
    """The same number given twice."""
    again = frame[frame.duplicated(keys)]
    if again.empty:
        return
    first = frame.drop_duplicates(keys)[[*keys, "source"]].rename(columns={"source": "other"})
    kind = keys[2]
    _tell(
        problems,
        again.merge(first, on=keys, how="left"),
        "DUPLICATE",
        lambda row: (
            f"{units.codes[row['unit_code']]} {Period.parse(row['period']).title} {titles[row[kind]]} "
            f"与 {row['other']} 重复"
        ),
        "只留一行",
    )


def facts(frame: pd.DataFrame, catalogue: Catalogue, units: Units, problems: Problems) -> None:
    """Negative, out of range, not whole, part above whole; a note in the row explains the last."""
    if frame.empty:
        return
    titles = {code: metric.title for code, metric in catalogue.metrics.items()}
    duplicates(frame, ["period", "unit_code", "metric"], titles, units, problems)
    for code, value, source in zip(*(frame[name] for name in ("metric", "value", "source")), strict=True):
        for told in _wrong(catalogue.metrics[code], value):
            problems.add(source, *told)
    _part_of(frame, catalogue, problems)


def _wrong(metric: Metric, value: Decimal) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a value by itself: code, message, remedy."""
    if metric.minimum is not None and value < metric.minimum:
        if metric.minimum == 0:
            yield "NEGATIVE", f"{metric.title} {_shown(value)} 是负数", "核对填报"
        else:
            yield "RANGE", f"{metric.title} {_shown(value)} 小于 {_shown(metric.minimum)}", "核对填报"
    if metric.maximum is not None and value > metric.maximum:
        yield "RANGE", f"{metric.title} {_shown(value)} 大于 {_shown(metric.maximum)}", "核对填报"
    if metric.whole and value != value.to_integral_value():
        yield "NOT-WHOLE", f"{metric.title} {_shown(value)} 不是整数", "核对填报"
    elif metric.unit == "日期" and not _is_day(value):
        yield "DATE", f"{metric.title} {value:f} 不是日期", "写成 20260630, 未完成填 0"


def _is_day(value: Decimal) -> bool:
    """Whether a whole number is a day written 20260630, or 0 for not done."""
    try:
        return value == 0 or bool(date.fromisoformat(f"{value:08.0f}"))
    except ValueError:
        return False


def _part_of(rows: pd.DataFrame, catalogue: Catalogue, problems: Problems) -> None:
    metrics = catalogue.metrics
    whole = {code: metric.part_of for code, metric in metrics.items() if metric.part_of}
    place = ("period", "unit_code", "metric", "value")
    most: dict[tuple[str, str, str], Decimal] = {}
    wholes = rows[rows["metric"].isin(set(whole.values()))]
    for period, unit, code, value in zip(*(wholes[name] for name in place), strict=True):
        most.setdefault((period, unit, code), value)
    parts = rows[rows["metric"].isin(whole) & (rows["note"] == "")]
    for period, unit, code, value, source in zip(*(parts[name] for name in (*place, "source")), strict=True):
        of = whole[code]
        if (limit := most.get((period, unit, of))) is not None and value > limit:
            said = f"{metrics[code].title} {_shown(value)} 大于{metrics[of].title} {_shown(limit)}"
            problems.add(source, "PART-GT-WHOLE", said, _EXPLAIN)


def money(frame: pd.DataFrame, catalogue: Catalogue, units: Units, problems: Problems) -> None:
    """Negative amounts that take back of no document; the same amount given twice."""
    titles = {code: item.title for code, item in catalogue.items.items()}
    back = frame["word"] == "reversal"
    duplicates(frame[~back], ["period", "unit_code", "item", "document"], titles, units, problems)
    signed = back | frame["item"].map({code: item.signed for code, item in catalogue.items.items()}).astype(bool)
    _tell(
        problems,
        frame[(frame["amount"] < 0) & ~signed],
        "NEGATIVE",
        lambda row: f"{titles[row['item']]} {format_yuan(row['amount'], thousands=True)} 元是负数",
        "核对填报",
    )


def foreign(
    facts_: pd.DataFrame,
    money_: pd.DataFrame,
    catalogue: Catalogue,
    period: Period,
    ends: pd.Series[Any],
    *,
    around: bool = False,
) -> pd.DataFrame:
    """The rows that show that nothing is of the period itself; none if something is.

    A row is of the period if it lies inside it, and something that adds up over time must come up to its end: months
    make a quarter, a quarter makes no year, and a year's figures make no quarter. Snapshots taken inside it stand for
    it. Money is asked only where there are no facts. ends: the last days of the memberships (None: still one); where
    nobody is a member any more, nothing is owed. around: rows of a longer or shorter period will do, of any table.
    """
    if around:
        both = pd.concat([facts_[["period", "source"]], money_[["period", "source"]]], ignore_index=True)
        every = [Period.parse(text) for text in both["period"].unique()]
        return both.iloc[:0] if any(period.contains(one) or one.contains(period) for one in every) else both
    rows = facts_.assign(code=facts_["metric"]) if len(facts_) else money_.assign(code=money_["item"])
    if rows.empty:
        return rows
    spans = {text: Period.parse(text) for text in rows["period"].unique()}
    inside = rows[rows["period"].isin({text for text, one in spans.items() if period.contains(one)})]
    if inside.empty:
        return rows
    last = max((min(day, period.end) if isinstance(day, date) else period.end for day in ends), default=period.end)
    reached = max(spans[text].end for text in inside["period"].unique()) >= last
    kinds = {code: one.kind for code, one in catalogue.metrics.items()}
    kinds |= {code: one.kind for code, one in catalogue.items.items()}
    flows = any(kinds.get(code) in FLOWS for code in inside["code"].unique())
    return rows.iloc[:0] if reached or not flows else rows


def later(facts_: pd.DataFrame, money_: pd.DataFrame, period: Period, problems: Problems) -> None:
    """Nothing may begin after the period of the run."""
    both = pd.concat([facts_[["period", "source"]], money_[["period", "source"]]], ignore_index=True)
    parsed = {text: Period.parse(text) for text in both["period"].unique()}
    late = {text for text, one in parsed.items() if one.start > period.end}
    _tell_together(
        problems,
        both[both["period"].isin(late)],
        "period",
        "PERIOD-LATER",
        lambda row: f"{parsed[row['period']].title} 在所算期间 {period.title} 之后",
        "核对期间",
    )


def none_of(rows: pd.DataFrame, period: Period, problems: Problems) -> None:
    """That the table holds nothing of the period, and what it holds instead."""
    told = "、".join(
        one.title for one in sorted(map(Period.parse, rows["period"].unique()), key=lambda one: (one.start, one.end))
    )
    said = f"没有{period.title}的数据, 只有{told}"
    problems.add(str(rows["source"].iloc[0]), "PERIOD-NONE", said, "核对 --period 或填报期间")


def members_only(
    frame: pd.DataFrame, memberships_: pd.DataFrame, units: Units, period: Period, problems: Problems
) -> None:
    """A fact inside the period of the run must be about an alliance, a district, or a member at some day of its period.

    Earlier periods are figures to compare with: a unit may have joined since.
    """
    asked = frame[~frame["unit_code"].map(units.tiers).isin([Tier.ALLIANCE.value, Tier.DISTRICT.value])]
    pairs = asked[["period", "unit_code"]].drop_duplicates()
    spans = {text: Period.parse(text) for text in pairs["period"].unique()}
    inside = {text for text, one in spans.items() if one.end >= period.start and one.start <= period.end}
    pairs = pairs[pairs["period"].isin(inside)]
    joined = pairs.reset_index().merge(memberships_[["unit_code", "from", "to"]], on="unit_code", how="left")
    start = joined["period"].map({text: one.start for text, one in spans.items()})
    end = joined["period"].map({text: one.end for text, one in spans.items()})
    began = joined["from"].map(lambda day: day if isinstance(day, date) else date.max)
    ended = joined["to"].map(lambda day: day if isinstance(day, date) else date.max)
    member = (began <= end) & (ended >= start)
    is_member = member.groupby([joined["period"], joined["unit_code"]]).any()
    outside = {pair for pair, yes in is_member.items() if not yes}
    hit = [pair in outside for pair in zip(asked["period"], asked["unit_code"], strict=True)]
    _tell_together(
        problems,
        asked.assign(stay=asked["period"] + " " + asked["unit_code"])[hit],
        "stay",
        "NOT-MEMBER",
        lambda row: f"{units.codes[row['unit_code']]} 在{spans[row['period']].title}不是任何医联体的成员",
        "核对成员关系表的起止日期, 或删去该行",
    )
