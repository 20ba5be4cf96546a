"""What is wrong with a list of payments, all at once, each at its cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from domain.problems import Problems
from engine.pay.tax.payments import (
    ANNUAL,
    BLANK,
    BONUS,
    FIRST_JOB,
    NEVER,
    OPENING,
    UNKNOWN,
    Mask,
    Payments,
    begins,
    rules_of,
)
from engine.pay.tax.tables import TaxTables, Whole

_HOW = "basic 写 standard (按月)、first_job (首次就业) 或 annual_60000 (一次扣 60,000 元)"


def check(payments: pd.DataFrame, rows: Payments, dated: TaxTables, problems: Problems) -> None:
    """Add every problem of a list. payments: as written; rows: the same in order."""
    tell = _Teller(payments, rows, problems)
    _keys(rows, tell)
    _months(rows, dated, tell)
    _basics(rows, dated, tell)
    _bonuses(rows, dated, tell)
    _withheld(rows, tell)
    _free(rows, tell)


@dataclass(frozen=True)
class _Teller:
    """Tells what is wrong with rows at the cell of a column."""

    payments: pd.DataFrame
    rows: Payments
    problems: Problems

    def __call__(self, mask: Mask, column: str, code: str, said: str | Callable[[int], str], remedy: str) -> None:
        """said: the text, or the text of a row by its place in order."""
        for row in np.flatnonzero(mask).tolist():
            at = int(self.rows.at[row])
            self.problems.add(self.place(at, column), code, said if isinstance(said, str) else said(row), remedy)

    def place(self, at: int, column: str) -> str:
        """Where a cell stands, as far as the list says it."""
        named = next((name for name in (f"{column}_at", "source") if name in self.payments), None)
        return f"PAYMENTS:{at + 1}" if named is None else str(self.payments[named].iloc[at])

    def cell(self, row: int, column: str) -> str:
        """What a row of the order has in a column."""
        return str(self.payments[column].iloc[int(self.rows.at[row])])


def _keys(rows: Payments, tell: _Teller) -> None:
    """A payment stands once."""
    same = ~begins(rows.payer, rows.person, rows.month, rows.seq, rows.kind)

    def said(row: int) -> str:
        return f"与 {tell.place(int(rows.at[row - 1]), 'seq')} 的单位、人员、月份、序号、类别相同"

    tell(same, "seq", "DUPLICATE", said, "同一人一月多次发放的, seq 依次写 1、2、3")


def _months(rows: Payments, dated: TaxTables, tell: _Teller) -> None:
    """Opening figures come first in their year; every month has rules."""
    if not len(rows):
        return
    later = (rows.kind == OPENING) & ~begins(rows.payer, rows.person, rows.year)
    tell(later, "month", "TAX-MONTH", "期初数之前同一年已有期初数或发放", "期初数每人每年一行, 月份在第一次发放之前")
    for rules, held in rules_of(rows, dated):
        lacking = held & (rows.kind != OPENING) & ~rows.apart
        if rules.wages is None or rules.labour is None:
            tell(lacking, "month", "TAX-MONTH", "该月没有现行的税率表", "核对月份; 2019 年以前不按累计预扣法")


def _basics(rows: Payments, dated: TaxTables, tell: _Teller) -> None:
    """The way of deducting fits the dates of employment."""
    of = rows.cumulated
    tell(of & (rows.basic == BLANK), "basic", "VALUE-MISSING", "没有填减除费用的算法", _HOW)
    tell(of & (rows.basic == UNKNOWN), "basic", "TAX-METHOD", "不认识的减除费用算法", _HOW)
    known = of & (rows.basic >= 0)
    blank = known & (rows.joined == NEVER)
    tell(blank, "employed_from", "VALUE-MISSING", "没有填任职起始日期", "填本单位的任职受雇日期")
    turned = of & (rows.left < rows.joined) & (rows.joined != NEVER)
    tell(turned, "employed_to", "DATE", "任职终止月份早于起始月份", "核对两个日期")
    known &= ~blank & ~turned
    first, annual = known & (rows.basic == FIRST_JOB), known & (rows.basic == ANNUAL)
    january = rows.year * 12
    outside = (rows.joined < january) | (rows.joined > rows.month)
    tell(
        first & outside,
        "basic",
        "TAX-METHOD",
        "first_job 只用于本年首次任职、且已入职的人",
        "改 standard, 或核对任职日期",
    )
    broken = (rows.joined > january - 12) | (rows.left < january - 1)
    said = "annual_60000 只用于上年 1 至 12 月都在本单位任职的人"
    tell(annual & broken, "basic", "TAX-METHOD", said, "改 standard, 或核对任职日期")
    for rules, held in rules_of(rows, dated) if len(rows) else ():
        for chosen, basis in ((first & ~outside, rules.first_job), (annual & ~broken, rules.annual_60000)):
            if basis is None:
                tell(chosen & held, "basic", "TAX-METHOD", "该月还没有这种算法", "改 standard, 或核对月份")


def _bonuses(rows: Payments, dated: TaxTables, tell: _Teller) -> None:
    """A bonus says how it is taxed; apart once in a year, and as long as that is allowed."""
    unsaid = (rows.kind == BONUS) & (rows.elect < 0)
    choose = "由本人选定, 写 separate (单独计税) 或 combined (并入综合所得)"
    tell(unsaid, "elect", "TAX-ELECT", "全年一次性奖金没有选定计税方式", choose)
    stray = (rows.kind != BONUS) & (rows.elect != BLANK)
    tell(stray, "elect", "TAX-ELECT", "只有全年一次性奖金选择计税方式", "清空该格, 或改类别为 annual_bonus")
    for rules, held in rules_of(rows, dated) if len(rows) else ():
        if rules.annual_bonus is None:
            said = "该月不能单独计税: 没有现行的全年一次性奖金规定"
            tell(held & rows.apart, "elect", "TAX-BONUS-EXPIRED", said, "改 combined (并入综合所得)")
    places = np.flatnonzero(rows.apart)
    some = rows.take(places)
    order = np.lexsort((some.at, some.seq, some.payer, some.month, some.person))
    again = np.zeros(len(rows), dtype=bool)
    again[places[order[~begins(some.person[order], some.year[order])]]] = True
    said = "该人本年已有一次奖金单独计税"
    tell(again, "elect", "TAX-BONUS-TWICE", said, "每人每年一次, 改 combined (并入综合所得)")


def _withheld(rows: Payments, tell: _Teller) -> None:
    """What was withheld stands in opening figures alone."""
    stray = (rows.kind != OPENING) & (rows.withheld != 0)
    tell(stray, "withheld", "TAX-WITHHELD", "只有期初行填已预扣税额, 发放行由程序算出", "清空该格")
    below = (rows.kind == OPENING) & (rows.withheld < 0)
    tell(below, "withheld", "TAX-WITHHELD", "已预扣税额小于 0", "核对扣缴申报表的累计已预扣税额")


def _free(rows: Payments, tell: _Teller) -> None:
    """What is deducted from wages is not deducted from labour or a bonus that is taxed apart."""
    taxed: Whole = ~(rows.cumulated | (rows.kind == OPENING)) & ~((rows.kind == BONUS) & (rows.elect < 0))
    for column, each in (("special", rows.special), ("additional", rows.additional)):
        said = "专项扣除、专项附加扣除只从工资薪金中减, 不从劳务报酬、单独计税的奖金中减"
        tell(taxed & (each != 0), column, "TAX-METHOD", said, "清空该格, 在工资行填写")
