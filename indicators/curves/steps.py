"""Steps (台阶、分档): a table of thresholds, each with its share of full marks.

Source: domain/D_methods 3. 以上 and 以下 include the number itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Self

import numpy as np
from pydantic import Field, model_validator

from domain.demand import Lean
from domain.facts import Strict
from domain.money import format_exact
from domain.values import Exact
from indicators.curves import Array, Readings, Scored, like, scored

TITLE = "分档得分"


class Step(Strict):
    """A step: reached from `min` up (larger is better) or from `max` down (smaller is better)."""

    min: Exact | None = None
    max: Exact | None = None
    share: Exact


class Params(Strict):
    """steps: all with `min`, or all with `max`; below: the share of a value that reaches none of them.

    cap: the most that a step may give, as a share of full marks.
    """

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    below: Exact = Fraction(0)
    cap: Exact = Fraction(1)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        upward = [step.min for step in self.steps if step.min is not None]
        downward = [step.max for step in self.steps if step.max is not None]
        if (len(upward), len(downward)) not in {(len(self.steps), 0), (0, len(self.steps))}:
            raise ValueError("各档须全部写 min (以上) 或全部写 max (以下)")
        if len({*upward, *downward}) < len(self.steps):
            raise ValueError("有两档的界限相同")
        if any(not 0 <= share <= self.cap for share in (self.below, *(step.share for step in self.steps))):
            raise ValueError(f"各档的 share 须在 0 至 {format_exact(self.cap)} 之间")
        return self


def steps(value: Array, bounds: Sequence[Any], shares: Sequence[Any], below: Any) -> Array:
    """The share of the largest bound ≤ value; `below` under all of them.

    value: any shape, object array of Fraction or float64 (NaN stays NaN); bounds, shares: one per step, in any order.
    """
    share = np.where(value == value, below, value)  # noqa: PLR0124  (NaN)
    for bound, earned in sorted(zip(bounds, shares, strict=True), key=lambda step: step[0]):
        share = np.where(value >= bound, earned, share)
    return share


def score(readings: Readings, params: Params) -> Scored:
    """The share of full marks of every unit, (units,), in [0, cap]."""
    value = readings.value.filled()
    upward = params.steps[0].min is not None
    sign = 1 if upward else -1
    bounds = [like(value, sign * ((step.min if upward else step.max) or Fraction(0))) for step in params.steps]
    shares = [like(value, step.share) for step in params.steps]
    return scored(steps(sign * value, bounds, shares, like(value, params.below)), readings.value.ok)


def describe(params: Params) -> str:
    """The steps in words, best first."""
    upward = params.steps[0].min is not None
    word = "以上" if upward else "以下"
    ordered = sorted(
        (((step.min if upward else step.max) or Fraction(0), step.share) for step in params.steps), reverse=upward
    )
    said = [f"{format_exact(bound)} {word} (含) 得 {format_exact(share)}" for bound, share in ordered]
    return "; ".join([*said, f"其余得 {format_exact(params.below)}"])


def lean(params: Params) -> Lean:
    """Whether the shares rise with the value, fall with it, or have their best in between."""
    upward = params.steps[0].min is not None
    bounds = sorted(params.steps, key=lambda step: (step.min if upward else step.max) or Fraction(0))
    shares = [params.below, *(step.share for step in bounds)] if upward else [*(s.share for s in bounds), params.below]
    if all(low <= high for low, high in pairwise(shares)):
        return "up"
    return "down" if all(low >= high for low, high in pairwise(shares)) else "inside"
