"""Parameters that an indicator or a curve refuses are told in Chinese, with the name of the field."""

from __future__ import annotations

import pytest

from domain.period import Period
from domain.problems import InputProblems
from indicators.evaluate import Wanted, evaluate

from .cases import catalogue, region


def test_an_indicator_s_parameters() -> None:
    facts = region({"2026Q3": {"T01": {"signed_key": 1}}})
    with pytest.raises(InputProblems) as caught:
        evaluate(facts, catalogue(), Period.parse("2026Q3"), [Wanted("k", "renewal_rate", {"per": "1"}, "alliance")])
    assert [(one.code, one.message) for one in caught.value.problems] == [("INDICATOR-PARAMS", "没有字段 per")]
