"""A list of payments as numbers: its columns, and its rows in the order in which tax is taken of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.problems import InputProblems, Problem
from engine.pay.tax.tables import Rules, TaxTables, Whole

PAYMENTS: tuple[str, ...] = (
    "payer", "person_code", "month", "seq", "kind", "income", "exempt", "special", "additional", "other", "relief",
    "basic", "employed_from", "employed_to", "withheld", "elect", "note",
)  # fmt: skip
"""Columns of PAYMENTS: amounts int fen, seq int, month "2026-10", dates date or None, texts str ("" where blank).

`source` beside them, and a column's name with `_at`, say where a row or its cell stands.
"""
MONEY = ("income", "exempt", "special", "additional", "other", "relief", "withheld")
KINDS = ("opening", "wages", "annual_bonus", "labour")
OPENING, WAGES, BONUS, LABOUR = range(4)
BASICS = ("standard", "first_job", "annual_60000")
STANDARD, FIRST_JOB, ANNUAL = range(3)
ELECTS = ("separate", "combined")
SEPARATE, COMBINED = range(2)
BLANK, UNKNOWN = -1, -2
"""Of a word: nothing is filled in; something else than its words is."""
NEVER = 1 << 30
"""Of a month: there is none."""
_MOST = 10**15  # fen, of all rows together: far above any payroll, and rates times it stay below int64
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Payments:
    """Columns of payments, (rows,) each; in the order of payer, person, month (opening figures first), seq, kind.

    at: where a row stands in the list; payer, person: numbers that sort as their codes do; month: year × 12 + month of
    the year from 0, joined and left likewise (NEVER where blank); kind, basic, elect: places in KINDS, BASICS, ELECTS.
    """

    at: Whole
    payer: Whole
    person: Whole
    month: Whole
    seq: Whole
    kind: Whole
    basic: Whole
    elect: Whole
    joined: Whole
    left: Whole
    income: Whole
    exempt: Whole
    special: Whole
    additional: Whole
    other: Whole
    relief: Whole
    withheld: Whole

    @property
    def year(self) -> Whole:
        """The year of each payment."""
        return self.month // 12

    @property
    def apart(self) -> Mask:
        """Which are bonuses that are taxed by themselves."""
        apart: Mask = (self.kind == BONUS) & (self.elect == SEPARATE)
        return apart

    @property
    def cumulated(self) -> Mask:
        """Which are payments whose tax is that of the year so far."""
        cumulated: Mask = (self.kind == WAGES) | ((self.kind == BONUS) & (self.elect == COMBINED))
        return cumulated

    def take(self, rows: npt.NDArray[Any]) -> Self:
        """Some of the rows, by a mask or their places."""
        return type(self)(*(getattr(self, one.name)[rows] for one in fields(self)))

    def __len__(self) -> int:
        return len(self.at)


def payments_of(payments: pd.DataFrame) -> Payments:
    """The rows of a list in order. Raises InputProblems where its amounts together are beyond all measure."""
    money = {name: payments[name].to_numpy().astype(np.int64) for name in MONEY}
    if sum(float(np.abs(each).sum(dtype=np.float64)) for each in money.values()) > _MOST:
        largest = int(np.argmax(np.maximum.reduce([np.abs(each) for each in money.values()])))
        where = str(payments["source"].iloc[largest]) if "source" in payments else f"PAYMENTS:{largest + 1}"
        raise InputProblems([Problem(where, "MONEY", "金额合计过大", "核对金额, 金额以元填写")])
    made = Payments(
        at=np.arange(len(payments)),
        payer=pd.factorize(payments["payer"], sort=True)[0].astype(np.int64),
        person=pd.factorize(payments["person_code"], sort=True)[0].astype(np.int64),
        month=_each(payments["month"], lambda text: int(text[:4]) * 12 + int(text[5:]) - 1),
        seq=payments["seq"].to_numpy().astype(np.int64),
        kind=_each(payments["kind"], KINDS.index),
        basic=_each(payments["basic"], _word(BASICS)),
        elect=_each(payments["elect"], _word(ELECTS)),
        joined=_each(payments["employed_from"], _month),
        left=_each(payments["employed_to"], _month),
        **money,
    )
    return made.take(np.lexsort((made.kind, made.seq, made.kind != OPENING, made.month, made.person, made.payer)))


def rules_of(payments: Payments, dated: TaxTables) -> list[tuple[Rules, Mask]]:
    """The rules that hold, each with the payments of the months in which it does."""
    found: dict[int, tuple[Rules, list[int]]] = {}
    for month in np.unique(payments.month).tolist():
        rules = dated.of(month // 12, month % 12 + 1)
        found.setdefault(id(rules), (rules, []))[1].append(month)
    return [(rules, np.isin(payments.month, months)) for rules, months in found.values()]


def begins(*keys: Whole) -> Mask:
    """Which rows differ from the one before in any of the keys; (rows,)."""
    new = np.ones(len(keys[0]), dtype=bool)
    for key in keys:
        new[1:] = (key[1:] != key[:-1]) if key is keys[0] else new[1:] | (key[1:] != key[:-1])
    return new


def first_of(new: Mask) -> Whole:
    """Of each row the place of the last row up to it that is marked; (rows,)."""
    return np.maximum.accumulate(np.where(new, np.arange(len(new)), 0))


def so_far(amounts: Whole, first: Whole) -> Whole:
    """The sum of each row and those before it since the place `first`; (rows,)."""
    sums = np.cumsum(amounts)
    return sums - (sums - amounts)[first]


def _each(column: pd.Series[Any], number: Callable[[Any], int]) -> Whole:
    """A number for each value of a column; most repeat."""
    places, values = pd.factorize(column, use_na_sentinel=False)
    return np.array([number(value) for value in values], dtype=np.int64)[places]


def _word(words: tuple[str, ...]) -> Callable[[Hashable], int]:
    def number(value: Any) -> int:
        if not value or pd.isna(value):
            return BLANK
        return words.index(value) if value in words else UNKNOWN

    return number


def _month(day: date | None) -> int:
    return NEVER if day is None or pd.isna(day) else day.year * 12 + day.month - 1
