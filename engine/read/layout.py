"""Which table a sheet is: where its heading stands, which column is what, what the title above says.

Kinds: institutions, memberships, facts, money, diseases, completions, reporters (one row per value) and wide (one row
per unit, one column per metric or money item). The heading is the row of the first eight with the most known words. A
column whose heading is not known and that is not empty is a problem, unless its heading marks it as a helper (序号,
备注, 辅助…, 校验…): nothing that was filled in is passed over in silence. Hidden columns are columns like others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from domain.problems import Problems
from domain.sheets import letters
from engine.read import cells, words
from engine.read.files import Sheet
from engine.read.forms import RUN, Forms, Known, money_factor
from engine.read.title_periods import NOTHING, Named, named_in

_SEARCHED = 8
_PLAIN = frozenset({"人", "人次", "个", "张", "人、元", "元、人", "人、人次"})  # 单位: 人 names no institution


@dataclass(frozen=True)
class Column:
    """One column: its 0-based position, its heading as written, what one of it is worth in yuan (money only)."""

    position: int
    heading: str
    factor: int | None = None


@dataclass(frozen=True)
class Table:
    """One table found. rows: raw cells by 1-based row, 0-based column; columns: by role; wide: by catalogue code.

    named, unit: the period and the institution that the title says; factor: 金额单位 of the sheet, in yuan. blanks:
    rows that were read and hold no number; broken: rows of money that cannot be taken; merged: rows whose number is
    merged with others, a problem that is told already. places: by row where it came from, where the table says so:
    that is then the place of each of its cells.
    """

    kind: str
    sheet: Sheet
    rows: pd.DataFrame
    columns: dict[str, Column]
    wide: dict[str, Column] = field(default_factory=dict)
    named: Named = NOTHING
    unit: str = ""
    factor: int | None = None
    blanks: list[pd.DataFrame] = field(default_factory=list)
    broken: list[pd.DataFrame] = field(default_factory=list)
    merged: frozenset[int] = frozenset()
    places: Mapping[int, str] = field(default_factory=dict)
    forms: Forms = RUN

    def at(self, role: str) -> list[str]:
        """Where each row's cell of a role stands: file sheet!D17."""
        return self.at_column(self.columns[role])

    def at_column(self, column: Column) -> list[str]:
        """Where each row's cell of a column stands; of a row that says where it came from, that place."""
        prefix = f"{self.sheet.where}!{letters(column.position)}"
        return [self.places.get(row) or f"{prefix}{row}" for row in self.rows.index]

    @property
    def sheets(self) -> set[str]:
        """The sheets that its cells are said to stand in: its own and those of its places."""
        return {self.sheet.where, *(place.partition("!")[0] for place in self.places.values() if place)}


def find_table(sheet: Sheet, titles: Known, problems: Problems) -> Table | None:
    """The table of one sheet; None for sheets that only explain, are empty, or are a problem."""
    forms = titles.forms
    named = forms.kind_by_name(sheet.title)
    if sheet.cells.empty or sheet.cells.isna().all(axis=None) or words.EXPLAINING.fullmatch(words.key(sheet.title)):
        return None
    row, kind = _header(sheet, titles, named)
    if not kind:
        if not sheet.hidden:
            problems.add(
                sheet.where,
                "SHEET-UNKNOWN",
                "看不出是哪张表: 前 8 行没有认识的表头",
                "按模板填写, 说明性的工作表请改名为 填报说明",
            )
        return None
    above = sheet.cells.iloc[: row - 1]
    title = " ".join(str(cell) for cell in above.to_numpy().ravel() if cell is not None)
    title_text = words.fold(title)
    unit, factor = _title_unit(sheet, title_text, problems)
    columns, wide = _columns(sheet, row, kind, titles, problems)
    dated = {**forms.headings, **forms.wide}[kind]
    if not _complete(sheet, forms, kind, columns, wide, problems):
        return None
    used = [*(column for role, column in columns.items() if role != "place"), *wide.values()]
    told = [columns[role].position for role in forms.told if role in columns]
    numbers = {
        column.position for column in (*wide.values(), *(columns[one] for one in forms.numbers if one in columns))
    }
    rows = _data_rows(_once(sheet, row, numbers), used, told)
    return Table(
        kind,
        sheet,
        rows,
        columns,
        wide,
        unit=unit,
        factor=factor,
        merged=_merged(sheet, row, rows, numbers, problems),
        places=_places(sheet, rows, columns["place"], problems) if "place" in columns else {},
        named=_named(sheet, above, problems) if "period" in dated and "period" not in columns else NOTHING,
        forms=forms,
    )


def _once(sheet: Sheet, heading: int, numbers: set[int]) -> pd.DataFrame:
    """The cells below the heading; a number merged over several rows stands in the first of them alone."""
    below = sheet.cells.iloc[heading:]
    merges = [(top, left, bottom) for top, left, bottom, _ in sheet.merges if top > heading and left in numbers]
    below = below.copy() if merges else below
    for top, left, bottom in merges:
        below.loc[top + 1 : bottom, left] = None
    return below


def _merged(sheet: Sheet, heading: int, rows: pd.DataFrame, numbers: set[int], problems: Problems) -> frozenset[int]:
    """The rows whose number is merged with others: nobody can say how much of it is whose."""
    found: set[int] = set()
    for top, left, bottom, right in sheet.merges:
        if top <= heading or left not in numbers:
            continue
        within = rows.index.intersection(pd.RangeIndex(top, bottom + 1))
        if within.empty or sheet.cells.at[top, left] is None:
            continue
        found.update(within)
        over = " ".join([f"{bottom - top + 1} 行"] * (bottom > top) + [f"{right - left + 1} 列"] * (right > left))
        said = f"{cells.said(sheet.cells.at[top, left])} 合并了 {over}, 看不出各是多少"
        problems.add(sheet.cell(top, left), "MERGED", said, "取消合并, 逐行填写")
    return frozenset(found)


def _places(sheet: Sheet, rows: pd.DataFrame, column: Column, problems: Problems) -> dict[int, str]:
    """Where each row came from, by row, those that say it; what is no such text is told at the cell that holds it."""
    found: dict[int, str] = {}
    for row, cell in zip(rows.index, rows[column.position], strict=True):
        read = cells.place(cell)
        if isinstance(read, str):
            found[row] = read
        else:
            problems.add(sheet.cell(row, column.position), *read)
    return found


def _header(sheet: Sheet, titles: Known, named: str) -> tuple[int, str]:
    """1-based row of the heading and the kind of table; ("" if none)."""
    found: tuple[int, int, str] = (0, 0, "")
    partial = found
    for row, line in enumerate(sheet.cells.head(_SEARCHED).to_numpy(), start=1):
        headings = [words.key(cell) for cell in line if isinstance(cell, str)]
        kind, count, complete = _kind_of(headings, titles, named)
        if not kind:
            continue
        # The first heading counts, or the second line of a heading of two; what follows later is data or a repetition.
        if complete and (not found[1] or (row == found[1] + 1 and count >= found[0])):
            found = (count, row, kind)
        elif not complete and count > partial[0]:
            partial = (count, row, kind)
    return (found if found[1] else partial)[1:]


def _kind_of(headings: list[str], titles: Known, named: str) -> tuple[str, int, bool]:
    """Kind of table that headings (their keys) make, how many are known, whether all that are needed are there."""
    forms = titles.forms
    kinds = [kind for kind in forms.headings if kind == named or kind not in forms.named_only]
    found = {kind: {role for heading in headings if (role := forms.role(kind, heading))} for kind in kinds}
    complete = [
        kind for kind in kinds if all(any(one in found[kind] for one in group) for group in forms.required[kind])
    ]
    if complete:
        kind = max(complete, key=lambda one: (one == named, len(found[one])))
        return kind, len(found[kind]), True
    if wide := titles.wide(headings, named):
        return *wide, True
    if named and len(found[named]) >= 2:
        return named, len(found[named]), False
    return "", 0, False


def _columns(
    sheet: Sheet, row: int, kind: str, titles: Known, problems: Problems
) -> tuple[dict[str, Column], dict[str, Column]]:
    forms = titles.forms
    columns: dict[str, Column] = {}
    wide: dict[str, Column] = {}
    below = sheet.cells.iloc[row:]
    for position, cell in enumerate(sheet.cells.iloc[row - 1]):
        where = sheet.cell(row, position)
        if cell is None:
            if below[position].notna().any():
                _untitled(sheet, below, position, problems)
            continue
        heading = cells.said(cell)
        name = words.key(heading)
        role = forms.role(kind, name)
        entry = titles.entry(name) if kind in forms.wide and not role else None
        if role:
            measure = words.split_heading(name)[1]
            factor = money_factor(where, heading, measure, problems) if role in forms.money else None
            _put(columns, role, Column(position, heading, factor), where, problems)
        elif entry:
            told = len(problems.found)
            factor = titles.factor(where, heading, entry, problems)
            if len(problems.found) == told:  # else the numbers below would be blamed for their heading
                _put(wide, entry[0], Column(position, heading, factor), where, problems)
        elif (
            not words.HELPER.match(name)
            and not (kind in forms.beside and name in forms.names)
            and below[position].notna().any()
        ):
            problems.add(
                where, "COLUMN-UNKNOWN", f"不认识列 {heading}", "改成模板的表头, 辅助列的表头以 辅助 开头, 或删去该列"
            )
    return columns, wide


def _untitled(sheet: Sheet, below: pd.DataFrame, position: int, problems: Problems) -> None:
    """Data under a blank heading; totals and signatures do not count."""
    others = [Column(one, "") for one in range(below.shape[1])]
    data = _data_rows(below, others)[position]
    if data.notna().any():
        problems.add(
            sheet.cell(int(data.index[data.notna()][0]), position),
            "COLUMN-UNKNOWN",
            "该列有数据但没有表头",
            "补上表头, 辅助列的表头以 辅助 开头, 或删去该列",
        )


def _put(into: dict[str, Column], name: str, column: Column, where: str, problems: Problems) -> None:
    if name in into:
        told = f"列 {column.heading} 与 {letters(into[name].position)} 列 {into[name].heading} 重复"
        problems.add(where, "COLUMN-TWICE", told, "只留一列")
    else:
        into[name] = column


def _title_unit(sheet: Sheet, title: str, problems: Problems) -> tuple[str, int | None]:
    """The institution and the 金额单位 that the lines above the heading name (both may be written 单位: …)."""
    unit, factor = "", None
    for written in [*words.TITLE_UNIT.findall(title), *words.TITLE_MEASURE.findall(title)]:
        name = words.key(written)
        if name in words.MEASURES:
            factor = words.MEASURES[name]
        elif words.SCALED.match(name) and name[-1] in "元人":
            told = f"单位 {written} 不认识"
            problems.add(sheet.where, "MEASURE", told, "金额写 元、千元、万元、百万元 或 亿元, 其他按原单位填")
        elif name not in _PLAIN and f"计量单位:{name}" not in words.key(title):
            unit = unit or written
    return unit, factor


def _named(sheet: Sheet, above: pd.DataFrame, problems: Problems) -> Named:
    """The period that the lines above the heading and the sheet's name say."""
    lines = [str(cell) for cell in above.to_numpy().ravel() if cell is not None]
    read = named_in("|".join([*lines, sheet.title]))
    if isinstance(read, Named):
        return read
    problems.add(sheet.where, *read)
    return NOTHING


def _complete(
    sheet: Sheet,
    forms: Forms,
    kind: str,
    columns: dict[str, Column],
    wide: dict[str, Column],
    problems: Problems,
) -> bool:
    missing = [group[0] for group in forms.required.get(kind, ()) if not any(role in columns for role in group)]
    for role in missing:
        problems.add(
            sheet.where, "COLUMN-MISSING", f"{forms.tables[kind]}缺少列 {forms.titles[role]}", "按模板补上该列"
        )
    return not missing and (kind not in forms.wide or bool(wide))


def _data_rows(below: pd.DataFrame, used: list[Column], told: Sequence[int] = ()) -> pd.DataFrame:
    """The rows that are data: not blank in every known column, no total, signature, remark or repeated heading.

    told: positions of columns that hold anybody's words (notes, document numbers): 累计 there makes no total.
    """
    positions = [column.position for column in used]
    known = below[positions]
    rows = below[known.notna().any(axis=1)]
    if rows.empty:
        return rows
    filled = rows.notna().to_numpy()
    first = rows.to_numpy()[range(len(rows)), filled.argmax(axis=1)]
    columns = {position: rows[position].tolist() for position in positions}
    kept = np.array([not _aside(_lead(cell)) for cell in first], dtype=bool)
    for cells_there in (columns[one] for one in positions if one not in told):
        for at, cell in enumerate(cells_there):
            if _may_be_total(cell) and words.TOTAL_ROW.fullmatch(_lead(cell)):
                kept[at] = False
    titled = [column for column in used if column.heading]
    for at in range(len(rows)) if titled else ():
        if all(columns[column.position][at] == column.heading for column in titled):
            kept[at] = False
    return rows[kept]


def _aside(lead: str) -> bool:
    """Whether a row that begins like this is no data: a total, a signature, a remark."""
    return any(said.fullmatch(lead) for said in (words.TOTAL_ROW, words.SIGNATURE_ROW, words.REMARK_ROW))


def _lead(cell: object) -> str:
    return words.key(cell) if isinstance(cell, str) else ""


def _may_be_total(cell: object) -> bool:
    return isinstance(cell, str) and len(cell) < 12 and "计" in cell
