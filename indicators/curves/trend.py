"""Trend (趋势): full marks for moving the wanted way since the period compared with.

Source: domain/D_methods 1. The smallest change that counts, and what a smaller one earns, are the plan's.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, Self

from pydantic import model_validator

from domain.demand import Lean
from domain.facts import Strict
from domain.key import Key, Keys
from domain.step import Phrase, Value
from domain.values import Exact
from indicators.curves import Marks, Readings, Scored, scored
from indicators.ratios import Ratios

TITLE = "趋势得分"
WORDS = {
    "any": "较上期{direction}得 1; 持平得 {unchanged}; 反向得 0",
    "enough": "{direction}且变化不小于 {least} 得 1; {direction}但变化不足得 {partial}; 持平得 {unchanged}; 反向得 0",
    "up": "上升",
    "down": "下降",
}
KEYS: Keys = {
    "Params": Key(TITLE, "与对比期比, 朝要求的方向变化得满分"),
    "direction": Key("要求的方向", "", "up", {"up": "上升", "down": "下降"}),
    "min_change": Key("最小变化", "变化到这么多 (含) 得满分, 按指标的单位", "0.01"),
    "partial": Key("变化不够的", "方向对而不到最小变化的得多少", "0.5"),
    "unchanged": Key("没有变化的", "得多少", "0.60"),
}


class Params(Strict):
    """direction: the wanted one; min_change: the smallest change that counts, in the indicator's unit (included).

    partial: the share for a change the wanted way that is smaller; unchanged: the share for no change at all.
    """

    direction: Literal["up", "down"]
    min_change: Exact = Fraction(0)
    partial: Exact = Fraction(0)
    unchanged: Exact = Fraction(0)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.min_change < 0:
            raise ValueError("min_change (最小变化) 不能为负: 方向写在 direction 里")
        if not (0 <= self.partial <= 1 and 0 <= self.unchanged <= 1):
            raise ValueError("partial (变化不足) 与 unchanged (持平) 的得分比例须在 0 至 1 之间")
        return self


def trend(change: Ratios, min_change: Fraction, partial: Fraction, unchanged: Fraction) -> Ratios:
    """1 for a change of at least `min_change`, `partial` for a smaller one, `unchanged` for none, 0 for the wrong way.

    change: towards the wanted direction, (units,).
    """
    share = Ratios.where(change > 0, partial, Ratios.where(change >= 0, unchanged, 0))
    return Ratios.where((change > 0) & (change >= min_change), 1, share)


def score(readings: Readings, params: Params) -> Scored:
    """The share of full marks of every unit, (units,); missing where either period is."""
    if readings.previous is None:
        raise ValueError("趋势得分需要上期值")
    ok = readings.value.ok & readings.previous.ok
    change = readings.value.filled - readings.previous.filled
    wanted = change if params.direction == "up" else -change
    return scored(trend(wanted, params.min_change, params.partial, params.unchanged), ok)


def describe(params: Params) -> Phrase:
    """The direction, how much counts, and what less earns."""
    values: dict[str, Value] = {"direction": Phrase(f"{__name__}:{params.direction}"), "unchanged": params.unchanged}
    if not params.min_change:
        return Phrase(f"{__name__}:any", values)
    return Phrase(f"{__name__}:enough", values | {"least": params.min_change, "partial": params.partial})


def lean(params: Params) -> Lean:
    """The wanted direction."""
    return params.direction


def marks(params: Params) -> Marks:
    """The smallest change that counts: no change is larger than the indicator's range."""
    return (("min_change", params.min_change),) if params.min_change else ()
