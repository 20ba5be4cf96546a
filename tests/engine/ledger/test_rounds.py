"""What is done again and again: which intervals are due on a day and which were done, by hand."""

from __future__ import annotations

from datetime import date

import pytest

from engine.ledger.rounds import Cycle, together

QUARTERS = Cycle(
    3, date(2021, 6, 30), date(2021, 12, 31)
)  # in place by the end of 2021: its fourth quarter is the first
TWO_YEARS = Cycle(24, date(2021, 6, 30), date(2021, 12, 31))
YEARS = Cycle(12, date(2017, 10, 27), None)  # 2018 is the first whole year of the document


def days(text: str) -> list[date]:
    return [date.fromisoformat(day) for day in text.split()]


@pytest.mark.parametrize(
    ("cycle", "done", "as_of", "current", "now", "count", "missed"),
    [
        # of 2021Q4 nothing is due before its last day has gone
        (QUARTERS, "", "2021-12-31", "2021年第4季度", False, "", []),
        (QUARTERS, "", "2022-01-01", "2022年第1季度", False, "0/1 期", ["2021年第4季度"]),
        (QUARTERS, "2021-12-30", "2021-12-31", "2021年第4季度", True, "1/1 期", []),
        # the second quarter was left out; the one that runs counts once it is done
        (
            QUARTERS,
            "2021-12-30 2022-03-22 2022-09-20",
            "2022-11-15",
            "2022年第4季度",
            False,
            "3/4 期",
            ["2022年第2季度"],
        ),
        (
            QUARTERS,
            "2021-12-30 2022-03-22 2022-06-21 2022-09-20 2022-11-15",
            "2022-11-15",
            "2022年第4季度",
            True,
            "5/5 期",
            [],
        ),
        # two meetings in one quarter do not make up for another; what comes after the day is not known yet
        (
            QUARTERS,
            "2021-10-08 2021-12-30 2022-04-02",
            "2022-04-01",
            "2022年第2季度",
            False,
            "1/2 期",
            ["2022年第1季度"],
        ),
        # before the first interval
        (QUARTERS, "2021-08-01", "2021-09-01", "2021年第4季度", False, "", []),
        (TWO_YEARS, "2021-12-06", "2022-12-31", "2022—2023年", False, "1/1 期", []),
        (TWO_YEARS, "2021-12-06", "2024-01-01", "2024—2025年", False, "1/2 期", ["2022—2023年"]),
        (TWO_YEARS, "2021-12-06 2023-01-01", "2023-12-31", "2022—2023年", True, "2/2 期", []),
        (YEARS, "2017-12-01", "2017-12-31", "2018年", False, "", []),
        (YEARS, "2018-05-01", "2019-06-30", "2019年", False, "1/1 期", []),
        (YEARS, "2017-12-01", "2019-01-01", "2019年", False, "0/1 期", ["2018年"]),
        # a document that holds from the first of January: that year is whole
        (Cycle(12, date(2018, 1, 1), None), "", "2019-01-01", "2019年", False, "0/1 期", ["2018年"]),
        (Cycle(24, date(2017, 10, 27), None), "", "2020-01-01", "2020—2021年", False, "0/1 期", ["2018—2019年"]),
        (Cycle(24, date(2018, 1, 1), None), "2019-12-31", "2019-12-31", "2018—2019年", True, "1/1 期", []),
        # neither deadline nor day: from the first report on
        (Cycle(1, None, None), "2022-03-05", "2022-04-10", "2022年4月", False, "1/1 期", []),
        (Cycle(6, None, None), "2022-03-05", "2023-01-10", "2023年上半年", False, "1/2 期", ["2022年下半年"]),
        (Cycle(24, None, None), "2022-03-05", "2024-01-10", "2024—2025年", False, "1/1 期", []),
        (Cycle(3, None, None), "", "2022-04-10", "2022年第2季度", False, "", []),
    ],
)
def test_by_hand(
    cycle: Cycle, done: str, as_of: str, *, current: str, now: bool, count: str, missed: list[str]
) -> None:
    found = cycle.judge(days(done), date.fromisoformat(as_of))
    assert (found.current.title, found.now, found.count_text) == (current, now, count)
    assert [one.title for one in found.missed] == missed


def test_the_first_is_due_by_the_deadline_the_others_by_their_end() -> None:
    cycle = Cycle(3, date(2021, 6, 30), date(2021, 11, 15))
    first = cycle.judge([], date(2021, 11, 15))
    assert (first.current.due, first.missed) == (date(2021, 11, 15), ())
    late = cycle.judge([], date(2021, 11, 16))
    assert (late.asked.title, late.asked.due) == ("2021年第4季度", date(2021, 11, 15))
    # done late, yet in the interval
    assert cycle.judge([date(2021, 12, 1)], date(2022, 1, 1)).missed == ()
    assert cycle.judge([date(2021, 12, 1)], date(2022, 1, 1)).current.due == date(2022, 3, 31)


def test_of_several_units_an_interval_is_done_when_all_did_it() -> None:
    first = QUARTERS.judge(days("2021-12-30 2022-03-22"), date(2022, 5, 1))
    second = QUARTERS.judge(days("2022-03-01 2022-04-04"), date(2022, 5, 1))
    both = together([first, second])
    assert both is not None
    # 2021Q4 and 2022Q1 are due; the second unit has done 2022Q2 already and lacks 2021Q4
    assert (both.now, len(both.due), both.count_text) == (False, 2, "1/2 期")
    assert [one.title for one in both.missed] == ["2021年第4季度"]
    assert together([]) is None


def test_units_that_began_at_different_times() -> None:
    cycle = Cycle(3, None, None)
    old, new = (cycle.judge(days(done), date(2022, 5, 1)) for done in ("2021-02-01", "2022-02-01"))
    both = together([old, new])
    assert both is not None
    # the old one lacks the last three quarters of 2021 and the first of 2022, which only the new one did
    assert (both.count_text, both.asked.title) == ("1/5 期", "2021年第2季度")


def test_many_missed_intervals_are_counted() -> None:
    found = Cycle(1, date(2021, 1, 1), None).judge([], date(2021, 8, 1))
    named = "、".join(f"2021年{month}月" for month in range(1, 7))
    assert found.missed_text == f"没有完成的期: {named} 等 7 期"
    assert (found.count_text, found.as_json()["done"]) == ("0/7 期", 0)
