"""What leaves the county (县域外转诊), disease by disease: the five that leave most, and which of them no longer do.

Figures come from the table of diseases: per year, alliance or district and disease the patients (就诊人次) and those
referred out of the county. The list is made of the three years before: rate = referred out / patients of the three
years together. A disease is among the first five if fewer than five have a higher rate, so diseases that tie for the
fifth place are all on the list. Every year has the same diseases, 0 where there was none: one without a row in some
year is missing. Everything is by whole years. Source: jilin-city-2017 二(九).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from domain.key import Key, Keys
from domain.step import Phrase, Value
from indicators.quantity import MISSING, Notes, Quantity
from indicators.ratios import Ratios
from indicators.registry import ABOVE, Params, Reading, amount, indicator, ratio
from indicators.view import FactView

_FIRST = 5
_YEARS = 3
_COLUMNS = ("at", "year", "disease", "name", "outbound", "cases", "source")
_WHOSE = "医联体或区域自身填报的病种表; 不由成员相加"
WORDS = {
    "whole_year": "全年病种数据 ({period})",
    "table": "病种表 ({unit}, {year})",
    "row": "病种 {disease} ({unit}, {year})",
    "listed": "前三年合并的前五位: {diseases}",
    "left": "其中已退出的: {diseases}",
    "none": "无",
}
KEYS: Keys = {
    "min_cases": Key("最少人次", "人次少于它的病种不排名; 不写是 1", 10),
    "against": Key("对照", "", "year", {"year": "本年的前五位", "three_years": "近三年的前五位"}),
}


class OutflowParams(Params):
    """min_cases: diseases with fewer patients over the years looked at are not ranked."""

    min_cases: Annotated[int, Field(strict=True, ge=1)] = 1


class ExitParams(OutflowParams):
    """against: what a disease must have left, this year's first five or those of the three years up to this one."""

    against: Literal["year", "three_years"]


class _Diseases:
    """The rows of the table of diseases of a view's units; `lacking` collects what is not there."""

    def __init__(self, view: FactView) -> None:
        self.view = view
        book, table = view.book, view.book.diseases
        self.rows = pd.DataFrame({name: [] for name in _COLUMNS})
        if table is not None and len(table):
            place = pd.Index(view.units).get_indexer(pd.Index(book.positions(table["unit_code"])))
            years = table["period"].map(int)
            rows = table.assign(at=place, year=years)[list(_COLUMNS)]
            self.rows = rows[(place >= 0)].reset_index(drop=True)
        self.state = np.zeros(len(view.units), dtype=np.int8)
        self.notes: list[tuple[np.ndarray, np.ndarray]] = []
        self.cells: list[tuple[np.ndarray, np.ndarray]] = []
        if view.period.kind != "year":
            self.lack(np.arange(len(view.units)), _phrase("whole_year", period=str(view.period)))

    def lack(self, at: np.ndarray, *gaps: Phrase) -> None:
        """These units are missing something: one gap for all, or one each."""
        said = np.array(gaps if len(gaps) == len(at) else gaps * len(at), dtype=object)
        self.state[at] = MISSING
        self.notes.append((at.astype(np.int64), said))

    def of(self, years: Collection[int]) -> pd.DataFrame:
        """at, disease, outbound, cases added up over years; units without any row of one of them are missing."""
        rows = self.rows[self.rows["year"].isin(list(years))]
        for year in years:
            there = rows.loc[rows["year"] == year, "at"].unique()
            gone = np.setdiff1d(np.arange(len(self.view.units)), there)
            if len(gone):
                self.lack(gone, *(_phrase("table", unit=self.view.codes[at], year=str(year)) for at in gone))
        self.cells.append((rows["at"].to_numpy(dtype=np.int64), rows["source"].to_numpy(dtype=object)))
        return rows.groupby(["at", "disease"], as_index=False)[["outbound", "cases"]].sum()

    def whole(self, years: Collection[int]) -> None:
        """A disease that a unit reports in one of these years is missing where it has no row in another of them.

        A rank over fewer years, or against fewer diseases, would be another one without anybody being told.
        """
        rows = self.rows[self.rows["year"].isin(list(years))]
        named = rows[["at", "disease"]].drop_duplicates()
        there = rows[["at", "year"]].drop_duplicates()  # a year without any row is missing as a whole
        due = named.merge(there, on="at").merge(rows[["at", "year", "disease"]].assign(has=1), how="left")
        gone = due[due["has"].isna()].sort_values(["at", "year", "disease"])
        if len(gone):
            at = gone["at"].to_numpy(dtype=np.int64)
            lacking = zip(self.view.codes[at], gone["disease"], gone["year"], strict=True)
            self.lack(at, *(_phrase("row", disease=one, unit=unit, year=str(year)) for unit, one, year in lacking))

    def listed(self, year: int, params: OutflowParams) -> pd.DataFrame:
        """at, disease of the first five over the three years before `year`."""
        self.whole(range(year - _YEARS, year + 1))
        return _first(self.of(range(year - _YEARS, year)), params.min_cases)

    def stay(self, listed: pd.DataFrame, year: int) -> pd.DataFrame:
        """The listed diseases with their own figures of one year; a listed disease without a row is missing."""
        rows = self.rows[self.rows["year"] == year]
        joined = listed.merge(rows, on=["at", "disease"], how="left")
        gone = joined[joined["cases"].isna()]
        if len(gone):
            at = gone["at"].to_numpy(dtype=np.int64)
            lacking = zip(self.view.codes[at], gone["disease"], strict=True)
            self.lack(at, *(_phrase("row", disease=one, unit=unit, year=str(year)) for unit, one in lacking))
        return joined[joined["cases"].notna()]

    def quantity(self, at: pd.Series[int], values: pd.Series[int]) -> Quantity:
        """Sums by unit, missing where anything was."""
        sums = values.astype("int64").groupby(at).sum().reindex(range(len(self.view.units)), fill_value=0)
        return Quantity(Ratios.of(sums.tolist()), self.state, tuple(self.cells), tuple(self.notes))

    def told(self, words: str, chosen: pd.DataFrame) -> Notes:
        """The names of chosen diseases (at, disease), as last reported, in these words; of units with an answer."""
        last = self.rows.sort_values("year", kind="stable").drop_duplicates(["at", "disease"], keep="last")
        names = chosen[["at", "disease"]].merge(last, on=["at", "disease"]).groupby("at")["name"]
        found = {at: tuple(part) for at, part in names}
        units = np.flatnonzero(self.state != MISSING)
        said = [_phrase(words, diseases=found.get(at) or (_phrase("none"),)) for at in units]
        return ((units, np.array(said, dtype=object)),)


def _phrase(code: str, **values: Value) -> Phrase:
    return Phrase(f"{__name__}:{code}", values)


def _first(rows: pd.DataFrame, least: int) -> pd.DataFrame:
    """at, disease of those rows that fewer than five of their unit exceed in outbound / cases."""
    rows = rows[rows["cases"] >= least]
    rates = [Fraction(int(out), int(all_)) for out, all_ in zip(rows["outbound"], rows["cases"], strict=True)]
    ordered = rows.assign(rate=pd.Series(rates, index=rows.index, dtype=object))
    ordered = ordered.sort_values(["at", "rate"], ascending=[True, False], kind="stable")
    place = ordered.groupby("at").cumcount()
    higher = place.groupby([ordered["at"], ordered["rate"]]).transform("min")
    return ordered.loc[higher < _FIRST, ["at", "disease"]].reset_index(drop=True)


@indicator(
    "退出外转前五位的病种数",
    unit="个",
    numerator="前三年合并的县域外转诊率前 5 位病种中, 不在本年 (或截至本年的三年) 前 5 位的个数",
    facts=(),
    source="医保 (病种表)",
    window="本年与前三年, 按整年",
    attribution=_WHOSE,
    params=ExitParams,
    scopes=ABOVE,
)
def top_five_exits(view: FactView, params: ExitParams) -> Reading:
    """Diseases of the list that are no longer among the first five. Source: jilin-city-2017 二(九)."""
    table, year = _Diseases(view), view.period.year
    listed = table.listed(year, params)
    table.stay(listed, year)
    window = [year] if params.against == "year" else range(year - _YEARS + 1, year + 1)
    now = _first(table.of(window), params.min_cases).assign(stays=1)
    left = listed.merge(now, on=["at", "disease"], how="left")
    gone = left["stays"].isna()
    found = amount(table.quantity(left["at"], gone.astype("int64")))
    named = table.told("listed", listed) + table.told("left", left[gone])
    return replace(found, told=named)


@indicator(
    "前五位病种县域外转诊率",
    unit="%",
    numerator="前三年合并的县域外转诊率前 5 位病种的县域外转诊人次",
    denominator="这些病种的就诊人次",
    direction="down",
    facts=(),
    source="医保 (病种表)",
    window="名单为前三年, 数为本年, 按整年; 对比期用同一名单",
    attribution=_WHOSE,
    params=OutflowParams,
    scopes=ABOVE,
)
def top_five_outbound_rate(view: FactView, params: OutflowParams) -> Reading:
    """Referred out / patients, of the diseases on the list of the year asked about. Source: jilin-city-2017 二(九)."""
    table = _Diseases(view)
    kept = table.stay(table.listed(view.anchor.year, params), view.period.year)
    table.cells.append((kept["at"].to_numpy(dtype=np.int64), kept["source"].to_numpy(dtype=object)))
    found = ratio(table.quantity(kept["at"], kept["outbound"]), table.quantity(kept["at"], kept["cases"]))
    return replace(found, told=table.told("listed", kept))
