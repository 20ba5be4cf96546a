"""Sheets of cells as they are handed in: a workbook, or a folder of CSV."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import xlsxwriter

Sheets = dict[str, list[list[Any]]]


def put(sheets: Sheets, cell: str, value: Any) -> None:
    """Set "事实表!D3", growing the sheet where needed."""
    name, _, place = cell.partition("!")
    letter, row = place[0], int(place[1:]) - 1
    column = ord(letter) - 65
    rows = sheets[name]
    rows += [[] for _ in range(row + 1 - len(rows))]
    rows[row] += [""] * (column + 1 - len(rows[row]))
    rows[row][column] = value


def write_xlsx(sheets: Sheets, path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, line in enumerate(rows):
            for column, value in enumerate(line):
                if isinstance(value, dt.date):
                    sheet.write_datetime(row, column, value, dates)
                elif isinstance(value, str) and value.startswith("#"):
                    sheet.write_formula(row, column, "=NA()", None, value)
                elif isinstance(value, dict):
                    sheet.merge_range(row, column, row + value["down"] - 1, column + value["right"] - 1, value["text"])
                elif value != "":
                    sheet.write(row, column, value)
    book.close()
    return path


def write_csv(sheets: Sheets, folder: Path, encoding: str) -> Path:
    folder.mkdir()
    for name, rows in sheets.items():
        with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows(rows)
    return folder
