"""更正差额表: what each unit was given before and is given now; what is paid and what is taken back, never the net."""

from __future__ import annotations

import pandas as pd

from domain.corrections import REDIVIDE
from domain.step import Place
from engine.printing.page import Book
from engine.report.blocks import unit_block, unit_columns
from engine.report.view import View
from engine.run.correction_lines import POOL

ORDER = 75


def sheet(book: Book, view: View) -> None:
    """One row per unit and one block per pool and alliance in which anything changed; nothing where nothing did."""
    frame = view.table("deltas")
    frame = frame[frame["kind"] == POOL]
    if frame.empty:
        return
    columns = unit_columns(("原分配", "现分配", "补发", "扣回"), wide=115, name=230, tiers=True)
    info = [
        f"期间：{view.period_title}　　单位：元　　扣回为负数，与补发分列，不相抵　　更正 {view.result.before[:12]}"
    ]
    page = book.page("更正差额表", "更正前后各得多少、补发和扣回", "更正差额表", columns, info)
    page.headings(freeze=3)
    for at, (key, rows) in enumerate(frame.groupby(["alliance_code", "pool"], sort=False)):
        if at:
            page.new_page()
        alliance, pool = str(key[0]), str(key[1])
        heading = f"{view.name(alliance)}（{alliance}）　　{view.pool(pool).title}"
        note = _funding(view, alliance, str(rows["funding"].iloc[0]))
        unit_block(page, view, heading, _amounts(rows), (("补发合计（大写）", 2), ("扣回合计（大写）", 3)), note=note)
    page.close()


def _amounts(rows: pd.DataFrame) -> dict[str, list[int]]:
    """Before, now, paid and taken back, fen by unit."""
    columns = (rows[name] for name in ("unit_code", "old", "new", "delta"))
    return {
        str(unit): [int(was), int(now), max(0, int(fen)), min(0, int(fen))]
        for unit, was, now, fen in zip(*columns, strict=True)
    }


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
