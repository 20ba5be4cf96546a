"""得分明细."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Any

from domain.money import format_exact, printed
from engine.printing.page import ROW, Book, Column, Page
from engine.report.figures import as_printed
from engine.report.view import View, shown, value_kind

ORDER = 20
RULED = "方案规定不评该级机构的指标不列出，其分值由其余各项按比例承担，所以各级机构的满分可以不同。"


def sheet(book: Book, view: View) -> None:
    """得分明细: grouped by unit, with a subtotal for every dimension of several items."""
    if view.table("scores").empty:
        return
    frame = view.table("scores")
    columns = [
        Column("维度", 150),
        Column("指标", 300),
        Column("指标值", 85, "number"),
        Column("目标值", 85, "number"),
        Column("满分", 68, "score"),
        Column("得分", 68, "score"),
        Column("得分率", 76, "percent"),
        Column("依据", 190),
    ]
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
        full, score = as_printed(row.full_marks), as_printed(row.score)
        whole, earned = whole + (full or 0), earned + (score or 0)
        kind = value_kind(item.unit)
        rate = score / full if score is not None and full else None
        aim = item.span or shown(as_printed(row.target), item.unit)
        page.row(
            [
                title if not counted else "",
                item.title,
                shown(as_printed(row.value), item.unit),
                aim,
                full,
                score,
                rate,
                view.cites(row.cite),
            ],
            kinds=["text", "text", kind, "center" if item.span else kind, "score", "score", "percent", "text"],
        )
        counted += 1
    if counted > 1:
        page.row(
            [f"{title}小计", "", "", "", whole, earned, earned / whole if whole else None, ""],
            kinds=["text", "blank", "blank", "blank", "score", "score", "percent", "blank"],
            bold=True,
        )
