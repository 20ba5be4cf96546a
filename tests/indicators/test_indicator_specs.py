"""Every canonical indicator against its cases in tests/spec/indicators."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from ruamel.yaml import YAML

from domain.period import Period
from indicators.evaluate import Wanted, evaluate
from indicators.registry import indicators

from .cases import ROOT, catalogue, lacking, region

UNITS = {"member": "T01", "alliance": "A01", "district": "D01"}


def cases() -> list[tuple[str, dict[str, Any]]]:
    folder = ROOT / "tests" / "spec" / "indicators"
    return [(path.stem, case) for path in sorted(folder.glob("*.yaml")) for case in YAML(typ="safe").load(path)]


CASES = [pytest.param(theme, case, id=f"{case['indicator']}-{at}") for at, (theme, case) in enumerate(cases())]


def result(case: Mapping[str, Any]) -> Any:
    """The row of the case's own unit."""
    facts = region(
        {"2026Q3": case.get("facts", {}), "2025Q3": case.get("before", {})},
        {"2026Q3": case.get("money", {}), "2025Q3": case.get("before_money", {})},
        outside=case.get("outside", ()),
        without=case.get("without", ()),
        forms=case.get("forms"),
        ownership=case.get("ownership"),
        diseases=case.get("diseases"),
    )
    scope = case.get("scope", "alliance")
    wanted = Wanted("case", case["indicator"], case.get("params", {}), scope)
    table = evaluate(facts, catalogue(), Period.parse(case.get("period", "2026Q3")), [wanted]).table
    return table.set_index("unit_code").loc[case.get("unit", UNITS[scope])]


def changed(case: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The case with the facts of `change` put in, or without some units."""
    other = copy.deepcopy(dict(case))
    for table in ("money", "before", "before_money"):
        for unit, values in change.get(table, {}).items():
            other[table][unit].update(values)
    for unit, values in change.items():
        if unit in other.get("facts", {}):
            other["facts"][unit].update(values)
    for year, units in change.get("diseases", {}).items():
        for unit, values in units.items():
            other["diseases"][year][unit].update(values)
    for unit in change.get("without", ()):
        del other["facts"][unit]
    return other | {"without": change.get("without", ())}


@pytest.mark.parametrize(("theme", "case"), CASES)
def test_value(theme: str, case: dict[str, Any]) -> None:
    assert indicators()[case["indicator"]].theme == theme
    row = result(case)
    assert (row["status"], row["missing"]) == ("ok", ())
    assert row["value"] == Fraction(case["value"])
    assert isinstance(row["value"], Fraction)
    if row["denominator"] is not None and case["indicator"] not in {"gp_per_10k", "reported_ratio"}:
        assert row["numerator"] / row["denominator"] == row["value"]
    if "numerator" in case:
        assert row["numerator"] == case["numerator"]


@pytest.mark.parametrize(("theme", "case"), CASES)
def test_zero_denominator_is_not_applicable(theme: str, case: dict[str, Any]) -> None:
    if case["zero"] == "none":  # a number without a denominator that its unit always reports
        assert result(case)["denominator"] is None
        return
    row = result(changed(case, case["zero"]))
    assert (row["status"], row["value"]) == ("not_applicable", None)


@pytest.mark.parametrize(("theme", "case"), CASES)
def test_missing_fact_is_named(theme: str, case: dict[str, Any]) -> None:
    if case["missing"] == "none":  # read off the institutions and memberships
        assert indicators()[case["indicator"]].facts == ()
        return
    ((unit, code),) = case["missing"].items()
    other = copy.deepcopy(case)
    table = other["facts"] if code in other.get("facts", {}).get(unit, {}) else other["money"]
    del table[unit][code]
    row = result(other)
    assert (row["status"], row["value"]) == ("missing", None)
    entry = catalogue().metrics.get(code) or catalogue().items[code]
    assert f"{entry.title} ({case.get('missing_at', unit)}, 2026Q3)" in lacking(row["missing"])


def test_every_indicator_has_a_case() -> None:
    assert {case["indicator"] for _, case in cases()} == set(indicators())
