"""Periods and their calendars."""

from datetime import date

import pytest

from domain.period import Period


@pytest.mark.parametrize(
    ("text", "start", "end", "title"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2026年"),
        ("2026H2", date(2026, 7, 1), date(2026, 12, 31), "2026年下半年"),
        ("2026Q3", date(2026, 7, 1), date(2026, 9, 30), "2026年第3季度"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024年2月"),
    ],
)
def test_bounds(text, start, end, title):
    period = Period.parse(text)
    assert (period.start, period.end, period.title, str(period)) == (start, end, title, text)


@pytest.mark.parametrize("text", ["", "2026Q5", "2026-13", "26Q1", "2026H3", "２０２６"])
def test_not_a_period(text):
    with pytest.raises(ValueError, match="不是期间"):
        Period.parse(text)


@pytest.mark.parametrize(
    ("text", "previous", "year_ago"),
    [
        ("2026Q1", "2025Q4", "2025Q1"),
        ("2026-01", "2025-12", "2025-01"),
        ("2026H1", "2025H2", "2025H1"),
        ("2026", "2025", "2025"),
    ],
)
def test_earlier(text, previous, year_ago):
    period = Period.parse(text)
    assert (str(period.previous), str(period.year_ago)) == (previous, year_ago)


@pytest.mark.parametrize(
    ("day", "kind", "period"),
    [
        (date(2026, 9, 30), "quarter", "2026Q3"),
        (date(2026, 10, 1), "quarter", "2026Q4"),
        (date(2026, 6, 30), "half", "2026H1"),
        (date(2026, 12, 31), "month", "2026-12"),
        (date(2026, 1, 1), "year", "2026"),
    ],
)
def test_of_a_day(day, kind, period):
    assert str(Period.of(day, kind)) == period


def test_containment():
    assert Period.parse("2026").contains(Period.parse("2026Q3"))
    assert not Period.parse("2026Q3").contains(Period.parse("2026H2"))


def test_working_days_follow_the_holiday_notice():
    # October 2025: 31 days, 8 weekend days (4, 5, 11, 12, 18, 19, 25, 26); holidays 1–8, with 28 September and
    # 11 October worked. Weekdays 23; less 1, 2, 3, 6, 7, 8 = 17; plus Saturday 11 = 18.
    assert Period.parse("2025-10").working_days() == 18


def test_no_calendar_is_said():
    with pytest.raises(ValueError, match="2050 年的放假安排未收录"):
        Period.parse("2050").working_days()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("2026Q3", "2026Q3"),
        ("2026年第3季度", "2026Q3"),
        ("2026年三季度", "2026Q3"),
        ("２０２６年 第 3 季度", "2026Q3"),
        ("2026年下半年", "2026H2"),
        ("2026年7月", "2026-07"),
        ("2026年07月", "2026-07"),
        ("2026年", "2026"),
        ("2026年度", "2026"),
    ],
)
def test_a_period_is_taken_as_people_say_it(said: str, code: str) -> None:
    assert str(Period.said(said)) == code


@pytest.mark.parametrize("said", ["2026年第5季度", "2026年13月", "去年", "2026年中"])
def test_what_is_no_period_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="不是期间"):
        Period.said(said)
