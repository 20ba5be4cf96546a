"""A long list of persons on paper: so many rows a page, 本页小计 on each, 合计 and signatures on the last.

Thousands of rows are written in one height and with formats made once: the pages are counted, not measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from domain.money import format_daxie, format_yuan
from domain.sheets import FORMULA
from engine.printing.page import EXACT_FEN, FILL_TOTAL, FORMATS, NONE, ROW, Book, Column, Page

_WIDE = 15
"""More columns than that are printed on A3. Source: domain/E_sheets E.1."""
_LAST = 4  # rows that go over to a last page that would hold nothing but the total and the signatures


@dataclass(frozen=True)
class Listing:
    """rows: texts and whole numbers in the order of the columns (money in fen, None for what is not known).

    said: lines above the headings; notes: lines below the total; in_capitals: the money column that is told in words;
    counted: what a row is.
    """

    name: str
    title: str
    about: str
    columns: Sequence[Column]
    said: Sequence[str]
    rows: Sequence[Sequence[Any]]
    notes: Sequence[str]
    in_capitals: int
    counted: str = "人"


def write_listing(book: Book, listing: Listing) -> list[int | None]:
    """One sheet; the totals of its money columns, None of the others."""
    columns = listing.columns
    page = book.page(listing.name, listing.about, listing.title, columns, listing.said, a3=len(columns) > _WIDE)
    page.headings(freeze=min(3, len(columns) - 1))
    page.sheet.set_default_row(ROW)
    money = [at for at, column in enumerate(columns) if column.kind == "money"]
    total: list[int | None] = [0 if at in money else None for at in range(len(columns))]
    writer = _Writer(page)
    chunks = list(_chunks(listing, page))
    for at, chunk in enumerate(chunks):
        if at:
            page.new_page()
        sums: list[int | None] = [None] * len(columns)
        for column in money:
            sums[column] = sum(row[column] or 0 for row in chunk)
            total[column] = (total[column] or 0) + (sums[column] or 0)
        writer.rows(chunk)
        writer.sums("本页小计", f"{len(chunk)} {listing.counted}", sums, bold=False)
    writer.sums("合计", f"{len(listing.rows)} {listing.counted}", total, bold=True)
    fen = total[listing.in_capitals] or 0
    heading = columns[listing.in_capitals].title
    page.labelled(f"{heading}合计（大写）", f"{format_daxie(fen)}　（¥{format_yuan(fen, thousands=True)}）", columns=3)
    for note in listing.notes:
        page.line(note)
    page.signatures()
    page.close()
    return total


def _chunks(listing: Listing, page: Page) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows page by page; the last page has room for the total, the notes and the signatures."""
    rows, room = listing.rows, page.room - page.repeated - ROW
    each = max(1, int(room // ROW))
    tail = ROW * 2 + 6 + page.tail(list(listing.notes))
    least = max(1, int((room - tail) // ROW))  # rows that stand on a page with the tail
    at = 0
    while (left := len(rows) - at) > each:
        first = min(each, max(1, left - _LAST))
        yield rows[at : at + first]
        at += first
    left = len(rows) - at
    if left > least:
        first = left - min(_LAST, least)
        yield rows[at : at + first]
        at += first
    yield rows[at:]


class _Writer:
    """Writes rows of one height with formats made once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.looks = [self._look(column) for column in page.columns]
        self.quoted = [self._look(column, quote_prefix=True) for column in page.columns]
        self.empty = page.book.style(align="center", border=1)

    def _look(self, column: Column, **more: Any) -> Any:
        return self.page.book.style(**(FORMATS[column.kind] | {"text_wrap": False, "shrink": True, "border": 1} | more))

    def rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """One row each. Numbers stay numbers, whatever their sign; texts stay texts, whatever they begin with."""
        page, sheet = self.page, self.page.sheet
        number, string, blank = sheet.write_number, sheet.write_string, sheet.write_blank
        looks, quoted, empty = self.looks, self.quoted, self.empty
        money = [column.kind == "money" for column in page.columns]
        at = page.at
        for row in rows:
            for column, (value, look, fen) in enumerate(zip(row, looks, money, strict=True)):
                if value.__class__ is int:
                    if not fen:
                        number(at, column, value, look)
                    elif -EXACT_FEN < value < EXACT_FEN:
                        number(at, column, value / 100, look)
                    else:
                        string(at, column, format_yuan(value, thousands=True), look)
                elif value is None:
                    string(at, column, NONE, empty)
                elif value:
                    string(at, column, value, quoted[column] if value[0] in FORMULA else look)
                else:
                    blank(at, column, None, empty)
            at += 1
        page.rows.extend(range(page.at, at))
        page.heights.extend([ROW] * (at - page.at))
        page.used += ROW * (at - page.at)
        page.at = at

    def sums(self, label: str, count: str, sums: Sequence[int | None], *, bold: bool) -> None:
        """A row of sums."""
        page, sheet = self.page, self.page.sheet
        style = page.book.style
        empty = style(bold=bold, border=1, bg_color=FILL_TOTAL)
        money = style(**FORMATS["money"], bold=bold, border=1, bg_color=FILL_TOTAL)
        for at, one in enumerate(sums):
            if at in (1, 2):
                sheet.write_string(
                    page.at, at, (label, count)[at - 1], style(align="center", bold=bold, border=1, bg_color=FILL_TOTAL)
                )
            elif one is None:
                sheet.write_blank(page.at, at, None, empty)
            elif abs(one) < EXACT_FEN:
                sheet.write_number(page.at, at, one / 100, money)
            else:
                sheet.write_string(page.at, at, format_yuan(one, thousands=True), money)
        page.heights.append(ROW)
        page.used += ROW
        page.at += 1
