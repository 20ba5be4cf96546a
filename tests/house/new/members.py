"""成员单位名录: who belongs to what. An example of the tests."""

from __future__ import annotations

from engine.printing.page import Book, Column
from engine.report.view import View

ORDER = 105


def sheet(book: Book, view: View) -> None:
    """A line per unit."""
    page = book.page("名录", "单位", "成员单位名录", [Column("单位编码", 100, "code"), Column("单位名称", 400)])
    page.headings()
    for unit in sorted(view.labels.names):
        page.row([unit, view.name(unit)])
    page.close()
