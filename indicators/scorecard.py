"""Scorecards: measures and curves to points, with the plan's rules for gaps, grades and ranks.

Everything is exact; nothing is rounded before it is printed. A rank is for reading only: it never feeds a score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from domain.demand import Target
from domain.period import Period
from domain.plan import Scorecard
from domain.problems import InputProblems, Problem, Problems
from domain.trace import Trace
from indicators.cards import Line, Scoring, item_key, ready_lines, wanted
from indicators.curves import Array, Column, Mask, Readings, Scored
from indicators.evaluate import Measures
from indicators.stories import stories
from indicators.weights import weigh

__all__ = ["CardResult", "item_key", "score", "wanted"]

SCORE_COLUMNS = ("period", "scope", "unit_code", "unit_name", "dimension", "indicator", "value", "target",
                 "full_marks", "score", "rule", "cite", "scorecard", "status")  # fmt: skip
TOTAL_COLUMNS = ("period", "scope", "unit_code", "unit_name", "scorecard", "score", "grade", "rank")
_ZERO = Fraction(0)
_LEFT_OUT = {"missing": "缺数据", "not_applicable": "不适用"}


@dataclass(frozen=True)
class CardResult:
    """One scorecard of all its units.

    scores: columns SCORE_COLUMNS, a row per unit and item, sorted by unit code, in the card's order; value, target,
    full_marks (after re-weighting) and score are Fraction or None. totals: columns TOTAL_COLUMNS, sorted by unit code.
    """

    scores: pd.DataFrame
    totals: pd.DataFrame
    traces: tuple[Trace, ...]


def score(
    card: Scorecard,
    measures: Measures,
    units: pd.DataFrame,
    targets: Mapping[str, Target],
    period: Period,
    *,
    traces: bool = True,
) -> CardResult:
    """Score the units of a card.

    measures: of `wanted(card)`; units: unit_code, name, tier of those to score (member cards: only the card's tiers are
    taken; alliance cards: only its forms, and units have a column form wherever forms are named); targets: by item id,
    for items whose pack rule has one. Items whose tiers or forms do not include a unit are re-weighted. traces: False
    leaves the stories out. Raises InputProblems where the card says `refuse`, and for curves or params that do not fit.
    """
    taken = units.sort_values("unit_code", ignore_index=True)
    if card.scope == "member" and card.tiers:
        taken = taken.loc[taken["tier"].astype(str).isin([tier.value for tier in card.tiers])].reset_index(drop=True)
    if card.forms:
        taken = taken.loc[taken["form"].isin([form.value for form in card.forms])].reset_index(drop=True)
    lines = ready_lines(card, targets)
    tables = _by_item(card, measures, lines, taken)
    counts = {str(key): part for key, part in measures.lines.groupby("key")}
    answers = [
        _answer(line, table, counts.get(item_key(card, line.item)), taken, period)
        for line, table in zip(lines, tables, strict=True)
    ]
    status = _status(lines, tables, answers, taken)
    _refuse(card, lines, tables, status, taken)
    share = np.stack([answer.share for answer in answers], axis=1)
    kept = np.ones(share.shape, dtype=bool)
    rules = {"missing": card.missing, "not_applicable": card.not_applicable, "by_plan": "reweight"}
    for state, rule in rules.items():
        share[status == state] = Fraction(1) if rule == "full" else _ZERO
        kept[(status == state) & (rule == "reweight")] = False
    points = np.array([line.item.points for line in lines], dtype=object)
    order = [dimension.id for dimension in card.dimensions]
    matrix = weigh(share, kept, points, np.array([order.index(line.dimension.id) for line in lines]))
    scoring = Scoring(card, period, taken, lines, tables, answers, status, kept, matrix)
    totals = _totals(scoring)
    return CardResult(_scores(scoring), totals, stories(scoring, totals) if traces else ())


def _by_item(card: Scorecard, measures: Measures, lines: list[Line], units: pd.DataFrame) -> list[pd.DataFrame]:
    """Each item's measures, a row per unit in the order of `units`; a unit without a row is missing."""
    table = measures.table
    parts = {key: part.set_index("unit_code") for key, part in table.loc[table["scope"] == card.scope].groupby("key")}
    empty = table.iloc[:0].set_index("unit_code")
    found = []
    for line in lines:
        part = parts.get(item_key(card, line.item), empty).reindex(units["unit_code"])
        absent = part["status"].isna().to_numpy()
        part = part.astype(object).where(part.notna(), None)
        part.loc[absent, "status"] = "missing"
        part.loc[absent, "missing"] = "未评价"
        for name in ("cells", "told"):
            part[name] = pd.Series([each if isinstance(each, tuple) else () for each in part[name]], part.index)
        found.append(part)
    return found


def _column(values: Array, ok: Mask) -> Column:
    return Column(values, ok & ~pd.isna(values))


def _answer(
    line: Line, table: pd.DataFrame, counts: pd.DataFrame | None, units: pd.DataFrame, period: Period
) -> Scored:
    there = (table["status"] == "ok").to_numpy(dtype=bool)
    everywhere = np.ones(len(there), dtype=bool)
    by_line = {}
    if counts is not None:
        for code, part in counts.groupby("line"):
            wide = part.set_index("unit_code")["value"].reindex(units["unit_code"]).astype(object)
            by_line[str(code)] = _column(wide.where(wide.notna(), None).to_numpy(dtype=object), everywhere)
    readings = Readings(
        value=_column(table["value"].to_numpy(dtype=object), there),
        previous=_column(table["previous"].to_numpy(dtype=object), everywhere),
        lines=by_line,
        as_of=period.end,
        full_marks=line.item.points,
    )
    try:
        return line.curve.score(readings, line.params)
    except ValueError as error:
        where = line.item.at or line.item.id
        raise InputProblems([Problem(where, "CURVE-VALUES", str(error), "核对该项的数据与评分办法")]) from error


def _status(lines: list[Line], tables: list[pd.DataFrame], answers: list[Scored], units: pd.DataFrame) -> Array:
    """(units, items) of ok, missing, not_applicable, and by_plan where the item is not for the unit's tier or form."""
    columns = []
    tiers = units["tier"].astype(str).to_numpy(dtype=object)
    for line, table, answer in zip(lines, tables, answers, strict=True):
        state = np.where(answer.ok, "ok", np.where(answer.applicable, "missing", "not_applicable")).astype(object)
        measured = table["status"].to_numpy(dtype=object)
        state = np.where(~answer.ok & (measured == "not_applicable"), "not_applicable", state)
        if line.item.tiers:
            state = np.where(np.isin(tiers.astype(str), [tier.value for tier in line.item.tiers]), state, "by_plan")
        if line.item.forms:
            state = np.where(units["form"].isin([form.value for form in line.item.forms]), state, "by_plan")
        columns.append(state)
    return np.stack(columns, axis=1)


def _refuse(card: Scorecard, lines: list[Line], tables: list[pd.DataFrame], status: Array, units: pd.DataFrame) -> None:
    problems = Problems()
    codes = units["unit_code"].to_numpy(dtype=object)
    for state, rule, code in (
        ("missing", card.missing, "SCORE-MISSING"),
        ("not_applicable", card.not_applicable, "SCORE-NOT-APPLICABLE"),
    ):
        if rule != "refuse":
            continue
        for unit, item in np.argwhere(status == state):
            why = tables[item]["missing"].iloc[unit] or _LEFT_OUT[state]
            title = lines[item].title
            problems.add(str(codes[unit]), code, f"{title} 不能评分: {why}", "补报数据, 或在方案中写明缺项的处理")
    problems.raise_if_any()


def _named(scoring: Scoring, repeat: int = 1) -> dict[str, Any]:
    return {
        "period": str(scoring.period),
        "scope": scoring.card.scope,
        "unit_code": scoring.units["unit_code"].repeat(repeat).to_numpy(dtype=object),
        "unit_name": scoring.units["name"].repeat(repeat).to_numpy(dtype=object),
    }


def _totals(scoring: Scoring) -> pd.DataFrame:
    card, total = scoring.card, scoring.matrix.total.copy()
    total[~scoring.matrix.any_left] = None
    scored = sorted((value for value in total if value is not None), reverse=True)
    first = {value: at + 1 for at, value in reversed(list(enumerate(scored)))}
    grades = sorted(card.grades, key=lambda grade: grade.min, reverse=True)

    def grade(value: Fraction | None) -> str:
        return next((each.title for each in grades if value is not None and value >= each.min), "")

    return pd.DataFrame(
        {
            **_named(scoring),
            "scorecard": card.id,
            "score": pd.Series(total, dtype=object),
            "grade": pd.Series([grade(value) for value in total], dtype=object),
            "rank": pd.Series([first.get(value) for value in total], dtype=object),
        },
        columns=list(TOTAL_COLUMNS),
    )


def _scores(scoring: Scoring) -> pd.DataFrame:
    lines, status = scoring.lines, scoring.status

    def each(values: list[Any]) -> Array:
        column = np.empty(len(values), dtype=object)
        column[:] = values
        return np.tile(column, len(scoring.units))

    def counted(values: Array) -> Array:
        shown = values.astype(object)
        shown[~scoring.kept] = None
        return shown.ravel()

    value = np.stack([table["value"].to_numpy(dtype=object) for table in scoring.tables], axis=1)
    return pd.DataFrame(
        {
            **_named(scoring, len(lines)),
            "dimension": each([line.dimension.id for line in lines]),
            "indicator": each([line.item.id for line in lines]),
            "value": value.ravel(),
            "target": each([line.aim for line in lines]),
            "full_marks": counted(scoring.matrix.full),
            "score": counted(scoring.matrix.score),
            "rule": each([line.item.rule or "" for line in lines]),
            "cite": each([line.cite for line in lines]),
            "scorecard": scoring.card.id,
            "status": np.where(status == "by_plan", "not_applicable", status).ravel(),
        },
        columns=list(SCORE_COLUMNS),
    )
