"""From facts to indicator values: every wanted indicator for every unit of its scope, exact, with its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from operator import itemgetter
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import ValidationError

from domain.facts import FACTS, INSTITUTIONS, MEMBERSHIPS, MONEY, Catalogue, Facts
from domain.money import format_exact
from domain.objections import objection
from domain.period import Period
from domain.plan import LocalIndicator, Scope
from domain.problems import Problems
from indicators import reported
from indicators.book import Book
from indicators.ratios import Array, Column
from indicators.registry import ANY, Indicator, Params, Reading, indicators
from indicators.view import MISSING, OK, STATUS, FactView, Notes, Quantity, gathered, noted_where

COLUMNS = ("scope", "unit_code", "key", "indicator", "numerator", "denominator", "per", "value", "previous", "status",
           "missing", "cells", "told", "definition")  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """One evaluation: `key` is its name in the result, params what the indicator's `Params` take (or already are)."""

    key: str
    indicator: str
    params: Mapping[str, Any] | Params = field(default_factory=dict)
    scope: Scope = "member"


@dataclass(frozen=True)
class Measure:
    """One indicator with its params for every unit of a scope, (units,).

    status: (units,) positions in `STATUS`; value, previous (the same indicator in the period compared with), numerator,
    denominator (None: a plain number): exact columns; per: what the quotient is multiplied by; definition: the
    indicator, its version and what it divides by what; lines: of an indicator that counts by line, each line's number
    by code. lacking, cells, told: pairs of arrays (position, text).
    """

    scope: Scope
    indicator: str
    status: npt.NDArray[np.int8]
    value: Column
    previous: Column
    numerator: Column
    denominator: Column | None = None
    per: Fraction = Fraction(1)
    definition: str = ""
    lines: Mapping[str, Column] = field(default_factory=dict)
    lacking: Notes = ()
    cells: Notes = ()
    told: Notes = ()

    @cached_property
    def missing(self) -> list[str]:
        """Which facts a unit lacks, in words; of a unit that is not missing, nothing."""
        said = gathered(self.lacking, len(self.status))
        return ["; ".join(one) if state == MISSING else "" for one, state in zip(said, self.status, strict=True)]

    @cached_property
    def sources(self) -> list[tuple[str, ...]]:
        """The source cells of each unit's value, with those of a previous value."""
        return gathered(self.cells, len(self.status))

    @cached_property
    def remarks(self) -> list[tuple[str, ...]]:
        """What the number alone does not say."""
        return gathered(self.told, len(self.status))

    @cached_property
    def columns(self) -> dict[str, Any]:
        """What a table shows of it, column by column: Fractions, or None where there is no number."""
        return {
            "numerator": self.numerator.fractions,
            "denominator": self.denominator.fractions if self.denominator else [None] * len(self.status),
            "per": [self.per] * len(self.status),
            "value": self.value.fractions,
            "previous": self.previous.fractions,
            "status": np.array(STATUS, dtype=object)[self.status],
            "missing": self.missing,
            "cells": self.sources,
            "told": self.remarks,
            "definition": [self.definition] * len(self.status),
        }


@dataclass(frozen=True)
class Measures:
    """What was evaluated, by key (keys that ask for the same share one `Measure`); units: codes by scope, ascending."""

    by_key: Mapping[str, Measure]
    units: Mapping[Scope, Array]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Columns COLUMNS, sorted by scope, unit code and key."""
        return self.of(self.by_key)

    def of(self, keys: Iterable[str]) -> pd.DataFrame:
        """The rows of `table` of some keys.

        numerator, denominator, value and previous are Fraction or None; status ok | missing | not_applicable; missing:
        which facts, in words; cells, told: tuples of texts.
        """
        rows = []
        for key in sorted(keys):
            one = self.by_key[key]
            cells = zip(*(one.columns[name] for name in COLUMNS[4:]), strict=True)
            codes = self.units[one.scope]
            rows += [(one.scope, code, key, one.indicator, *shown) for code, shown in zip(codes, cells, strict=True)]
        rows.sort(key=itemgetter(0, 1))
        return pd.DataFrame({name: _objects(column) for name, column in zip(COLUMNS, _columns(rows), strict=True)})


def _columns(rows: list[tuple[Any, ...]]) -> list[Any]:
    return list(zip(*rows, strict=True)) or [()] * len(COLUMNS)


def _objects(cells: Sequence[Any]) -> Array:
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


def known(local: Iterable[LocalIndicator] = ()) -> dict[str, Indicator]:
    """The canonical indicators and a plan's local ones, by code.

    Raises InputProblems for a local id that is taken, and for a ratio without a denominator.
    """
    found, problems = dict(indicators()), Problems()
    for entry in local:
        where = entry.at or entry.id
        if entry.id in found:
            problems.add(where, "LOCAL-INDICATOR-ID", f"指标 {entry.id} 已经存在", "换一个 id")
        elif not entry.numerator or (entry.kind != "growth" and not entry.denominator):
            problems.add(where, "LOCAL-INDICATOR-PARTS", f"{entry.title} 缺分子或分母", "补上目录中的数据代码")
        else:
            found[entry.id] = local_indicator(entry)
    problems.raise_if_any()
    return found


def local_indicator(entry: LocalIndicator) -> Indicator:
    """An indicator made of catalogue facts alone: ratio, coverage, per_capita (× per) or growth."""
    above, below = tuple(entry.numerator), tuple(entry.denominator)

    def compute(view: FactView, params: Params) -> Reading:
        if entry.kind == "growth":
            figures = reported.GrowthParams(previous=params.previous, numerator=above, denominator=below)
            return reported.reported_growth(view, figures)
        return reported.reported_ratio(
            view, reported.RatioParams(previous=params.previous, numerator=above, denominator=below, per=entry.per)
        )

    return Indicator(
        code=entry.id, title=entry.title, unit=entry.unit, theme="local", direction=entry.direction,
        numerator_def="、".join(above), denominator_def="、".join(below) + _per(entry),
        window="本期", attribution="按目录中各数据的填报单位; 上一级为其和", source_system="按目录",
        formula_status="reading" if entry.source == "local" else "stated",
        facts=(*above, *below), params=Params, compute=compute,
    )  # fmt: skip


def _per(entry: LocalIndicator) -> str:
    return "" if entry.kind == "growth" or entry.per == 1 else f" ÷ {format_exact(entry.per)}"


def evaluate(
    facts: Facts,
    catalogue: Catalogue,
    period: Period,
    wanted: Sequence[Wanted],
    local: Sequence[LocalIndicator] = (),
) -> Measures:
    """Evaluate every wanted indicator for all units of its scope.

    Units of scope `member` are the institutions that belong to an alliance on any day of the period. Raises
    InputProblems for unknown indicators, refused params, local ids that are taken, scopes an indicator does not have,
    unknown catalogue codes, unknown units and facts stated twice.
    """
    ready = _ready(wanted, known(local), catalogue)
    book = Book(facts, catalogue)
    views: dict[tuple[Scope, Literal["year_ago", "previous"]], FactView] = {}
    made: list[tuple[Scope, Indicator, Params, Measure]] = []
    found = {}
    for entry, described, params in ready:
        asked = (one for *same, one in made if same == [entry.scope, described, params])
        measure = next(asked, None)
        if measure is None:
            key = (entry.scope, params.previous)
            view = views[key] = views.get(key) or FactView(book, period, *key)
            measure = _measure(described, params, view)
            made.append((entry.scope, described, params, measure))
        found[entry.key] = measure
    return Measures(found, {view.scope: view.codes for view in views.values()})


def _ready(
    wanted: Sequence[Wanted], available: Mapping[str, Indicator], catalogue: Catalogue
) -> list[tuple[Wanted, Indicator, Params]]:
    problems, ready, seen = Problems(), [], set()
    for entry in wanted:
        described = available.get(entry.indicator)
        if entry.key in seen:
            problems.add(entry.key, "INDICATOR-KEY", "同一名称评价了两次", "各项的 id 不能相同")
        seen.add(entry.key)
        if described is None:
            problems.add(entry.key, "INDICATOR-UNKNOWN", f"没有指标 {entry.indicator}", "核对名称, 或在方案中定义")
            continue
        if entry.scope not in described.scopes:
            said = "、".join(described.scopes)
            problems.add(entry.key, "INDICATOR-SCOPE", f"{described.title} 不评价 {entry.scope}", f"可评价 {said}")
            continue
        try:
            given = entry.params
            params = given if isinstance(given, Params) else described.params.model_validate(dict(given))
        except ValidationError as error:
            for each in error.errors():
                where = ".".join(map(str, ("params", *each["loc"])))
                problems.add(f"{entry.key}.{where}", "INDICATOR-PARAMS", objection(each), f"见指标 {described.title}")
            continue
        for code in _codes(described, params):
            if code not in catalogue.metrics and code not in catalogue.items:
                problems.add(entry.key, "INDICATOR-FACT", f"指标目录中没有 {code}", "核对代码")
        ready.append((entry, described, params))
    problems.raise_if_any()
    return ready


def _codes(described: Indicator, params: Params) -> list[str]:
    """The catalogue codes an indicator reads: its own, or those that its params name."""
    if described.facts != ANY:
        return list(described.facts)
    names = ("metric", "among", "numerator", "denominator", "lines")
    given = [getattr(params, name, None) or () for name in names]
    return [code for codes in given for code in ((codes,) if isinstance(codes, str) else codes)]


def definition(described: Indicator) -> str:
    """An indicator in words, with the version of its definition."""
    above, below = described.numerator_def, described.denominator_def
    if below:
        above, below = _operand(above), f" ÷ {_operand(below)}"
    unsure = "; 口径待核" if described.formula_status == "background" else ""
    said = f"{described.title} ({described.code} 第 {described.version} 版): {above}{below}"
    return f"{said}; 窗口: {described.window}; 归属: {described.attribution}{unsure}"


def _operand(words: str) -> str:
    """A side of a quotient, in brackets if it is reckoned itself."""
    bare = re.sub(r"\([^()]*\)", "", words)
    return f"({words})" if any(sign in bare for sign in "−+÷×") else words


def codes_read(described: Indicator, params: Mapping[str, Any] | Params, catalogue: Catalogue) -> tuple[str, ...]:
    """The catalogue codes an indicator reads with these params, sorted: what a form must ask for.

    Raises pydantic's ValidationError for params it refuses, KeyError for codes outside the catalogue.
    """
    checked = params if isinstance(params, Params) else described.params.model_validate(dict(params))
    book = _nobody().beside(catalogue)
    described.compute(FactView(book, Period(2026, "year", 1), described.scopes[0], "year_ago"), checked)
    return tuple(sorted(book.read))


@cache
def _nobody() -> Book:
    """The book of a region without units, made once: a form asks every indicator what it reads."""
    tables = (INSTITUTIONS, MEMBERSHIPS, FACTS, MONEY)
    return Book(Facts(*(pd.DataFrame(columns=list(columns)) for columns in tables)), Catalogue({}, {}))


def _measure(described: Indicator, params: Params, view: FactView) -> Measure:
    reading, before = described.compute(view, params), described.compute(view.before, params)
    result, below, there = reading.quantity, reading.denominator, before.state == OK
    return Measure(
        scope=view.scope,
        indicator=described.code,
        status=reading.state,
        value=Column(reading.value, reading.state == OK),
        previous=Column(before.value, there),
        numerator=_column(reading.numerator),
        denominator=_column(below) if below else None,
        per=reading.per,
        definition=definition(described),
        lines={code: _column(line) for code, line in reading.lines.items()},
        lacking=result.lacking,
        cells=result.cells + noted_where(before.quantity.cells, there),
        told=reading.told,
    )


def _column(quantity: Quantity) -> Column:
    return Column(quantity.value, quantity.state == OK)
