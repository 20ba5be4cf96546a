"""The task ledger as a workbook, ready to print: a sheet of all lines and one of the units behind them."""

from __future__ import annotations

import io
from copy import deepcopy
from datetime import UTC, datetime

import xlsxwriter

from engine.ledger.lines import HEADINGS, Ledger, Shown, detail, table
from engine.printing.page import OPTIONS, Book, Column

_WEIGHTS = (9, 7, 22, 15, 12, 14, 10, 24, 12, 16, 10, 12)
_FILL: dict[Shown, str] = {
    "done": "#E2F3EC",
    "due": "#FFF3D6",
    "overdue": "#FBE0D3",
    "past": "#F3E6F5",
    "not_due": "#FFFFFF",
    "open": "#FFFFFF",
    "unreported": "#F7F7F7",
    "unread": "#F7F7F7",
    "encouraged": "#EEEEEE",
    "named": "#F7F7F7",
    "not_applicable": "#EEEEEE",
}


def ledger_workbook(ledger: Ledger) -> bytes:
    """The workbook; the same ledger gives the same bytes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, deepcopy(OPTIONS)) as workbook:
        workbook.set_properties({"title": f"{ledger.plan_title} 任务台账", "created": datetime(2000, 1, 1, tzinfo=UTC)})
        caution = "警示：见任务台账表首" if ledger.warnings else ""
        book = Book(workbook, ledger.plan_title, f"截至 {ledger.as_of}", list(ledger.signatures), caution)
        _lines(book, ledger)
        _units(book, ledger)
    return buffer.getvalue()


def _lines(book: Book, ledger: Ledger) -> None:
    columns = [Column(title, weight) for title, weight in zip(HEADINGS, _WEIGHTS, strict=True)]
    info = (f"截至 {ledger.as_of}, 数据期间 {ledger.period}: {len(ledger.lines)} 项, {ledger.summary}",)
    page = book.page("任务台账", "每项任务的责任单位、期限和状态", f"{ledger.plan_title} 任务台账", columns, info)
    for warning in ledger.warnings:
        page.boxed(warning)
    page.headings(freeze=1)
    for line, row in zip(ledger.lines, table(ledger), strict=True):
        page.row(row, bg_color=_FILL[line.shown])
    page.keep(page.signature_height())
    page.signatures()
    page.close()


def _units(book: Book, ledger: Ledger) -> None:
    rows = detail(ledger)
    if rows.empty:
        return
    titles = (("编号", 8), ("事项", 26), ("单位代码", 9), ("单位", 16), ("完成情况", 9), ("数值", 14), ("已报凭据", 22))
    columns = [Column(title, weight) for title, weight in titles]
    page = book.page("分单位", "每项任务各单位的完成情况", "分单位完成情况", columns)
    page.headings(freeze=1)
    for row in rows.itertuples(index=False):
        page.row(list(row))
    page.close()
