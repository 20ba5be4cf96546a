"""两个允许测算表: the lines down the page, a few members across, the whole alliance last."""

from __future__ import annotations

import pandas as pd

from domain.money import format_daxie
from domain.step import Basis
from engine.printing.page import FILL_HEAD, FILL_TOTAL, ROW, Book, Column, Page
from engine.report.view import View

ORDER = 80
ACROSS = 5
STRONG = frozenset({"a", "balance", "reward_base", "r", "kept"})


def sheet(book: Book, view: View) -> None:
    """The statement of the two permits: of the income a member was allotted, what it may pay to its staff."""
    frame = view.table("permits")
    if frame.empty:
        return
    columns = [
        Column("行次", 34),
        Column("项目", 140),
        Column("计算", 190),
        Column("依据", 190),
        *(Column("", 100) for _ in range(ACROSS)),
    ]
    info = [f"期间：{view.period_title}　　单位：元　　依据为条款和批复文号　　{view.documents}"]
    about = "结余收入怎样变为可发放给人员的金额"
    page = book.page("两个允许测算表", about, "两个允许测算表", columns, info)
    page.repeat()
    for at, (code, rows) in enumerate(frame.groupby("alliance_code", sort=False)):
        if at:
            page.new_page()
        _alliance(page, view, str(code), rows)
    page.close()


def _alliance(page: Page, view: View, alliance: str, rows: pd.DataFrame) -> None:
    lines: dict[str, tuple[str, str]] = {}
    for unit, line in zip(rows["unit_code"], rows["line"], strict=True):
        step = view.permits[unit, line]
        title, how, known = view.speaker.title(step), view.speaker.formula(step), lines.get(line)
        lines[line] = (title, how if known is None or len(how) > len(known[1]) else known[1])
    fen = dict(zip(zip(rows["unit_code"], rows["line"], strict=True), rows["amount"].tolist(), strict=True))
    units = sorted(rows["unit_code"].unique(), key=view.place)
    order = _in_order(rows)
    whole = {line: sum(fen.get((unit, line), 0) for unit in units) for line in order}
    columns = [(view.name(unit), {line: fen.get((unit, line)) for line in order}) for unit in units]
    columns += [("合计", dict(whole))]
    for start in range(0, len(columns), ACROSS):
        if start:
            page.new_page()
        if alliance:
            page.group(f"{view.name(alliance)}（{alliance}）")
        shown = rows[rows["unit_code"].isin(units[start : start + ACROSS] or units)]
        _matrix(page, order, lines, _cites(view, shown), columns[start : start + ACROSS])
    page.keep(ROW * 4 + page.tail([""]))
    for title, line in (
        ("分得结余收入合计（大写）", "a"),
        ("可发放给人员合计（大写）", "r"),
        ("单位留用合计（大写）", "kept"),
    ):
        if line in whole:
            page.labelled(title, format_daxie(whole[line]), columns=2)
    page.line(
        "a − r 由单位留用，不是未分配。提取的医疗风险基金列入成本；财政、公共卫生、科研和基建资金收支两边都不计。",
        size=9,
    )
    page.signatures()


def _cites(view: View, rows: pd.DataFrame) -> dict[str, str]:
    """By line: its clause and the approvals (批复文号) of the members shown, each once."""
    found: dict[str, dict[Basis, None]] = {}
    for unit, line in zip(rows["unit_code"], rows["line"], strict=True):
        found.setdefault(line, {}).update(dict.fromkeys(view.permits[unit, line].cites))
    return {line: view.cites(cites) for line, cites in found.items()}


def _matrix(
    page: Page,
    order: list[str],
    lines: dict[str, tuple[str, str]],
    cites: dict[str, str],
    columns: list[tuple[str, dict[str, int | None]]],
) -> None:
    spare = ACROSS - len(columns)
    heads = ["行次", "项目", "计算", "依据", *(name for name, _ in columns), *([""] * spare)]
    page.row(heads, kinds=[*["center"] * (4 + len(columns)), *["none"] * spare], bold=True, bg_color=FILL_HEAD)
    for at, line in enumerate(order, start=1):
        title, how = lines[line]
        strong = {"bold": True, "bg_color": FILL_TOTAL} if line in STRONG else {}
        amounts = [amounts[line] for _, amounts in columns]
        page.row(
            [at, title, how, cites.get(line, ""), *amounts, *([None] * spare)],
            kinds=["count", "text", "text", "text", *["money"] * len(columns), *["none"] * spare],
            **strong,
        )


def _in_order(rows: pd.DataFrame) -> list[str]:
    """All lines, each after those that come before it in the statement of some member."""
    order: list[str] = []
    for _, part in rows.groupby("unit_code", sort=False):
        place = 0
        for line in part["line"]:
            if line in order:
                place = order.index(line) + 1
            else:
                order.insert(place, line)
                place += 1
    return order
