"""Target attainment (达标得分): linear from a floor to a target, capped; a ratio T/x; or a band of good values.

Source: domain/D_methods 1. Over-achievement earns nothing unless the plan raises `cap`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, Self

from pydantic import model_validator

from domain.demand import Lean
from domain.facts import Strict
from domain.key import Key, Keys
from domain.step import Phrase
from domain.values import Exact
from indicators.curves import Marks, Readings, Scored, scored
from indicators.ratios import Ratios

TITLE = "达标得分"
WORDS = {
    "linear": "(实际值 − {floor}) ÷ ({target} − {floor}), 限于 0 至 {cap}",
    "ratio": "min({cap}, {target} ÷ 实际值)",
    "band": "在 {low} 至 {high} 之间得满分",
    "band_tolerance": "在 {low} 至 {high} 之间得满分, 区间外 {tolerance} 内按比例递减至 0",
}
_ZERO, _ONE = Fraction(0), Fraction(1)
KEYS: Keys = {
    "target": Key("目标值", "到这里得满分; 指标项写了 rule 的可以不写, 用规则的目标", "0.85"),
    "floor": Key("零分值", "到这里得 0; 越小越好的写大于目标值的数; 不写是 0", "0.60"),
    "direction": Key("方向", "可以不写, 写了要与目标值、零分值相符", "high", {"high": "越大越好", "low": "越小越好"}),
    "form": Key("形式", "ratio 是越小越好的 目标值 ÷ 实际值", "linear", {"linear": "线性", "ratio": "比值"}),
    "cap": Key("封顶", "超额完成最多得满分的几倍", "1"),
    "band": Key("区间", "在两数之间 (含) 得满分; 不与 target、floor、form、cap 同用", ["0.75", "0.85"]),
    "tolerance": Key("区间外容差", "区间外这么远降到 0; 不写是一出区间就是 0", "0.10"),
    "Params": Key(TITLE, "按目标值线性计分、比值计分或区间计分", {"target": "0.85", "floor": "0.60"}),
}


class Params(Strict):
    """Either `target` or `band`.

    target: full marks from here on; floor: no marks at or beyond (0 unless given). floor > target means that smaller
    is better; `direction`, if given, must agree. form `ratio`: smaller is better, min(cap, target / value).
    band: [low, high] with full marks inside (both ends included), falling to 0 at `tolerance` outside.
    cap: the most that can be earned, as a share of full marks.
    """

    target: Exact | None = None
    floor: Exact | None = None
    direction: Literal["high", "low"] | None = None
    form: Literal["linear", "ratio"] = "linear"
    cap: Exact = Fraction(1)
    band: tuple[Exact, Exact] | None = None
    tolerance: Exact | None = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.target is None) == (self.band is None):
            raise ValueError("target (目标值) 与 band (区间) 须写一个, 且只写一个")
        if self.cap <= 0:
            raise ValueError("cap (封顶) 须大于 0")
        if self.band is not None:
            self._check_band(self.band)
        elif self.tolerance is not None:
            raise ValueError("tolerance (区间外容差) 只用于 band (区间)")
        elif self.target is not None:
            self._check_target(self.target)
        return self

    def _check_band(self, band: tuple[Fraction, Fraction]) -> None:
        if band[0] > band[1]:
            raise ValueError("band (区间) 的下限大于上限")
        if self.tolerance is not None and self.tolerance < 0:
            raise ValueError("tolerance (区间外容差) 不能为负")
        if {"floor", "direction", "form", "cap"} & self.model_fields_set:
            raise ValueError("band (区间) 不与 floor、direction、form、cap 同用")

    def _check_target(self, target: Fraction) -> None:
        if self.form == "ratio":
            if target <= 0:
                raise ValueError("form: ratio 的 target (目标值) 须大于 0")
            if self.floor is not None or self.direction == "high":
                raise ValueError("form: ratio 指越小越好的 目标值/实际值, 不写 floor, 也不写 direction: high")
            return
        if self.floor is None and (target <= 0 or self.direction == "low"):
            raise ValueError("须写 floor (零分值): 只有越大越好且目标值大于 0 时可以省略, 按 0 计")
        floor = self.floor or Fraction(0)
        if floor == target:
            raise ValueError("target (目标值) 与 floor (零分值) 相等, 无法计分")
        if self.direction and (self.direction == "low") != (floor > target):
            raise ValueError("direction 与 target、floor 的大小关系不符: 越小越好时 floor 须大于 target")


def attainment(value: Ratios, target: Fraction, floor: Fraction = _ZERO, *, cap: Fraction = _ONE) -> Ratios:
    """Points earned between a floor and a target, as a share of full marks.

    value: (units,); target, floor: same unit as value; floor > target means that smaller is better.
    Returns (units,) in [0, cap]. Raises ValueError if target == floor. Source: 达标得分, domain/D_methods 1.
    """
    if target == floor:
        raise ValueError("目标值与零分值相等, 无法计分")
    return ((value - floor) / (target - floor)).clip(0, cap)


def ratio(value: Ratios, target: Fraction, *, cap: Fraction = _ONE) -> Ratios:
    """Smaller is better without a floor: min(cap, target / value); a value of 0 or less earns the cap.

    Shapes as in `attainment`; target > 0. Source: 达标得分 (简式), domain/D_methods 1.
    """
    enough = value <= target / cap  # 0 and less too
    return Ratios.where(enough, cap, target / Ratios.where(enough, 1, value))


def band(value: Ratios, low: Fraction, high: Fraction, tolerance: Fraction = _ZERO) -> Ratios:
    """1 inside [low, high], linear to 0 at `tolerance` outside (tolerance 0: 0 at once). Source: D_methods 1."""
    inside = (value >= low) & (value <= high)
    if tolerance == 0:
        return Ratios.where(inside, 1, Ratios.full(len(value), 0))
    outside = Ratios.where(value >= high, value - high, -value + low)
    return Ratios.where(inside, 1, (-outside / tolerance + 1).clip(0, 1))


def score(readings: Readings, params: Params) -> Scored:
    """The share of full marks of every unit, (units,), in [0, cap]."""
    value, target = readings.value.filled, params.target or _ZERO
    if params.band is not None:
        share = band(value, *params.band, params.tolerance or _ZERO)
    elif params.form == "ratio":
        share = ratio(value, target, cap=params.cap)
    else:
        share = attainment(value, target, params.floor or _ZERO, cap=params.cap)
    return scored(share, readings.value.ok)


def describe(params: Params) -> Phrase:
    """The formula with its numbers put in."""
    if params.band is not None:
        low, high = params.band
        if params.tolerance:
            return Phrase(f"{__name__}:band_tolerance", {"low": low, "high": high, "tolerance": params.tolerance})
        return Phrase(f"{__name__}:band", {"low": low, "high": high})
    target = params.target or Fraction(0)
    if params.form == "ratio":
        return Phrase(f"{__name__}:ratio", {"cap": params.cap, "target": target})
    floor = params.floor or Fraction(0)
    return Phrase(f"{__name__}:linear", {"floor": floor, "target": target, "cap": params.cap})


def lean(params: Params) -> Lean:
    """What it rewards: values inside the band, less than the floor, or more."""
    if params.band is not None:
        return "inside"
    down = params.form == "ratio" or (params.floor or Fraction(0)) > (params.target or Fraction(0))
    return "down" if down else "up"


def marks(params: Params) -> Marks:
    """The ends of the band, or target and floor."""
    if params.band is not None:
        return tuple(("band", end) for end in params.band)
    told = (("target", params.target), ("floor", params.floor))
    return tuple((name, mark) for name, mark in told if mark is not None)
