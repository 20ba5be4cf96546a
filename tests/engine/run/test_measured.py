"""Rows of one indicator with different params are told apart: their order is that of explain.json's `measured`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from domain.period import Period
from engine.folder.output import explanation
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.read import read
from engine.run.run import run
from tests.words import stories

INPUT = Path(__file__).parents[3] / "examples" / "liaoning-2017" / "2017.xlsx"
YEAR = Period.parse("2017")


def test_every_row_is_the_value_of_the_items_that_explain_names() -> None:
    """Seven ratios of the city's scorecard are one indicator; two dates are each other's twin but for the metric."""
    found = load(load_configs(), "demo-liaoning", YEAR.end)
    facts = read(INPUT, load_configs().catalogue, found.plan, YEAR, found.packs)
    result = run(found.plan, found.packs, facts, load_configs().catalogue, YEAR)
    told = explanation(result)
    measured = told["measured"]
    assert [keys[0] for keys in measured["district/reported_ratio"]] == [
        "city/C01",
        "city/C02",
        "city/C03",
        "city/C04",
        "city/C09",
        "city/C15",
        "city/C16",
    ]
    # both scorecards ask when the task ledger was set up: one row
    assert ["city/C18", "province/P08"] in measured["district/completed_on"]
    assert told["items"] == {
        key: name.partition("/")[2] for name, groups in measured.items() for keys in groups for key in keys
    }
    rows, scores = result.frames["indicators"], result.frames["scores"]
    values = {
        (unit, item): value
        for unit, item, value in zip(scores["unit_code"], scores["item"], scores["value"], strict=True)
    }
    checked = 0
    for (scope, unit, code), part in rows.groupby(["scope", "unit_code", "indicator"]):
        groups = measured[f"{scope}/{code}"]
        assert len(part) == len(groups)
        for value, keys in zip(part["value"], groups, strict=True):
            for item in (key.partition("/")[2] for key in keys):
                if (unit, item) in values:
                    assert values[unit, item] == value, (unit, item)
                    checked += 1
    assert checked == len(scores)


def test_a_day_is_told_as_a_day() -> None:
    found = load(load_configs(), "demo-liaoning", YEAR.end)
    facts = read(INPUT, load_configs().catalogue, found.plan, YEAR, found.packs)
    result = run(found.plan, found.packs, facts, load_configs().catalogue, YEAR)
    step = next(step for step in result.steps if step.key == "score/C1/city/C18")
    assert step.numbers["value"] == date(2017, 6, 20)
    assert stories(result)[step.key].numbers["实际值"] == "2017-06-20"
