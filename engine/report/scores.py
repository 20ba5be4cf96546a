"""总分与等次, 得分明细, 指标值."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Any

import pandas as pd

from domain.money import format_exact, printed, rounded
from engine.printing.page import NONE, ROW, Book, Column, Page
from engine.report.view import SCOPES, View, shown, value_kind

NOTE = "按机构级别、单位编码排列；名次只供查看，不影响任何得分和金额。分数按两位小数显示，计算用未舍入的数。"
Say = Callable[[pd.DataFrame], str]
MISSING_NOTE = "indicators.stories:missing"
RULED = "方案规定不评该级机构的指标不列出，其分值由其余各项按比例承担，所以各级机构的满分可以不同。"
STATUS = {"ok": "正常", "missing": "缺数", "not_applicable": "不适用"}


def totals(
    book: Book, view: View, withheld: Collection[str] = (), say: Say | None = None
) -> dict[str, tuple[str, int, int, int]]:
    """One sheet per scorecard: dimensions, total, grade and rank.

    withheld: units that are not listed; say: the line of words about those among the rows, in their place.
    Returns by scorecard: its sheet, and for the chart the first data row, rows to draw, and how many dimensions.
    """
    frame, drawn = view.table("totals"), {}
    for card, rows in frame.groupby("scorecard", sort=False):
        label = view.card(str(card))
        scope = label.scope or str(rows["scope"].iloc[0])
        name = "总分与等次" if len(rows) == len(frame) else f"总分与等次-{label.title}"
        dimensions = list(label.dimensions)
        columns = [
            Column("序号", 36, "count"), Column("单位编码", 66, "code"), Column("单位名称", 220),
            Column("机构级别", 122, "center"), *(Column(label.dimensions[one], 86, "score") for one in dimensions),
            Column("总分", 66, "score"), Column("等次", 66, "center"), Column("名次", 50, "center"),
        ]  # fmt: skip
        said = f"{label.title}　　评价对象：{SCOPES.get(scope, scope)}　　期间：{view.period_title}　　单位：分"
        page = book.page(name, "各维度得分、总分、等次和名次", f"{label.title}总分与等次", columns, [said])
        page.headings(freeze=3)
        parts = _parts(view, str(card))
        hidden = rows["unit_code"].isin(list(withheld))
        ordered = sorted(rows[~hidden].itertuples(), key=lambda row: view.place(str(row.unit_code)))
        first = page.at
        for at, row in enumerate(ordered, start=1):
            if at == len(ordered) - 1:
                page.keep(ROW * 2 + page.tail([NOTE]))
            unit = str(row.unit_code)
            marks = [parts.get((unit, one)) for one in dimensions]
            score, rank = _printed(row.score), row.rank or "未计分"
            page.row([at, unit, view.name(unit), view.tier(unit), *marks, score, row.grade or "—", rank])
        page.gap(4)
        if say and hidden.any():
            page.line(say(rows[hidden]))
        page.line(NOTE)
        page.signatures()
        page.close()
        bars = sum(view.tiers.get(str(row.unit_code)) != "village" for row in ordered) or len(ordered)
        drawn[str(card)] = (page.name, first, bars, len(dimensions))
    return drawn


def _parts(view: View, card: str) -> dict[tuple[str, str], Fraction]:
    """Points by unit and dimension of one scorecard; nothing where no item of the dimension was counted."""
    frame = view.table("scores")
    rows = frame[(frame["scorecard"] == card) & frame["score"].notna()]
    found: dict[tuple[str, str], Fraction] = {}
    for unit, dimension, score in rows[["unit_code", "dimension", "score"]].itertuples(index=False):
        found[unit, dimension] = found.get((unit, dimension), Fraction(0)) + printed(score)
    return {key: rounded(points, 4) for key, points in found.items()}  # sums of printed figures


def details(book: Book, view: View) -> None:
    """得分明细: grouped by unit, with a subtotal for every dimension of several items."""
    frame = view.table("scores")
    columns = [
        Column("维度", 150), Column("指标", 300), Column("指标值", 85, "number"), Column("目标值", 85, "number"),
        Column("满分", 68, "score"), Column("得分", 68, "score"), Column("得分率", 76, "percent"), Column("依据", 190),
    ]  # fmt: skip
    info = [f"期间：{view.period_title}　　单位：分　　{view.documents}"]
    page = book.page("得分明细", "每个单位每项指标的值、目标、满分、得分和条款", "得分明细表", columns, info)
    page.headings()
    together = groupby(frame.itertuples(), key=attrgetter("unit_code", "scorecard"))  # a card's lines stand together
    parts = [(unit, card, list(rows)) for (unit, card), rows in together]
    ordered = sorted(parts, key=lambda part: (*view.place(part[0]), part[1]))
    for unit, card, rows in ordered:
        total = view.totals.get((card, unit))
        scored = "未计分" if total is None else f"{format_exact(printed(total), 4)} 分"
        if rows is ordered[-1][2]:
            page.keep(ROW * (len(rows) + 2) + page.tail([RULED]))
        page.group(f"{view.name(unit)}（{unit}，{view.tier(unit)}）　{view.card(card).title}　总分 {scored}")
        for dimension, part in groupby(rows, key=attrgetter("dimension")):
            _dimension(page, view, card, unit, dimension, list(part))
    page.gap(4)
    page.line(RULED)
    page.signatures()
    page.close()


def _dimension(page: Page, view: View, card: str, unit: str, dimension: str, part: Sequence[Any]) -> None:
    title = view.card(card).dimensions.get(dimension, dimension)
    counted = 0
    whole, earned = Fraction(0), Fraction(0)
    for row in part:
        item = view.item(card, row.item)
        if not view.asked(item, unit):
            continue
        full, score = _printed(row.full_marks), _printed(row.score)
        whole, earned = whole + (full or 0), earned + (score or 0)
        kind = value_kind(item.unit)
        rate = score / full if score is not None and full else None
        aim = item.span or shown(_printed(row.target), item.unit)
        page.row(
            [title if not counted else "", item.title, shown(_printed(row.value), item.unit),
             aim, full, score, rate, view.cites(row.cite)],
            kinds=["text", "text", kind, "center" if item.span else kind, "score", "score", "percent", "text"],
        )  # fmt: skip
        counted += 1
    if counted > 1:
        page.row(
            [f"{title}小计", "", "", "", whole, earned, earned / whole if whole else None, ""],
            kinds=["text", "blank", "blank", "blank", "score", "score", "percent", "blank"], bold=True,
        )  # fmt: skip


def _printed(value: Any) -> Fraction | None:
    """A number as the tables carry it."""
    return None if value is None else printed(value)


def values(book: Book, view: View) -> None:
    """指标值: what each indicator was made of, and what is missing."""
    columns = [
        Column("序号", 38, "count"), Column("单位编码", 62, "code"), Column("单位名称", 205),
        Column("机构级别", 118, "center"), Column("指标", 265), Column("分子", 92, "number"),
        Column("分母", 92, "number"), Column("指标值", 76, "number"), Column("对比期", 76, "number"),
        Column("状态", 90, "center"),
    ]  # fmt: skip
    info = [f"期间：{view.period_title}"]
    page = book.page("指标值", "每项指标的分子、分母、指标值和数据状态", "指标值表", columns, info)
    page.headings(freeze=3)
    first = page.at - 1
    at = 0
    lacking, scored, groups = _lacking(view), _scored(view), view.result.measured
    rows = view.table("indicators")
    which = rows.groupby(["scope", "unit_code", "indicator"]).cumcount()
    ordered = sorted(zip(rows.itertuples(), which, strict=True), key=lambda pair: view.place(str(pair[0].unit_code)))
    for row, nth in ordered:
        unit, code = str(row.unit_code), str(row.indicator)
        shared = groups.get(f"{row.scope}/{code}", [])
        keys = [key for key in (shared[nth] if nth < len(shared) else []) if (unit, key) in scored]
        if not keys and view.labels.cards:
            continue
        at += 1
        title, measure = view.labels.indicators.get(code, (code, ""))
        asked = {item.title: item.unit for item in (view.items[key] for key in keys if key in view.items)}
        measure = next(iter(asked.values())) if len(set(asked.values())) == 1 else measure
        kind = value_kind(measure)
        status = STATUS.get(str(row.status), str(row.status))
        gap = (
            next((lacking[unit, key] for key in keys if (unit, key) in lacking), "") if row.status == "missing" else ""
        )
        numerator, denominator = _printed(row.numerator), _printed(row.denominator)
        above, value, before = (
            (NONE if kind == "center" else None) if one is None else shown(one, measure)
            for one in (numerator, _printed(row.value), _printed(row.previous))
        )
        plain = denominator is None  # what is divided by nothing is of the unit of the value
        page.row(
            [at, unit, view.name(unit), view.tier(unit), "、".join(asked or [title]),
             above if plain else numerator, denominator,
             value, before,
             f"{status}（{gap}）" if gap else status],
            kinds=["count", "code", "text", "center", "text", kind if plain else "number", "number", kind, kind,
                   "center"],
        )  # fmt: skip
    if at:
        page.sheet.autofilter(first, 0, page.at - 1, page.last)
    page.gap(4)
    page.line("只列方案要评的指标。缺数：必填数据没有报；不适用：分母为零、不由该级填报或尚未到期。", size=9)
    page.close()


def _scored(view: View) -> set[tuple[str, str]]:
    """Who is scored by what: (unit, "scorecard/item")."""
    frame = view.table("scores")
    return {
        (unit, f"{card}/{item}")
        for unit, card, item in zip(frame["unit_code"], frame["scorecard"], frame["item"], strict=True)
        if view.asked(view.item(card, item), unit)
    }


def _lacking(view: View) -> dict[tuple[str, str], str]:
    """Which facts are missing, by unit and "scorecard/item", as the stories of the scores tell it."""
    gaps = (
        (step.place, note.values["gaps"])
        for step in view.result.steps
        if step.kind == "score"
        for note in step.notes
        if note.words == MISSING_NOTE
    )
    return {(place.unit, f"{place.card}/{place.item}"): view.speaker.value(lacking) for place, lacking in gaps}
