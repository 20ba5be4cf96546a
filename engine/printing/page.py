"""A printed page: A4 landscape, one page wide, headings repeated, rows as high as their text needs.

Excel does not fit the height of merged or wrapped cells when a file is opened, and ignores what it cannot show; so
widths are scaled to fill the page and heights are computed here, full-width characters counting double.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from unicodedata import east_asian_width

import xlsxwriter

from domain.money import format_yuan
from domain.sheets import FORMULA

Kind = Literal["text", "code", "center", "money", "merit", "number", "factor", "score", "percent", "count"]
PAGE_WIDTH = 1030  # pixels of A4 landscape between margins of 1 cm
PAGE_HEIGHT = 485  # points between the margins, header and footer left out
A3_WIDTH, A3_HEIGHT = 1490, 725  # of A3 landscape
MARGINS = {"left": 0.39, "right": 0.39, "top": 0.7, "bottom": 0.6}
ROW, LINE, SIZE = 18.0, 12.5, 9
LAST_ROWS = 3  # of a table that stand above its signatures
EXACT_FEN = 10**15  # below it an amount has at most 15 digits, and a double gives every one of them back
FILL_HEAD, FILL_GROUP, FILL_TOTAL = "#E7EDF4", "#F5F7FA", "#FBF6E6"
RIGHT: dict[str, Any] = {"align": "right", "indent": 1, "text_wrap": False, "shrink": True}  # smaller, never ####
FORMATS: dict[str, dict[str, Any]] = {
    "text": {"align": "left", "indent": 1},
    "code": {"align": "center", "num_format": "@"},
    "center": {"align": "center"},
    "money": RIGHT | {"num_format": "#,##0.00"},
    "merit": RIGHT | {"num_format": "#,##0.00"},
    "number": RIGHT | {"num_format": "#,##0.00"},
    "factor": RIGHT | {"num_format": "0.00####"},
    "whole": RIGHT | {"num_format": "#,##0"},
    "score": RIGHT | {"num_format": "0.00"},
    "percent": RIGHT | {"num_format": "0.00%"},
    "count": {"align": "center", "num_format": "0"},
}
PLAIN = {"font_name": "宋体", "font_size": SIZE, "valign": "vcenter", "text_wrap": True}
NONE = "—"
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


@dataclass(frozen=True)
class Column:
    """One column: its heading, its weight in the width of the page, and what it holds."""

    title: str
    weight: float
    kind: Kind = "text"


def text_width(text: str, size: float = SIZE) -> float:
    """Pixels of the longest line of `text` at `size` points, on the safe side."""
    wide = max((sum(2 if east_asian_width(c) in "WFA" else 1 for c in line) for line in text.split("\n")), default=0)
    return wide * size * 96 / 72 / 2


def lines_needed(text: str, pixels: float, size: float = SIZE) -> int:
    """Lines that `text` takes in a cell `pixels` wide."""
    room = max(12.0, pixels - 14)
    if "\n" not in text and len(text) * size * 96 / 72 <= room:  # it fits though every character were full-width
        return 1
    widths = [text_width(line, size) for line in text.split("\n")]
    # a number is never broken, so lines of a wrapped text are not full
    return sum(1 if width <= room else max(2, math.ceil(width / (room * 0.8))) for width in widths)


@dataclass
class Book:
    """The workbook with its formats; `sheets` are the names given out and what each sheet is.

    caution: what stands at the foot of every printed page, "" for nothing. drawn: what a chart can draw, by scorecard:
    its sheet, the first data row, how many rows and how many dimensions.
    """

    book: xlsxwriter.Workbook
    head: str
    period: str
    signatures: Sequence[str] = ()
    caution: str = ""
    sheets: list[tuple[str, str]] = field(default_factory=list)
    drawn: dict[str, tuple[str, int, int, int]] = field(default_factory=dict)
    _formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)
    _cells: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def style(self, **wanted: Any) -> Any:
        """A format, made once."""
        key = tuple(wanted.items())
        if key not in self._formats:
            self._formats[key] = self.book.add_format({**PLAIN, **wanted})
        return self._formats[key]

    def style_of(self, kind: str, style: dict[str, Any]) -> Any:
        """The format of cells of a kind, with what is asked for besides."""
        key = (kind, *style.items())
        if key not in self._cells:
            self._cells[key] = self.style(**FORMATS[kind] | style)
        return self._cells[key]

    def page(
        self,
        name: str,
        about: str,
        title: str,
        columns: Sequence[Column],
        info: Iterable[str] = (),
        *,
        a3: bool = False,
    ) -> Page:
        """A new sheet with its title, lines of information and column headings."""
        clean = "".join(" " if c in "[]:*?/\\" else c for c in name).strip("' ")[:31] or "表"
        taken = {given.lower() for given, _ in self.sheets}
        unique, n = clean, 2
        while unique.lower() in taken:
            tail = f"({n})"
            unique, n = clean[: 31 - len(tail)] + tail, n + 1
        self.sheets.append((unique, about))
        return Page(self, unique, title, columns, tuple(info), a3=a3)


class Page:
    """One sheet, written from top to bottom."""

    def __init__(
        self, book: Book, name: str, title: str, columns: Sequence[Column], info: tuple[str, ...], *, a3: bool = False
    ) -> None:
        self.book, self.name, self.columns = book, name, list(columns)
        self.sheet = book.book.add_worksheet(name)
        self.paper, width, self.room = (8, A3_WIDTH, A3_HEIGHT) if a3 else (9, PAGE_WIDTH, PAGE_HEIGHT)
        whole = sum(column.weight for column in columns)
        self.pixels = [max(24, round(width * column.weight / whole)) for column in columns]
        for at, width in enumerate(self.pixels):
            self.sheet.set_column_pixels(at, at, width)
        self.at, self.used, self.repeated = 0, 0.0, 0.0
        self.breaks: list[int] = []
        self.heights: list[float] = []
        self.rows: list[int] = []
        self._setup()
        self.line(title, size=16, bold=True, align="center", font_name="黑体", height=28)
        for text in info:
            self.line(text)

    @property
    def last(self) -> int:
        """The last column's number."""
        return len(self.columns) - 1

    def _setup(self) -> None:
        sheet, book = self.sheet, self.book
        sheet.set_landscape()
        sheet.set_paper(self.paper)
        sheet.set_margins(**MARGINS)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.hide_gridlines(2)
        left, right = (text.replace("&", "&&") for text in (book.head[:80], book.period))
        sheet.set_header(f'&L&"宋体"&9{left}&R&"宋体"&9 {right}', {"margin": 0.35})
        caution = book.caution[:60].replace("&", "&&")
        below = f'&L&"宋体"&9{caution}' if caution else ""
        sheet.set_footer(f'{below}&C&"宋体"&9第 &P 页 共 &N 页', {"margin": 0.3})

    def headings(self, *, freeze: int = 0) -> None:
        """The column headings; they and everything above repeat on every page. freeze: columns kept in sight."""
        style = self.book.style(bold=True, align="center", border=1, bg_color=FILL_HEAD)
        titles = [column.title for column in self.columns]
        for at, title in enumerate(titles):
            self.sheet.write_string(self.at, at, title, style)
        self._advance(self._height(titles, 24))
        self.repeat(freeze=freeze)

    def repeat(self, *, freeze: int = 0) -> None:
        """Everything down to here repeats on every page and stays in sight."""
        self.sheet.repeat_rows(0, self.at - 1)
        self.sheet.freeze_panes(self.at, freeze)
        self.repeated = self.used

    def row(self, values: Sequence[Any], *, kinds: Sequence[str] | None = None, **style: Any) -> int:
        """One bordered row; its number.

        A value is a text, an amount (fen), another number (int or Fraction), or None or "" for nothing.
        """
        kinds = kinds or [column.kind for column in self.columns]
        for at, (value, kind) in enumerate(zip(values, kinds, strict=True)):
            self.cell(self.at, at, value, kind, border=1, **style)
        shown = ["" if kind in NUMERIC else str(value or "") for value, kind in zip(values, kinds, strict=True)]
        self.rows.append(self.at)
        self._advance(self._height(shown, ROW))
        return self.at - 1

    def cell(self, row: int, column: int, value: Any, kind: str, **style: Any) -> None:
        """One cell; `blank` is an empty one, `none` not even bordered."""
        if kind == "none":
            return
        if kind == "blank":
            self.sheet.write_blank(row, column, None, self.book.style(**style))
            return
        if value is None or value == "":
            empty, middle = NONE if kind in NUMERIC else "", style | {"align": "center", "indent": 0}
            self.sheet.write_string(row, column, empty, self.book.style_of(kind, middle))
        elif kind == "money":
            look = self.book.style_of(kind, style)
            if abs(value) < EXACT_FEN:
                self.sheet.write_number(row, column, value / 100, look)
            else:
                self.sheet.write_string(row, column, format_yuan(value, thousands=True), look)
        elif kind in NUMERIC:
            kind = "whole" if kind == "number" and value.denominator == 1 else kind
            self.sheet.write_number(row, column, float(value), self.book.style_of(kind, style))
        else:  # a text stays a text, whatever it begins with
            text = str(value)
            marked = style | {"quote_prefix": True} if text.startswith(FORMULA) else style
            self.sheet.write_string(row, column, text, self.book.style_of(kind, marked))

    def line(self, text: str, *, size: float = SIZE, height: float = 0, **style: Any) -> None:
        """A text over the whole width."""
        self.span(0, self.last, text, font_size=size, **style)
        needed = lines_needed(text, sum(self.pixels), size)
        self._advance(max(height, needed * size * 1.4 + 4))

    def tail(self, notes: Sequence[str]) -> float:
        """Points that notes and signatures at the end of a table take."""
        lines = sum(lines_needed(text, sum(self.pixels)) for text in notes)
        return lines * SIZE * 1.4 + 4 * len(notes) + self.signature_height()

    def boxed(self, text: str) -> None:
        """A warning in a box that cannot be overlooked."""
        self.line(
            text,
            height=24,
            bold=True,
            indent=1,
            font_color="#9C0006",
            bg_color="#FDECEA",
            border=2,
            border_color="#C00000",
        )

    def span(self, first: int, last: int, text: str, **style: Any) -> None:
        """A text over several columns of the row that is being written."""
        if text.startswith(FORMULA):
            style["quote_prefix"] = True
        look = self.book.style(**style)
        if last > first:
            self.sheet.merge_range(self.at, first, self.at, last, "", look)
        self.sheet.write_string(self.at, first, text, look)

    def labelled(self, label: str, text: str, *, columns: int = 2, **style: Any) -> None:
        """A bordered row: a label over the first columns, a text over the others."""
        self.span(0, columns - 1, label, **{"bold": True, "align": "center", "border": 1} | style)
        self.span(columns, self.last, text, border=1, indent=1, **style)
        self._advance(max(ROW, lines_needed(text, sum(self.pixels[columns:])) * LINE + 6))

    def end_row(self, texts: Sequence[str], pixels: Sequence[int]) -> None:
        """End a row that was written by spans, as high as its texts need."""
        lines = max(lines_needed(text, room) for text, room in zip(texts, pixels, strict=False))
        self._advance(max(ROW, lines * LINE + 6))

    def group(self, text: str) -> None:
        """A bordered band that opens a group of rows; never the last thing on a page."""
        self.keep(ROW * 5)
        self.line(text, height=ROW, bold=True, border=1, bg_color=FILL_GROUP, indent=1)

    def signatures(self, *, room: float = 10) -> None:
        """The signature lines and the date."""
        if not self.book.signatures:
            return
        self.gap(room)
        signers = [f"{title}：＿＿＿＿＿＿＿" for title in self.book.signatures]
        for start in range(0, len(signers), 4):
            last = start + 4 >= len(signers)
            said = signers[start : start + 4] + (["日期：＿＿＿＿年＿＿月＿＿日"] if last else [])
            self.line("　　".join(said), height=26)
        self._accompany()

    def _accompany(self) -> None:
        """Move the last rows of the table over to a last page that would hold nothing but notes and signatures."""
        if not self.breaks or any(row >= self.breaks[-1] for row in self.rows):
            return
        before = self.breaks[-2] if len(self.breaks) > 1 else 0
        moved = [row for row in self.rows if before < row < self.breaks[-1]][-LAST_ROWS:]
        if moved and self.repeated + sum(self.heights[moved[0] :]) <= self.room:
            self.breaks[-1] = moved[0]
            self.used = self.repeated + sum(self.heights[moved[0] :])

    def signature_height(self) -> float:
        """Points that the signature lines take."""
        return 12 + 26.0 * -(-len(self.book.signatures) // 4)

    def gap(self, points: float = 10) -> None:
        """An empty row."""
        self._advance(points)

    def keep(self, points: float) -> None:
        """Begin a new page if less than `points` are left on this one.

        Every page break is set here and not left to the program that prints, so that paper looks alike everywhere.
        """
        if self.used + points > self.room and self.used > self.repeated:
            self.new_page()

    def new_page(self) -> None:
        """Begin a new page here."""
        self.breaks.append(self.at)
        self.used = self.repeated

    def close(self) -> None:
        """Set the print area and the page breaks."""
        self.sheet.print_area(0, 0, max(0, self.at - 1), self.last)
        self.sheet.set_h_pagebreaks(self.breaks)

    def _height(self, texts: Sequence[str], least: float) -> float:
        lines = max((lines_needed(text, self.pixels[at]) for at, text in enumerate(texts)), default=1)
        return max(least, lines * LINE + 6)

    def _advance(self, height: float) -> None:
        height = min(height, 400.0)  # Excel's limit is 409
        row = self.at
        self.sheet.set_row(row, height)
        self.heights.append(height)
        self.at += 1
        if self.used + height > self.room and self.used > self.repeated:
            self.breaks.append(row)
            self.used = self.repeated
        self.used += height


NUMERIC = frozenset({"money", "merit", "number", "factor", "whole", "score", "percent", "count"})
