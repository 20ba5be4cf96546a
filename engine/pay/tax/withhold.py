"""Income tax withheld of payments: wages by the year so far, a bonus apart or among them, labour by the month.

Source: 国家税务总局公告2018年第61号 (累计预扣法), 财税〔2018〕164号 (全年一次性奖金). Whole columns at a time, in whole
fen; rounded half up only where a tax is named.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.problems import Problems
from engine.pay.result import TABLES
from engine.pay.tax.checks import check
from engine.pay.tax.payments import (
    ANNUAL,
    FIRST_JOB,
    LABOUR,
    OPENING,
    Mask,
    Payments,
    begins,
    first_of,
    payments_of,
    rules_of,
    so_far,
)
from engine.pay.tax.tables import Brackets, TaxTables, Wages, Whole, tax_tables

OK = "ok"
Numbers: TypeAlias = dict[str, npt.NDArray[Any]]
"""Columns of TAX by name, (rows,) each: int64 fen, but for `rate`: Fractions in percent."""
_FEN = (
    "income", "cumulative_income", "basic_deduction", "taxable", "quick_deduction", "cumulative_tax",
    "withheld_before", "tax", "carried",
)  # fmt: skip


def tax(payments: pd.DataFrame, tables: TaxTables | None = None) -> pd.DataFrame:
    """What is withheld of each payment: the columns TABLES["tax"] in the order of payer, person, month, seq, kind.

    payments: the columns PAYMENTS; `opening` rows give no line. Amounts are int64 fen, `rate` is a Fraction in percent,
    everything else as in the list. tables: those that the program ships, if none are given.
    Raises InputProblems with everything that is wrong, at the cells where the list has them.
    """
    dated = tax_tables() if tables is None else tables
    rows = payments_of(payments)
    problems = Problems()
    check(payments, rows, dated, problems)
    problems.raise_if_any()
    found = withheld(rows, dated)
    lines = rows.kind != OPENING
    made: dict[str, Any] = {name: each[lines] for name, each in found.items()}
    for name in ("payer", "person_code", "month", "seq", "kind"):
        made[name] = pd.Series(payments[name].to_numpy(dtype=object)[rows.at[lines]], dtype=object)
    made["status"] = pd.Series(np.full(int(lines.sum()), OK, dtype=object), dtype=object)
    return pd.DataFrame({name: made[name] for name in TABLES["tax"]})


def withheld(rows: Payments, dated: TaxTables) -> Numbers:
    """The numbers of TAX of payments that are all right, in their order; of opening figures they mean nothing."""
    found: Numbers = {name: np.zeros(len(rows), dtype=np.int64) for name in _FEN}
    found["rate"] = np.full(len(rows), Fraction(0), dtype=object)
    by_year = (rows.kind == OPENING) | rows.cumulated
    parts: list[tuple[Mask, Numbers]] = [(by_year, _cumulated(rows.take(by_year), dated))] if by_year.any() else []
    for rules, held in rules_of(rows, dated):
        apart, labour = held & rows.apart, held & (rows.kind == LABOUR)
        if rules.annual_bonus and apart.any():
            table = rules.annual_bonus
            parts.append((apart, _apart(rows.take(apart), table, table.months)))
        if rules.labour and labour.any():
            some = rows.take(labour)
            first = first_of(begins(some.payer, some.person, some.month))
            income = so_far(some.income, first)
            parts.append((labour, _labour(some, rules.labour, rules.labour.fee.of(income), income, first)))
    for mask, numbers in parts:
        for name, values in numbers.items():
            found[name][mask] = values
    return found


def _cumulated(rows: Payments, dated: TaxTables) -> Numbers:
    """Wages, with the bonuses among them: what the year comes to so far, less what earlier months withheld.

    Never less than 0 in a month; within one a later payment gives back what an earlier one took too much.
    """
    year = begins(rows.payer, rows.person, rows.year)
    of_year = first_of(year)
    opened = np.zeros(len(rows), dtype=bool)
    opened[1:] = rows.kind[:-1] == OPENING  # opening figures are a month of their own
    new = begins(rows.payer, rows.person, rows.month) | opened
    of_month = first_of(new)
    income = so_far(rows.income, of_year)
    less = rows.exempt + rows.special + rows.additional + rows.other
    net = income - so_far(less, of_year)
    numbers = _taxed_by_year(rows, net, dated)
    due = numbers["cumulative_tax"] - so_far(rows.relief, of_year)
    ends = np.append(new[1:], True)
    known = np.where(rows.kind == OPENING, rows.withheld, np.where(ends, np.maximum(due, 0), 0))
    # What a year has withheld after a month is the most that was due at the end of any month up to it.
    after = pd.Series(known).groupby(np.cumsum(year)).cummax().to_numpy()
    before = np.where(of_month > of_year, after[of_month - 1], 0)
    month = np.maximum(due - before, 0)
    taken = np.where(new, 0, np.append(0, month[:-1]))
    return numbers | {
        "income": rows.income,
        "cumulative_income": income,
        "withheld_before": before,
        "tax": month - taken,
        "carried": np.minimum(due - before, 0),
    }


def _taxed_by_year(rows: Payments, net: Whole, dated: TaxTables) -> Numbers:
    """basic_deduction, taxable, rate, quick_deduction, cumulative_tax; net: income of the year less what is free."""
    found: Numbers = {"rate": np.full(len(rows), Fraction(0), dtype=object)}
    for name in ("basic_deduction", "taxable", "quick_deduction", "cumulative_tax"):
        found[name] = np.zeros(len(rows), dtype=np.int64)
    for rules, held in rules_of(rows, dated):
        if rules.wages:
            basic = _basic(rows, rules.wages)
            for name, values in _by_table(rules.wages, net - basic).items():
                found[name][held] = values[held]
            found["basic_deduction"][held] = basic[held]
    return found


def _basic(rows: Payments, rule: Wages) -> Whole:
    """减除费用 of the year so far: by months employed, by the number of the month, or the whole year's."""
    january = rows.year * 12
    employed = np.minimum(rows.month, rows.left) - np.maximum(january, rows.joined) + 1
    months = np.where(rows.basic == FIRST_JOB, rows.month - january + 1, np.maximum(employed, 0))
    return np.where(rows.basic == ANNUAL, rule.year, months * rule.month)


def _apart(rows: Payments, table: Brackets, months: int) -> Numbers:
    """A bonus by itself: the bracket of a month's part of it, the tax of the whole."""
    taxable = rows.income - rows.exempt - rows.other
    made = _by_table(table, taxable, months)
    return made | {
        "income": rows.income,
        "cumulative_income": rows.income,
        "tax": np.maximum(made["cumulative_tax"] - rows.relief, 0),
    }


def _labour(rows: Payments, table: Brackets, fee: Whole, income: Whole, first: Whole) -> Numbers:
    """Labour of one payer, person and month as one; a later payment pays the difference."""
    made = _by_table(table, income - fee - so_far(rows.exempt + rows.other, first))
    month = np.maximum(made["cumulative_tax"] - so_far(rows.relief, first), 0)
    taken = np.where(first == np.arange(len(rows)), 0, np.append(0, month[:-1]))
    return made | {
        "income": rows.income,
        "cumulative_income": income,
        "basic_deduction": fee,
        "tax": month - taken,
    }


def _by_table(table: Brackets, taxable: Whole, months: int = 1) -> Numbers:
    """taxable, rate, quick_deduction, cumulative_tax by the bracket of taxable/months."""
    places = table.places(taxable, months)
    rates = np.array([one.rate * 100 for one in table.brackets], dtype=object)
    quick = np.array([one.quick for one in table.brackets], dtype=np.int64)
    return {
        "taxable": taxable,
        "rate": rates[places],
        "quick_deduction": quick[places],
        "cumulative_tax": table.tax(taxable, places),
    }
