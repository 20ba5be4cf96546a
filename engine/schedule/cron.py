"""Rules in the form of cron: five fields, in Shanghai's time.

What APScheduler's `from_crontab` would read otherwise than cron does, or not to its end, is refused before it gets
there: numbers of weekdays (its 0 is Monday, cron's is Sunday), a day of the month beside a weekday (it takes both,
cron either), 5/15, and whatever follows a name (MON-FRI/2 is MON-FRI to it, JAN-3 is JAN).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from apscheduler.triggers.cron import CronTrigger

from engine.workflow.calendar import SHANGHAI

_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NUMBERS = {"分": (0, 59), "时": (0, 23), "日": (1, 31), "月": (1, 12)}
_PART = re.compile(r"(?:(\*)|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:/([0-9]{1,2}))?")
_NAMES = re.compile(r"([A-Za-z]{3})(?:-([A-Za-z]{3}))?")


def read_cron(written: str) -> str:
    """The rule as it is kept, with one blank between fields.

    Raises ValueError, naming each field that is wrong and what to write instead.
    """
    fields = written.split()
    if len(fields) != 5:
        raise ValueError(f'cron 有 {len(fields)} 个字段, 须为五个: 分 时 日 月 星期, 例如 "0 8 * * MON-FRI"')
    faults: list[str] = []
    values: dict[str, set[int]] = {}
    for name, text in zip((*_NUMBERS, "星期"), fields, strict=True):
        try:
            values[name] = _weekdays(text) if name == "星期" else _values(name, text)
        except ValueError as fault:
            faults.append(str(fault))
    if fields[2] != "*" and fields[4] != "*":
        faults.append("日和星期不能都限定 (有的程序取其一, 有的要同时满足): 其中一个写 *")
    if not faults and not any(day <= _LONGEST[month - 1] for month in values["月"] for day in values["日"]):
        faults.append(f"{fields[3]} 月没有 {fields[2]} 日, 永不到时: 改正日或月")
    if faults:
        raise ValueError("; ".join(faults))
    return " ".join(fields)


def _values(name: str, text: str) -> set[int]:
    """The numbers that a field of numbers (months: also of names) stands for."""
    low, high = _NUMBERS[name]
    found: set[int] = set()
    for part in text.split(","):
        if name == "月" and (names := _NAMES.fullmatch(part)):
            found |= {at + 1 for at in _named(names, _MONTHS, "月")}
            continue
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{name} {part!r} 不认识: 写 {low}–{high} 的数、a-b、*/n, 几个用逗号隔开")
        every, first, last, step = match.groups()
        if step and not every and last is None:
            raise ValueError(f"{name} {part!r} 各程序理解不同: 写 {first}-{high}/{step}")
        start, end = (low, high) if every else (int(first), int(last or first))
        if not low <= start <= end <= high:
            raise ValueError(f"{name} {part!r} 不在 {low}–{high} 之内, 或前大于后")
        if step and not 1 <= int(step) <= end - start:
            raise ValueError(f"{name} {part!r} 的间隔须为 1–{end - start}")
        found |= set(range(start, end + 1, int(step or 1)))
    return found


def _weekdays(text: str) -> set[int]:
    if text == "*":
        return set(range(7))
    if any(char.isdigit() for char in text):
        raise ValueError(f"星期 {text!r} 用了数字, 各程序的星期一不是同一个数: 写 MON 至 SUN, 例如 MON-FRI")
    found: set[int] = set()
    for part in text.split(","):
        names = _NAMES.fullmatch(part)
        if names is None:
            raise ValueError(f"星期 {part!r} 不认识: 写 MON、TUE、WED、THU、FRI、SAT、SUN 或 MON-FRI, 几个用逗号隔开")
        found |= set(_named(names, _WEEKDAYS, "星期"))
    return found


def _named(match: re.Match[str], names: tuple[str, ...], field: str) -> range:
    """The places of a run of names."""
    first, last = match[1].upper(), (match[2] or match[1]).upper()
    for name in (first, last):
        if name not in names:
            raise ValueError(f"{field} {name!r} 不认识: 写 {names[0]} 至 {names[-1]}")
    if names.index(first) > names.index(last):
        raise ValueError(f"{field} {match[0]!r} 前后颠倒: 写 {first}-{names[-1]},{names[0]}-{last}")
    return range(names.index(first), names.index(last) + 1)


@lru_cache(maxsize=256)
def trigger(cron: str) -> CronTrigger:
    """The trigger of a rule that `read_cron` has passed."""
    return CronTrigger.from_crontab(cron, timezone=SHANGHAI)


def instants(cron: str, after: datetime) -> Iterator[datetime]:
    """The instants of a rule later than `after`, in order and without end, in Shanghai's time."""
    at: datetime | None = after
    while at is not None:
        at = trigger(cron).get_next_fire_time(None, at + timedelta(microseconds=1))
        if at is not None:
            yield at
