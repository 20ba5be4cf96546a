"""工作日表: days on which a year is worked or not, as the holiday notice or a local one says, each with its source.

Only what differs from Monday to Friday need stand there: days off and days worked in exchange (调休). Columns 日期,
类型 (工作日, 休息日), 来源; a file of CSV or a workbook whose sheets are read as one table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.problems import Problems
from engine.read import cells, words
from engine.read.cells import Bad
from engine.read.files import Sheet, open_sheets
from engine.read.layout import Column, Table
from engine.read.rows import Rows

_SEARCHED = 8
_HEADINGS = {
    "day": ("日期", "day", "date"),
    "day_kind": ("类型", "日期类型", "kind"),
    "day_source": ("来源", "依据", "文号", "source"),
}
_ROLES = {words.key(heading): role for role, headings in _HEADINGS.items() for heading in headings}
_KINDS = {
    **dict.fromkeys(("工作日", "上班", "调休上班", "working"), "working"),
    **dict.fromkeys(("休息日", "放假", "放假日", "节假日", "rest"), "rest"),
}


@dataclass(frozen=True, order=True)
class Workday:
    """One day of the table; place: file sheet!cell of its kind."""

    day: date
    working: bool
    source: str
    place: str


def read_workdays(path: Path) -> tuple[Workday, ...]:
    """The days of a table, by day. Raises InputProblems with every problem at its cell; nothing is half taken."""
    problems = Problems()
    tables = [table for sheet in open_sheets(path) if (table := _table(sheet, problems))]
    found = [row for table in tables for row in _rows(table, problems)]
    if not found and not problems:
        problems.add(path.name, "TABLE-EMPTY", "工作日表是空的", "填 日期、类型、来源 三列")
    first: dict[date, Workday] = {}
    for row in found:
        if row.day in first:
            said = f"{row.day} 与 {first[row.day].place} 重复"
            problems.add(row.place, "DUPLICATE", said, "每天一行")
        first.setdefault(row.day, row)
    problems.raise_if_any()
    return tuple(sorted(found))


def _table(sheet: Sheet, problems: Problems) -> Table | None:
    """The table of one sheet; None for sheets that are empty or only explain, and for those that are a problem."""
    if sheet.cells.isna().all(axis=None) or words.EXPLAINING.fullmatch(words.key(sheet.title)):
        return None
    heads = sheet.cells.head(_SEARCHED).to_numpy()
    counts = [len({_ROLES[name] for cell in line if (name := words.key(str(cell))) in _ROLES}) for line in heads]
    if not max(counts):
        problems.add(sheet.where, "SHEET-UNKNOWN", "前 8 行没有表头 日期、类型、来源", "按说明填写")
        return None
    heading = counts.index(max(counts)) + 1
    columns: dict[str, Column] = {}
    below = sheet.cells.iloc[heading:]
    told = len(problems.found)
    for position, cell in enumerate(sheet.cells.iloc[heading - 1]):
        name = words.key(str(cell)) if cell is not None else ""
        role = _ROLES.get(name)
        if role and role in columns:
            problems.add(sheet.cell(heading, position), "COLUMN-TWICE", f"列 {cells.said(cell)} 重复", "只留一列")
        elif role:
            columns[role] = Column(position, cells.said(cell))
        elif below[position].notna().any() and not (name and words.HELPER.match(name)):
            said = f"不认识列 {cells.said(cell)}" if name else "该列有数据但没有表头"
            problems.add(sheet.cell(heading, position), "COLUMN-UNKNOWN", said, "删去该列, 或表头以 辅助 开头")
    for role in (role for role in _HEADINGS if role not in columns):
        problems.add(sheet.where, "COLUMN-MISSING", f"工作日表缺少列 {words.ROLE_TITLES[role]}", "补上该列")
    if len(problems.found) > told:
        return None
    rows = below[below[[column.position for column in columns.values()]].notna().any(axis=1)]
    return Table("workdays", sheet, rows, columns)


def _rows(table: Table, problems: Problems) -> list[Workday]:
    rows = Rows(table, problems)
    rows.take("day", _day, needed=True)
    kinds = rows.take(
        "day_kind", lambda cell: cells.choice(cell, _KINDS, "类型", "DAY-KIND", "工作日 或 休息日"), needed=True
    )
    rows.take("day_source", cells.text, needed=True)
    rows.columns["working"] = kinds == "working"
    good = rows.good()
    return [
        Workday(day, bool(working), source, at)
        for day, working, source, at in zip(
            good["day"], good["working"], good["day_source"], good["day_kind_at"], strict=True
        )
    ]


def _day(cell: object) -> date | Bad | None:
    """A day; a month alone names none."""
    read = cells.day(cell)
    if isinstance(read, date) and read != cells.day(cell, last=True):
        return Bad("DATE", f"{cells.said(cell)} 是月份, 不是日期", "写成 2026-01-01 或 2026年1月1日")
    return read
