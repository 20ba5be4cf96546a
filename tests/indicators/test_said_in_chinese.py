"""Parameters that an indicator or a curve refuses are told in Chinese, with the name of the field."""

from __future__ import annotations

import pytest

from domain.period import Period
from domain.plan import Scorecard
from domain.problems import InputProblems
from indicators.cards import ready_lines
from indicators.evaluate import Wanted, evaluate

from .cases import catalogue, region


def test_an_indicator_s_parameters() -> None:
    facts = region({"2026Q3": {"T01": {"signed_key": 1}}})
    with pytest.raises(InputProblems) as caught:
        evaluate(facts, catalogue(), Period.parse("2026Q3"), [Wanted("k", "renewal_rate", {"per": "1"}, "alliance")])
    assert [(one.code, one.message) for one in caught.value.problems] == [("INDICATOR-PARAMS", "没有字段 per")]


def test_a_curve_s_parameters() -> None:
    item = {
        "id": "I",
        "indicator": "renewal_rate",
        "points": "1",
        "source": "local",
        "curve": {"use": "milestone", "params": {"late": [{"days": 0, "share": "0.5"}]}},
    }
    part = {"id": "D", "title": "维度", "points": "1", "source": "local", "items": [item]}
    card = Scorecard.model_validate(
        {
            "id": "c",
            "title": "卡",
            "scope": "member",
            "missing": "zero",
            "not_applicable": "zero",
            "source": "local",
            "dimensions": [part],
        }
    )
    with pytest.raises(InputProblems) as caught:
        ready_lines(card, {})
    assert sorted(one.message for one in caught.value.problems) == ["I: 不得小于 1", "I: 缺少 by"]
