"""The facts of a run as its stages ask for them, each index made when it is first asked for and once.

Facts with changes share with those before them what the changes leave standing: where only figures differ, the region
and the tables of all other codes stay the same objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from allocation.context import Blanks, Money, Value, amounts, empty, values
from allocation.to_date import amounts_to_date
from domain.facts import Catalogue, Facts
from domain.institution import Tier
from domain.period import Period
from domain.selection import Array, memberships, needed_months
from indicators.book import Book

V = TypeVar("V")
Values = Mapping[tuple[str, str], Value]


@dataclass(frozen=True)
class Indexed:
    """before: facts of the same catalogue and period that these differ from in some figures, if any."""

    facts: Facts
    catalogue: Catalogue
    period: Period
    before: Indexed | None = None

    @property
    def region(self) -> tuple[pd.DataFrame | None, ...]:
        """The tables that everything hangs on."""
        return self.facts.institutions, self.facts.memberships, self.facts.diseases

    @cached_property
    def book(self) -> Book:
        """What indicators are read from. Raises InputProblems as `Book`."""
        kept: Book | None = self._kept("book")
        if kept is None:
            return Book(self.facts, self.catalogue)
        return kept.changed(self.facts, self._metrics, self._items)

    def having(self, metrics: frozenset[str]) -> pd.DataFrame:
        """A table of facts that has all rows of these ones: of the facts before where only others differ."""
        return self.facts.facts if self.before is None or metrics & self._metrics else self.before.having(metrics)

    def telling(self, asked: Callable[[str], bool]) -> Facts:
        """Facts that have all rows of the metrics and items asked for: those before where only others differ."""
        if self.before is None or any(map(asked, self._metrics | self._items)):
            return self.facts
        return self.before.telling(asked)

    @cached_property
    def spoken(self) -> frozenset[str]:
        """The periods that facts and money speak of."""
        return frozenset(self.facts.facts["period"].tolist() + self.facts.money["period"].tolist())

    @cached_property
    def people(self) -> pd.DataFrame:
        """Who belongs to which alliance in the period (`domain.selection.memberships`)."""
        kept: pd.DataFrame | None = self._kept("people")
        return memberships(self.facts, self.period) if kept is None else kept

    @cached_property
    def members(self) -> Mapping[str, pd.DataFrame]:
        """The members of each alliance, by alliance code ascending."""
        kept: Mapping[str, pd.DataFrame] | None = self._kept("members")
        if kept is not None:
            return kept
        rows, alliances = self.people.drop(columns="alliance_code"), self.people["alliance_code"]
        rows = rows.astype(dict.fromkeys(("unit_code", "name", "tier", "ownership"), object))  # gone through by row
        groups = alliances.groupby(alliances).groups
        return {str(one): rows.loc[at].reset_index(drop=True) for one, at in groups.items()}

    @cached_property
    def titles(self) -> dict[str, str]:
        """What facts and money items are called."""
        kept: dict[str, str] | None = self._kept("titles")
        if kept is not None:
            return kept
        metrics = {code: one.title for code, one in self.catalogue.metrics.items()}
        return metrics | {code: one.title for code, one in self.catalogue.items.items()}

    @cached_property
    def names(self) -> dict[str, str]:
        """What units are called."""
        kept: dict[str, str] | None = self._kept("names")
        units = self.facts.institutions
        return dict(zip(units["unit_code"], units["name"], strict=True)) if kept is None else kept

    @cached_property
    def tiers(self) -> dict[str, str]:
        """The tiers of units."""
        kept: dict[str, str] | None = self._kept("tiers")
        units = self.facts.institutions
        return dict(zip(units["unit_code"], units["tier"].astype(str), strict=True)) if kept is None else kept

    @cached_property
    def forms(self) -> dict[str, str]:
        """The forms of units, "" where none is stated or they are no alliance."""
        kept: dict[str, str] | None = self._kept("forms")
        units = self.facts.institutions
        return dict(zip(units["unit_code"], units["form"].astype(str), strict=True)) if kept is None else kept

    @cached_property
    def districts(self) -> dict[str, str]:
        """The names of districts by their administrative code."""
        kept: dict[str, str] | None = self._kept("districts")
        if kept is not None:
            return kept
        units = self.facts.institutions[[tier == Tier.DISTRICT.value for tier in self.tiers.values()]]
        return dict(zip(units["region"].astype(str), units["name"], strict=True))

    @cached_property
    def money(self) -> Money:
        """The amounts of the period. Raises InputProblems as `allocation.context.amounts`."""
        return self._amounts("money", self.period)

    @cached_property
    def year_money(self) -> Money:
        """The amounts of its year. Raises InputProblems as `allocation.context.amounts`."""
        return self._amounts("year_money", Period(self.period.year, "year", 1))

    @cached_property
    def money_to_date(self) -> Money:
        """The flows of the year up to the period's end. Raises InputProblems as `money`."""
        return amounts_to_date(self.facts.money, self.catalogue.items, self.period, self._owed_year)

    @cached_property
    def values(self) -> Values:
        """The facts of the period. Raises InputProblems as `allocation.context.values`."""
        kept: Values | None = self._kept("values")
        codes, rows = self._metrics, self.facts.facts
        if kept is None:
            return values(rows, self.catalogue.metrics, self.period, self._owed(self.period))
        if not codes:
            return kept
        rows = rows[rows["metric"].isin(codes)]
        return _without(kept, codes) | values(rows, self.catalogue.metrics, self.period, self._owed(self.period))

    def year_values(self, metric: str) -> Values:
        """One metric of the period's whole year. Raises InputProblems as `allocation.context.values`."""
        rows, year = self.facts.facts, Period(self.period.year, "year", 1)
        return values(rows[rows["metric"] == metric], self.catalogue.metrics, year, self._owed_year)

    @cached_property
    def blanks(self) -> Blanks:
        """The cells left empty."""
        before = self.before
        if before is not None and before.facts.blanks is self.facts.blanks:
            return before.blanks
        return empty(self.facts.blanks)

    def _amounts(self, name: str, period: Period) -> Money:
        kept: Money | None = self._kept(name)
        codes, rows = self._items, self.facts.money
        if kept is None:
            return amounts(rows, self.catalogue.items, period, self._owed(period))
        if not codes:
            return kept
        rows = rows[rows["item"].isin(codes)]
        return _without(kept, codes) | amounts(rows, self.catalogue.items, period, self._owed(period))

    def _owed(self, period: Period) -> dict[str, int]:
        return self._owed_year if period.kind == "year" else self._owed_here

    @cached_property
    def _owed_here(self) -> dict[str, int]:
        kept: dict[str, int] | None = self._kept("_owed_here")
        return needed_months(self.facts.memberships, self.period) if kept is None else kept

    @cached_property
    def _owed_year(self) -> dict[str, int]:
        kept: dict[str, int] | None = self._kept("_owed_year")
        year = Period(self.period.year, "year", 1)
        return needed_months(self.facts.memberships, year) if kept is None else kept

    def _kept(self, name: str) -> Any:
        """An index of the facts before, if they made it and the region is the same; else None."""
        before = self.before
        if before is None or any(one is not other for one, other in zip(self.region, before.region, strict=True)):
            return None
        return vars(before).get(name)

    @cached_property
    def _metrics(self) -> frozenset[str]:
        """The facts whose rows are not those before."""
        return frozenset() if self.before is None else differing(self.before.facts.facts, self.facts.facts, "metric")

    @cached_property
    def _items(self) -> frozenset[str]:
        """The money items whose rows are not those before."""
        return frozenset() if self.before is None else differing(self.before.facts.money, self.facts.money, "item")


def _without(index: Mapping[tuple[str, str], V], codes: frozenset[str]) -> dict[tuple[str, str], V]:
    return {key: value for key, value in index.items() if key[1] not in codes}


def differing(before: pd.DataFrame, after: pd.DataFrame, code: str) -> frozenset[str]:
    """The codes (a column of both) whose rows are not the same ones in the same order."""
    if before is after:
        return frozenset()
    length = min(len(before), len(after))
    old, new = (table[code].to_numpy(dtype=object) for table in (before, after))
    if len(old) == len(new):
        rows = _unlike(before, after)
        return frozenset({*old[rows], *new[rows]})
    fore = _unlike(before[:length], after[:length])
    aft = _unlike(before[len(before) - length :], after[len(after) - length :])[::-1]
    head, tail = (int(np.argmax(one)) if one.any() else length for one in (fore, aft))
    tail = min(tail, length - head)
    return frozenset({*old[head : len(old) - tail], *new[head : len(new) - tail]})


def _unlike(before: pd.DataFrame, after: pd.DataFrame) -> Array:
    """Whether any column differs, row by row, of two tables of one length."""
    unlike = np.zeros(len(after), dtype=bool)
    for name in after.columns:
        one, other = before[name], after[name]
        if not (one is other or one.array.equals(other.array)):
            unlike |= np.asarray(one.to_numpy(dtype=object) != other.to_numpy(dtype=object), dtype=bool)
    return unlike
