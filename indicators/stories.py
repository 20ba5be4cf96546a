"""The story of every score: formula, numbers put in, result, clauses, cells, and what was left out."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import pandas as pd

from domain.money import exact_text, format_exact
from domain.trace import Trace
from domain.values import Cite
from indicators.cards import BY_PLAN, Line, Scoring
from indicators.quantity import MISSING, NOT_APPLICABLE
from indicators.registry import indicators

_RULES = {"reweight": "分值由其余各项按比例承担", "zero": "按 0 分计", "full": "按满分计"}
_SHOWN = ("numerator", "denominator", "per", "value", "previous", "missing", "cells", "told", "definition")


def stories(scoring: Scoring, totals: pd.DataFrame) -> tuple[Trace, ...]:
    """One per unit and item, and one per unit's total, sorted by unit code and then in the card's order.

    totals: one row per unit with score and grade, as the card's result has it.
    """
    columns = [placed.rows(*_SHOWN) for placed in scoring.measures]
    described = [line.curve.describe(line.params) for line in scoring.lines]
    named = list(zip(scoring.units["unit_code"], scoring.units["name"], strict=True))
    results = list(zip(totals["score"], totals["grade"], strict=True))
    told = []
    for unit, who in enumerate(named):
        for at, said in enumerate(described):
            told.append(_item(scoring, (unit, at), who, columns[at][unit], said))
        told.append(_total(scoring, unit, who, results[unit]))
    return tuple(told)


def _text(value: Fraction | None) -> str:
    return "—" if value is None else exact_text(value)


@cache
def _days() -> frozenset[str]:
    """The indicators whose value is a day."""
    return frozenset(code for code, one in indicators().items() if one.unit == "日期")


def _day(value: Fraction) -> str:
    """A day as it is read, of the number that is filled in: 20170620, 0 for what is not done."""
    digits = _text(value)
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 else "未完成" if value == 0 else digits


def _item(scoring: Scoring, where: tuple[int, int], who: tuple[str, str], measure: Any, said: str) -> Trace:
    (unit, at), (code, name) = where, who
    line = scoring.lines[at]
    above, below, per, value, previous, lacking, cells, told, meaning = measure
    put_in = {"分子": above, "分母": below, "乘数": None if per == 1 else per, "实际值": value, "对比期": previous}
    put_in["目标"] = line.aim
    day = line.item.indicator in _days()
    numbers = {
        key: _day(number) if day and key != "目标" else _text(number)
        for key, number in put_in.items()
        if number is not None
    }
    if line.span is not None:
        numbers["目标"] = " 至 ".join(map(format_exact, line.span))
    numbers["满分"] = _text(line.item.points)
    kept, full, earned = scoring.kept[unit, at], scoring.full[unit, at], scoring.score[unit, at]
    marks = "满分"
    if kept:
        if full != line.item.points:
            marks = "调整后满分"
            numbers[marks] = _text(full)
        numbers["得分比例"] = _text(earned / full if full else Fraction(0))
    return Trace(
        key=f"score/{code}/{scoring.card.id}/{line.item.id}",
        title=f"{name} {line.title}",
        formula=f"{marks} × 得分比例; 得分比例: {said}",
        numbers=numbers,
        result=_text(earned) if kept else "不计分",
        rule=line.item.rule or "",
        cites=(line.cite,),
        cells=tuple(cells),
        notes=(
            *_gap(scoring, unit, at, str(lacking or "")),
            *_lines(line, scoring.answers[at].parts, unit),
            *told,
            *([f"口径: {meaning}"] if meaning else []),
        ),
    )


def _total(scoring: Scoring, unit: int, who: tuple[str, str], result: tuple[Fraction | None, str]) -> Trace:
    card = scoring.card
    (code, name), (total, grade) = who, result
    return Trace(
        key=f"score/{code}/{card.id}",
        title=f"{name} {card.title}",
        formula="各项得分之和",
        numbers={
            line.title: _text(earned)
            for line, earned in zip(scoring.lines, scoring.score[unit], strict=True)
            if earned is not None
        },
        result=_text(total),
        cites=(str(card.source) if isinstance(card.source, Cite) else "本地规定",),
        notes=(f"等次: {grade}",) if grade else (),
    )


def _gap(scoring: Scoring, unit: int, at: int, lacking: str) -> tuple[str, ...]:
    """Why an item was not scored as usual, and what the plan does then."""
    state = scoring.status[unit, at]
    if state == BY_PLAN:
        return (f"方案规定本项不评该级机构, {_RULES['reweight']}",)
    if state == MISSING:
        return (f"缺数据: {lacking or '对比期'}, {_RULES[scoring.card.missing]}",)
    if state == NOT_APPLICABLE:
        return (f"不适用 (分母为零、不由该级填报或尚未到期), {_RULES[scoring.card.not_applicable]}",)
    return ()


def _lines(line: Line, parts: Any, unit: int) -> list[str]:
    """What each line of a deduction took, with its evidence."""
    said = []
    for entry in getattr(line.params, "lines", ()):
        taken = parts.get(entry.count)
        if taken is None or not taken.ok[unit]:
            continue
        proof = f", 依据: {entry.evidence}" if entry.evidence else ""
        (points,) = taken.value[[unit]].fractions()
        said.append(f"{entry.title or entry.count}: 扣 {_text(points)} 分 (每次 {_text(entry.points)} 分{proof})")
    return said
