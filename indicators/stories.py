"""The story of every score: formula, numbers put in, result, clauses, cells, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from domain.step import LOCAL, Name, Named, Phrase, Place, Step, Value, Words
from domain.values import Cite
from indicators.cards import BY_PLAN, Line, Scoring, item_key
from indicators.quantity import MISSING, NOT_APPLICABLE
from indicators.ratios import Array
from indicators.registry import indicators

_NUMBERS = {
    "numerator": Named("分子", "whole"),
    "denominator": Named("分母", "whole"),
    "per": Named("乘数", "whole"),
    "value": Named("实际值", "whole"),
    "previous": Named("对比期", "whole"),
    "target": Named("目标", "whole"),
    "points": Named("满分", "whole"),
    "full_marks": Named("调整后满分", "whole"),
    "share": Named("得分比例", "whole"),
}
_TITLE = "{unit:name} {item:title}"
WORDS = {
    "item": Words(_TITLE, "满分 × 得分比例; 得分比例: {curve}", _NUMBERS, "whole", "不计分", one_cite=True),
    "item_adjusted": Words(
        _TITLE, "调整后满分 × 得分比例; 得分比例: {curve}", _NUMBERS, "whole", "不计分", one_cite=True
    ),
    "total": Words("{unit:name} {card:title}", "各项得分之和", {"item": Named("{it:title}", "whole")}, "whole"),
    "span": "{low} 至 {high}",
    "undone": "未完成",
    "by_plan": "方案规定本项不评该级机构, {rule}",
    "missing": "缺数据: {gaps:join ; }, {rule}",
    "previous": "对比期",
    "not_applicable": "不适用 (分母为零、不由该级填报或尚未到期), {rule}",
    "reweight": "分值由其余各项按比例承担",
    "zero": "按 0 分计",
    "full": "按满分计",
    "taken": "{line}: 扣 {points:whole} 分 (每次 {each:whole} 分)",
    "taken_proved": "{line}: 扣 {points:whole} 分 (每次 {each:whole} 分, 依据: {evidence})",
    "definition": "口径: {indicator:definition}",
    "grade": "等次: {grade}",
}
_SHOWN = ("numerator", "denominator", "per", "value", "previous", "missing", "cells", "told", "version")


def stories(scoring: Scoring, totals: Mapping[str, Array]) -> tuple[Step, ...]:
    """One per unit and item, and one per unit's total, sorted by unit code and then in the card's order.

    totals: score and grade of each unit, as the card's result has them.
    """
    columns = [placed.rows(*_SHOWN) for placed in scoring.measures]
    described = [line.curve.describe(line.params) for line in scoring.lines]
    results = list(zip(totals["score"], totals["grade"], strict=True))
    told = []
    for unit, code in enumerate(scoring.units["unit_code"]):
        for at, curve in enumerate(described):
            told.append(_item(scoring, (unit, at), code, columns[at][unit], curve))
        told.append(_total(scoring, unit, code, *results[unit]))
    return tuple(told)


@cache
def _days() -> frozenset[str]:
    """The indicators whose value is a day."""
    return frozenset(code for code, one in indicators().items() if one.unit == "日期")


def _day(value: Fraction) -> Value:
    """A day of the number that is filled in: 20170620, 0 for what is not done; another number as it is."""
    number = int(value)
    try:
        return date(number // 10000, number // 100 % 100, number % 100) if number == value != 0 else _phrase("undone")
    except ValueError:
        return value


def _item(scoring: Scoring, where: tuple[int, int], unit_code: str, measure: Any, curve: Phrase) -> Step:
    unit, at = where
    line = scoring.lines[at]
    above, below, per, value, previous, gaps, cells, told, version = measure
    put_in = {"numerator": above, "denominator": below, "per": None if per == 1 else per, "value": value}
    put_in["previous"] = previous
    day = line.item.indicator in _days()
    numbers: dict[Name, Value | None] = {
        name: _day(number) if day else number for name, number in put_in.items() if number is not None
    }
    if line.span is not None:
        numbers["target"] = _phrase("span", low=line.span[0], high=line.span[1])
    elif line.aim is not None:
        numbers["target"] = line.aim
    numbers["points"] = line.item.points
    kept, full, earned = scoring.kept[unit, at], scoring.full[unit, at], scoring.score[unit, at]
    words = "item"
    if kept:
        if full != line.item.points:
            words, numbers["full_marks"] = "item_adjusted", full
        numbers["share"] = earned / full if full else Fraction(0)
    return Step(
        "score",
        Place(unit=unit_code, card=scoring.card.id, item=line.item.id),
        f"{__name__}:{words}",
        earned if kept else None,
        numbers,
        {"unit": unit_code, "item": item_key(scoring.card, line.item), "curve": curve},
        line.item.rule or "",
        line.cites,
        tuple(cells),
        (
            *_gap(scoring, unit, at, gaps),
            *_lines(line, scoring.answers[at].parts, unit),
            *told,
            *([_phrase("definition", indicator=line.item.indicator, version=version)] if version else []),
        ),
    )


def _total(scoring: Scoring, unit: int, unit_code: str, total: Fraction | None, grade: str) -> Step:
    card = scoring.card
    return Step(
        "score",
        Place(unit=unit_code, card=card.id),
        f"{__name__}:total",
        total,
        {
            ("item", item_key(card, line.item)): earned
            for line, earned in zip(scoring.lines, scoring.score[unit], strict=True)
            if earned is not None
        },
        {"unit": unit_code, "card": card.id},
        cites=(str(card.source) if isinstance(card.source, Cite) else LOCAL,),
        notes=(_phrase("grade", grade=grade),) if grade else (),
    )


def _gap(scoring: Scoring, unit: int, at: int, gaps: tuple[Phrase, ...]) -> Iterator[Phrase]:
    """Why an item was not scored as usual, and what the plan does then."""
    state, card = scoring.status[unit, at], scoring.card
    if state == BY_PLAN:
        yield _phrase("by_plan", rule=_phrase("reweight"))
    elif state == MISSING:
        yield _phrase("missing", gaps=gaps or (_phrase("previous"),), rule=_phrase(card.missing))
    elif state == NOT_APPLICABLE:
        yield _phrase("not_applicable", rule=_phrase(card.not_applicable))


def _lines(line: Line, parts: Any, unit: int) -> Iterator[Phrase]:
    """What each line of a deduction took, with its evidence."""
    for entry in getattr(line.params, "lines", ()):
        taken = parts.get(entry.count)
        if taken is None or not taken.ok[unit]:
            continue
        (points,) = taken.value[[unit]].fractions()
        said = {"line": entry.title or entry.count, "points": points, "each": entry.points}
        proof = {"evidence": entry.evidence} if entry.evidence else {}
        yield _phrase("taken_proved" if proof else "taken", **said, **proof)


def _phrase(code: str, **values: Value) -> Phrase:
    return Phrase(f"{__name__}:{code}", values)
