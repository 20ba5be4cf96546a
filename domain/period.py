"""Accounting periods: a year, half-year, quarter or month, and the working days in one."""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

Kind = Literal["year", "half", "quarter", "month"]
MONTHS: dict[Kind, int] = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_FORM = re.compile(r"([0-9]{4})(?:(Q)([1-4])|(H)([12])|-(0[1-9]|1[0-2]))?")
_SAID = re.compile(r"([0-9]{4})年(?:度|第?([1-4一二三四])季度?|([上下])半年|(0?[1-9]|1[0-2])月)?")
_DIGITS = {word: number for number, word in enumerate("一二三四", 1)}
_NAMES: dict[Kind, str] = {
    "year": "{y}年",
    "half": "{y}年{h}半年",
    "quarter": "{y}年第{n}季度",
    "month": "{y}年{n}月",
}


@dataclass(frozen=True)
class Period:
    """One period; `number` counts periods of its kind in the year, from 1."""

    year: int
    kind: Kind
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2026", "2026H1", "2026Q3" or "2026-07". Raises ValueError otherwise."""
        match = _FORM.fullmatch(text.strip())
        if not match:
            raise ValueError(f"{text!r} 不是期间: 写 2026 (年)、2026H1 (半年)、2026Q3 (季) 或 2026-07 (月)")
        year, quarter, number, half, half_number, month = match.groups()
        if quarter:
            return cls(int(year), "quarter", int(number))
        if half:
            return cls(int(year), "half", int(half_number))
        if month:
            return cls(int(year), "month", int(month))
        return cls(int(year), "year", 1)

    @classmethod
    def said(cls, text: str) -> Self:
        """Read what a person says: as `parse`, or 2026年第3季度, 2026年三季度, 2026年上半年, 2026年7月, 2026年.

        Raises ValueError otherwise.
        """
        match = _SAID.fullmatch("".join(unicodedata.normalize("NFKC", text).split()))
        if not match:
            return cls.parse(text)
        year, quarter, half, month = match.groups()
        if quarter:
            return cls(int(year), "quarter", _DIGITS.get(quarter) or int(quarter))
        if half:
            return cls(int(year), "half", 1 if half == "上" else 2)
        return cls(int(year), "month", int(month)) if month else cls(int(year), "year", 1)

    @classmethod
    def of(cls, day: date, kind: Kind) -> Self:
        """The period of a kind that a day lies in."""
        return cls(day.year, kind, (day.month - 1) // MONTHS[kind] + 1)

    def __str__(self) -> str:
        return {
            "year": f"{self.year}",
            "half": f"{self.year}H{self.number}",
            "quarter": f"{self.year}Q{self.number}",
            "month": f"{self.year}-{self.number:02d}",
        }[self.kind]

    @property
    def title(self) -> str:
        """The period in Chinese: 2026年第3季度."""
        return _NAMES[self.kind].format(y=self.year, n=self.number, h="上" if self.number == 1 else "下")

    @property
    def months(self) -> int:
        """How many months it has."""
        return MONTHS[self.kind]

    @property
    def start(self) -> date:
        """Its first day."""
        return date(self.year, (self.number - 1) * self.months + 1, 1)

    @property
    def end(self) -> date:
        """Its last day."""
        last = self.number * self.months
        return date(self.year, last, calendar.monthrange(self.year, last)[1])

    def shift(self, steps: int) -> Period:
        """The period of the same kind `steps` later (negative: earlier)."""
        per_year = 12 // self.months
        index = self.year * per_year + self.number - 1 + steps
        return Period(index // per_year, self.kind, index % per_year + 1)

    @property
    def previous(self) -> Period:
        """The period before it, of the same kind."""
        return self.shift(-1)

    @property
    def year_ago(self) -> Period:
        """The same period of the year before (同比)."""
        return self.shift(-(12 // self.months))

    def contains(self, other: Period) -> bool:
        """Whether `other` lies wholly inside this period."""
        return self.start <= other.start and other.end <= self.end

    @property
    def days(self) -> int:
        """Calendar days in it."""
        return (self.end - self.start).days + 1

    def working_days(self) -> int:
        """Working days in it, by the State Council's holiday notices.

        Raises ValueError for a year without a published calendar.
        """
        import chinese_calendar  # noqa: PLC0415  (only the calendar needs it)

        years = {day.year for day in chinese_calendar.holidays}
        if not min(years) <= self.year <= max(years):
            raise ValueError(f"{self.year} 年的放假安排未收录, 不能计算工作日")
        return len(chinese_calendar.get_workdays(self.start, self.end))
