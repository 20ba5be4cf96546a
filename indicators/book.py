"""The fact and money tables of a region, indexed once: which rows make up a period, and who belongs to whom."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Self

import numpy as np
import pandas as pd

from domain.facts import Catalogue, Facts, Metric, MoneyItem
from domain.institution import Tier
from domain.period import Period
from domain.plan import Scope
from domain.problems import InputProblems, Problem
from domain.selection import FLOWS, FOREVER, Array, Chosen, Spans, choose, month_bits, ordinals
from indicators.ratios import Ratios

_ONCE = ["period", "unit_code", "metric"]
"""What a fact is stated once of."""


@dataclass(frozen=True)
class Rows:
    """The rows that count for one metric and period: unit, first day, months as bits, value, cell; per unit all months.

    A snapshot has one bit and the last day.
    """

    unit: Array
    start: Array
    months: Array
    value: Ratios
    source: Array
    covered: Array
    slot: Array


@dataclass(frozen=True)
class Table:
    """All rows of one code: unit (position), period, value (with one denominator for all) and cell."""

    unit: Array
    spans: Spans
    value: Ratios
    source: Array

    def of(self, period: Period) -> Array:
        """The units of the rows that speak of the period, or of a part of it, or of one around it."""
        near = [at for at, one in enumerate(self.spans.periods) if period.contains(one) or one.contains(period)]
        units: Array = self.unit[np.isin(self.spans.at, near)]
        return units


_EMPTY = Table(np.zeros(0, np.int64), Spans(np.zeros(0, np.int64), []), Ratios.full(0, 0), np.zeros(0, dtype=object))


@dataclass(frozen=True)
class Links:
    """Which unit (`child`) belongs to which position of a view (`parent`), from when to when, and the cell of it."""

    parent: Array
    child: Array
    first: Array
    last: Array
    source: Array

    @cached_property
    def pair(self) -> Array:
        """One number for each parent with a child: several links have the same where a member came back."""
        made: Array = (self.parent << 32) | self.child
        return made

    @cached_property
    def pairs(self) -> tuple[Array, Array]:
        """Every such number once, ascending, and for each link which of them it has."""
        found, at = np.unique(self.pair, return_inverse=True)
        return found, at

    def of(self, which: Array) -> Links:
        """The links that `which` (bool or positions) picks."""
        return Links(self.parent[which], self.child[which], self.first[which], self.last[which], self.source[which])


class Book:
    """The tables of one region, indexed (`tables`, by code); `read` holds every catalogue code that was asked for.

    Raises InputProblems for unknown units, two districts of one region, and facts stated twice.
    """

    def __init__(self, facts: Facts, catalogue: Catalogue) -> None:
        units = facts.institutions.sort_values("unit_code", kind="stable")
        self.code = units["unit_code"].to_numpy(dtype=object)
        self.name = units["name"].to_numpy(dtype=object)
        self.tier = np.array(units["tier"].astype(str).to_list(), dtype=str)
        self.ownership = np.array(units["ownership"].astype(str).to_list(), dtype=str)
        self.region = np.array(units["region"].astype(str).to_list(), dtype=str)
        self.form = units["form"].astype(str).to_numpy(dtype=object)
        self.source = units["source"].to_numpy(dtype=object)
        self.position = pd.Index(self.code, dtype=object)
        self._check(facts)
        self.links = self._memberships(facts.memberships)
        self.tables = self.coded(facts.facts, facts.money)
        self._of_tiers: dict[frozenset[str], Array] = {}
        self.diseases = facts.diseases
        self.begin(catalogue)

    def beside(self, catalogue: Catalogue) -> Book:
        """The same tables with another catalogue, nothing asked for yet."""
        return copy(self).begin(catalogue)

    def changed(self, facts: Facts, metrics: frozenset[str], items: frozenset[str]) -> Book:
        """The book of `facts`, which differ from its own in rows of these codes only, with the same catalogue.

        Tables of other codes stay the same objects, unless other units now state such a fact (`stating`): what was read
        of facts like it then says nothing. Raises InputProblems as a new book.
        """
        rows = facts.facts[facts.facts["metric"].isin(metrics)] if metrics else facts.facts[:0]
        money = facts.money[facts.money["item"].isin(items)] if items else facts.money[:0]
        strangers = any(not table["unit_code"].isin(self.position).all() for table in (rows, money))
        if strangers or rows.duplicated(_ONCE).any() or metrics & self.catalogue.items.keys():
            return Book(facts, self.catalogue)
        changed = metrics | items
        tables = {code: one for code, one in self.tables.items() if code not in changed} | self.coded(rows, money)
        scopes = {code: {*self.catalogue.metrics[code].scopes} for code in metrics & self.catalogue.metrics.keys()}
        for tiers, period in self._stating:
            for code in (code for code, scope in scopes.items() if scope == tiers):
                before, after = (np.unique(each.get(code, _EMPTY).of(period)) for each in (self.tables, tables))
                if not np.array_equal(before, after):
                    return Book(facts, self.catalogue)
        made = copy(self).begin(self.catalogue)
        made.tables = tables
        return made

    def begin(self, catalogue: Catalogue) -> Self:
        """Nothing asked for yet, of this catalogue."""
        self.catalogue = catalogue
        self.read: set[str] = set()
        self._cache: dict[tuple[str, Period], Rows] = {}
        self._stating: dict[tuple[frozenset[str], Period], Array] = {}
        return self

    def metric(self, code: str) -> Metric | MoneyItem:
        """The catalogue entry of a fact or money item. Raises KeyError for a code that is in neither list."""
        found = self.catalogue.metrics.get(code) or self.catalogue.items.get(code)
        if found is None:
            raise KeyError(f"指标目录中没有 {code}")
        self.read.add(code)
        return found

    def stating(self, tiers: frozenset[str], period: Period) -> Array:
        """Positions of the units that state a metric asked of institutions of just these tiers, of the period."""
        if (tiers, period) not in self._stating:
            asked = {code for code, metric in self.catalogue.metrics.items() if {*metric.scopes} == tiers}
            units = [table.of(period) for code, table in self.tables.items() if code in asked]
            self._stating[tiers, period] = np.unique(np.concatenate([_EMPTY.unit, *units]))
        return self._stating[tiers, period]

    def least(self, code: str) -> dict[str, Fraction]:
        """The smallest number ever told of a fact, by unit code ascending."""
        table = self.tables.get(code, _EMPTY)
        units = np.unique(table.unit)
        least = table.value.least(np.searchsorted(units, table.unit), len(units)).fractions()
        return dict(zip(self.code[units], least, strict=True))

    def of_tiers(self, tiers: Collection[str]) -> Array:
        """Whether each unit of the book is of one of the tiers, (units,)."""
        key = frozenset(tiers)
        if key not in self._of_tiers:
            self._of_tiers[key] = np.isin(self.tier, sorted(key))
        return self._of_tiers[key]

    def _check(self, facts: Facts) -> None:
        found: list[Problem] = []
        for table in (facts.memberships, facts.facts, facts.money):
            strangers = table.loc[~table["unit_code"].isin(self.position)]
            found += [
                Problem(str(where), "FACT-UNIT", f"机构表中没有 {code}", "先在机构表登记, 或更正编码")
                for where, code in zip(strangers["source"], strangers["unit_code"], strict=True)
            ]
        twice = facts.facts.loc[facts.facts.duplicated(_ONCE)]
        found += [
            Problem(str(where), "FACT-TWICE", f"{code} 的 {metric} 在 {period} 填了两次", "只留一行")
            for where, code, metric, period in zip(
                twice["source"], twice["unit_code"], twice["metric"], twice["period"], strict=True
            )
        ]
        districts = facts.institutions.loc[facts.institutions["tier"].astype(str) == Tier.DISTRICT.value]
        found += [
            Problem(str(where), "FACT-DISTRICT", f"行政区划 {region} 有两行区域", "一个区划代码只留一行区域")
            for where, region in districts.loc[districts.duplicated("region"), ["source", "region"]].to_numpy()
        ]
        if found:
            raise InputProblems(found)

    def _memberships(self, table: pd.DataFrame) -> Links:
        table = table.sort_values(["alliance_code", "unit_code", "from"], kind="stable")
        parent = self.positions(table["alliance_code"])
        if (parent < 0).any():
            lost = table.loc[parent < 0]
            raise InputProblems(
                Problem(str(where), "FACT-ALLIANCE", f"机构表中没有医联体 {code}", "先在机构表登记, 或更正编码")
                for where, code in zip(lost["source"], lost["alliance_code"], strict=True)
            )
        child = self.positions(table["unit_code"])
        source = table["source"].to_numpy(dtype=object)
        return Links(parent, child, ordinals(table["from"], 0), ordinals(table["to"], FOREVER), source)

    def coded(self, facts: pd.DataFrame, money: pd.DataFrame) -> dict[str, Table]:
        """Rows of the two tables by code; money in yuan."""
        return {
            **self._by_code(facts, "metric", Ratios.of(map(Fraction, facts["value"]))),
            **self._by_code(money, "item", Ratios.of(money["amount"].tolist()) * Fraction(1, 100)),
        }

    def positions(self, codes: pd.Series[str]) -> Array:
        """Where units stand by their codes, -1 where there is none."""
        found: Array = self.position.get_indexer(pd.Index(codes, dtype=object))
        return found

    def _by_code(self, table: pd.DataFrame, code: str, value: Ratios) -> dict[str, Table]:
        if table.empty:
            return {}
        unit = self.positions(table["unit_code"]).astype(np.int64)
        spans = Spans.of(table["period"])
        source = table["source"].to_numpy(dtype=object)
        of, codes = pd.factorize(table[code].to_numpy(dtype=object))
        order = np.argsort(of, kind="stable")
        cuts = np.searchsorted(of[order], np.arange(len(codes) + 1))
        rows = {str(key): order[first:last] for key, (first, last) in zip(codes, pairwise(cuts), strict=True)}
        return {key: Table(unit[at], spans.take(at), value[at].common(), source[at]) for key, at in rows.items()}

    def rows(self, code: str, period: Period) -> Rows:
        """The rows of one metric that make up `period`."""
        key = (code, period)
        if key not in self._cache:
            table = self.tables.get(code, _EMPTY)
            spans, unit = table.spans, table.unit
            chosen = choose(self.metric(code).kind, spans, unit, len(self.code), period)
            said = [
                (one.start.toordinal(), month_bits(one, period) if period.contains(one) else 0) for one in spans.periods
            ]
            if self.metric(code).kind not in FLOWS:  # a snapshot is of the last day
                said = [(period.end.toordinal(), 1)] * len(spans.periods)
            when = np.array(said or [(0, 0)], dtype=np.int64)[spans.at[chosen.rows]]
            self._cache[key] = _rows(table, chosen, *when.T)
        return self._cache[key]


def _rows(table: Table, chosen: Chosen, start: Array, months: Array) -> Rows:
    unit, source = table.unit[chosen.rows], table.source[chosen.rows]
    order = np.lexsort((source.astype(str), start, unit))
    value = table.value[chosen.rows[order]]
    return Rows(unit[order], start[order], months[order], value, source[order], chosen.covered, chosen.slot)


def spread(first: Array, last: Array) -> tuple[Array, Array]:
    """Each position with every number from its first up to, and without, its last."""
    counts = last - first
    at = np.repeat(np.arange(len(first)), counts)
    return at, np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts - first, counts)


def matches(keys: Array, ordered: Array) -> tuple[Array, Array]:
    """Positions of equal pairs, key by key; `ordered` ascends."""
    return spread(np.searchsorted(ordered, keys), np.searchsorted(ordered, keys, side="right"))


def scope_units(book: Book, period: Period, scope: Scope) -> Array:
    """Positions of the units of a scope: members of any alliance during the period, alliances, or districts."""
    if scope != "member":
        return np.flatnonzero(book.tier == scope)
    links = book.links
    during = (links.first <= period.end.toordinal()) & (links.last >= period.start.toordinal())
    return np.unique(links.child[during])
