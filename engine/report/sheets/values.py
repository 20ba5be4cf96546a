"""指标值."""

from __future__ import annotations

from engine.printing.page import NONE, Book, Column
from engine.report.figures import as_printed
from engine.report.view import View, shown, value_kind
from engine.run.words import VALUE_STATUS

ORDER = 30
MISSING_NOTE = "indicators.stories:missing"


def sheet(book: Book, view: View) -> None:
    """指标值: what each indicator was made of, and what is missing."""
    if view.table("indicators").empty:
        return
    columns = [
        Column("序号", 38, "count"),
        Column("单位编码", 62, "code"),
        Column("单位名称", 205),
        Column("机构级别", 118, "center"),
        Column("指标", 265),
        Column("分子", 92, "number"),
        Column("分母", 92, "number"),
        Column("指标值", 76, "number"),
        Column("对比期", 76, "number"),
        Column("状态", 90, "center"),
    ]
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
        status = VALUE_STATUS.get(str(row.status), str(row.status))
        gap = (
            next((lacking[unit, key] for key in keys if (unit, key) in lacking), "") if row.status == "missing" else ""
        )
        numerator, denominator = as_printed(row.numerator), as_printed(row.denominator)
        above, value, before = (
            (NONE if kind == "center" else None) if one is None else shown(one, measure)
            for one in (numerator, as_printed(row.value), as_printed(row.previous))
        )
        plain = denominator is None  # what is divided by nothing is of the unit of the value
        page.row(
            [
                at,
                unit,
                view.name(unit),
                view.tier(unit),
                "、".join(asked or [title]),
                above if plain else numerator,
                denominator,
                value,
                before,
                f"{status}（{gap}）" if gap else status,
            ],
            kinds=[
                "count",
                "code",
                "text",
                "center",
                "text",
                kind if plain else "number",
                "number",
                kind,
                kind,
                "center",
            ],
        )
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
