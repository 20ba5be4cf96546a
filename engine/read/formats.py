"""Number formats of spreadsheets: whether a number in such a cell is a day, or shown as a percentage."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Literal

from engine.read.values import Percent

Look = Literal["plain", "date", "duration", "percent"]
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # 27–36, 50–58: Chinese Excel's
_DURATIONS = frozenset({46})
_PERCENTS = frozenset({9, 10})
# What stands for itself: quoted, escaped, padding, in brackets (colours, conditions, languages); and General.
_LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]|general|g/通用格式|[0#?.]e[+-]', re.IGNORECASE)
_DURATION = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_DATE = re.compile(r"[ymdhs年月日时分秒]|am/pm|a/p|上午/下午|e{1,4}", re.IGNORECASE)
_FIRST = datetime.fromisoformat("1899-12-30")
_BEGUN = date(1899, 12, 31)  # what lies before is a time of no day
_LAST = 2_958_465  # 9999-12-31


def look(number: int, code: str | None) -> Look:
    """What a format makes of a number. number: its index; code: its text, None for one that is built in."""
    if code is None:
        built_in: tuple[tuple[Look, frozenset[int]], ...] = (
            ("date", _DATES),
            ("duration", _DURATIONS),
            ("percent", _PERCENTS),
        )
        return next((name for name, numbers in built_in if number in numbers), "plain")
    if _DURATION.search(code):
        return "duration"
    said = _LITERAL.sub("", code)
    if "%" in said:
        return "percent"
    return "date" if _DATE.search(said) else "plain"


def shown(value: float, format_: Look, *, since_1904: bool) -> float | Percent | date | time | datetime | timedelta:
    """A number as its cell's format makes it: a day, a time, a percentage; a number that is no day stays one."""
    if format_ == "plain":
        return value
    if format_ == "percent":
        return Percent(value)
    if not 0 <= value <= _LAST:
        return value
    if format_ == "duration":
        return timedelta(days=value)
    if since_1904:
        value += 1462
    elif 1 <= value < 60:
        value += 1  # Excel counts a 29 February 1900
    moment = _FIRST + timedelta(milliseconds=round(value * 86_400_000))
    if moment.date() < _BEGUN:
        return moment.time()
    return moment.date() if moment.time() == time() else moment
