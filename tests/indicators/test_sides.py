"""Both sides of a ratio count the same members for the same months: the cases of tests/spec/sides."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from ruamel.yaml import YAML

from domain.period import Period
from engine.run.labels import Labels
from engine.run.say import Speaker
from indicators.evaluate import Wanted, evaluate

from .cases import ROOT, catalogue, region

CASES = [
    case for path in sorted((ROOT / "tests" / "spec" / "sides").glob("*.yaml")) for case in YAML(typ="safe").load(path)
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_member_that_joined_or_left_is_in_both_sides_or_in_neither(case: dict[str, Any]) -> None:
    facts = region({str(period): units for period, units in case["facts"].items()}, dates=case["dates"])
    scope, period = case.get("scope", "alliance"), Period.parse(case.get("period", "2026Q3"))
    table = evaluate(
        facts, catalogue(), period, [Wanted("case", case["indicator"], case.get("params", {}), scope)]
    ).table
    row = table.set_index("unit_code").loc[case.get("unit", "A01")]
    speaker = Speaker(Labels(names=dict(zip(facts.institutions["unit_code"], facts.institutions["name"], strict=True))))
    if case["value"] == "missing":
        assert row["status"] == "missing"
    else:
        assert (row["status"], row["value"]) == ("ok", Fraction(case["value"]))
    assert [speaker.phrase(one) for one in row["told"]] == case["told"]
