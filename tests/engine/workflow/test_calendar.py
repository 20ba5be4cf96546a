"""Working days and terms: by hand around the holidays of 2026, and as properties."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.workflow.calendar import SHANGHAI, Calendar, CalendarUnknown, day_end, shanghai_day

PLAIN = Calendar()


def shanghai(*when: int) -> datetime:
    return datetime(*when, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]


def year_of_rest(year: int, days: int) -> dict[date, bool]:
    return {date(year, 5, 1) + timedelta(days=at): False for at in range(days)}


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 2, 14), True),  # Saturday, worked for the Spring Festival
        (date(2026, 2, 15), False),
        (date(2026, 2, 23), False),  # Monday, last day of the Spring Festival
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # Saturday, worked
        (date(2026, 10, 7), False),  # Wednesday, last day of the National Day
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # Saturday, worked
        (date(2026, 10, 11), False),
    ],
)
def test_the_notice_of_2026(day, working):
    assert PLAIN.is_working(day) is working


@pytest.mark.parametrize(
    ("act", "n", "last"),
    [
        # Friday 13 February: Saturday 14 is worked (1); 15–23 are off; Tuesday 24 is the second.
        (shanghai(2026, 2, 13, 10), 2, date(2026, 2, 24)),
        # 1–7 October off; 8 (1), 9 (2), Saturday 10 worked (3), 12 (4), 13 (5).
        (shanghai(2026, 9, 30, 17), 5, date(2026, 10, 13)),
        # The act's own day never counts, worked or not: Sunday 1 March, then Monday.
        (shanghai(2026, 3, 1, 9), 1, date(2026, 3, 2)),
        # Half an hour around midnight of Shanghai: 2 or 3 March is the day of the act.
        (shanghai(2026, 3, 2, 23, 30), 1, date(2026, 3, 3)),
        (shanghai(2026, 3, 3, 0, 30), 1, date(2026, 3, 4)),
        # The same instant written in UTC is still 3 March, 00:30, in Shanghai.
        (datetime(2026, 3, 2, 16, 30, tzinfo=UTC), 1, date(2026, 3, 4)),
        (datetime(2026, 3, 2, 11, 30, tzinfo=timezone(timedelta(hours=-5))), 1, date(2026, 3, 4)),
    ],
)
def test_a_term_begins_on_the_next_day_and_ends_at_24_00_of_its_last(act, n, last):
    # 24:00 in Shanghai is 16:00 of the same day in UTC, in summer and winter.
    assert PLAIN.term_end(act, n) == datetime(last.year, last.month, last.day, 16, tzinfo=UTC) == day_end(last)
    assert PLAIN.term_end(act, n).tzinfo is UTC


def test_shanghai_has_no_summer_time():
    assert {day_end(date(2026, month, 1)).hour for month in range(1, 13)} == {16}


def test_a_term_of_nothing_and_an_act_without_offset_are_errors():
    with pytest.raises(ValueError, match="须至少 1 个"):
        PLAIN.term_end(shanghai(2026, 3, 1), 0)
    with pytest.raises(ValueError, match="没有时区"):
        PLAIN.term_end(datetime(2026, 3, 1), 1)  # noqa: DTZ001  (what is refused)


def test_a_term_in_a_year_that_no_calendar_knows_is_refused_by_code():
    with pytest.raises(CalendarUnknown) as refused:
        PLAIN.term_end(shanghai(2050, 12, 28), 20)
    assert (refused.value.year, refused.value.problem.code) == (2050, "CALENDAR-UNKNOWN")
    assert "导入该年的工作日表, 或写明截止日和理由" in str(refused.value)


def test_a_term_is_refused_only_if_it_reaches_into_the_unknown_year():
    last_known = max(year for year in range(2004, 2100) if PLAIN.known(year))
    act = shanghai(last_known, 12, 28, 9)
    assert PLAIN.term_end(act, 1).year == last_known
    with pytest.raises(CalendarUnknown) as refused:
        PLAIN.term_end(act, 10)
    assert refused.value.year == last_known + 1


def test_schedules_go_by_monday_to_friday_with_a_warning():
    assert PLAIN.nth_working_day(5, date(2050, 1, 1)) == date(2050, 1, 7)  # Saturday; Monday 3 to Friday 7
    (warning,) = PLAIN.guessed(date(2026, 12, 31), date(2050, 1, 7))[-1:]
    assert (warning.code, "2050 年" in warning.message) == ("CALENDAR-GUESSED", True)
    assert PLAIN.guessed(date(2026, 1, 1), date(2026, 12, 31)) == ()


def test_an_imported_day_goes_before_the_notice():
    ours = Calendar({date(2026, 3, 3): False, date(2026, 3, 7): True})  # a Tuesday off, a Saturday worked
    assert (ours.is_working(date(2026, 3, 3)), ours.is_working(date(2026, 3, 7))) == (False, True)
    assert ours.is_working(date(2026, 2, 14)) is True  # of other days the notice holds
    # From Monday 2 March: 4, 5, 6 and Saturday 7 are four.
    assert ours.term_end(shanghai(2026, 3, 2, 9), 4) == day_end(date(2026, 3, 7))


def test_a_whole_table_makes_a_year_known():
    ours = Calendar(year_of_rest(2050, 11))
    assert (PLAIN.known(2050), ours.known(2050)) == (False, True)
    # 1–11 May off; from Saturday 30 April: Thursday 12 (1), Friday 13 (2).
    assert ours.term_end(shanghai(2050, 4, 30, 9), 2) == day_end(date(2050, 5, 13))


def test_a_few_days_do_not_make_a_year_known():
    ours = Calendar({**year_of_rest(2050, 10), date(2050, 4, 24): True}, source="国办发明电〔2049〕7号")
    with pytest.raises(CalendarUnknown, match=r"国办发明电〔2049〕7号只有该年 10 天休息日, 少于 11 天"):
        ours.term_end(shanghai(2050, 4, 1), 1)
    assert ours.is_working(date(2050, 5, 2)) is False  # a Monday that the table has off: schedules heed it


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 900 * 86400),
    st.integers(1, 40),
    st.dictionaries(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.booleans(), max_size=30),
)
def test_a_term_holds_exactly_n_working_days_and_ends_on_one(seconds, n, days):
    ours, act = Calendar(days), datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    end = ours.term_end(act, n)
    last, first = shanghai_day(end - timedelta(microseconds=1)), shanghai_day(act) + timedelta(days=1)
    inside = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    assert end > act
    assert shanghai_day(end) == last + timedelta(days=1)
    assert ours.is_working(last)
    assert sum(map(ours.is_working, inside)) == n
    assert ours.term_end(act, n + 1) > end
