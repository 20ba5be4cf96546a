"""Typed rows of the tables of people, each value with the cell it came from.

A row is a mapping of its columns, and of each to where it stands (`COLUMN_at`). Messages about names, ID numbers and
accounts never say what is in the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pandas as pd

from domain.pay import REDIVIDE, RESERVE
from domain.period import Period
from domain.problems import Problems
from domain.values import plain_id
from engine.pay.people import COLUMNS, DAYS, FEN, NUMBERS
from engine.pay.read import forms
from engine.pay.read.measures import Measures
from engine.pay.scheme import AMOUNT
from engine.read import cells, words
from engine.read.cells import Bad
from engine.read.layout import Table
from engine.read.rows import Rows

Row = dict[str, Any]
Parse = Callable[[Any], Any]
_CODES = frozenset({"post_no", "person_code", "unit_code", "home_unit", "paid_through", "payer", "case_no"})
_PRIVATE = {"name": "姓名", "id_number": "证件号码", "account": "账号", "account_name": "户名"}
_SHARES = frozenset({"share", "multiplier"})
_ZERO = frozenset({"exempt", "other", "relief", "withheld_month"})
"""Sums of the year that most people have none of: a blank one is 0."""
_SIGNED = frozenset({("deductions", "amount"), ("tax_cumulative", "withheld_month"), ("money", "amount")})
_VALUES = frozenset({"old_value", "new_value"})
_MAY_BE_BLANK = frozenset(
    {("attendance", "days_due"), ("attendance", "days_employed"), ("person_facts", "value"), ("team_facts", "value"),
     ("cases", "document"), ("accounts", "account")}
)  # fmt: skip
"""Of the columns that must be there, those whose blank cells are judged by what they are needed for."""
_BLANK_FORM: Mapping[str, tuple[str, ...]] = {
    "attendance": ("days_due", "days_employed"),
    "leave": ("kind", "days", "document"),
    "earmarks": ("quantity",),
    "holds": ("multiplier", "reason", "document"),
    "pay_amounts": ("amount",),
    "tax_cumulative": ("basic", "income", "exempt", "special", "additional", "other", "relief", "withheld_before",
                       "withheld_month"),
    "deductions": ("amount",),
    "accounts": ("bank", "branch", "cnaps", "account", "account_name", "note"),
    "next_payments": ("payable",),
    "money": ("amount",),
}  # fmt: skip
"""A row in which nothing of these stands is a line of the blank form."""
_SOURCE = {
    "posts": "position", "attendance": "days_employed", "leave": "days", "person_facts": "value", "team_facts": "value",
    "earmarks": "quantity", "holds": "multiplier", "pay_amounts": "amount", "tax_cumulative": "income",
    "deductions": "amount", "deferred": "balance", "reserves": "opening", "next_payments": "payable", "money": "amount",
}  # fmt: skip
"""The number of a row, whose cell is its source; of other tables it is the first column."""


@dataclass
class Part:
    """The rows of one table over all sheets.

    lost: rows that a bad cell keeps out, with what could be read of them; blank: where a value was asked for and none
    stands, by key. sheets: where they stand.
    """

    rows: list[Row] = field(default_factory=list)
    lost: list[Row] = field(default_factory=list)
    blank: dict[tuple[str, ...], str] = field(default_factory=dict)
    sheets: list[str] = field(default_factory=list)

    def loses(self, **keys: str) -> bool:
        """Whether a lost row may be the one of these keys."""
        return any(all(row.get(name) in (one, None, "") for name, one in keys.items()) for row in self.lost)


def take(
    table: Table, known: Measures, period: Period, month: str, into: Mapping[str, Part], problems: Problems
) -> None:
    """Read one table into its part.

    A table without a column of its period is of the period that its title says, else of the payment's.
    """
    kind = forms.WIDE.get(table.kind, table.kind)
    part, wide = into[kind], table.kind in forms.WIDE
    part.sheets.append(table.sheet.where)
    titled = "period" in COLUMNS[kind] and "period" not in table.columns
    spoken = Rows(table, problems).period_of_title(period) if titled else str(period)
    default = {"period": spoken, "month": month}
    table = _filled(table, kind, default["period"], part)
    rows = Rows(table, problems)
    for column in COLUMNS[kind]:
        if wide and column in {"measure", "value"}:
            continue
        asked = forms.must_have(kind, column) or (column in default and column in table.columns)
        asked &= (kind, column) not in _MAY_BE_BLANK
        rows.take(column, _parser(kind, column, known, _factor(table, column)), needed=asked)
        if column in default and column not in table.columns:
            rows.put(column, default[column])
    made = _measured(rows, kind, known, part) if wide else _long(rows, kind, part)
    part.lost += _records(rows.frame[rows.bad])
    of = _SOURCE.get(kind, COLUMNS[kind][0])
    part.rows += [{**row, "source": row.get(f"{of}_at") or row[f"{COLUMNS[kind][0]}_at"]} for row in made]


def _filled(table: Table, kind: str, period: str, part: Part) -> Table:
    """The table without the lines of the blank form; where attendance was asked for is kept."""
    asked = [table.columns[role] for role in _BLANK_FORM.get(kind, ()) if role in table.columns]
    if not asked or table.rows.empty:
        return table
    blank = ~table.rows[[column.position for column in asked]].map(_says).any(axis=1)
    if not blank.any():
        return table
    if kind == "attendance":
        lines = replace(table, rows=table.rows[blank])
        posts = lines.rows[lines.columns["post_no"].position]
        periods = lines.rows[lines.columns["period"].position] if "period" in lines.columns else None
        told = [period] * len(posts) if periods is None else [cells.period(one) for one in periods]
        for post, of, at in zip(posts, told, lines.at("days_employed"), strict=True):
            part.blank[str(of), str(cells.code(post))] = at
    return replace(table, rows=table.rows[~blank])


def _says(cell: object) -> bool:
    """Whether a cell holds anything."""
    return not (cell is None or (isinstance(cell, str) and words.key(cell) in words.EMPTY))


def _long(rows: Rows, kind: str, part: Part) -> list[Row]:
    """The rows of a table with one value each; of measures without a number it is kept where one was asked for."""
    made = _records(rows.good())
    if "measure" not in COLUMNS[kind]:
        return made
    keys = [one for one in COLUMNS[kind] if one != "value"]
    for row in made:
        if row["value"] is None:
            part.blank[tuple(row[one] for one in keys)] = row["value_at"]
        elif row["measure"] == AMOUNT and (row["value"] * 100).denominator != 1:
            rows.problems.add(row["value_at"], "MONEY-DECIMALS", "金额超过两位小数", "填到分; 公式请用 ROUND(…, 2)")
            part.lost.append(row)
            row["value"] = None
    return [row for row in made if row["value"] is not None]


def _measured(rows: Rows, kind: str, known: Measures, part: Part) -> list[Row]:
    """A row of every measure that stands in a wide table, row by row, columns from left to right."""
    allowed = set(known.of[kind].values())
    read = {}
    for code, column in rows.table.wide.items():
        if code in allowed:
            parse = (
                (lambda cell, factor=column.factor or rows.table.factor or 1: _listed(cell, factor))
                if code == AMOUNT
                else _number
            )
            read[code] = rows.read(column, parse)
        else:
            said = f"{column.heading} 不是{forms.TABLES[kind]}的指标"
            rows.problems.add(rows.table.sheet.where, "COLUMN-UNKNOWN", said, "填到另一张考核表, 或删去该列")
    keys = [one for one in COLUMNS[kind] if one not in {"measure", "value"}]
    made: list[Row] = []
    for at, (row, spoilt) in enumerate(zip(_records(rows.frame), rows.bad, strict=True)):
        if spoilt:
            continue
        for code, (values, places, bad) in read.items():
            one = {**row, "measure": code, "value": values[at], "value_at": places[at], "measure_at": places[at]}
            if bad[at]:
                part.lost.append(one)
            elif values[at] is None:
                part.blank[(*(row[key] for key in keys), code)] = places[at]
            else:
                made.append(one)
    return made


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def value_of(kind: str, column: str, text: str, known: Measures) -> Any:
    """What a column has where a cell says `text`, or why it cannot be taken (`Bad`); None for nothing."""
    return _parser(kind, column, known)(text) if text else None


def _factor(table: Table, column: str) -> int:
    """How many yuan one of a column is."""
    return (table.columns[column].factor if column in table.columns else None) or table.factor or 1


def _parser(kind: str, column: str, known: Measures, factor: int = 1) -> Parse:
    """How the cells of a column are read."""
    title = forms.FORMS.titles[column]
    named: dict[tuple[str, str] | str, Parse] = {
        "period": cells.period,
        "month": _month,
        "accrual_year": _year,
        "role": partial(cells.choice, words=forms.ROLES, title=title, code_="ROLE", options="负责人、职工 或 派驻"),
        "tax_kind": partial(
            cells.choice, words=forms.TAX_KINDS, title=title, code_="TAX-KIND", options="工资薪金 或 劳务报酬"
        ),
        "level": partial(cells.choice, words=forms.LEVELS, title=title, code_="LEVEL", options="机构 或 个人"),
        "basic": partial(
            cells.choice, words=forms.BASICS, title=title, code_="TAX-METHOD", options="标准、首次就业 或 全年60000"
        ),
        "measure": partial(known.measure, kind),
        "document": cells.document,
        "word": cells.document_word,
        "funding": _funding,
        "id_type": _id_type,
        "cnaps": cells.code,
        ("pay_amounts", "pool"): known.pool,
        ("cases", "pool"): known.pool,
        ("earmarks", "item"): known.item,
        ("money", "item"): known.money_item,
    }
    if parse := named.get((kind, column)) or named.get(column):
        return parse
    if column in _PRIVATE:
        return partial(_private, column)
    if column in _CODES:
        return partial(_code, column)
    if column in FEN:
        return partial(_fen, factor, signed=(kind, column) in _SIGNED, zero=column in _ZERO)
    if column in NUMBERS:
        if column in _SHARES:
            return _share
        return partial(_number, code="PAY-ATT-RANGE" if kind == "attendance" else "NEGATIVE")
    if column in DAYS:
        return partial(cells.day, last=column in {"to", "employed_to"})
    return _value if column in _VALUES else cells.text


def _code(column: str, cell: object) -> str | Bad:
    read = cells.code(cell)
    if isinstance(read, Bad) or not read or plain_id(read):
        return read
    said = f"{forms.FORMS.titles[column]} {cells.said(read)} 含有空格、/ 或其他符号"
    return Bad("CODE", said, "只用字母、数字、汉字和 . _ -")


def _private(column: str, cell: object) -> str | Bad:
    """A name, ID number or account: what is wrong with it is told without it."""
    read = cells.text(cell) if column in {"name", "account_name"} else cells.code(cell)
    if isinstance(read, Bad):
        return Bad(
            read.code, f"{_PRIVATE[column]}不能照这样读", "把该列设为文本格式后重填, 不用公式, 不以 = + - @ 开头"
        )
    return read.upper() if column == "id_number" else read


def _fen(factor: int, cell: object, *, signed: bool, zero: bool) -> int | Bad | None:
    read = cells.yuan(cell, factor)
    if read is None:
        return 0 if zero else None
    if isinstance(read, int) and read < 0 and not signed:
        return Bad("NEGATIVE", f"金额 {cells.said(cell)} 是负数", "核对填报")
    return read


def _number(cell: object, code: str = "NEGATIVE") -> Fraction | Bad | None:
    return _exact(cells.number(cell), code)


def _share(cell: object) -> Fraction | Bad | None:
    return _exact(cells.share(cell))


def _exact(read: Decimal | Bad | None, code: str = "NEGATIVE") -> Fraction | Bad | None:
    if not isinstance(read, Decimal):
        return read
    return Bad(code, f"{read} 是负数", "核对填报") if read < 0 else Fraction(read)


def _listed(cell: object, factor: int) -> Fraction | Bad | None:
    """An amount of a department's own list, in yuan."""
    read = _fen(factor, cell, signed=False, zero=False)
    return Fraction(read, 100) if isinstance(read, int) else read


def _month(cell: object) -> str | Bad:
    read = cells.period(cell)
    if isinstance(read, Bad) or not read or Period.parse(read).kind == "month":
        return read
    return Bad("PERIOD", f"{cells.said(cell)} 不是月份", "写成 2026-10")


def _year(cell: object) -> str | Bad:
    read = cells.period(cell)
    if isinstance(read, Bad) or not read or Period.parse(read).kind == "year":
        return read
    return Bad("PERIOD", f"{cells.said(cell)} 不是年度", "写成 2026")


def _id_type(cell: object) -> str | Bad:
    read = cells.text(cell)
    return forms.RESIDENT_ID if isinstance(read, str) and words.key(read) in forms.RESIDENT_IDS else read


def _funding(cell: object) -> str | Bad:
    """How a case is paid for, in the plan's own words."""
    read = cells.text(cell)
    if isinstance(read, Bad) or not read:
        return read
    word = words.fold(read)
    for begins in (RESERVE.strip(), "备用金:"):
        if word.startswith(begins) and word[len(begins) :].strip():
            return RESERVE + word[len(begins) :].strip()
    if words.key(word) in {REDIVIDE, "重新分配", "重分"}:
        return REDIVIDE
    return Bad("FUNDING", f"资金办法 {cells.said(read)} 不认识", f"写 {REDIVIDE} 或 {RESERVE}备用金名称")


def _value(cell: object) -> str | Bad:
    """What a case says of a cell: as written, a number exactly, a day as a day."""
    if isinstance(cell, str):
        return words.fold(cell) if isinstance(cells.number(cell), Decimal) else cells.text(cell)
    read = cells.number(cell) if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool) else None
    return f"{read:f}" if isinstance(read, Decimal) else cells.text(cell)
