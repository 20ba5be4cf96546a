"""Dated values: which entry holds on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.values import in_force

RATE = [  # in any order; null ends it
    {"from": date(2026, 7, 1), "value": "0.70"},
    {"from": date(2024, 1, 1), "value": "0.60"},
    {"from": date(2028, 1, 1), "value": None},
]


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (date(2023, 12, 31), None),
        (date(2024, 1, 1), "0.60"),
        (date(2026, 6, 30), "0.60"),
        (date(2026, 7, 1), "0.70"),
        (date(2027, 12, 31), "0.70"),
        (date(2028, 1, 1), None),
    ],
)
def test_an_entry_holds_from_its_own_day_on(day: date, value: str | None) -> None:
    assert in_force(RATE, day) == value


def test_every_dated_list_inside_is_looked_at() -> None:
    given: dict[str, Any] = {"bands": [{"keep": RATE}, {"keep": "1"}], "empty": []}
    assert in_force(given, date(2026, 7, 1)) == {"bands": [{"keep": "0.70"}, {"keep": "1"}], "empty": []}
