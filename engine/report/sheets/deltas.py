"""更正差额表: what each unit was given before and is given now; what is paid and what is taken back, never the net."""

from __future__ import annotations

import pandas as pd

from domain.corrections import REDIVIDE
from domain.money import format_daxie
from domain.step import Place
from engine.printing.page import FILL_TOTAL, ROW, Book, Column, Page
from engine.report.view import View

ORDER = 75


def sheet(book: Book, view: View) -> None:
    """One row per unit and one block per pool and alliance in which anything changed; nothing where nothing did."""
    frame = view.table("deltas")
    if frame.empty:
        return
    columns = [
        Column("序号", 36, "count"),
        Column("单位编码", 80, "code"),
        Column("成员单位", 230),
        Column("机构级别", 130, "center"),
        Column("原分配", 115, "money"),
        Column("现分配", 115, "money"),
        Column("补发", 115, "money"),
        Column("扣回", 115, "money"),
    ]
    info = [
        f"期间：{view.period_title}　　单位：元　　扣回为负数，与补发分列，不相抵　　更正 {view.result.before[:12]}"
    ]
    page = book.page("更正差额表", "更正前后各得多少、补发和扣回", "更正差额表", columns, info)
    page.headings(freeze=3)
    for at, (key, rows) in enumerate(frame.groupby(["alliance_code", "pool"], sort=False)):
        if at:
            page.new_page()
        _block(page, view, str(key[0]), str(key[1]), rows)
    page.close()


def _block(page: Page, view: View, alliance: str, pool: str, rows: pd.DataFrame) -> None:
    page.group(f"{view.name(alliance)}（{alliance}）　　{view.pool(pool).title}")
    ordered = sorted(rows.to_dict("records"), key=lambda row: view.place(str(row["unit_code"])))
    for at, row in enumerate(ordered, start=1):
        unit, fen = str(row["unit_code"]), int(row["delta"])
        parts = (max(0, fen), min(0, fen))
        page.row([at, unit, view.name(unit), view.tier(unit), int(row["old"]), int(row["new"]), *parts])
    paid, back = int(rows["delta"].clip(lower=0).sum()), int(rows["delta"].clip(upper=0).sum())
    page.row(
        ["", "合计", f"{len(rows)} 家", "", int(rows["old"].sum()), int(rows["new"].sum()), paid, back],
        kinds=["blank", "center", "text", "blank", *["money"] * 4],
        bold=True,
        bg_color=FILL_TOTAL,
    )
    page.keep(ROW * 4 + page.tail([""]))
    page.labelled("补发合计（大写）", format_daxie(paid), columns=3)
    page.labelled("扣回合计（大写）", format_daxie(back), columns=3)
    page.line(_funding(view, alliance, str(rows["funding"].iloc[0])), size=9)
    page.signatures()


def _funding(view: View, alliance: str, funding: str) -> str:
    if funding == REDIVIDE:
        return "资金来源：在原资金池内重新分配，补发与扣回合计为 0。"
    place = Place(alliance, line="reserve")
    reserve = next((one for one in view.result.steps if (one.kind, one.place) == ("correction", place)), None)
    if reserve is None:  # nothing is paid, and the workbook states no reserve
        return "资金来源：没有补发；扣回收回后退入准备金。"
    said = "，".join(f"{title} {amount}" for title, amount in view.numbers.numbers(reserve).items())
    title, left = view.numbers.title(reserve), view.numbers.result(reserve)
    return f"资金来源：{reserve.fields['name']}，{said}（各资金池合计），{title} {left}；扣回收回后退入，不抵减补发。"
