"""Writes tables the way offices fill them in: titles above, 合计 and signatures below, and figures in every notation.

The files are the same bytes each time: no clock, no random numbers. Which notation a cell gets follows from its
place in the table.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
import xlwt

FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
EMPTY = "－"


@dataclass(frozen=True)
class Yuan:
    """An amount in fen."""

    fen: int


Cell = Yuan | int | float | str | date | None


@dataclass(frozen=True)
class Table:
    """One sheet: a title over the headings, the rows, a 合计 of `total` columns, a line for signatures."""

    sheet: str
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[int] = ()
    note: str = ""
    signed: bool = True


def words(keys: Sequence[tuple[str, ...]]) -> list[str | None]:
    """口径 of rows, each with what it is a figure of: a further document adds to the first."""
    return ["追加" if key in keys[:place] else None for place, key in enumerate(keys)]


def plain(fen: int) -> str:
    """Yuan without separators."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _money(fen: int, place: int) -> str | float:
    """Mostly numbers with a number format; now and then text as people type it."""
    text = f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
    if place % 17 == 5:
        return "￥" + text
    if place % 17 == 11:
        return text
    if place % 29 == 7:
        return plain(fen).translate(FULL_WIDTH)
    return float(plain(fen))


def _date(day: date, place: int) -> str | date:
    """2025.7.1, 2025-07-01, 20250701 as text, or a real date cell."""
    forms: tuple[Callable[[], str | date], ...] = (
        lambda: f"{day.year}.{day.month}.{day.day}",
        day.isoformat,
        lambda: f"{day:%Y%m%d}",
        lambda: day,
    )
    return forms[place % 4]()


def _shown(cell: Cell, row: int, column: int) -> float | str | date | None:
    place = row * 7 + column
    match cell:
        case Yuan(fen):
            return _money(fen, place)
        case date():
            return _date(cell, row)
        case int() if place % 31 == 13:
            return str(cell).translate(FULL_WIDTH)
        case None:
            return EMPTY if place % 2 else ""
        case _:
            return cell


def _lines(table: Table) -> Iterator[list[float | str | date | None]]:
    """The rows below the headings: data, 合计, signatures."""
    for number, row in enumerate(table.rows):
        yield [_shown(cell, number, column) for column, cell in enumerate(row)]
    if table.total:
        sums: list[float | str | date | None] = [""] * len(table.headings)
        sums[0] = "合计"
        for column in table.total:
            amounts = [row[column] for row in table.rows]
            sums[column] = float(plain(sum(cell.fen for cell in amounts if isinstance(cell, Yuan))))
        yield sums
    if table.signed:
        yield ["单位负责人：", "", "复核：", "", "制表：", *[""] * (len(table.headings) - 5)]


def write_xlsx(path: Path, tables: Sequence[Table]) -> None:
    """A workbook of several sheets, with merged titles and number formats."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False})
    book.set_properties({"title": tables[0].title, "author": "两允示例", "created": datetime(2026, 1, 1)})  # noqa: DTZ001
    title = book.add_format({"bold": True, "align": "center", "font_size": 14})
    head = book.add_format({"bold": True, "border": 1, "bg_color": "#DDE7F0", "text_wrap": True})
    money = book.add_format({"num_format": "#,##0.00", "border": 1})
    day = book.add_format({"num_format": "yyyy/m/d", "border": 1})
    text = book.add_format({"border": 1})
    for table in tables:
        sheet = book.add_worksheet(table.sheet)
        last = len(table.headings) - 1
        sheet.merge_range(0, 0, 0, last, table.title, title)
        first = 1
        if table.note:
            sheet.merge_range(1, 0, 1, last, table.note)
            first = 2
        sheet.write_row(first, 0, table.headings, head)
        sheet.freeze_panes(first + 1, 0)
        sheet.set_column(0, last, 16)
        for number, row in enumerate(_lines(table), start=first + 1):
            for column, cell in enumerate(row):
                match cell:
                    case float():
                        sheet.write_number(number, column, cell, money)
                    case int():
                        sheet.write_number(number, column, cell, text)
                    case date():
                        sheet.write_datetime(number, column, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
                    case str():
                        sheet.write_string(number, column, cell, text)
    book.close()


def write_xls(path: Path, tables: Sequence[Table]) -> None:
    """The same in the format of Excel 97."""
    book = xlwt.Workbook(encoding="utf-8")
    money = xlwt.easyxf(num_format_str="#,##0.00")
    day = xlwt.easyxf(num_format_str="yyyy/m/d")
    for table in tables:
        sheet = book.add_sheet(table.sheet)
        sheet.write_merge(0, 0, 0, len(table.headings) - 1, table.title)
        for column, heading in enumerate(table.headings):
            sheet.write(1, column, heading)
        for number, row in enumerate(_lines(table), start=2):
            for column, cell in enumerate(row):
                if cell is None or cell == "":
                    continue
                if isinstance(cell, float):
                    sheet.write(number, column, cell, money)
                elif isinstance(cell, date):
                    sheet.write(number, column, cell, day)
                else:
                    sheet.write(number, column, cell)
    book.save(str(path))


def write_csv(folder: Path, tables: Sequence[Table], encoding: str = "gb18030") -> None:
    """A folder of CSV files as a Chinese Excel saves them: title row, GB18030, CRLF."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        with (folder / f"{table.sheet}.csv").open("w", encoding=encoding, newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow([table.title, *[""] * (len(table.headings) - 1)])
            writer.writerow(table.headings)
            for row in _lines(table):
                writer.writerow([f"{cell:.2f}" if isinstance(cell, float) else cell for cell in row])
