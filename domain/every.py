"""How often a duty is to be done: what documents write, as a closed set."""

from __future__ import annotations

from enum import StrEnum


class Every(StrEnum):
    """An interval. `regular` is 定期: again and again, without the document saying how often."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    TWO_YEARS = "two_years"
    REGULAR = "regular"

    @property
    def chinese(self) -> str:
        """The Chinese term."""
        return EVERY_TITLES[self]

    @property
    def months(self) -> int | None:
        """How many months the interval has; None where the document does not say."""
        return _MONTHS.get(self)


EVERY_TITLES = {
    Every.MONTH: "每月",
    Every.QUARTER: "每季度",
    Every.HALF: "每半年",
    Every.YEAR: "每年",
    Every.TWO_YEARS: "每两年",
    Every.REGULAR: "定期",
}
_MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF: 6, Every.YEAR: 12, Every.TWO_YEARS: 24}
