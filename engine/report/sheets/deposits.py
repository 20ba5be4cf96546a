"""质量保证金表: what is held of each member, released and forfeited, pool by pool."""

from __future__ import annotations

import pandas as pd

from allocation.deposit import LINES
from domain.money import format_daxie
from engine.printing.page import FILL_TOTAL, ROW, Book, Column, Page
from engine.report.view import View

ORDER = 75


def sheet(book: Book, view: View) -> None:
    """One row per member and one block per alliance and pool; nothing where nobody has a deposit."""
    frame = view.table("deposits")
    if frame.empty:
        return
    columns = [
        Column("序号", 36, "count"),
        Column("单位编码", 80, "code"),
        Column("成员单位", 220),
        Column("期初余额", 110, "money"),
        Column("本期扣存", 110, "money"),
        Column("本期释放", 110, "money"),
        Column("本期扣罚", 110, "money"),
        Column("期末余额", 110, "money"),
    ]
    info = [f"期间：{view.period_title}　　单位：元　　期初余额 + 本期扣存 − 本期释放 − 本期扣罚 = 期末余额"]
    page = book.page("质量保证金表", "扣存、释放、扣罚和余额", "质量保证金表", columns, info)
    page.headings(freeze=3)
    for at, (key, rows) in enumerate(frame.groupby(["alliance_code", "pool"])):
        if at:
            page.new_page()
        _block(page, view, str(key[0]), str(key[1]), rows)
    page.close()


def _block(page: Page, view: View, alliance: str, pool: str, rows: pd.DataFrame) -> None:
    page.group(f"{view.name(alliance)}（{alliance}）　　{view.pool(pool).title}")
    ordered = sorted(rows.to_dict("records"), key=lambda row: view.place(str(row["unit_code"])))
    for at, row in enumerate(ordered, start=1):
        unit = str(row["unit_code"])
        page.row([at, unit, view.name(unit), *(int(row[line]) for line in LINES)])
    sums = {line: int(rows[line].sum()) for line in LINES}
    page.row(
        ["", "合计", f"{len(rows)} 家", *sums.values()],
        kinds=["blank", "center", "text", *["money"] * len(LINES)],
        bold=True,
        bg_color=FILL_TOTAL,
    )
    page.keep(ROW * 3 + page.tail([""]))
    page.labelled("本期扣存合计（大写）", format_daxie(sums["held"]), columns=3)
    page.labelled("本期释放合计（大写）", format_daxie(sums["released"]), columns=3)
    page.line("本期实际支付 = 分配额（清算的为补发额）− 本期扣存；释放的保证金另行支付。", size=9)
    page.signatures()
