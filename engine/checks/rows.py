"""What was filled in, facts and money in one table, and what of it speaks for a period, by unit and code.

Numbers are compared as floats where floats can tell; what they cannot tell or call out is looked at exactly. Amounts
are in yuan here. What adds up over time is taken per month, so that a year's figure stands beside a quarter's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from domain.documents import BY_POOL
from domain.facts import Catalogue, Facts
from domain.period import Period
from domain.selection import FLOWS, Array, Spans, choose

POOLED = "@"
"""Stands in codes of money that is one figure per pool: "previous_amount@signing"."""
_FEN = 100


@dataclass(frozen=True)
class Rows:
    """The rows of facts and money of one region.

    units, tiers, ownership: (units,) of the institutions; codes: (codes,) metrics, then items; kinds: (codes,) as
    domain.facts.KINDS; the others (rows,): unit and code as positions in these, value as filled in (Decimal, or int
    fen), number the same as a float in yuan, source, note, document ("" of facts).
    """

    units: Array
    tiers: Array
    ownership: Array
    codes: Sequence[str]
    kinds: Array
    unit: Array
    code: Array
    spans: Spans
    value: Array
    number: Array
    source: Array
    note: Array
    document: Array

    @classmethod
    def of(cls, facts: Facts, catalogue: Catalogue, earlier: Iterable[Facts] = ()) -> Rows:
        """The rows of `facts`, and of `earlier` ones those of periods that these say nothing of."""
        columns = _columns(facts)
        told = set(columns["period"])
        for table in map(_columns, earlier):
            new = np.array([period not in told for period in table["period"]], dtype=bool)
            columns = {name: np.concatenate([cells, table[name][new]]) for name, cells in columns.items()}
        institutions = facts.institutions
        units = institutions["unit_code"].to_numpy(dtype=object)
        at = pd.Index(units, dtype=object).get_indexer(pd.Index(columns["unit_code"], dtype=object))
        columns, at = {name: cells[at >= 0] for name, cells in columns.items()}, at[at >= 0]
        code, codes = pd.factorize(columns["code"])
        kinds = {name: one.kind for name, one in catalogue.metrics.items()}
        kinds |= {name: one.kind for name, one in catalogue.items.items()}
        value = columns["value"]
        number = np.fromiter(map(float, value), dtype=float, count=len(value))
        return cls(
            units,
            institutions["tier"].to_numpy(dtype=object),
            institutions["ownership"].to_numpy(dtype=object),
            [str(one) for one in codes],
            np.array([kinds.get(plain(str(one)), "") for one in codes], dtype=object),
            at.astype(np.int64),
            code.astype(np.int64),
            Spans.of(columns["period"]),
            value,
            np.where(columns["money"].astype(bool), number / _FEN, number),
            columns["source"],
            columns["note"],
            columns["document"],
        )

    @cached_property
    def place(self) -> dict[str, int]:
        """Where a code stands."""
        return {code: at for at, code in enumerate(self.codes)}

    def exact(self, row: int) -> Fraction:
        """The value of a row; amounts in yuan."""
        found = self.value[row]
        return Fraction(found) if isinstance(found, Decimal) else Fraction(int(found), _FEN)


@dataclass(frozen=True)
class Figures:
    """What speaks for one period.

    rows: positions of the rows that do; cell: of each its unit · codes + code; number: by cell, (cells,), per month
    where it adds up over time, NaN where there is none; months: that it is of.
    """

    table: Rows
    rows: Array
    cell: Array
    number: Array
    months: Array

    @classmethod
    def of(cls, table: Rows, period: Period) -> Figures:
        """The figures of a period: its own, or of a longer one around it."""
        cell = table.unit * len(table.codes) + table.code
        size = len(table.units) * len(table.codes)
        months, taken = np.ones(size, dtype=np.int64), np.zeros(len(cell), dtype=bool)
        for kind in ("flow", "approval", "stock", "to_date"):
            of_kind = np.flatnonzero(table.kinds[table.code] == kind)
            known, group = np.unique(cell[of_kind], return_inverse=True)
            chosen = choose(kind, table.spans.take(of_kind), group, len(known), period, around=True)
            taken[of_kind[chosen.rows]] = True
            there = chosen.covered > 0
            if kind in FLOWS:
                longer = _around(table.spans, of_kind, period, lacking=~there[group])
                taken[longer] = True
            if kind == "flow":  # an approval is of its year, however long the period
                months[known[there]] = np.bitwise_count(chosen.covered[there])
                months[cell[longer]] = [table.spans.periods[at].months for at in table.spans.at[longer]]
        rows = np.flatnonzero(taken)
        number = np.full(size, np.nan)
        number[cell[rows]] = 0
        np.add.at(number, cell[rows], table.number[rows])
        return cls(table, rows, cell[rows], number / months, months)

    @cached_property
    def grid(self) -> Array:
        """The numbers, (units, codes)."""
        return self.number.reshape(len(self.table.units), len(self.table.codes))

    def column(self, code: str) -> Array:
        """The numbers of a code, (units,); NaN where there is none."""
        at = self.table.place.get(code)
        return np.full(len(self.table.units), np.nan) if at is None else self.grid[:, at]

    def sum(self, codes: Sequence[str]) -> Array:
        """The sum of several codes, (units,); NaN where one of them is missing."""
        total: Array = np.sum([self.column(code) for code in codes], axis=0)
        return total

    @cached_property
    def _ordered(self) -> tuple[Array, Array]:
        order = np.argsort(self.cell, kind="stable")
        return self.rows[order], self.cell[order]

    def rows_of(self, unit: int, codes: Iterable[str]) -> list[int]:
        """The rows behind a unit's figures."""
        rows, cells = self._ordered
        found: list[int] = []
        for code in codes:
            at = self.table.place.get(code)
            if at is not None:
                cell = unit * len(self.table.codes) + at
                found += rows[np.searchsorted(cells, cell) : np.searchsorted(cells, cell, side="right")].tolist()
        return found

    def filled_in(self, unit: int, codes: Iterable[str]) -> Fraction:
        """What was filled in, added up over rows and codes."""
        return sum(map(self.table.exact, self.rows_of(unit, codes)), Fraction(0))

    def exact(self, unit: int, codes: Iterable[str]) -> Fraction:
        """The sum of several codes of a unit, each per month where it adds up over time."""
        return sum((self.filled_in(unit, [code]) / self._months(unit, code) for code in codes), Fraction(0))

    def _months(self, unit: int, code: str) -> int:
        at = self.table.place.get(code)
        return 1 if at is None else int(self.months[unit * len(self.table.codes) + at])


def plain(code: str) -> str:
    """The item of a code of money that is one figure per pool; any other code itself."""
    return code.partition(POOLED)[0]


def pool_of(code: str) -> str:
    """The pool of such a code; "" of any other."""
    return code.partition(POOLED)[2]


def _columns(facts: Facts) -> dict[str, Array]:
    """Facts and money as one table, (rows,) objects: period, unit_code, code, value, money, source, note, document."""
    metrics, money = facts.facts, facts.money
    item, document = (money[name].to_numpy(dtype=object) for name in ("item", "document"))
    pooled = np.isin(item.astype(str), sorted(BY_POOL)) & (document != "")
    item = np.where(pooled, item + POOLED + document, item) if pooled.any() else item
    parts: tuple[tuple[Array, pd.Series[Any]], ...] = ((metrics["metric"].to_numpy(dtype=object), metrics["value"]),)
    parts += ((item, money["amount"]),)
    both = (metrics, money)
    same = {
        name: np.concatenate([table[name].to_numpy(dtype=object) for table in both])
        for name in ("period", "unit_code", "source", "note")
    }
    return same | {
        "code": np.concatenate([code for code, _ in parts]),
        "document": np.concatenate([np.full(len(metrics), "", dtype=object), document]),
        "value": np.concatenate([value.to_numpy(dtype=object) for _, value in parts]),
        "money": np.repeat([False, True], [len(metrics), len(money)]),
    }


def _around(spans: Spans, rows: Array, period: Period, *, lacking: Array) -> Array:
    """Of `rows` those of the shortest longer period around this one, of which there is nothing else."""
    around = [at for at, one in enumerate(spans.periods) if one != period and one.contains(period)]
    if not around:
        return rows[:0]
    shortest = min(spans.periods[at].months for at in around)
    return rows[lacking & np.isin(spans.at[rows], [at for at in around if spans.periods[at].months == shortest])]
