"""同级比较: a figure against what it is with the other units of its tiers, in keeping with the unit's size.

What is usual is the median m of a code over the units. A unit's size s is the median of its own figures over what is
usual, so that one wrong figure makes no size; a figure is expected to be s·m, within a factor. Source: 中位数法
(domain/D_methods: medians stand up to single wild values), the factor is local.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field

from domain.facts import Catalogue, Strict
from domain.institution import Tier
from domain.key import Key, Keys
from domain.selection import Array
from domain.step import Phrase, Value
from domain.values import Exact, Ratio, Share
from engine.checks.kinds import Hit, Looked, beyond, named, outside
from engine.checks.rows import plain

TITLE = "同级比较"
WORDS = {"peers": "{code:join } {now}, 同级 {peers} 家中位数 {usual}, 按本单位规模 {sized}"}


_LACKING = 2  # a unit with more figures of 0 does not give that service
_NEW = frozenset({"previous_amount", "surplus_prepaid", "reward_paid", "permits_paid", "risk_fund_balance"})
"""Items of which a new member has nothing yet."""
KEYS: Keys = {
    "tiers": Key("同级", "在哪几级之间比", ["township"]),
    "factor": Key("倍数", "与预期差几倍才提", "5"),
    "measured": Key("按单位选数据", "看这些计量单位的数据", ["人次"]),
    "codes": Key("另看哪些", "数据或金额项目", ["heads_on_post"]),
    "money": Key("是否看全部金额", "", example=True),
    "without": Key("不看的", "数据或金额项目", ["resident_population"]),
    "sized": Key("随规模变", "按本单位规模折算预期; 不写是 true", example=False),
    "peers": Key("至少几家", "至少有几家同级填了", 5),
    "floor": Key("不看的小数", "低于它的不看; 金额按元", "10"),
    "nothing": Key("为 0 的", "同级至少这么多有数而本单位是 0 时也提; 不写是不提", "0.8"),
    "Params": Key(
        TITLE,
        "相同层级的单位; 中位数乘以本单位规模为预期",
        {"tiers": ["township"], "factor": "5", "measured": ["人次"]},
    ),
}


class Params(Strict):
    """tiers: the units compared with each other. factor: how many times the expected a figure may be, or that be of it.

    measured: the units of the metrics looked at (人次, 件次 …); codes: metrics and items besides; money: every item;
    without: but not these. sized: whether they grow with the unit; peers: how many others must tell a figure.
    floor: where neither the figure nor what is expected comes up to it nothing is said; amounts in yuan. nothing: a
    figure of 0 is looked at too where at least this share of the units that tell it have something and the unit has few
    such figures (none: never).
    """

    tiers: Annotated[list[Tier], Field(min_length=1)]
    factor: Annotated[Exact, Field(gt=1)]
    measured: list[str] = Field(default_factory=list)
    codes: list[str] = Field(default_factory=list)
    money: bool = False
    without: list[str] = Field(default_factory=list)
    sized: bool = True
    peers: Annotated[int, Field(ge=3)] = 5
    floor: Ratio = Fraction(0)
    nothing: Share | None = None


def asks(params: Params, catalogue: Catalogue) -> Callable[[str], bool]:
    """The codes that are looked at."""
    return lambda code: _wanted(code, params, catalogue)


def find(params: Params, looked: Looked) -> Iterator[Hit]:
    """Every figure that is more than `factor` times what is expected of the unit, or less than that part of it."""
    units = np.flatnonzero(looked.of_tiers(params.tiers))
    columns = [at for at, code in enumerate(looked.table.codes) if _wanted(plain(code), params, looked.catalogue)]
    told = looked.now.grid[units][:, columns]
    some = np.count_nonzero(told > 0, axis=0)
    enough = some > params.peers
    told, some, columns = told[:, enough], some[enough], [at for at, kept in zip(columns, enough, strict=True) if kept]
    sized = (told > 0).any(axis=1) if columns else np.zeros(len(units), bool)
    told, units = told[sized], units[sized]
    grid = np.where(told > 0, told, np.nan)  # none at all may be right: a service that is not given
    if not grid.size:
        return
    usual = np.nanmedian(grid, axis=0)
    size = np.nanmedian(grid / usual, axis=1) if params.sized else np.ones(len(units))
    expected, factor = size[:, None] * usual, float(params.factor)
    told = np.where((told > 0) | _slips(params, looked, columns, told, some), told, np.nan)
    value = np.where(np.maximum(told, expected) >= float(params.floor), told / expected, np.nan)
    for cell in outside(value.ravel(), 1 / factor, factor).tolist():
        row, column = divmod(cell, len(columns))
        yield from _exactly(params, looked, units, columns, grid, (row, column))


def _slips(params: Params, looked: Looked, columns: list[int], told: Array, some: Array) -> Array:
    """Where nothing at all looks wrong: nearly all others have something, and the unit lacks little else."""
    if params.nothing is None:
        return np.zeros(told.shape, bool)
    usual = some >= float(params.nothing) * np.count_nonzero(~np.isnan(told), axis=0)
    usual &= np.array([plain(looked.table.codes[at]) not in _NEW for at in columns], bool)
    none = (told == 0) & usual
    slips: Array = none & (none.sum(axis=1) <= _LACKING)[:, None]
    return slips


def _wanted(code: str, params: Params, catalogue: Catalogue) -> bool:
    if code in params.without:
        return False
    metric = catalogue.metrics.get(code)
    return code in params.codes or (params.money if metric is None else metric.unit in params.measured)


def _exactly(
    params: Params, looked: Looked, units: Array, columns: list[int], grid: Array, cell: tuple[int, int]
) -> Iterator[Hit]:
    """The hit at a place of the grid, if there is one in exact numbers too."""
    now, codes = looked.now, looked.table.codes

    def usual_of(column: int) -> Fraction:
        middle = _middle(grid[:, column])
        return _mean([now.exact(int(units[row]), [codes[columns[column]]]) for row in middle])

    row, column = cell
    unit, code = int(units[row]), codes[columns[column]]
    size = Fraction(1)
    if params.sized:
        over = grid[row] / np.nanmedian(grid, axis=0)
        size = _mean([now.exact(unit, [codes[columns[at]]]) / usual_of(at) for at in _middle(over)])
    usual, found = usual_of(column), now.exact(unit, [code])
    least, most = size * usual / params.factor, size * usual * params.factor
    if beyond(found, least, most) and max(found, size * usual) >= params.floor:
        others = np.count_nonzero(~np.isnan(np.delete(grid[:, column], row)))
        said: dict[str, Value | None] = {"code": named([code]), "peers": Fraction(int(others)), "now": found}
        what = Phrase(f"{__name__}:peers", {**said, "usual": usual, "sized": size * usual})
        yield Hit(str(looked.table.units[unit]), tuple(now.rows_of(unit, [code])), what, found, least, most)


def _middle(values: Array) -> list[int]:
    """Where the median stands: the position of the middle value, or of the two."""
    there = np.flatnonzero(~np.isnan(values))
    ordered = there[np.argsort(values[there], kind="stable")]
    return sorted({int(ordered[(len(ordered) - 1) // 2]), int(ordered[len(ordered) // 2])})


def _mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)
