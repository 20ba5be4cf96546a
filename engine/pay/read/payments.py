"""A list of payments from a file: CSV (UTF-8, GB18030) or a workbook, headings in English or Chinese.

Source: contract of pay, Tax, PAYMENTS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from domain.period import Period
from domain.problems import InputProblems, Problems
from domain.values import plain_id
from engine.pay.read.forms import BASICS, TAX_KINDS
from engine.pay.tax.checks import check
from engine.pay.tax.payments import KINDS, MONEY, OPENING, PAYMENTS, payments_of
from engine.pay.tax.tables import TaxTables
from engine.read import cells, words
from engine.read.cells import Bad
from engine.read.files import open_sheets
from engine.read.forms import Entry, Forms
from engine.read.layout import Table, find_table
from engine.read.register import ordered
from engine.read.rows import Rows

_KIND = "payments"
_HEADINGS: dict[str, tuple[str, ...]] = {
    "payer": ("payer", "发放单位", "扣缴单位", "扣缴义务人", "发放单位代码"),
    "person_code": ("person_code", "人员编号", "人员编码", "人员代码"),
    "month": ("month", "月份", "发放月份", "税款所属期", "所属月份"),
    "seq": ("seq", "次序", "第几次", "本月第几次", "发放次序"),
    "kind": ("kind", "类别", "所得项目", "计税项目"),
    "income": ("income", "收入", "本次收入", "本期收入", "应发"),
    "exempt": ("exempt", "免税收入", "本期免税收入"),
    "special": ("special", "专项扣除"),
    "additional": ("additional", "专项附加扣除", "专项附加"),
    "other": ("other", "其他扣除", "依法确定的其他扣除"),
    "relief": ("relief", "减免税额"),
    "basic": ("basic", "减除费用办法", "减除费用方法", "减除费用算法"),
    "employed_from": ("employed_from", "任职受雇日期", "入职日期"),
    "employed_to": ("employed_to", "离职日期"),
    "withheld": ("withheld", "已预扣税额", "累计已预扣税额"),
    "elect": ("elect", "计税方式", "奖金计税方式"),
    "note": ("note", "备注", "说明"),
}
_TITLES = {role: names[1] for role, names in _HEADINGS.items()}
_REQUIRED = ("payer", "person_code", "month", "seq", "kind", "income")
_KINDS = {
    **{one: one for one in ("opening", "annual_bonus")}, **TAX_KINDS,
    "期初": "opening", "期初数": "opening", "正常工资薪金": "wages", "全年一次性奖金": "annual_bonus",
    "年终奖": "annual_bonus",
}  # fmt: skip
_OPTIONS = "期初、工资薪金、全年一次性奖金 或 劳务报酬"
_ELECTS = {
    "单独": "separate", "单独计税": "separate", "并入": "combined", "合并": "combined", "合并计税": "combined",
    "并入综合所得": "combined",
}  # fmt: skip


class _Known:
    """One table, and nothing that its headings name besides."""

    forms = Forms(
        {_KIND: "发放清单"},
        {_KIND: ("",)},  # whatever a sheet is called
        {_KIND: _HEADINGS},
        {},
        {_KIND: tuple((role,) for role in _REQUIRED)},
        _TITLES,
        numbers=("seq", *MONEY),
        money=frozenset(MONEY),
        told=("note",),
        beside=frozenset({_KIND}),
        names=frozenset(map(words.key, ("name", "姓名", "证件类型", "证件号码"))),
    )

    def entry(self, name: str) -> Entry | None:  # noqa: ARG002  (a Known)
        """No column but those of the table."""
        return None

    def wide(self, headings: Sequence[str], named: str) -> tuple[str, int] | None:  # noqa: ARG002  (a Known)
        """No table with a column per entry."""
        return None

    def factor(self, where: str, heading: str, entry: Entry, problems: Problems) -> int | None:  # noqa: ARG002
        """No entry, so nothing of one."""
        return None


def read_payments(path: Path, tables: TaxTables) -> pd.DataFrame:
    """The payments of a file: columns PAYMENTS, and where each cell stands (`COLUMN_at`, `source`).

    Raises InputProblems with everything that is wrong, in the order of the input, also what `tax` would say.
    """
    problems = Problems()
    sheets = open_sheets(path)
    found = [table for sheet in sheets if (table := find_table(sheet, _Known(), problems))]
    if not found and not problems:
        remedy = f"首行写表头 {'、'.join(_TITLES[one] for one in _REQUIRED)}"
        problems.add(path.name, "TABLE-EMPTY", "没有一笔发放", remedy)
    parts = [part for table in found if len(part := _rows(table, problems))]
    blank = pd.DataFrame(columns=[*PAYMENTS, "source"], dtype=object)
    payments = pd.concat(parts, ignore_index=True) if parts else blank
    if len(payments):
        check(payments, payments_of(payments), tables, problems)
    if problems:
        raise InputProblems(ordered(problems.found, sheets))
    return payments


def _rows(table: Table, problems: Problems) -> pd.DataFrame:
    rows = Rows(table, problems)
    for role in PAYMENTS:
        rows.take(role, _parser(role, table), needed=role in _REQUIRED and role != "seq")
    pairs = zip(rows.columns["kind"], rows.columns["seq"], strict=True)
    # opening figures are no payment, and come first in any case
    rows.put("seq", [0 if kind == KINDS[OPENING] and seq is None else seq for kind, seq in pairs])
    rows.need("seq")
    good = rows.good()
    return good.assign(source=good["income_at"]).astype(object)


def _parser(role: str, table: Table) -> Callable[[Any], Any]:
    """How the cells of a column are read."""
    if role in MONEY:
        column = table.columns.get(role)
        factor = (column.factor if column else None) or table.factor or 1
        return partial(_fen, factor, needed=role in _REQUIRED)
    choices: dict[str, Callable[[Any], Any]] = {
        "kind": partial(cells.choice, words=_KINDS, title="类别", code_="TAX-KIND", options=_OPTIONS),
        "payer": _code,
        "person_code": _code,
        "month": _month,
        "seq": _seq,
        "basic": partial(_word, BASICS),
        "elect": partial(_word, _ELECTS),
        "employed_from": cells.day,
        "employed_to": partial(cells.day, last=True),
    }
    return choices.get(role, cells.text)


def _fen(factor: int, cell: object, *, needed: bool) -> int | Bad | None:
    read = cells.yuan(cell, factor)
    return 0 if read is None and not needed else read


def _code(cell: object) -> str | Bad:
    read = cells.code(cell)
    if isinstance(read, Bad) or not read or plain_id(read):
        return read
    return Bad("CODE", f"代码 {cells.said(read)} 含有空格、/ 或其他符号", "只用字母、数字、汉字和 . _ -")


def _month(cell: object) -> str | Bad:
    """A month; a quarter, a year or what is no period is none."""
    read = cells.period(cell)
    if read == "" or (isinstance(read, str) and Period.parse(read).kind == "month"):
        return read
    if isinstance(read, Bad) and read.code != "PERIOD":
        return read
    return Bad("TAX-MONTH", f"{cells.said(cell)} 不是月份", "写成 2026-10")


def _seq(cell: object) -> int | Bad | None:
    read = cells.number(cell)
    if read is None or isinstance(read, Bad):
        return read
    if read == read.to_integral_value() and 0 <= read < 10**6:
        return int(read)
    return Bad("NUMBER", f"次序 {cells.said(cell)} 不是整数", "同一人一月多次发放的, 依次写 1、2、3")


def _word(known: dict[str, str], cell: object) -> str | Bad:
    """A word by its Chinese name; what is not known stays as it is, for the checks to say."""
    read = cells.text(cell)
    return read if isinstance(read, Bad) else known.get(words.key(read), words.key(read))
