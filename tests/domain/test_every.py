"""How often a duty is to be done: the closed set and its words."""

from datetime import date

import pytest
from pydantic import ValidationError

from domain.every import EVERY_TITLES, Every
from domain.pack import PackDuty

DUTY = {"id": "D", "title": "会商", "cite": {"clause": "一"}, "evidence": "纪要", "deadline": date(2021, 12, 31)}


@pytest.mark.parametrize(
    ("written", "said", "months"),
    [
        ("month", "每月", 1),
        ("quarter", "每季度", 3),
        ("half", "每半年", 6),
        ("year", "每年", 12),
        ("two_years", "每两年", 24),
        ("regular", "定期", None),
    ],
)
def test_every_interval_has_a_name_and_its_months(written, said, months):
    every = PackDuty.model_validate({**DUTY, "every": written}).every
    assert (every.chinese, every.months) == (said, months)


def test_nothing_is_left_without_a_name():
    assert set(EVERY_TITLES) == set(Every)


def test_free_text_is_refused():
    with pytest.raises(ValidationError):
        PackDuty.model_validate({**DUTY, "every": "每三年"})
