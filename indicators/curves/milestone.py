"""Milestone (时限任务): full marks if done by the day, less by bands of days late, none if not done.

Source: the deadlines of the policy documents (限期完成); the bands are the plan's.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Annotated, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from domain.facts import Strict
from domain.key import Key, Keys
from domain.step import Phrase
from domain.values import Exact
from indicators.curves import Readings, Scored, scored
from indicators.ratios import Array, Ratios

TITLE = "时限任务"
DAYS = True
WORDS = {
    "due": "{by} 前 (含当日) 完成得 1; 其余得 0",
    "due_late": "{by} 前 (含当日) 完成得 1; {late:join ; }; 其余得 0",
    "late": "逾期 {days} 天以内得 {share}",
}


def _day(value: object) -> object:
    if isinstance(value, date | str):
        return value
    raise ValueError(f"{value!r} 不是日期: 写成 2026-06-30")


KEYS: Keys = {
    "Params": Key(TITLE, "在期限内完成得满分, 逾期分档"),
    "by": Key("期限", "这天 (含) 以前完成得满分; 规则有期限的可以不写", "2026-12-31"),
    "late": Key("迟了", "按迟的日历天数分档, 从短到长; 更迟的得 0", [{"days": 30, "share": "0.5"}]),
    "Late": Key("一档", "迟到这么多天以内"),
    "Late.days": Key("天数", "日历天, 含本数", 30),
    "Late.share": Key("得分比例", "", "0.5"),
}


class Late(Strict):
    """A band: done at most `days` calendar days after the day earns `share`."""

    days: Annotated[int, Field(strict=True, ge=1)]
    share: Exact


class Params(Strict):
    """by: the last day for full marks (included); late: bands by days, the shortest that covers the delay applies.

    Done later than every band earns 0. Not done: 0 once the day is over, and before it the curve does not ask yet.
    """

    by: Annotated[date, BeforeValidator(_day)]
    late: tuple[Late, ...] = ()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if len({band.days for band in self.late}) < len(self.late):
            raise ValueError("late (逾期) 有两档天数相同")
        if any(not 0 <= band.share <= 1 for band in self.late):
            raise ValueError("late (逾期) 各档的 share 须在 0 至 1 之间")
        return self


def days(value: Ratios) -> Array:
    """Days written as whole numbers (20260630) as ordinals, (units,) int64; 0, for what is not done, stays 0.

    Raises ValueError for a number that is no day.
    """
    written, at = np.unique(value.fractions(), return_inverse=True)
    return np.array([_ordinal(number) for number in written], dtype=np.int64)[at]


def _ordinal(written: Fraction) -> int:
    number = int(written)
    if number != written:
        raise ValueError(f"{written} 不是日期: 写成 20260630")
    try:
        return date(number // 10000, number // 100 % 100, number % 100).toordinal() if number else 0
    except ValueError as error:
        raise ValueError(f"{number} 不是日期: 写成 20260630") from error


def score(readings: Readings, params: Params) -> Scored:
    """The share of full marks of every unit, (units,).

    Takes days written as numbers, 0 for what is not done. It is judged at the end of `as_of`, the last day of the
    period: what is due on that day is due, and a later day counts as not done. Raises ValueError without `as_of`.
    """
    if readings.as_of is None:
        raise ValueError("时限任务需要评价日期")
    known, day = readings.value.ok, days(readings.value.filled)
    finished = (day > 0) & (day <= readings.as_of.toordinal())
    late = day - params.by.toordinal()
    share = Ratios.full(len(day), 0)
    for band in sorted(params.late, key=lambda entry: -entry.days):
        share = Ratios.where(finished & (late <= band.days), band.share, share)
    share = Ratios.where(finished & (late <= 0), 1, share)
    applicable = finished | (readings.as_of >= params.by) | ~known
    return scored(share, known & applicable, applicable=applicable)


def describe(params: Params) -> Phrase:
    """The day and the bands, the shortest first."""
    late = tuple(
        Phrase(f"{__name__}:late", {"days": Fraction(band.days), "share": band.share})
        for band in sorted(params.late, key=lambda entry: entry.days)
    )
    if not late:
        return Phrase(f"{__name__}:due", {"by": params.by})
    return Phrase(f"{__name__}:due_late", {"by": params.by, "late": late})


def lean(_params: Params) -> None:
    """It compares days; there is no number to reach."""
