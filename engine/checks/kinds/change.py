"""变动: a figure against its own earlier one, the period before or the same period of the year before; a fall too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from domain.facts import Catalogue, Strict
from domain.institution import Tier
from domain.key import Key, Keys
from domain.period import Period
from domain.selection import Array
from domain.step import Phrase, Value
from domain.values import Exact, Ratio
from engine.checks.kinds import Hit, Looked, beyond, named, outside
from engine.checks.rows import plain

TITLE = "变动"
WORDS = {"change": "{code:join } {now}, {period:period} {then}"}
_COMPARED = frozenset({"flow", "stock", "approval"})
_UNCOUNTED = frozenset({"是否", "日期"})
KEYS: Keys = {
    "Params": Key(TITLE, "与自己的上期、上年同期比, 大了小了都查"),
    "against": Key("与哪期比", "", ["previous"], {"previous": "上期", "year_ago": "上年同期"}),
    "factor": Key("倍数", "大了或小了几倍才提", "3"),
    "codes": Key("看哪些", "数据或金额项目; 不写是全部", ["visits"]),
    "without": Key("不看的", "数据或金额项目", ["resident_population"]),
    "floor": Key("不看的小数", "低于它的不看; 金额按元", "10"),
    "tiers": Key("机构层级", "看哪几级; 不写是全部", ["township"]),
}


class Params(Strict):
    """against: the periods compared with. factor: how many times the earlier figure it may be, or that be of it.

    codes: the metrics and items looked at (none: all that are no yes-or-no and no day); without: but not these.
    floor: what is below it both times is not looked at; amounts in yuan. tiers: whose (empty: everybody's).
    """

    against: Annotated[list[Literal["previous", "year_ago"]], Field(min_length=1)]
    factor: Annotated[Exact, Field(gt=1)]
    codes: list[str] = Field(default_factory=list)
    without: list[str] = Field(default_factory=list)
    floor: Ratio = Fraction(0)
    tiers: list[Tier] = Field(default_factory=list)


def asks(params: Params, catalogue: Catalogue) -> Callable[[str], bool]:
    """The codes that are looked at."""
    return lambda code: _wanted(code, params, catalogue)


def find(params: Params, looked: Looked) -> Iterator[Hit]:
    """Every figure that is more than `factor` times the earlier one, or less than that part of it."""
    compared = _compared(params, looked)
    told: set[tuple[int, int]] = set()
    for against in params.against:
        before: Period = getattr(looked.period, against)
        then, now = looked.at(before), looked.now
        there = looked.of_tiers(params.tiers)[:, None] & compared[None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            larger = np.maximum(np.abs(now.grid), np.abs(then.grid)) >= float(params.floor)
            value = np.where(there & larger & (then.grid != 0), now.grid / then.grid, np.nan)
        for cell in outside(value.ravel(), 1 / float(params.factor), float(params.factor)).tolist():
            unit, at = divmod(cell, len(looked.table.codes))
            code = looked.table.codes[at]
            one, other = now.exact(unit, [code]), then.exact(unit, [code])
            exactly = one / other
            if (unit, at) not in told and beyond(exactly, 1 / params.factor, params.factor):
                told.add((unit, at))
                said: dict[str, Value | None] = {"code": named([code]), "period": str(before)}
                what = Phrase(f"{__name__}:change", {**said, "now": one, "then": other})
                rows = tuple(now.rows_of(unit, [code]))
                yield Hit(str(looked.table.units[unit]), rows, what, exactly, 1 / params.factor, params.factor)


def _compared(params: Params, looked: Looked) -> Array:
    """Which codes are looked at, (codes,)."""
    table = looked.table
    compared: Array = np.isin(table.kinds.astype(str), sorted(_COMPARED))
    wanted = (_wanted(plain(code), params, looked.catalogue) for code in table.codes)
    compared &= np.fromiter(wanted, dtype=bool, count=len(table.codes))
    return compared


def _wanted(item: str, params: Params, catalogue: Catalogue) -> bool:
    if item in params.without or (params.codes and item not in params.codes):
        return False
    metric = catalogue.metrics.get(item)
    return bool(params.codes) or metric is None or metric.unit not in _UNCOUNTED
