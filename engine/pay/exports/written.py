"""Rows written as a layout says: text in its encoding, or a workbook in which codes stay text and amounts numbers."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from domain.money import format_yuan
from domain.problems import Problems
from domain.sheets import formula_like
from engine.pay.exports.layout import AMOUNTS, PLACES, TOTALS, Layout, LayoutColumn, placed, texts_of
from engine.printing.page import EXACT_FEN, OPTIONS

_A3, _A4, _WIDE = 8, 9, 15
"""More columns than that are printed on A3. Source: domain/E_sheets E.1."""
_MONEY, _NARROW = "0000000.00", 0x2E7F
_ENDS = {"crlf": "\r\n", "lf": "\n"}


@dataclass(frozen=True)
class Row:
    """What one line can say: texts, amounts in fen or None, and the cell each came from.

    items: what was deducted, by item.
    """

    values: Mapping[str, str | int | None]
    at: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, int] = field(default_factory=dict)

    def value(self, column: LayoutColumn) -> str | int | None:
        """What stands in a column; None for nothing."""
        if column.field is not None:
            return self.values.get(column.field)
        return column.text if column.item is None else self.items.get(column.item)


def parts(rows: Sequence[Row], layout: Layout) -> list[list[Row]]:
    """The rows in as many files as the layout needs, at least one."""
    most = layout.max_rows or max(1, len(rows))
    return [list(rows[at : at + most]) for at in range(0, max(1, len(rows)), most)]


def check_texts(rows: Sequence[Row], layout: Layout, problems: Problems) -> None:
    """Note the texts that a text file cannot carry (BANK-CHARSET), each at its cell.

    Signs that the encoding lacks, the delimiter, line ends, and a sign at the beginning that a spreadsheet takes for a
    formula: whoever receives the file compares names with his own, so none may be changed on the way.
    """
    if layout.format != "text":
        return
    for row in rows:
        for column in layout.columns:
            text = row.value(column)
            if not isinstance(text, str) or column.field is None:
                continue
            said = _unwritable(text, layout)
            if said:
                remedy = "与收款银行核对户名写法, 在账户表按银行的写法填户名并在备注说明"
                problems.add(row.at.get(column.field, ""), "BANK-CHARSET", f"{column.title}{said}", remedy)


def check_places(said: Mapping[str, str], given: Mapping[str, str], layout: Layout, problems: Problems) -> None:
    """Note what head and foot lines and the columns of one text cannot carry (BANK-CHARSET). given: by `--set`."""
    if layout.format != "text":
        return
    for name in dict.fromkeys(name for text in texts_of(layout) for name in placed(text)):
        if reason := _unwritable(said.get(name, ""), layout):
            where, remedy = ("--set", "换一个值") if name in given else (layout.id, "换一种编码, 或改格式里的这一行")
            problems.add(where, "BANK-CHARSET", f"{name}{reason}", remedy)


def _unwritable(text: str, layout: Layout) -> str:
    lacking = [sign for sign in dict.fromkeys(text) if not _encodable(sign, layout.encoding)]
    if lacking:
        signs = "、".join(f"“{sign}” (U+{ord(sign):04X})" for sign in lacking)
        return f"里的 {signs} 在 {layout.encoding} 里没有"
    if layout.delimiter in text or any(sign in text for sign in "\r\n\t"):
        return "里有分隔符或换行"
    return "以 = + - @ 开头, 会被当作公式" if formula_like(text) else ""


def _encodable(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def written(rows: Sequence[Row], layout: Layout, said: Mapping[str, str]) -> bytes:
    """One file. said: what head and foot lines name; the count and total of these rows are added here."""
    laid = laid_out(layout, rows, said)
    layout, rows, head, foot = laid
    if layout.format == "xlsx":
        return workbook([laid], layout.title)
    lines = [*head, *([[one.title for one in layout.columns]] if layout.headings else []), *_texts(rows, layout), *foot]
    end = _ENDS[layout.line_end]
    return "".join(layout.delimiter.join(line) + end for line in lines).encode(layout.encoding)


Sheet = tuple[Layout, Sequence[Row], Sequence[Sequence[str]], Sequence[Sequence[str]]]
"""A layout, its rows, head and foot lines."""


def laid_out(layout: Layout, rows: Sequence[Row], said: Mapping[str, str]) -> Sheet:
    """A table with head and foot lines. said: what they name, but for the count and total of the rows."""
    column = next((one for one in layout.columns if one.field in TOTALS), None) or next(
        (one for one in layout.columns if one.field in AMOUNTS), None
    )
    total = sum(value for row in rows if column and isinstance(value := row.value(column), int))
    places = {**dict.fromkeys(PLACES, ""), **said, "count": str(len(rows)), "total": _amount(total, layout)}
    head, foot = (
        [[cell.format_map(places) for cell in line] for line in lines] for lines in (layout.head, layout.foot)
    )
    return filled(layout, places), rows, head, foot


def filled(layout: Layout, places: Mapping[str, str]) -> Layout:
    """The layout with what its texts name in braces."""
    columns = [
        one if one.text is None else one.model_copy(update={"text": one.text.format_map(places)})
        for one in layout.columns
    ]
    return layout.model_copy(update={"columns": columns})


def _texts(rows: Sequence[Row], layout: Layout) -> list[list[str]]:
    return [[_text(row.value(column), column, layout) for column in layout.columns] for row in rows]


def _text(value: str | int | None, column: LayoutColumn, layout: Layout) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value) if column.field == "seq" else _amount(value, layout)
    return value


def _amount(fen: int, layout: Layout) -> str:
    return str(fen) if layout.amount == "fen" else format_yuan(fen)


def workbook(sheets: Sequence[Sheet], title: str) -> bytes:
    """A workbook of such tables, each with its head and foot lines; nothing in it names a person but the cells."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, deepcopy(OPTIONS)) as book:
        book.set_properties({"title": title, "created": datetime(2000, 1, 1, tzinfo=UTC)})
        looks = {
            "bold": book.add_format({"bold": True}),
            "heading": book.add_format({"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter"}),
            "text": book.add_format({"num_format": "@"}),
            "quoted": book.add_format({"num_format": "@", "quote_prefix": True}),
            "yuan": book.add_format({"num_format": "0.00"}),
            "whole": book.add_format({"num_format": "0"}),
        }
        for layout, rows, head, foot in sheets:
            _sheet(book.add_worksheet(layout.sheet), layout, rows, head, foot, looks)
    return held.getvalue()


def _sheet(
    sheet: Any, layout: Layout, rows: Sequence[Row], head: Sequence[Sequence[str]], foot: Sequence[Sequence[str]],
    looks: Mapping[str, Any],
) -> None:  # fmt: skip
    at = _lines(sheet, 0, head, looks)
    if layout.headings:
        for column, one in enumerate(layout.columns):
            sheet.write_string(at, column, one.title, looks["bold" if layout.kind == "bank" else "heading"])
        at += 1
        sheet.freeze_panes(at, 0)
    for row in rows:
        for column, one in enumerate(layout.columns):
            value = row.value(one)
            if isinstance(value, str):
                _string(sheet, at, column, value, looks)
            elif value is not None and one.field == "seq":
                sheet.write_number(at, column, value, looks["whole"])
            elif value is not None:
                _money(sheet, at, column, value, layout, looks)
        at += 1
    _lines(sheet, at, foot, looks)
    _print(sheet, layout, rows, len(head))


def _print(sheet: Any, layout: Layout, rows: Sequence[Row], above: int) -> None:
    """Widths and the page; above: lines over the headings."""
    if layout.kind == "bank":  # it has the same bytes whichever version wrote it
        for column, one in enumerate(layout.columns):
            least = 22 if one.field in {"account", "id_number"} else 10
            sheet.set_column(column, column, max(least, 2 * len(one.title) + 2))
        return
    sheet.set_landscape()
    sheet.set_paper(_A3 if len(layout.columns) > _WIDE else _A4)
    sheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.5)
    sheet.fit_to_pages(1, 0)
    if layout.headings:
        sheet.repeat_rows(above)
    sheet.set_footer("&C第 &P 页, 共 &N 页")
    widths = [_width(one, rows) for one in layout.columns]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    if layout.headings:
        most = max(-(-2 * len(one.title) // (width - 1)) for one, width in zip(layout.columns, widths, strict=True))
        sheet.set_row(above, 15 * most)


def _width(column: LayoutColumn, rows: Sequence[Row]) -> int:
    """Wide enough for what stands in a column; its heading goes on several lines."""
    texts = [value if isinstance(value, str) else _MONEY for row in rows if (value := row.value(column)) is not None]
    longest = max((sum(2 if ord(sign) > _NARROW else 1 for sign in text) for text in texts), default=0)
    return min(max(longest + 2, 6), 44)


def _lines(sheet: Any, at: int, lines: Sequence[Sequence[str]], looks: Mapping[str, Any]) -> int:
    """Lines above or below the table; the row below them."""
    for row, line in enumerate(lines, start=at):
        for column, cell in enumerate(line):
            _string(sheet, row, column, cell, looks)
    return at + len(lines)


def _money(sheet: Any, at: int, column: int, fen: int, layout: Layout, looks: Mapping[str, Any]) -> None:
    if layout.amount == "fen":
        sheet.write_number(at, column, fen, looks["whole"])
    elif abs(fen) < EXACT_FEN:
        sheet.write_number(at, column, fen / 100, looks["yuan"])
    else:
        sheet.write_string(at, column, format_yuan(fen), looks["text"])


def _string(sheet: Any, at: int, column: int, text: str, looks: Mapping[str, Any]) -> None:
    sheet.write_string(at, column, text, looks["quoted" if formula_like(text) else "text"])
