"""report.xlsx: the run for people, ready to print. A cover, a sheet per table, charts; all Chinese.

Numbers are written as values, not formulas: the workbook is a record of what was computed, and no program that opens
it can compute it anew. Nothing depends on the time or place of writing.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

from engine.report import charts, money, scores
from engine.report.cover import fill_cover, open_cover
from engine.report.layout import Book
from engine.report.overspend import overspend
from engine.report.permits import permits
from engine.report.settlements import settlements
from engine.report.view import View
from engine.result import RunResult

OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
    # widths of columns are counted in digits of this font; the one that Chinese Excel and WPS start with
    "default_format_properties": {"font_name": "宋体", "font_size": 11},
    "default_column_width": 72,
    "default_row_height": 18,
}


def write_report(result: RunResult, path: Path) -> None:
    """Write the workbook of `result` to `path`; the same result gives the same bytes."""
    view = View.of(result)
    # a copy, for the workbook writes into the options and would style the next one differently
    with xlsxwriter.Workbook(path, deepcopy(OPTIONS)) as workbook:
        title = f"{view.meta('plan_title')} {view.meta('period_title')}"
        workbook.set_properties({"title": title, "created": datetime(2000, 1, 1, tzinfo=UTC)})
        signers = view.listed("signatures")
        book = Book(workbook, view.meta("plan_title"), view.meta("period_title"), signers, view.caution)
        cover = open_cover(book, view)
        drawn = scores.totals(book, view)
        if len(view.table("scores")):
            scores.details(book, view)
        if len(view.table("indicators")):
            scores.values(book, view)
        if len(view.table("pools")):
            money.pools(book, view)
            money.formation(book, view)
        money.allocations(book, view)
        settlements(book, view)
        permits(book, view)
        overspend(book, view)
        money.relief(book, view)
        charts.charts(book, view, drawn)
        fill_cover(cover, book, view)
