"""Rules: when they come, for which period, and what is left of what was missed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.period import Period
from engine.schedule.rules import RULE, CronRule, Due, WorkingDayRule, catch_up, due_periods, next_instants, warnings
from engine.workflow.calendar import SHANGHAI, Calendar, instant_of, shanghai_day

PLAIN = Calendar()
FIFTH = WorkingDayRule(working_day=5, after="quarter", at="08:00")
DAILY = CronRule(cron="0 8 * * MON-FRI")
INSTANTS = st.integers(0, 4 * 365 * 86400).map(lambda at: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=at))
RULES = st.one_of(
    st.builds(
        WorkingDayRule,
        working_day=st.integers(1, 60),
        after=st.sampled_from(["month", "quarter", "half", "year"]),
        at=st.sampled_from(["00:00", "08:00", "23:59"]),
    ),
    st.sampled_from([DAILY, CronRule(cron="30 23 1,15 * *"), CronRule(cron="0 0 * JAN,JUL SUN")]),
)
CALENDARS = st.dictionaries(st.dates(date(2024, 1, 1), date(2028, 12, 31)), st.booleans(), max_size=20).map(Calendar)


def shanghai(*when: int) -> datetime:
    return datetime(*when, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ({"cron": "0 8 * * MON-FRI"}, DAILY),
        ({"working_day": 5, "after": "quarter", "at": "08:00"}, FIFTH),
        (FIFTH, FIFTH),
    ],
)
def test_both_forms_are_read_and_written_back(data, rule):
    read = RULE.validate_python(data)
    assert read == rule
    assert RULE.validate_json(RULE.dump_json(read)) == rule


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({}, {"cron"}),
        ("0 8 * * *", set()),
        ({"cron": "0 8 * * 1-5"}, {"cron"}),
        ({"cron": "0 8 * * *", "at": "08:00"}, {"at"}),
        ({"cron": "0 8 * * *", "timezone": "UTC"}, {"timezone"}),
        ({"working_day": 5}, {"after", "at"}),
        ({"working_day": "5", "after": "quarter", "at": "08:00"}, {"working_day"}),
        ({"working_day": True, "after": "quarter", "at": "08:00"}, {"working_day"}),
        ({"working_day": 0, "after": "week", "at": "8:00"}, {"working_day", "after", "at"}),
        ({"working_day": 61, "after": "month", "at": "24:00"}, {"working_day", "at"}),
        ({"working_day": 5, "after": "month", "at": "08:00:30"}, {"at"}),
    ],
)
def test_what_is_wrong_is_told_at_its_field_alone(data, where):
    with pytest.raises(ValidationError) as refused:
        RULE.validate_python(data)
    assert {detail["loc"][1] for detail in refused.value.errors() if len(detail["loc"]) > 1} == where


def test_the_fifth_working_day_after_each_quarter():
    # 2025Q4: 1–3 January 2026 off, Sunday 4 worked (1), 5 (2), 6 (3), 7 (4), 8 (5).
    # 2026Q1: 1 April (1), 2 (2), 3 (3), 4–6 off (清明), 7 (4), 8 (5).
    # 2026Q2: 1 July, a Wednesday (1), 2 (2), 3 (3), 6 (4), 7 (5).
    # 2026Q3: 1–7 October off, 8 (1), 9 (2), Saturday 10 worked (3), 12 (4), 13 (5).
    found = next_instants(FIFTH, shanghai(2026, 1, 1), PLAIN, 4)
    days = [(1, 8), (4, 8), (7, 7), (10, 13)]
    assert found == [shanghai(2026, month, day, 8) for month, day in days]
    assert {at.tzinfo for at in found} == {UTC}


def test_an_imported_table_moves_the_day():
    ours = Calendar({date(2026, 7, 1): False, date(2026, 7, 4): True})  # 2, 3, Saturday 4, 6, 7
    assert next_instants(FIFTH, shanghai(2026, 6, 1), ours, 1) == [shanghai(2026, 7, 7, 8)]
    ours = Calendar({date(2026, 7, 1): False})  # 2, 3, 6, 7, 8
    assert next_instants(FIFTH, shanghai(2026, 6, 1), ours, 1) == [shanghai(2026, 7, 8, 8)]


def test_a_year_that_nobody_knows_is_gone_by_with_a_warning():
    after = shanghai(2049, 10, 1)
    assert next_instants(FIFTH, after, PLAIN, 2)[1] == shanghai(2050, 1, 7, 8)  # Saturday 1; Monday 3 to Friday 7
    assert [one.code for one in warnings(FIFTH, after, PLAIN, 2)] == ["CALENDAR-GUESSED"] * 2
    assert warnings(FIFTH, shanghai(2026, 1, 1), PLAIN, 4) == ()
    assert warnings(DAILY, after, PLAIN) == ()


@pytest.mark.parametrize(
    ("rule", "kind", "since", "until", "periods"),
    [
        (FIFTH, "quarter", (2026, 1, 1), (2026, 12, 31), ["2025Q4", "2026Q1", "2026Q2", "2026Q3"]),
        (FIFTH, "year", (2026, 1, 1), (2026, 4, 30), ["2025", "2025"]),
        (FIFTH, None, (2026, 1, 1), (2026, 4, 30), ["", ""]),
        (CronRule(cron="0 8 1 * *"), "month", (2026, 1, 15), (2026, 3, 15), ["2026-01", "2026-02"]),
        (CronRule(cron="59 23 30 6 *"), "quarter", (2026, 1, 1), (2026, 12, 31), ["2026Q1"]),  # Q2 is not over yet
        (CronRule(cron="0 0 1 7 *"), "quarter", (2026, 1, 1), (2026, 12, 31), ["2026Q2"]),
        (CronRule(cron="0 0 1 7 *"), "half", (2026, 1, 1), (2026, 12, 31), ["2026H1"]),
        # The 25th working day after January lies in March; it is January's all the same.
        (WorkingDayRule(working_day=25, after="month", at="08:00"), "month", (2026, 3, 1), (2026, 3, 31), ["2026-01"]),
    ],
)
def test_what_became_due(rule, kind, since, until, periods):
    found = due_periods(rule, kind, shanghai(*since), shanghai(*until), PLAIN)
    assert [one.period for one in found] == periods


@pytest.mark.parametrize("rule", [FIFTH, DAILY])
def test_an_instant_without_offset_is_an_error(rule):
    with pytest.raises(ValueError, match="没有时区"):
        next_instants(rule, shanghai(2026, 7, 1).replace(tzinfo=None), PLAIN)


def test_an_interval_holds_its_end_and_not_its_beginning():
    at = shanghai(2026, 7, 7, 8)
    tick = timedelta(microseconds=1)
    assert due_periods(FIFTH, "quarter", at - tick, at, PLAIN) == [Due(at, "2026Q2")]
    assert due_periods(FIFTH, "quarter", at, at + timedelta(days=1), PLAIN) == []
    assert due_periods(FIFTH, "quarter", at + tick, at - tick, PLAIN) == []


@settings(max_examples=60, deadline=None)
@given(RULES, INSTANTS, CALENDARS)
def test_instants_rise_and_stand_on_working_days(rule, after, calendar):
    found = next_instants(rule, after, calendar, 6)
    assert len(found) == 6
    assert all(a < b for a, b in pairwise([after, *found]))
    if isinstance(rule, WorkingDayRule):
        assert all(calendar.is_working(shanghai_day(at)) for at in found)
        assert {f"{at.astimezone(SHANGHAI):%H:%M}" for at in found} == {rule.at}


@settings(max_examples=60, deadline=None)
@given(
    RULES, st.sampled_from(["month", "quarter", None]), INSTANTS, st.lists(st.integers(0, 200), max_size=5), CALENDARS
)
def test_intervals_that_join_find_what_the_whole_finds(rule, kind, start, steps, calendar):
    ends = [start]
    for days in steps:
        ends.append(ends[-1] + timedelta(days=days, hours=7))
    parts = [one for a, b in pairwise(ends) for one in due_periods(rule, kind, a, b, calendar)]
    assert parts == due_periods(rule, kind, start, ends[-1], calendar)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.sampled_from(["month", "quarter", "half", "year"]), st.integers(2023, 2026), CALENDARS)
def test_each_period_comes_up_exactly_once(n, kind, year, calendar):
    rule = WorkingDayRule(working_day=n, after=kind, at="08:00")
    first = Period(year, kind, 1)
    last = first.shift(12)
    found = due_periods(
        rule,
        kind,
        instant_of(calendar.nth_working_day(n, first.start), datetime.min.time()) + timedelta(hours=23),
        instant_of(calendar.nth_working_day(n, last.end + timedelta(days=1)), datetime.min.time()) + timedelta(hours=8),
        calendar,
    )
    wanted = [str(first.shift(at)) for at in range(13)]
    assert [one.period for one in found if one.period >= wanted[0]] == wanted


@pytest.mark.parametrize("mode", ["latest", "all", "none"])
@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([-60, -30, 1, 5, 60, 110]), min_size=5, max_size=60))
def test_a_clock_that_is_set_back_or_forward_loses_nothing_and_brings_nothing_again(mode, minutes):
    """Looked at again and again, for two days at most, by a clock that jumps back and forth by up to an hour or two."""
    hourly = CronRule(cron="0 * * * *")
    now = looked = start = shanghai(2026, 7, 6, 23, 45)
    done: list[Due] = []
    for step in minutes:
        now += timedelta(minutes=step)
        done += catch_up(due_periods(hourly, "quarter", looked, now, PLAIN), mode, now)
        looked = max(looked, now)
    assert done == due_periods(hourly, "quarter", start, looked, PLAIN)
    assert len(set(done)) == len(done)


@pytest.mark.parametrize("mode", ["latest", "all", "none"])
def test_an_instant_in_the_hour_that_a_clock_is_set_forward_over_is_on_time(mode):
    at = shanghai(2026, 7, 7, 8)
    found = due_periods(FIFTH, "quarter", at - timedelta(minutes=1), at + timedelta(minutes=59), PLAIN)
    assert catch_up(found, mode, at + timedelta(minutes=59)) == [Due(at, "2026Q2")]


@pytest.mark.parametrize(
    ("mode", "periods"),
    [
        ("latest", ["2026Q1", "2026Q2"]),
        ("all", ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]),
        ("none", ["2026Q2"]),
    ],
)
def test_what_is_caught_up_after_a_stop(mode, periods):
    # Stopped from October 2025, looked at again on 7 July 2026 at 08:30: 2026Q2 (08:00) is on time, three were missed.
    now = shanghai(2026, 7, 7, 8, 30)
    found = due_periods(FIFTH, "quarter", shanghai(2025, 10, 1), now, PLAIN)
    assert [one.period for one in catch_up(found, mode, now)] == periods


def test_what_was_missed_is_older_than_the_grace():
    due = [Due(shanghai(2026, 7, 7, 8), "2026Q2")]
    assert catch_up(due, "none", shanghai(2026, 7, 7, 10)) == due
    assert catch_up(due, "none", shanghai(2026, 7, 7, 10, 0, 1)) == []
    assert catch_up([], "latest", shanghai(2026, 7, 7, 10)) == []
