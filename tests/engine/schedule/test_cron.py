"""Rules in the form of cron: what is refused, with a remedy, and that what passes is read as cron reads it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.schedule.cron import instants, read_cron
from engine.workflow.calendar import SHANGHAI

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0 8 * * 1-5", "写 MON 至 SUN, 例如 MON-FRI"),  # APScheduler: Tuesday to Saturday
        ("0 8 * * 0", "写 MON 至 SUN"),
        ("0 8 * * */2", "写 MON 至 SUN"),
        ("0 8 * * MON-5", "写 MON 至 SUN"),  # APScheduler: Monday
        ("0 8 * * MON-FRI/2", "写 MON 至 SUN"),  # APScheduler: every weekday
        ("0 8 * * MON#X", "不认识"),  # APScheduler: every Monday
        ("0 8 * * MONDAY", "不认识"),
        ("0 8 * * XYZ", "不认识"),
        ("0 8 * * FRI-TUE", "写 FRI-SUN,MON-TUE"),
        ("0 8 * JAN-3 *", "月 'JAN-3' 不认识"),  # APScheduler: January
        ("0 8 * JAN/3 *", "月 'JAN/3' 不认识"),
        ("0 8 * DEC-JAN *", "写 DEC-DEC,JAN-JAN"),
        ("0 8 1 * MON", "日和星期不能都限定"),  # cron: either; APScheduler: both
        ("5/15 8 * * *", "写 5-59/15"),
        ("0 8 lastly * *", "日 'lastly' 不认识"),  # APScheduler: the last day
        ("0 ８ * * *", "时 '８' 不认识"),
        ("60 8 * * *", "分 '60' 不在 0–59 之内"),
        ("0 24 * * *", "时 '24' 不在 0–23 之内"),
        ("0 8 0 * *", "日 '0' 不在 1–31 之内"),
        ("0 17-8 * * *", "前大于后"),
        ("*/60 * * * *", "间隔须为 1–59"),
        ("*/0 * * * *", "间隔须为 1–59"),
        ("0 8 1, * *", "日 '' 不认识"),
        ("0 8 31 4,6 *", "永不到时"),
        ("0 8 30 FEB *", "永不到时"),
        ("@daily", "有 1 个字段"),
        ("0 0 8 * * MON", "有 6 个字段"),
        ("", "有 0 个字段"),
    ],
)
def test_what_is_read_otherwise_elsewhere_is_refused(written, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        read_cron(written)


def test_all_faults_are_told_at_once():
    with pytest.raises(ValueError, match=r"分 '61'.*时 '24'.*月 '13'.*星期 '7'"):
        read_cron("61 24 * 13 7")


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("0 8 * * MON-FRI", ["07-31 08:00", "08-03 08:00"]),  # 30 July 2026 is a Thursday
        (" 30  9 * *  sat,sun ", ["08-01 09:30", "08-02 09:30"]),
        ("0 8 1 JAN-MAR,oct *", ["10-01 08:00", "01-01 08:00"]),
        ("10-40/15 23 * * *", ["07-30 23:10", "07-30 23:25", "07-30 23:40"]),
        ("0 0 29 2 *", ["02-29 00:00"]),
    ],
)
def test_what_passes_comes_at_its_time_in_shanghai(written, first):
    found = islice(instants(read_cron(written), datetime(2026, 7, 30, 4, tzinfo=UTC)), len(first))
    assert [f"{at.astimezone(SHANGHAI):%m-%d %H:%M}" for at in found] == first


def test_the_instant_itself_is_not_after_itself():
    at = datetime(2026, 7, 31, 8, tzinfo=SHANGHAI)
    assert next(instants("0 8 * * *", at)) == at + timedelta(days=1)
    assert next(instants("0 8 * * *", at - timedelta(microseconds=1))) == at


@st.composite
def crons(draw):
    """A rule, and the minutes, hours and weekdays that it stands for by cron's own manual."""
    low = draw(st.integers(0, 59))
    high = draw(st.integers(low, 59))
    step = draw(st.integers(1, max(1, high - low)))
    minute = (f"{low}-{high}/{step}", set(range(low, high + 1, step))) if high > low else (f"{low}", {low})
    hours = draw(st.sets(st.integers(0, 23), min_size=1, max_size=4))
    first = draw(st.integers(0, 6))
    last = draw(st.integers(first, 6))
    written = f"{minute[0]} {','.join(map(str, sorted(hours)))} * * {DAYS[first]}-{DAYS[last]}"
    return written, minute[1], hours, set(range(first, last + 1))


@settings(max_examples=40, deadline=None)
@given(crons(), st.integers(0, 2 * 365 * 86400))
def test_every_minute_that_the_rule_names_and_no_other(cron, seconds):
    written, minutes, hours, weekdays = cron
    after = datetime(2026, 1, 1, tzinfo=SHANGHAI) + timedelta(seconds=seconds)
    start = after.replace(second=0, microsecond=0)
    week = (start + timedelta(minutes=at) for at in range(1, 7 * 24 * 60 + 1))
    asked = [at for at in week if at.minute in minutes and at.hour in hours and at.weekday() in weekdays]
    assert list(islice(instants(read_cron(written), after), min(8, len(asked)))) == asked[:8]
