"""When a schedule acts, and for which period.

A rule is `{cron: "0 8 * * MON-FRI"}`, or `{working_day: 5, after: quarter, at: "08:00"}`: the nth working day after
each such period, at a time of Shanghai. What is due in an interval follows from the rule, the interval and the calendar
alone: neither who looks, nor how often, nor what a schedule is called enters.

Whoever looks keeps, per schedule, the latest instant that was looked at (at first: when the schedule was made or last
changed) and asks for what is due between that and now:

    found = due_periods(rule, kind, looked, now, calendar)
    …one job for each of catch_up(found, mode, now), and in the same transaction: looked = max(looked, now)

So intervals join without a gap and do not overlap, and `looked` is never lowered. A clock set forward by an hour makes
what lies in that hour due early; set back, it brings nothing until it has passed `looked`: neither loses a period nor
brings one again. Two that look at the same interval find the same, which the jobs' keys make one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, islice, takewhile
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, Tag, TypeAdapter

from domain.facts import Strict
from domain.period import Period
from domain.problems import Problem
from domain.values import PeriodKind
from engine.schedule.cron import instants, read_cron
from engine.workflow.calendar import Calendar, instant_of, shanghai_day

CatchUp = Literal["latest", "all", "none"]
GRACE = timedelta(hours=2)
"""How late an instant may be looked at and still be on time: more than the hour that a clock may be set forward."""


def _time(written: str) -> str:
    """A time of day as HH:MM."""
    try:
        read = time.fromisoformat(written)
    except ValueError:
        read = None
    if read is None or f"{read:%H:%M}" != written:
        raise ValueError(f'{written!r} 不是时刻: 写成 "08:00", 00:00 至 23:59')
    return written


class CronRule(Strict):
    """cron: minute, hour, day of month, month, weekday by name, in Shanghai's time."""

    cron: Annotated[str, AfterValidator(read_cron)]


class WorkingDayRule(Strict):
    """working_day: which working day after the end of each period; after: the periods' kind; at: HH:MM in Shanghai."""

    working_day: int = Field(strict=True, ge=1, le=60)
    after: PeriodKind
    at: Annotated[str, AfterValidator(_time)]


_CRON, _DAYS = "[cron]", "[working_day]"
"""What pydantic names in the place of an error, between the keys: in brackets, so that it is none."""


def _form(value: Any) -> str:
    """Which of the two forms is meant; what names neither is told what the first lacks."""
    return _DAYS if isinstance(value, WorkingDayRule) or _of_days(value) else _CRON


def _of_days(value: Any) -> bool:
    return isinstance(value, dict) and "cron" not in value and not value.keys().isdisjoint(WorkingDayRule.model_fields)


Rule: TypeAlias = Annotated[
    Annotated[CronRule, Tag(_CRON)] | Annotated[WorkingDayRule, Tag(_DAYS)], Discriminator(_form)
]
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
"""Reads a rule: `RULE.validate_python(data)`."""


class Due(NamedTuple):
    """What became due: when (aware UTC), and the code of the period it is about ("" without a plan)."""

    instant: datetime
    period: str


class _Occurrence(NamedTuple):
    """instant: aware UTC; since: the day from which on the period behind it is over."""

    instant: datetime
    since: date


def next_instants(rule: Rule, after: datetime, calendar: Calendar, count: int = 5) -> list[datetime]:
    """The next instants later than `after`, aware UTC, each once, rising."""
    return [one for one, _ in islice(groupby(found.instant for found in _occurrences(rule, after, calendar)), count)]


def warnings(rule: Rule, after: datetime, calendar: Calendar, count: int = 5) -> tuple[Problem, ...]:
    """What is uncertain about `next_instants`: years of which no calendar knows the days off (CALENDAR-GUESSED)."""
    if isinstance(rule, CronRule):
        return ()
    found = list(islice(_occurrences(rule, after, calendar), count))
    return calendar.guessed(found[0].since, shanghai_day(found[-1].instant))


def due_periods(
    rule: Rule,
    kind: PeriodKind | None,
    since: datetime,
    until: datetime,
    calendar: Calendar,
) -> list[Due]:
    """What became due later than `since` and not later than `until`, in order; nothing where `until` is not later.

    kind: of the plan's period; None for what has no plan (backup, anchor). The period is the last of that kind that was
    over: at the instant, or for a working day at the end of the period that it follows, so that each comes up once even
    where the working day lies behind the next period's end. What two intervals that join find is what the whole finds.
    """
    found = takewhile(lambda one: one.instant <= until, _occurrences(rule, since, calendar))
    return [Due(one.instant, str(Period.of(one.since, kind).previous) if kind else "") for one in found]


def catch_up(due: Sequence[Due], mode: CatchUp, now: datetime, grace: timedelta = GRACE) -> list[Due]:
    """What of the due is done: all that is on time, and of what was missed (older than `grace`) what the mode says.

    mode: `latest` the last that was missed, `all` every one, `none` none.
    """
    missed = [one for one in due if one.instant < now - grace]
    kept = {"latest": missed[-1:], "all": missed, "none": []}[mode]
    return [*kept, *due[len(missed) :]]


def _occurrences(rule: Rule, after: datetime, calendar: Calendar) -> Iterator[_Occurrence]:
    """What a rule brings later than `after`, in order, without end. Raises ValueError where `after` has no offset."""
    day = shanghai_day(after)
    if isinstance(rule, CronRule):
        for at in instants(rule.cron, after):
            yield _Occurrence(at.astimezone(UTC), shanghai_day(at))
        return
    period = Period.of(day, rule.after)
    while _after(rule, period.previous, calendar).instant > after:
        period = period.previous
    while True:
        yield _after(rule, period, calendar)
        period = period.shift(1)


def _after(rule: WorkingDayRule, period: Period, calendar: Calendar) -> _Occurrence:
    first = period.end + timedelta(days=1)
    day = calendar.nth_working_day(rule.working_day, first)
    return _Occurrence(instant_of(day, time.fromisoformat(rule.at)), first)
