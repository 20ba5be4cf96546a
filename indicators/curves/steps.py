"""Steps (台阶、分档): a table of thresholds, each with its share of full marks.

Source: domain/D_methods 3. 以上 and 以下 include the number itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from domain.demand import Lean
from domain.facts import Strict
from domain.key import Key, Keys
from domain.money import format_exact
from domain.step import Phrase
from domain.values import Exact
from indicators.curves import Marks, Readings, Scored, scored
from indicators.ratios import Ratios

TITLE = "分档得分"
WORDS = {
    "steps": "{steps:join ; }; 其余得 {below}",
    "from": "{bound} 以上 (含) 得 {share}",
    "to": "{bound} 以下 (含) 得 {share}",
}
KEYS: Keys = {
    "Params": Key(TITLE, "按分档表取得分比例"),
    "steps": Key(
        "分档",
        "都写 min (越大越好) 或都写 max (越小越好)",
        [{"min": "0.9", "share": "1"}, {"min": "0.7", "share": "0.6"}],
    ),
    "below": Key("都不到的", "一档都不到的得多少", "0"),
    "cap": Key("封顶", "一档最多给满分的几倍", "1"),
    "Step": Key("一档", "到了这里得多少"),
    "Step.min": Key("从", "含本数", "0.9"),
    "Step.max": Key("到", "含本数", "0.1"),
    "Step.share": Key("得分比例", "", "1"),
}


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


def steps(value: Ratios, bounds: Sequence[Fraction], shares: Sequence[Fraction], below: Fraction) -> Ratios:
    """The share of the largest bound ≤ value; `below` under all of them.

    value: (units,); bounds, shares: one per step, in any order.
    """
    ordered = sorted(zip(bounds, shares, strict=True), key=lambda step: step[0])
    reached = sum(((value >= bound).astype(np.intp) for bound, _ in ordered), np.zeros(len(value), dtype=np.intp))
    return Ratios.of([below, *(earned for _, earned in ordered)])[reached]


def score(readings: Readings, params: Params) -> Scored:
    """The share of full marks of every unit, (units,), in [0, cap]."""
    value = readings.value.filled
    upward = params.steps[0].min is not None
    bounds = [(step.min if upward else -(step.max or Fraction(0))) or Fraction(0) for step in params.steps]
    shares = [step.share for step in params.steps]
    return scored(steps(value if upward else -value, bounds, shares, params.below), readings.value.ok)


def describe(params: Params) -> Phrase:
    """The steps, best first."""
    upward = params.steps[0].min is not None
    words = f"{__name__}:{'from' if upward else 'to'}"
    ordered = sorted(
        (((step.min if upward else step.max) or Fraction(0), step.share) for step in params.steps), reverse=upward
    )
    each = tuple(Phrase(words, {"bound": bound, "share": share}) for bound, share in ordered)
    return Phrase(f"{__name__}:steps", {"steps": each, "below": params.below})


def lean(params: Params) -> Lean:
    """Whether the shares rise with the value, fall with it, or have their best in between."""
    upward = params.steps[0].min is not None
    bounds = sorted(params.steps, key=lambda step: (step.min if upward else step.max) or Fraction(0))
    shares = [params.below, *(step.share for step in bounds)] if upward else [*(s.share for s in bounds), params.below]
    if all(low <= high for low, high in pairwise(shares)):
        return "up"
    return "down" if all(low >= high for low, high in pairwise(shares)) else "inside"


def marks(params: Params) -> Marks:
    """The bounds of the steps."""
    each = ((step.min if step.min is not None else step.max) for step in params.steps)
    return tuple(("steps", bound) for bound in each if bound is not None)
