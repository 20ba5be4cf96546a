"""What pydantic objects to is told in Chinese, wherever it is told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from domain.objections import objection
from domain.plan import Plan
from indicators.curves import curves
from indicators.registry import indicators

BAD: list[dict[str, Any]] = [{}, {"nonsense": 1}, {"tiers": 3}, {"of": "x"}, {"mode": "most"}, {"lines": []}, {"by": 5}]


@pytest.mark.parametrize("given", BAD)
def test_every_objection_is_in_chinese(given: dict[str, Any]) -> None:
    models = [curve.params for curve in curves().values()] + [one.params for one in indicators().values()] + [Plan]
    found = []
    for model in models:
        try:
            model.model_validate(given)
        except ValidationError as error:
            found += [objection(each) for each in error.errors()]
    assert found
    assert [said for said in found if not re.search("[\u4e00-\u9fff]", said) or " be " in said] == []
