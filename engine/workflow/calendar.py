"""Working days of China, and terms counted in them.

A day of an imported table goes before the State Council's notices as chinesecalendar knows them; a day of a year that
neither knows is a working day from Monday to Friday, which schedules may go by with a warning and terms may not.
Nothing here reads a clock or a database. Days are those of Shanghai, instants are aware.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import chinese_calendar

from domain.problems import Problem, Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")
LEAST_REST = 11
"""Days off that a table must hold of a year to stand for it: 全国年节及纪念日放假办法 gives 11 days, since 2025 13."""
_NOTICED = frozenset(day.year for day in chinese_calendar.holidays)


class CalendarUnknown(Refused):
    """A term needs the working days of a year that no calendar knows."""

    def __init__(self, problem: Problem, year: int) -> None:
        self.problem, self.year = problem, year
        super().__init__(str(problem))


def shanghai_day(instant: datetime) -> date:
    """The day in Shanghai that an aware instant lies in. Raises ValueError for a naive one."""
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} 没有时区")
    return instant.astimezone(SHANGHAI).date()


def day_end(day: date) -> datetime:
    """24:00 of a day in Shanghai, as UTC: the first instant that lies behind a term that ends on the day."""
    return instant_of(day + timedelta(days=1), time())


def instant_of(day: date, at: time) -> datetime:
    """A day and a time of Shanghai as UTC."""
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


@dataclass(frozen=True)
class Calendar:
    """The working days that are known.

    overrides: day → whether it is worked, of an imported table; source: what messages call that table.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)
    source: str = "导入的工作日表"

    @cached_property
    def _rest(self) -> Counter[int]:
        """How many days off the table holds of each year."""
        return Counter(day.year for day, working in self.overrides.items() if not working)

    def is_working(self, day: date) -> bool:
        """Whether a day is worked; of a year that is not known: Monday to Friday, but for what the table says."""
        if day in self.overrides:
            return self.overrides[day]
        return chinese_calendar.is_workday(day) if day.year in _NOTICED else day.weekday() < 5

    def known(self, year: int) -> bool:
        """Whether the days off of a year are known.

        A table stands for a year that chinesecalendar lacks if it holds at least `LEAST_REST` days off of it: a few
        days of January, from the table of the year before, do not make the rest of a year known.
        """
        return year in _NOTICED or self._rest[year] >= LEAST_REST

    def nth_working_day(self, n: int, first: date) -> date:
        """The nth working day from `first` on, `first` included. Raises ValueError if n < 1."""
        if n < 1:
            raise ValueError(f"{n} 个工作日: 须至少 1 个")
        return next(day for at, day in enumerate(self._working_from(first), start=1) if at == n)

    def _working_from(self, first: date) -> Iterator[date]:
        day = first
        while True:
            if self.is_working(day):
                yield day
            day += timedelta(days=1)

    def term_end(self, act: datetime, n: int) -> datetime:
        """When a term of n working days after an act ends, as UTC.

        It begins on the day after the act and ends at 24:00 of its nth working day, both in Shanghai (民法典 201, 203).
        Raises CalendarUnknown where one of its days lies in a year that no calendar knows, ValueError if n < 1 or the
        act has no offset.
        """
        first = shanghai_day(act) + timedelta(days=1)
        last = self.nth_working_day(n, first)
        for year in self._unknown(first, last):
            raise CalendarUnknown(self._problem(year, "CALENDAR-UNKNOWN"), year)
        return day_end(last)

    def guessed(self, first: date, last: date) -> tuple[Problem, ...]:
        """A warning for each year between two days whose days off are not known."""
        return tuple(self._problem(year, "CALENDAR-GUESSED") for year in self._unknown(first, last))

    def _unknown(self, first: date, last: date) -> list[int]:
        return [year for year in range(first.year, last.year + 1) if not self.known(year)]

    def _problem(self, year: int, code: str) -> Problem:
        said = f"{year} 年的放假安排未收录"
        if rest := self._rest[year]:
            said += f" ({self.source}只有该年 {rest} 天休息日, 少于 {LEAST_REST} 天)"
        if code == "CALENDAR-GUESSED":
            return Problem("工作日", code, f"{said}, 按周一至周五推算", "导入该年的工作日表")
        return Problem("工作日", code, f"{said}, 不能计算期限", "导入该年的工作日表, 或写明截止日和理由")
