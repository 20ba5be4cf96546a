"""The fact and money tables of a region, indexed once: which rows make up a period, and who belongs to whom."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.facts import Catalogue, Facts, Metric, MoneyItem
from domain.institution import Tier
from domain.period import Period
from domain.problems import InputProblems, Problem

Array = npt.NDArray[Any]

FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Rows:
    """The rows that count for one metric and period: unit, first day, value, cell; per unit what months they cover."""

    unit: Array
    start: Array
    value: Array
    source: Array
    covered: Array
    slot: Array


@dataclass(frozen=True)
class Links:
    """Which unit (`child`) belongs to which position of a view (`parent`), and from when to when."""

    parent: Array
    child: Array
    first: Array
    last: Array

    def of(self, which: Array) -> Links:
        """The links that `which` (bool or positions) picks."""
        return Links(self.parent[which], self.child[which], self.first[which], self.last[which])


class Book:
    """The tables of one region, indexed; `read` holds every catalogue code that was asked for.

    Raises InputProblems for unknown units, two districts of one region, and facts stated twice.
    """

    def __init__(self, facts: Facts, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.read: set[str] = set()
        units = facts.institutions.sort_values("unit_code", kind="stable")
        self.code = units["unit_code"].to_numpy(dtype=object)
        self.name = units["name"].to_numpy(dtype=object)
        self.tier = np.array(units["tier"].astype(str).to_list(), dtype=str)
        self.region = units["region"].astype(str).to_numpy(dtype=object)
        self.form = units["form"].astype(str).to_numpy(dtype=object)
        self.position = pd.Index(self.code)
        self._check(facts)
        self.links = self._memberships(facts.memberships)
        self._tables = {
            **self._by_code(facts.facts, "metric", "value"),
            **self._by_code(facts.money, "item", "amount", 100),
        }
        self._cache: dict[tuple[str, Period], Rows] = {}
        self.diseases = facts.diseases

    def metric(self, code: str) -> Metric | MoneyItem:
        """The catalogue entry of a fact or money item. Raises KeyError for a code that is in neither list."""
        found = self.catalogue.metrics.get(code) or self.catalogue.items.get(code)
        if found is None:
            raise KeyError(f"指标目录中没有 {code}")
        self.read.add(code)
        return found

    def _check(self, facts: Facts) -> None:
        found: list[Problem] = []
        for table in (facts.memberships, facts.facts, facts.money):
            strangers = table.loc[~table["unit_code"].isin(self.position)]
            found += [
                Problem(str(where), "FACT-UNIT", f"机构表中没有 {code}", "先在机构表登记, 或更正编码")
                for where, code in zip(strangers["source"], strangers["unit_code"], strict=True)
            ]
        twice = facts.facts.loc[facts.facts.duplicated(["period", "unit_code", "metric"])]
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
        def ordinal(days: pd.Series, missing: int) -> Array:
            numbers = [missing if day is None or pd.isna(day) else day.toordinal() for day in days]
            return np.array(numbers, dtype=np.int64)

        table = table.sort_values(["alliance_code", "unit_code", "from"], kind="stable")
        parent = self.position.get_indexer(pd.Index(table["alliance_code"]))
        if (parent < 0).any():
            lost = table.loc[parent < 0]
            raise InputProblems(
                Problem(str(where), "FACT-ALLIANCE", f"机构表中没有医联体 {code}", "先在机构表登记, 或更正编码")
                for where, code in zip(lost["source"], lost["alliance_code"], strict=True)
            )
        child = self.position.get_indexer(pd.Index(table["unit_code"]))
        return Links(parent, child, ordinal(table["from"], 0), ordinal(table["to"], FOREVER))

    def _by_code(self, table: pd.DataFrame, code: str, value: str, parts: int = 1) -> dict[str, pd.DataFrame]:
        texts = {text: Period.parse(text) for text in table["period"].unique()}
        frame = pd.DataFrame(
            {
                "code": table[code].to_numpy(dtype=object),
                "unit": self.position.get_indexer(pd.Index(table["unit_code"])),
                "period": table["period"].map(texts).to_numpy(dtype=object),
                "value": np.frompyfunc(Fraction, 1, 1)(table[value].to_numpy(dtype=object)) * Fraction(1, parts),
                "source": table["source"].to_numpy(dtype=object),
            }
        )
        return {str(key): part for key, part in frame.groupby("code", sort=True)}

    def rows(self, code: str, period: Period) -> Rows:
        """The rows of one metric that make up `period`."""
        key = (code, period)
        if key not in self._cache:
            kind = self.metric(code).kind
            table = self._tables.get(code)
            if table is None:
                table = pd.DataFrame({"unit": np.zeros(0, np.int64), "period": [], "value": [], "source": []})
            chosen = self._flow(table, period) if kind == "flow" else self._stock(table, period)
            self._cache[key] = chosen
        return self._cache[key]

    def _flow(self, table: pd.DataFrame, period: Period) -> Rows:
        """The coarsest rows inside the period that do not overlap; `covered` has a bit per month of the period."""
        inside = [each for each in dict.fromkeys(table["period"]) if period.contains(each)]
        covered = np.zeros(len(self.code), dtype=np.int64)
        slot = np.ones(len(self.code), dtype=np.int64)
        taken: list[pd.DataFrame] = []
        for months in (12, 6, 3, 1):
            before = covered.copy()
            for each in (one for one in inside if one.months == months):
                first = (each.start.year - period.start.year) * 12 + each.start.month - period.start.month
                bits = ((1 << months) - 1) << first
                part = table.loc[table["period"] == each]
                part = part.loc[(before[part["unit"].to_numpy()] & bits) == 0]
                at = part["unit"].to_numpy()
                covered[at] |= bits
                slot[at] = np.maximum(slot[at], months)
                taken.append(part.assign(start=each.start.toordinal()))
        return self._rows(pd.concat(taken) if taken else table.iloc[:0].assign(start=0), covered, slot)

    def _stock(self, table: pd.DataFrame, period: Period) -> Rows:
        """The row of the period itself, or the latest that ends inside its year and not after it."""
        known = [one for one in dict.fromkeys(table["period"]) if one.year == period.year and one.end <= period.end]
        order = {
            one: rank for rank, one in enumerate(sorted(known, key=lambda one: (one == period, one.end, one.months)))
        }
        part = table.loc[table["period"].isin(list(order))]
        rank = part["period"].map(order).astype(np.int64)
        best = rank.groupby(part["unit"]).transform("max") if len(part) else rank
        part = part.loc[rank == best].assign(start=period.end.toordinal())
        covered = np.zeros(len(self.code), dtype=np.int64)
        covered[part["unit"].to_numpy(dtype=np.int64)] = 1
        return self._rows(part, covered, np.ones(len(self.code), dtype=np.int64))

    @staticmethod
    def _rows(part: pd.DataFrame, covered: Array, slot: Array) -> Rows:
        part = part.sort_values(["unit", "start", "source"], kind="stable")
        return Rows(
            part["unit"].to_numpy(dtype=np.int64),
            part["start"].to_numpy(dtype=np.int64),
            part["value"].to_numpy(dtype=object),
            part["source"].to_numpy(dtype=object),
            covered,
            slot,
        )
