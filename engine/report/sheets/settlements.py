"""清算表: what each member is due of the year, what it was prepaid, and what is paid or taken back now."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from domain.money import format_daxie
from engine.printing.page import FILL_TOTAL, ROW, Book, Column, Page
from engine.report.view import View

ORDER = 70
SURPLUS = "insurance_surplus"
TITLES = {"due": "清算应得", "prepaid": "已预付", "carried": "扣回余额", "top_up": "补发", "claw_back": "扣回"}


def sheet(book: Book, view: View) -> None:
    """One row per member and one block per pool and alliance; top-up and claw-back are never netted."""
    frame = view.table("settlements")
    if frame.empty:
        return
    there = {*frame["line"]}
    lines = [line for line in TITLES if line in there or line != "carried"]
    columns = [
        Column("序号", 36, "count"),
        Column("单位编码", 80, "code"),
        Column("成员单位", 230),
        Column("机构级别", 130, "center"),
        *(Column(TITLES[line], 115, "money") for line in lines),
    ]
    info = [f"期间：{view.period_title}　　单位：元　　已预付和扣回为负数，与应得和补发分列，不相抵"]
    surplus = all(view.pool(pool).use == SURPLUS for pool in frame["pool"].unique())
    title = "医保结余清算表" if surplus else "年度清算表"
    if "prepaid" not in there:
        title = "支付抵扣表"
    page = book.page("清算表", "全年应得、已预付、补发和扣回", title, columns, info)
    page.headings(freeze=3)
    wide = frame.pivot_table(
        index=["pool", "alliance_code", "unit_code"], columns="line", values="amount", aggfunc="sum", fill_value=0
    )  # a member at home in another alliance is set off there: it has no prepaid line here
    wide = wide.reindex(columns=lines, fill_value=0)
    for at, (key, rows) in enumerate(wide.reset_index().groupby(["pool", "alliance_code"], sort=False)):
        if at:
            page.new_page()
        _block(page, view, str(key[0]), str(key[1]), rows, lines)
    page.close()


def _block(page: Page, view: View, pool: str, alliance: str, rows: pd.DataFrame, lines: Sequence[str]) -> None:
    page.group(f"{view.name(alliance)}（{alliance}）　　{view.pool(pool).title}")
    ordered = sorted(rows.to_dict("records"), key=lambda row: view.place(str(row["unit_code"])))
    for at, row in enumerate(ordered, start=1):
        unit = str(row["unit_code"])
        page.row([at, unit, view.name(unit), view.tier(unit), *(int(row[line]) for line in lines)])
    sums = {line: int(rows[line].sum()) for line in lines}
    page.row(
        ["", "合计", f"{len(rows)} 家", "", *sums.values()],
        kinds=["blank", "center", "text", "blank", *["money"] * len(lines)],
        bold=True,
        bg_color=FILL_TOTAL,
    )
    page.keep(ROW * 4 + page.tail([""]))
    for title, line in (
        ("清算应得合计（大写）", "due"),
        ("补发合计（大写）", "top_up"),
        ("扣回合计（大写）", "claw_back"),
    ):
        page.labelled(title, format_daxie(sums[line]), columns=3)
    income = "；清算应得是该单位全年的结余收入，两个允许按它测算" if view.pool(pool).use == SURPLUS else ""
    page.line(f"扣回从该单位下次支付中扣减{income}。", size=9)
    page.signatures()
