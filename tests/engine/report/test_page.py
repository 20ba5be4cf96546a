"""Pages: what is kept together, and how wide a text is taken to be."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import xlsxwriter

from engine.printing.page import PAGE_HEIGHT, Book, Column, lines_needed, text_width


@pytest.mark.parametrize("rows", range(20, 31))
def test_signatures_never_stand_alone_on_a_page(tmp_path: Path, rows: int) -> None:
    """Wherever the page ends, the last one holds rows of the table above the signatures."""
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as workbook:
        book = Book(workbook, "示例", "2026年", ["制表", "审核", "财务负责人"])
        page = book.page("表", "", "表", [Column("甲", 1), Column("乙", 1)])
        page.headings()
        for at in range(rows):
            page.row([str(at), ""])
        page.line("注")
        page.signatures()
        page.close()
        assert not page.breaks or sum(row >= page.breaks[-1] for row in page.rows) > 0
        edges = [0, *page.breaks, page.at]
        parts = [sum(page.heights[first:last]) for first, last in itertools.pairwise(edges)]
        assert all(height + (page.repeated if at else 0) <= PAGE_HEIGHT for at, height in enumerate(parts))
        assert bool(page.breaks) == (sum(page.heights) > PAGE_HEIGHT)


def test_full_width_characters_count_double() -> None:
    assert text_width("卫生院") == 2 * text_width("abc")
    assert lines_needed("卫生院", 200) == 1
    assert lines_needed("卫生院" * 20, 200) >= 4
    assert lines_needed("一\n二", 200) == 2


def test_a_line_is_full_at_its_last_pixel() -> None:
    """200 pixels leave 186 inside; a full-width character of 9 points takes 12, another 6."""
    assert [lines_needed("院" * many, 200) for many in (15, 16)] == [1, 2]
    assert [lines_needed("a" * many, 200) for many in (31, 32)] == [1, 2]
