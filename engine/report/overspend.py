"""超支分担表: who bears an overspend of the insurance fund, alliance by alliance, line by line."""

from __future__ import annotations

from typing import Any

import pandas as pd

from domain.money import format_daxie, parse_yuan
from engine.printing.page import FILL_TOTAL, Book, Column, Page
from engine.report.view import View

STRONG = frozenset({"overspend", "fund", "borne"})


def overspend(book: Book, view: View) -> None:
    """The statement of every alliance that overspent; nothing where the plan or the year has none."""
    frame = view.tables.get("overspend", pd.DataFrame())
    if frame.empty:
        return
    columns = [
        Column("行次", 38, "count"), Column("单位", 220), Column("项目", 190), Column("计算", 330),
        Column("金额（元）", 125, "money"),
    ]  # fmt: skip
    info = [f"期间：{view.period_title}　　单位：元　　负数为该单位承担，正数为减免；不得计入个人。"]
    page = book.page("超支分担表", "医保超支由谁承担", "医保基金超支分担表", columns, info)
    page.headings(freeze=2)
    for at, (code, rows) in enumerate(frame.groupby("alliance_code", sort=False)):
        if at:
            page.new_page()
        _alliance(page, view, str(code), rows)
    page.close()


def _alliance(page: Page, view: View, code: str, rows: pd.DataFrame) -> None:
    decision = str(rows["decision"].iloc[0])
    page.group(f"{view.name(code)}（{code}）　　决定：{decision}　　依据：{view.cite(str(rows['cite'].iloc[0]))}")
    for at, row in enumerate(rows.itertuples(), start=1):
        title, _, how = str(row.formula).partition(" = ")
        strong: dict[str, Any] = {"bold": True, "bg_color": FILL_TOTAL} if row.line in STRONG else {}
        unit = "医联体合计" if row.unit_code == code else f"{view.name(str(row.unit_code))}（{row.unit_code}）"
        page.row([at, unit, title, how, parse_yuan(str(row.amount))], **strong)
    amounts = {str(row.line): str(row.amount) for row in rows.itertuples() if row.unit_code == code}
    page.labelled("清算确认超支（大写）", format_daxie(parse_yuan(amounts["overspend"])), columns=2, bold=True)
    page.labelled("由医保基金承担（大写）", format_daxie(parse_yuan(amounts["fund"])), columns=2)
    page.signatures()
