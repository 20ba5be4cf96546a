"""Snapshots of an earlier period that stand for missing ones, where the plan names them (`carry`), and only there.

A figure that is missing is missing. A plan may say of which metrics and money items, in which kinds of periods, the
latest earlier one of the same year will do; then every output says whose figure is whose (CARRIED).
Source: the plan's `carry`.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from domain.facts import Catalogue, Facts
from domain.period import Period
from domain.plan import Plan
from domain.step import Phrase, Place, RunWarning, Value

WORDS = {"carried": "{code:title} 本期缺 {units:join 、}, 按方案沿用 {period} 的数"}


def carried(plan: Plan, facts: Facts, catalogue: Catalogue, period: Period) -> tuple[Facts, tuple[RunWarning, ...]]:
    """The facts with a row of the period for every figure that the plan carries over, and what every output says."""
    rules = plan.carry
    if rules is None or period.kind not in rules.periods:
        return facts, ()
    warnings: list[RunWarning] = []
    asked = (("facts", "metric", {*catalogue.metrics}), ("money", "item", {*catalogue.items}))
    tables: dict[str, pd.DataFrame] = {}
    for name, column, known in asked:
        table: pd.DataFrame = getattr(facts, name)
        rows = []
        for code in sorted({*rules.metrics} & known):
            late = _earlier(table[table[column] == code], period, around=name == "money")
            for start, group in late.groupby("period", sort=True):
                said: dict[str, Value | None] = {"code": code, "period": str(start)}
                said["units"] = tuple(sorted({*group["unit_code"]}))
                warnings.append(RunWarning("CARRIED", Phrase(f"{__name__}:carried", said), Place(line=code)))
            rows += [late.assign(period=str(period))] * (len(late) > 0)
        if rows:
            tables[name] = pd.concat([table, *rows], ignore_index=True)
    return replace(facts, **tables) if tables else facts, tuple(warnings)


def _earlier(rows: pd.DataFrame, period: Period, *, around: bool) -> pd.DataFrame:
    """Of the units without a row that speaks for the period, all rows of the latest of the same year before it.

    around: a row of a longer period around it speaks for it too, as a year's opening does (`domain.selection`).
    """
    spans = [Period.parse(str(text)) for text in rows["period"]]
    told = list(zip(rows["unit_code"], spans, strict=True))
    there = {unit for unit, one in told if one.end == period.end or (around and one.contains(period))}
    latest: dict[str, tuple[int, int]] = {}
    for unit, one in told:
        if unit not in there and one.year == period.year and one.end < period.end:
            latest[unit] = max(latest.get(unit, (0, 0)), (one.end.toordinal(), one.months))
    return rows[[latest.get(unit) == (one.end.toordinal(), one.months) for unit, one in told]]
