"""Efficacy coefficient (功效系数法): 60 at the unacceptable value, 100 at the satisfactory one, linear everywhere.

Source: domain/D_methods 4. The share is a hundredth of the coefficient; it may leave [0.6, 1] unless the plan says
`clip`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Self

import numpy as np
from pydantic import model_validator

from domain.demand import Lean
from domain.facts import Strict
from domain.money import format_exact
from domain.values import Exact
from indicators.curves import Array, Readings, Scored, like, scored

TITLE = "功效系数"


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


def efficacy(value: Array, satisfactory: Any, unacceptable: Any, *, clip: bool = False) -> Array:
    """The coefficient, 60 … 100: (x − unacceptable) / (satisfactory − unacceptable) · 40 + 60.

    value: any shape, object array of Fraction or float64 (NaN stays NaN); the two marks: same unit, one number or one
    per column. Raises ValueError if they are equal. Source: domain/D_methods 4.
    """
    width = np.asarray(satisfactory) - np.asarray(unacceptable)
    if np.any(width == 0):
        raise ValueError("满意值与不允许值相等, 无法计分")
    points: Array = (value - unacceptable) / width * 40 + 60
    return np.clip(points, 60, 100) if clip else points


def score(readings: Readings, params: Params) -> Scored:
    """The coefficient of every unit as a share of full marks, (units,)."""
    value = readings.value.filled()
    marks = (like(value, mark) for mark in (params.satisfactory, params.unacceptable))
    share = efficacy(value, *marks, clip=params.clip) / like(value, Fraction(100))  # a clipped mark is a plain int
    return scored(share, readings.value.ok)


def describe(params: Params) -> str:
    """The formula with its numbers put in."""
    best, worst = format_exact(Fraction(params.satisfactory)), format_exact(Fraction(params.unacceptable))
    said = f"((实际值 − {worst}) ÷ ({best} − {worst}) × 40 + 60) ÷ 100"
    return f"{said}, 限于 0.6 至 1" if params.clip else said


def bounded(params: Params) -> bool:
    """Not where values beyond both ends go on counting."""
    return params.clip


def lean(params: Params) -> Lean:
    """Which way the satisfactory value lies."""
    return "up" if params.satisfactory > params.unacceptable else "down"
