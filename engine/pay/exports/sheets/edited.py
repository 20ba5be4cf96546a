"""What somebody changed in a workbook of sheets: every cell that is not what the payment says, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from domain.problems import InputProblems, Problem
from domain.sheets import letters
from engine.read.files import Sheet, open_sheets, workbook_sheets

_MOST = 200


def check_edited(made: bytes, path: Path) -> None:
    """Compare a workbook with the one just made. Raises InputProblems: SHEET-CHANGED at each cell, SHEET-MISSING."""
    there = {sheet.name: sheet for sheet in open_sheets(path)}
    here = {sheet.name: sheet for sheet in workbook_sheets(made, path.name)}
    problems = [
        Problem(f"{path.name} {name}", "SHEET-MISSING", "工作簿里没有这张表", "重新写出")
        for name in here
        if name not in there
    ]
    problems += [
        Problem(f"{path.name} {name}", "SHEET-CHANGED", "发放结果没有这张表", "删去")
        for name in there
        if name not in here
    ]
    for name, sheet in here.items():
        if name in there:
            problems += _changed(there[name], sheet)
    if problems:
        raise InputProblems(problems[:_MOST])


def _changed(there: Sheet, here: Sheet) -> list[Problem]:
    mine, theirs = _cells(here), _cells(there)
    found = []
    for at in sorted(mine.keys() | theirs.keys()):
        old, new = mine.get(at, ""), theirs.get(at, "")
        if old != new:
            row, column = at
            said = f"现为 “{new}”, 发放结果是 “{old}”"
            found.append(
                Problem(
                    f"{there.where}!{letters(column)}{row}",
                    "SHEET-CHANGED",
                    said,
                    "更正走 pay run --before, 不在表上改",
                )
            )
    return found


def _cells(sheet: Sheet) -> Mapping[tuple[int, int], str]:
    """The cells that hold anything, as texts: numbers without what a program adds to them."""
    return {
        (int(row), column): text
        for row, *cells in sheet.cells.itertuples(name=None)
        for column, cell in enumerate(cells)
        if (text := _text(cell))
    }


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return f"{Decimal(str(cell)).normalize():f}"
    return str(cell)
