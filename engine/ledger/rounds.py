"""What is done again and again (每季度, 每两年): which intervals are due on a day, and which of them were done.

Intervals are those of the calendar. The first is the one the entry's deadline lies in, due by that deadline; without a
deadline the first whole one once the document holds (without that day either, that of the first report). A completion
counts for the interval its day lies in; one of an earlier interval makes up for none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from domain.pack import Pack
from domain.period import Kind, Period

_KINDS: dict[int, Kind] = {1: "month", 3: "quarter", 6: "half", 12: "year"}
_NAMED = 6
"""Missed intervals that a note names; of more their number is told."""


@dataclass(frozen=True, order=True)
class Interval:
    """One interval: its first and last day, the day it is due by, and its name (2022年第4季度)."""

    start: date
    end: date
    due: date
    title: str


@dataclass(frozen=True)
class Rounds:
    """How far something done again and again is on a day.

    current: the interval of the day (before the first: the first); now: whether it is done; due: the intervals that had
    to be done before the day, with the current one where it is done; missed: those of them without a completion.
    """

    current: Interval
    now: bool
    due: tuple[Interval, ...]
    missed: tuple[Interval, ...]

    @property
    def asked(self) -> Interval:
        """The interval that the state speaks of: the first that was missed, else the current one."""
        return self.missed[0] if self.missed else self.current

    @property
    def done(self) -> int:
        """How many of the due intervals were done."""
        return len(self.due) - len(self.missed)

    @property
    def count_text(self) -> str:
        """How many of the due intervals were done: 3/4 期; nothing where none is due."""
        return f"{self.done}/{len(self.due)} 期" if self.due else ""

    def as_json(self) -> dict[str, Any]:
        """The interval that the state speaks of and how many were done, for programs."""
        asked = self.asked
        return {
            "title": asked.title,
            "begins": asked.start.isoformat(),
            "ends": asked.end.isoformat(),
            "due": len(self.due),
            "done": self.done,
            "missed": [one.title for one in self.missed],
        }

    @property
    def missed_text(self) -> str:
        """The missed intervals by name."""
        if not self.missed:
            return ""
        named = "、".join(one.title for one in self.missed[:_NAMED])
        rest = f" 等 {len(self.missed)} 期" if len(self.missed) > _NAMED else ""
        return f"没有完成的期: {named}{rest}"


@dataclass(frozen=True)
class Cycle:
    """When an entry is to be done: every so many months, from the day the document holds and by its first deadline."""

    months: int
    begins: date | None
    deadline: date | None

    def judge(self, days: Sequence[date], as_of: date) -> Rounds:
        """The intervals on a day. days: of completion, of which those after `as_of` are not known yet."""
        come = [day for day in days if day <= as_of]
        begun = [self._first(min(come, default=as_of))]
        while begun[-1].end < as_of:
            begun.append(self._at(begun[-1].end + timedelta(days=1)))
        done = [any(one.start <= day <= one.end for day in come) for one in begun]
        due = tuple(one for one, there in zip(begun, done, strict=True) if one.due < as_of or there)
        missed = tuple(one for one, there in zip(begun, done, strict=True) if one.due < as_of and not there)
        return Rounds(begun[-1], done[-1], due, missed)

    def _first(self, reported: date) -> Interval:
        if self.deadline is not None:
            return self._at(self.deadline, self.deadline)
        inside = self._at(self.begins or reported)
        whole = self.begins is None or inside.start == self.begins
        return inside if whole else self._at(inside.end + timedelta(days=1))

    def _at(self, day: date, due: date | None = None) -> Interval:
        """The interval that a day lies in."""
        years = self.months // 12
        if years > 1:
            first = day.year - (day.year - self._anchor(day)) % years
            start, end = date(first, 1, 1), date(first + years - 1, 12, 31)
            return Interval(start, end, due or end, f"{start.year}—{end.year}年")
        period = Period.of(day, _KINDS[self.months])
        return Interval(period.start, period.end, due or period.end, period.title)

    def _anchor(self, day: date) -> int:
        """A year that begins an interval of several: that after the deadline, else the first whole one."""
        if self.deadline is not None:
            return self.deadline.year + 1
        begins = self.begins or date(day.year, 1, 1)
        return begins.year + (begins != date(begins.year, 1, 1))


def cycles(packs: Mapping[str, Pack]) -> dict[str, Cycle]:
    """The cycle of every duty ("pack:id") of which the document says how often it is to be done."""
    return {
        f"{pack.id}:{duty.id}": Cycle(duty.every.months, pack.effective_from or pack.announced, duty.deadline)
        for pack in packs.values()
        for duty in pack.duties
        if duty.every is not None and duty.every.months is not None
    }


def together(units: Sequence[Rounds]) -> Rounds | None:
    """Several units as one: an interval is done when every unit did it; None where none is judged."""
    if not units:
        return None
    missed = tuple(sorted({one for unit in units for one in unit.missed}))
    current, now = max(unit.current for unit in units), all(unit.now for unit in units)
    due = {one for unit in units for one in unit.due if now or one != current or one in missed}
    return Rounds(current, now, tuple(sorted(due)), missed)
