"""report.xlsx: the run for people, ready to print. A cover, a sheet per table, charts; all Chinese.

Numbers are written as values, not formulas: the workbook is a record of what was computed, and no program that opens
it can compute it anew. Nothing depends on the time or place of writing.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

from engine.printing.page import OPTIONS, Book
from engine.report.cover import fill_cover, open_cover
from engine.report.sheets import sheets
from engine.report.view import View
from engine.run.result import Result


def write_report(result: Result, path: Path) -> None:
    """Write the workbook of `result` to `path`; the same result gives the same bytes."""
    view = View.of(result)
    # a copy, for the workbook writes into the options and would style the next one differently
    with xlsxwriter.Workbook(path, deepcopy(OPTIONS)) as workbook:
        title = f"{view.plan_title} {view.period_title}"
        workbook.set_properties({"title": title, "created": datetime(2000, 1, 1, tzinfo=UTC)})
        book = Book(workbook, view.plan_title, view.period_title, list(result.signatures), view.caution)
        cover = open_cover(book, view)
        for one in sheets():
            one.sheet(book, view)
        fill_cover(cover, book, view)
