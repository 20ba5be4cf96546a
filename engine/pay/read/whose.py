"""Who people are and where they are paid, alone: what exports ask of PEOPLE, whatever else it holds by then.

An account is mended and a month goes by before a failed line is paid again: nothing else of the tables is looked at.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from domain.pay import Pay
from domain.period import Period
from domain.problems import InputProblems, Problems
from engine.pay.people import COLUMNS, People, empty
from engine.pay.read import identity_checks
from engine.pay.read.forms import TABLES, passed_over
from engine.pay.read.given import Given, at
from engine.pay.read.measures import Measures
from engine.pay.read.nameless import nameless
from engine.pay.read.rows import Part, Row, take
from engine.read.files import open_sheets
from engine.read.layout import find_table
from engine.read.register import ordered

_ASKED = ("people", "accounts")
_REMEDY = {"people": "给出发放时的人员工作簿", "accounts": "按模板的账户表填写"}


def read_whose(path: Path, pay: Pay, period: Period, month: str, *, needed: str = "people") -> People:
    """The tables `people` and `accounts` of a workbook or folder, with the cell of each column as `COLUMN_at`.

    needed: the one of the two that must be there, "" for neither.
    Raises InputProblems with every problem of these tables (PAY-ID, PAY-ID-TWICE, DUPLICATE, TABLE-MISSING among them).
    """
    sheets, problems, elsewhere = open_sheets(path), Problems(), Problems()
    known = Measures(pay, None)
    parts = {kind: Part() for kind in COLUMNS}
    for sheet in sheets:
        noted = Problems()
        table = None if passed_over(sheet.title) else find_table(sheet, known, noted)
        if table is not None and table.kind in _ASKED:
            problems.extend(noted.found)
            take(table, known, period, month, parts, problems)
        else:
            elsewhere.extend(noted.found)
    if needed and not parts[needed].sheets:
        problems.extend(elsewhere.found)
        problems.add(path.name, "TABLE-MISSING", f"缺少{TABLES[needed]}", _REMEDY[needed])
    given = Given(pay, period, month, parts, problems, None)
    for kind in _ASKED:
        first: dict[str, Row] = {}
        for row in given.rows(kind):
            if (other := first.setdefault(row["person_code"], row)) is not row:
                said = f"{TABLES[kind]}的这一行与 {at(other, 'person_code')} 重复"
                problems.add(at(row, "person_code"), "DUPLICATE", said, "只留一行")
    identity_checks.check(given)
    if problems:
        raise InputProblems(ordered(nameless(problems.found, given), sheets))
    frames = {kind: empty(kind) for kind in COLUMNS}
    return People(frames | {kind: _frame(kind, given.rows(kind)) for kind in _ASKED})


def _frame(kind: str, rows: list[Row]) -> pd.DataFrame:
    columns = [*COLUMNS[kind], *(f"{name}_at" for name in COLUMNS[kind]), "source"]
    return pd.DataFrame(rows, columns=columns, dtype=object)
