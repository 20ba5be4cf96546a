"""Efficacy coefficient (功效系数法): 60 at the unacceptable value, 100 at the satisfactory one, linear everywhere.

Source: domain/D_methods 4. The share is a hundredth of the coefficient; it may leave [0.6, 1] unless the plan says
`clip`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Self

from pydantic import model_validator

from domain.demand import Lean
from domain.facts import Strict
from domain.key import Key, Keys
from domain.step import Phrase
from domain.values import Exact
from indicators.curves import Marks, Readings, Scored, scored
from indicators.ratios import Ratios

TITLE = "功效系数"
_FORMULA = "((实际值 − {worst}) ÷ ({best} − {worst}) × 40 + 60) ÷ 100"
WORDS = {"linear": _FORMULA, "clipped": f"{_FORMULA}, 限于 0.6 至 1"}
KEYS: Keys = {
    "Params": Key(TITLE, "得 60 至 100 分: 60 + (实际值 − 不允许值) ÷ (满意值 − 不允许值) × 40"),
    "satisfactory": Key("满意值", "得 100 分", "0.75"),
    "unacceptable": Key("不允许值", "得 60 分; 越小越好的比满意值大", "0.45"),
    "clip": Key("限于 60 至 100", "决定分配的评分表必须写 true", example=True),
}


class Params(Strict):
    """satisfactory: 满意值; unacceptable: 不允许值 (above it where smaller is better); clip: keep to 60 … 100."""

    satisfactory: Exact
    unacceptable: Exact
    clip: bool = False

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.satisfactory == self.unacceptable:
            raise ValueError("satisfactory (满意值) 与 unacceptable (不允许值) 相等, 无法计分")
        return self


def efficacy(value: Ratios, satisfactory: Fraction, unacceptable: Fraction, *, clip: bool = False) -> Ratios:
    """The coefficient, 60 … 100: (x − unacceptable) / (satisfactory − unacceptable) · 40 + 60.

    value: (units,); the two marks: same unit. Raises ValueError if they are equal. Source: domain/D_methods 4.
    """
    if satisfactory == unacceptable:
        raise ValueError("满意值与不允许值相等, 无法计分")
    points = (value - unacceptable) / (satisfactory - unacceptable) * 40 + 60
    return points.clip(60, 100) if clip else points


def score(readings: Readings, params: Params) -> Scored:
    """The coefficient of every unit as a share of full marks, (units,)."""
    share = efficacy(readings.value.filled, params.satisfactory, params.unacceptable, clip=params.clip) / 100
    return scored(share, readings.value.ok)


def describe(params: Params) -> Phrase:
    """The formula with its numbers put in."""
    marks = {"best": params.satisfactory, "worst": params.unacceptable}
    return Phrase(f"{__name__}:{'clipped' if params.clip else 'linear'}", marks)


def bounded(params: Params) -> bool:
    """Not where values beyond both ends go on counting."""
    return params.clip


def lean(params: Params) -> Lean:
    """Which way the satisfactory value lies."""
    return "up" if params.satisfactory > params.unacceptable else "down"


def marks(params: Params) -> Marks:
    """The two marks."""
    return ("satisfactory", params.satisfactory), ("unacceptable", params.unacceptable)
