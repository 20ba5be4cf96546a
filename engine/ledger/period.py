"""Which figures tell how far things are on a day: those of the day's year, or of the one before, and of which part."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from domain.facts import Catalogue, Facts
from domain.period import Period
from domain.problems import InputProblems
from engine.policy.load import Loaded
from engine.read import read


def figures(
    data: Path, catalogue: Catalogue, loaded: Loaded, day: date, period: Period | None = None
) -> tuple[Facts, Period]:
    """The figures that tell how far things are on a day, and the period they tell of.

    period: the one to take (None: the one they tell of themselves). Raises InputProblems as `engine.read.read`.
    """
    if period is not None:
        return _read(data, catalogue, loaded, period), period
    facts = _newest(data, catalogue, loaded, day)
    return facts, told(facts, day)


def told(facts: Facts, day: date) -> Period:
    """The period that the figures tell of: of the latest year begun by the day its last part, or the year itself.

    The year where most of its rows are yearly or its parts cover it, and where there are no figures at all: asked for
    the whole year, what a single quarter reports would count as not filled in.
    """
    rows = Counter(Period.parse(str(text)) for text in facts.facts["period"])
    begun = {one: count for one, count in rows.items() if one.start <= day}
    year = Period(max((one.year for one in begun), default=day.year), "year", 1)
    parts = {one: count for one, count in begun.items() if one != year and year.contains(one)}
    months = {month for one in parts for month in range(one.start.month, one.end.month + 1)}
    if len(months) in {0, 12} or begun.get(year, 0) > sum(parts.values()):
        return year
    return max(parts, key=lambda one: (one.end, one.months))


def _read(data: Path, catalogue: Catalogue, loaded: Loaded, when: Period) -> Facts:
    """The figures until the end of a period; what came later is not known on the day."""
    return read(data, catalogue, loaded.plan, when, loaded.packs, later="drop")


def _newest(data: Path, catalogue: Catalogue, loaded: Loaded, day: date) -> Facts:
    """The figures of the day's year; without any, those of the year before, which stand until new ones are there."""
    year = Period(day.year, "year", 1)
    try:
        return _read(data, catalogue, loaded, year)
    except InputProblems as error:
        if {problem.code for problem in error.problems} != {"PERIOD-NONE"}:
            raise
        try:
            return _read(data, catalogue, loaded, year.previous)
        except InputProblems:
            raise error from None
