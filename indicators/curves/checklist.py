"""Checklist (清单): the share of items done, or full marks only for all of them.

Source: the duties of the policy documents, and the unified-management items of the national monitoring system
(domain/C_indicators C.2, rows 1 to 3).
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from operator import add
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from domain.demand import Lean
from domain.facts import Strict
from domain.key import Key, Keys
from domain.step import Phrase
from indicators.curves import Readings, Scored, scored
from indicators.ratios import Ratios

TITLE = "清单得分"
WORDS = {"all": "{total} 项全部完成得 1, 否则得 0", "share": "已完成项数 ÷ {total}"}
KEYS: Keys = {
    "items": Key("清单", "每一项的数据代码 (1 做到, 0 没有); 与 of 写一个", ["charter_done"]),
    "of": Key("总项数", "指标的值是做到了几项; 与 items 写一个", 5),
    "mode": Key("计分", "", "share", {"share": "按做到的比例", "all": "全部做到才得分"}),
    "Params": Key(TITLE, "已完成项数占比", {"of": 5}),
}


class Params(Strict):
    """Either `items` or `of`.

    items: a code per item, read from the lines (1 done, 0 not); of: how many there are, the value counts those done.
    mode `share`: done / all; `all`: full marks for all of them, otherwise none.
    """

    items: tuple[str, ...] = ()
    of: Annotated[int, Field(strict=True, ge=1)] | None = None
    mode: Literal["share", "all"] = "share"

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if bool(self.items) == (self.of is not None):
            raise ValueError("items (各项) 与 of (总项数) 须写一个, 且只写一个")
        if len(set(self.items)) < len(self.items):
            raise ValueError("items (各项) 有重复")
        return self


def checklist(done: Ratios, total: int, *, all_or_nothing: bool = False) -> Ratios:
    """Share of `total` items that are done, (units,)."""
    return Ratios.where(done >= total, 1, 0) if all_or_nothing else done / total


def score(readings: Readings, params: Params) -> Scored:
    """The share of full marks of every unit, (units,), in [0, 1]; missing where any item is.

    Raises ValueError if an item has no line, if an item is neither 0 nor 1, or if more are done than there are.
    """
    if params.of is not None:
        done, ok, total, parts = readings.value.filled, readings.value.ok, params.of, {}
    else:
        if lacking := [code for code in params.items if code not in readings.lines]:
            raise ValueError(f"清单缺少各项: {'、'.join(lacking)}")
        parts = {code: readings.lines[code] for code in params.items}
        for code, column in parts.items():
            if not (column.filled.same(0) | column.filled.same(1)).all():
                raise ValueError(f"清单项 {code} 只能写 1 (已完成) 或 0 (未完成)")
        done = reduce(add, (column.filled for column in parts.values()))
        ok = np.all([column.ok for column in parts.values()], axis=0)
        total = len(parts)
    if (done < 0).any() or (done > total).any():
        raise ValueError(f"已完成的项数须在 0 至 {total} 之间")
    return scored(checklist(done, total, all_or_nothing=params.mode == "all"), ok, parts=parts)


def describe(params: Params) -> Phrase:
    """The rule with the number of items."""
    return Phrase(f"{__name__}:{params.mode}", {"total": Fraction(params.of or len(params.items))})


def lines(params: Params) -> tuple[str, ...]:
    """The items that are read one by one."""
    return params.items


def lean(_params: Params) -> Lean:
    """It rewards what is done, of a number that cannot be passed."""
    return "all"
