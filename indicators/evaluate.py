"""From facts to indicator values: every wanted indicator for every unit of its scope, exact, with its cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Literal

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
from indicators.measures import Measure, Measures
from indicators.quantity import OK, Notes, Quantity, noted_where
from indicators.ratios import Column
from indicators.registry import ANY, Indicator, Params, Reading, indicators
from indicators.sides import sides
from indicators.view import FactView


@dataclass(frozen=True)
class Wanted:
    """One evaluation: `key` is its name in the result, params what the indicator's `Params` take (or already are)."""

    key: str
    indicator: str
    params: Mapping[str, Any] | Params = field(default_factory=dict)
    scope: Scope = "member"


@dataclass(frozen=True)
class Asked:
    """One evaluation that can be made: params as the indicator takes them."""

    key: str
    scope: Scope
    indicator: Indicator
    params: Params


Keep = Callable[[Asked, Callable[[], Measure]], Measure]
"""Gives the measure of what is asked: one that was made before from the same, or what the function makes."""


def _made(_asked: Asked, make: Callable[[], Measure]) -> Measure:
    return make()


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


@dataclass(frozen=True)
class _Local:
    """How a local indicator is computed."""

    entry: LocalIndicator

    def __call__(self, view: FactView, params: Params) -> Reading:
        above, below = tuple(self.entry.numerator), tuple(self.entry.denominator)
        if self.entry.kind == "growth":
            figures = reported.GrowthParams(previous=params.previous, numerator=above, denominator=below)
            return reported.reported_growth(view, figures)
        per = self.entry.per / (view.period.months if self.entry.monthly else 1)
        return reported.reported_ratio(
            view, reported.RatioParams(previous=params.previous, numerator=above, denominator=below, per=per)
        )


def local_indicator(entry: LocalIndicator) -> Indicator:
    """An indicator made of catalogue facts alone: ratio, coverage, per_capita (× per, ÷ months) or growth."""
    above, below = tuple(entry.numerator), tuple(entry.denominator)
    return Indicator(
        code=entry.id,
        title=entry.title,
        unit=entry.unit,
        theme="local",
        direction=entry.direction,
        numerator_def="、".join(above),
        denominator_def="、".join(below) + _per(entry),
        window="本期",
        attribution="按目录中各数据的填报单位; 上一级为其和",
        source_system="按目录",
        formula_status="reading" if entry.source == "local" else "stated",
        facts=(*above, *below),
        params=Params,
        compute=_Local(entry),
    )


def _per(entry: LocalIndicator) -> str:
    per = "" if entry.kind == "growth" or entry.per == 1 else f" ÷ {format_exact(entry.per)}"
    return per + " ÷ 本期月数" if entry.monthly else per


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
    return measure_all(asked(wanted, local, catalogue), Book(facts, catalogue), period)


def measure_all(ready: Sequence[Asked], book: Book, period: Period, keep: Keep = _made) -> Measures:
    """Evaluate what was asked, from the tables of a book; what asks the same is measured once.

    keep: where measures are kept from run to run (`Keep`).
    """
    views: dict[tuple[Scope, Literal["year_ago", "previous"]], FactView] = {}
    found: dict[str, Measure] = {}
    same: defaultdict[tuple[Scope, str], list[tuple[Asked, Measure]]] = defaultdict(list)
    for one in ready:
        key = (one.scope, one.params.previous)
        view = views[key] = views.get(key) or FactView(book, period, *key)
        alike = same[one.scope, one.indicator.code]
        measure = next((there for other, there in alike if other.params == one.params), None)
        if measure is None:
            measure = keep(one, partial(_measure, one.indicator, one.params, view))
            alike.append((one, measure))
        found[one.key] = measure
    return Measures(found, {view.scope: view.codes for view in views.values()})


def asked(wanted: Sequence[Wanted], local: Sequence[LocalIndicator], catalogue: Catalogue) -> list[Asked]:
    """The evaluations with their indicators and validated params.

    Raises InputProblems as `evaluate`, but for the facts.
    """
    available = known(local)
    problems, ready, seen = Problems(), list[Asked](), set()
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
        ready.append(Asked(entry.key, entry.scope, described, params))
    problems.raise_if_any()
    return ready


def _codes(described: Indicator, params: Params) -> list[str]:
    """The catalogue codes an indicator reads: its own, or those that its params name."""
    if described.facts != ANY:
        return list(described.facts)
    names = ("metric", "among", "numerator", "denominator", "lines")
    given = [getattr(params, name, None) or () for name in names]
    return [code for codes in given for code in ((codes,) if isinstance(codes, str) else codes)]


def codes_read(described: Indicator, params: Params, catalogue: Catalogue) -> tuple[str, ...]:
    """The catalogue codes an indicator reads with these params, sorted: what a form must ask for.

    Raises KeyError for codes outside the catalogue.
    """
    book = _nobody().beside(catalogue)
    described.compute(FactView(book, Period(2026, "year", 1), described.scopes[0], "year_ago"), params)
    return tuple(sorted(book.read))


def lines_counted(described: Indicator, params: Params, catalogue: Catalogue) -> tuple[str, ...]:
    """The lines that an indicator counts with these params. Raises KeyError for codes outside the catalogue."""
    book = _nobody().beside(catalogue)
    view = FactView(book, Period(2026, "year", 1), described.scopes[0], "year_ago")
    return tuple(described.compute(view, params).lines)


@cache
def _nobody() -> Book:
    """The book of a region without units, made once: a form asks every indicator what it reads."""
    tables = (INSTITUTIONS, MEMBERSHIPS, FACTS, MONEY)
    return Book(Facts(*(pd.DataFrame(columns=list(columns)) for columns in tables)), Catalogue({}, {}))


def _measure(described: Indicator, params: Params, view: FactView) -> Measure:
    view.book.read = set()
    reading, told = _even(described, params, view)
    before, told_before = _even(described, params, view.before)
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
        version=described.version,
        lines={code: _column(line) for code, line in reading.lines.items()},
        lacking=result.lacking,
        cells=result.cells + noted_where(before.quantity.cells, there),
        told=reading.told + told + noted_where(told_before, there),
        read=frozenset(view.book.read),
    )


def _even(described: Indicator, params: Params, view: FactView) -> tuple[Reading, Notes]:
    """An indicator with the same members on both sides, and what is to be said of those that joined or left."""
    view.reads.clear()
    reading = described.compute(view, params)
    found = sides(view, tuple(view.reads), by_line=bool(reading.lines))
    if len(found.left_out):
        reading = described.compute(view.without(found.left_out), params)
    return reading, found.told


def _column(quantity: Quantity) -> Column:
    return Column(quantity.value, quantity.state == OK)
