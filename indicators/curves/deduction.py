"""Deduction (扣分法): full marks less so many points per occurrence, never below 0.

Source: domain/D_methods 2. Every line is kept with the points it takes, so that it can be shown beside its evidence.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from domain.facts import Strict
from domain.key import Key, Keys
from domain.step import Phrase
from domain.values import Exact
from indicators.curves import Readings, Scored, scored
from indicators.ratios import Column

TITLE = "扣分法"
FULL_MARKS = True
WORDS = {"lines": "{lines:join ; }; 扣完为止", "line": "{line} 每次扣 {points} 分"}
KEYS: Keys = {
    "Params": Key(TITLE, "满分减去各项扣分, 扣完为止"),
    "lines": Key("扣分项", "每发生一次扣多少分", [{"count": "posted_staff", "points": "2"}]),
    "Line": Key("一项", "哪个数每计一次扣几分"),
    "Line.count": Key("计次的数据", "指标 (line_counts) 的 lines 里的代码", "posted_staff"),
    "Line.points": Key("每次扣分", "", "2"),
    "Line.title": Key("名称", "不写的用数据的名称", "派驻人员"),
    "Line.evidence": Key("凭据", "要什么材料", "考勤表"),
}


class Line(Strict):
    """Something that costs points: `count` names the line of readings, `points` are lost each time."""

    count: str
    points: Exact
    title: str = ""
    evidence: str = ""


class Params(Strict):
    """lines: what costs points. The counts come from the readings, the full marks from the scorecard."""

    lines: Annotated[tuple[Line, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if len({line.count for line in self.lines}) < len(self.lines):
            raise ValueError("lines (扣分项) 有重复")
        if any(line.points <= 0 for line in self.lines):
            raise ValueError("points (每次扣分) 须大于 0")
        return self


def score(readings: Readings, params: Params) -> Scored:
    """max(0, w − Σ k·n) / w of every unit, (units,); missing where any count is.

    `parts` holds the points each line takes, before the limit at 0. Raises ValueError if the readings lack the full
    marks or a line, or if a count is negative.
    """
    if readings.full_marks is None or readings.full_marks <= 0:
        raise ValueError("扣分法需要大于 0 的满分")
    if lacking := [line.count for line in params.lines if line.count not in readings.lines]:
        raise ValueError(f"扣分法缺少扣分项: {'、'.join(lacking)}")
    taken = {}
    for line in params.lines:
        count = readings.lines[line.count]
        if (count.filled < 0).any():
            raise ValueError(f"扣分项 {line.count} 的次数不能为负")
        taken[line.count] = Column(count.filled * line.points, count.ok)
    ok = np.all([column.ok for column in taken.values()], axis=0)
    lost = reduce(add, (column.value for column in taken.values())) / readings.full_marks
    return scored((-lost + 1).clip(0, 1), ok, parts=taken)


def describe(params: Params) -> Phrase:
    """The lines with their points."""
    each = (
        Phrase(f"{__name__}:line", {"line": line.title or line.count, "points": line.points}) for line in params.lines
    )
    return Phrase(f"{__name__}:lines", {"lines": tuple(each)})


def lines(params: Params) -> tuple[str, ...]:
    """What is counted."""
    return tuple(line.count for line in params.lines)


def lean(_params: Params) -> None:
    """It counts lines; the indicator's value is compared with nothing."""
