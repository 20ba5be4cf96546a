"""超支分担表: who bears an overspend of the insurance fund, alliance by alliance, line by line."""

from __future__ import annotations

from typing import Any

import pandas as pd

from allocation.overspend import UNDECIDED
from domain.money import format_daxie
from engine.printing.page import FILL_TOTAL, Book, Column, Page
from engine.report.view import View

ORDER = 90
STRONG = frozenset({"overspend", "fund", "borne"})


def sheet(book: Book, view: View) -> None:
    """The statement of every alliance that overspent; nothing where the plan or the year has none."""
    frame = view.table("overspend")
    if frame.empty:
        return
    columns = [
        Column("行次", 38, "count"),
        Column("单位", 220),
        Column("项目", 190),
        Column("计算", 330),
        Column("金额（元）", 125, "money"),
    ]
    info = [f"期间：{view.period_title}　　单位：元　　负数为该单位承担，正数为减免；不得计入个人。"]
    page = book.page("超支分担表", "医保超支由谁承担", "医保基金超支分担表", columns, info)
    page.headings(freeze=2)
    for at, (code, rows) in enumerate(frame.groupby("alliance_code", sort=False)):
        if at:
            page.new_page()
        _alliance(page, view, str(code), rows)
    page.close()


def _alliance(page: Page, view: View, code: str, rows: pd.DataFrame) -> None:
    steps = [one for one in view.result.steps if one.kind == "overspend" and one.place.alliance == code]
    decision = rows["decision"].iloc[0] or view.speaker.phrase(UNDECIDED)
    page.group(f"{view.name(code)}（{code}）　　决定：{decision}　　依据：{view.cites(steps[0].cites)}")
    for at, step in enumerate(steps, start=1):
        of, line = step.place.unit, step.place.line
        strong: dict[str, Any] = {"bold": True, "bg_color": FILL_TOTAL} if line in STRONG else {}
        unit = "医联体合计" if of == code else f"{view.name(of)}（{of}）"
        page.row([at, unit, view.speaker.title(step), view.speaker.formula(step), step.fen], **strong)
    whole = {step.place.line: step.fen for step in steps if step.place.unit == code}
    page.labelled("清算确认超支（大写）", format_daxie(whole["overspend"]), columns=2, bold=True)
    page.labelled("由医保基金承担（大写）", format_daxie(whole["fund"]), columns=2)
    page.signatures()
