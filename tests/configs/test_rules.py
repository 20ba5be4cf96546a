"""Every numeric rule of the policy documents against hand-worked cases, one met and one missed.

tests/spec/rules/<pack>.yaml is a list of cases:

    - rule: HZ-I01
      met: {facts: {T01: {signed_key: 60, key_population: 100}}, value: "3/5", share: "1"}
      missed: {facts: {…}, value: "1/2", share: "5/6"}

Facts as in tests/spec/indicators (units by the letter of their code, all members of alliance A01 in district D01);
`before` holds those of a year earlier, `money` and `before_money` amounts, `outside` members of no alliance, `without`
units that do not exist, `forms` those of alliances, `ownership` that of units that are not public, `diseases` the
table of diseases by year. A case, or one side of it, may name the `scope` (alliance unless given), `unit`, `period`
(2026Q3 unless given), and the `curve` (attainment with the rule's own target unless given) that a plan would choose; a
rule with readings has a case for each, which names it in `reading`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from ruamel.yaml import YAML

from domain.demand import Target
from domain.money import exact
from domain.pack import Pack, PackIndicator
from domain.period import Period
from domain.plan import Item
from domain.values import in_force
from engine.policy.configs import load_configs
from engine.policy.given import given_item
from engine.policy.load import load_pack
from indicators.curves import Readings, curves
from indicators.evaluate import Wanted, evaluate
from indicators.ratios import Column
from tests.indicators.cases import ROOT, catalogue, region

from .ids import NUMERIC

UNITS = {"member": "T01", "alliance": "A01", "district": "D01"}
SIDES = ("met", "missed")
FOLDER = ROOT / "tests" / "spec" / "rules"
SUM = re.compile(r"[\d)%…] [÷×−+] [\d(]")  # 18 ÷ 20, 1 − (47 − 41) ÷ 8
PACKS = sorted(path.stem for path in (ROOT / "configs" / "packs").glob("*.yaml"))


@cache
def pack(name: str) -> Pack:
    return load_pack(load_configs(), name)


def cases(name: str) -> list[dict[str, Any]]:
    path = FOLDER / f"{name}.yaml"
    return YAML(typ="safe").load(path) if path.exists() else []


CASES = [
    pytest.param(path.stem, case, side, id=f"{case['rule']}{case.get('reading', '')}-{side}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in cases(path.stem)
    for side in SIDES
]


def find(name: str, case: Mapping[str, Any], period: Period) -> PackIndicator:
    """The rule as the case reads it, with its target of the period's last day."""
    found = next(rule for rule in pack(name).indicators if rule.id == case["rule"])
    reading = found.readings[case["reading"]] if "reading" in case else {}
    fields = found.model_dump(by_alias=True, exclude={"readings"}) | dict(reading)
    return PackIndicator.model_validate(in_force(fields, period.end))


def measured(rule: PackIndicator, said: Mapping[str, Any], period: Period) -> Mapping[str, Any]:
    """The row of the case's unit: value, previous, status."""
    now, before = str(period), str(period.year_ago)
    scope = said.get("scope", "alliance")
    facts = region(
        {now: said.get("facts", {}), before: said.get("before", {})},
        {now: said.get("money", {}), before: said.get("before_money", {})},
        outside=said.get("outside", ()),
        without=said.get("without", ()),
        forms=said.get("forms"),
        ownership=said.get("ownership"),
        diseases=said.get("diseases"),
    )
    table = evaluate(facts, catalogue(), period, [Wanted("case", rule.indicator, rule.params, scope)]).table
    return dict(table.set_index("unit_code").loc[said.get("unit", UNITS[scope])])


def share(rule: PackIndicator, row: Mapping[str, Any], said: Mapping[str, Any], period: Period) -> Fraction:
    """Part of full marks by the case's curve."""
    curve = said.get("curve", {"use": "attainment"})
    item = Item(id="case", indicator=rule.indicator, points="10", curve={**curve, "source": "local"}, source="local")
    target = rule.target if isinstance(rule.target, Fraction) else None
    item = given_item(item, Target(target, rule.op, rule.upper, rule.deadline))
    used, params = curves()[item.curve.use], item.curve.given

    readings = Readings(
        Column.of([row["value"]]), Column.of([row["previous"]]), as_of=period.end, full_marks=Fraction(10)
    )
    answer: Fraction = used.score(readings, params).share.fractions()[0]
    return answer


def holds(rule: PackIndicator, value: Fraction, curve: Mapping[str, Any]) -> bool:
    """Whether a value is what the rule demands; `approx` by the band of the curve."""
    target, upper = rule.target, rule.upper
    if rule.op == "approx":
        low, high = map(exact, curve["params"]["band"])
        assert isinstance(target, Fraction)
        assert low <= target <= high
        return low <= value <= high
    assert isinstance(target, Fraction)
    if rule.op == "between":
        assert upper is not None
        return target <= value <= upper
    return {">=": value >= target, "<=": value <= target, "=": value == target}[rule.op]


@pytest.mark.parametrize(("name", "case", "side"), CASES)
def test_rule(name: str, case: dict[str, Any], side: str) -> None:
    said = {key: value for key, value in case.items() if key not in SIDES} | case[side]
    period = Period.parse(said.get("period", "2026Q3"))
    rule = find(name, case, period)
    row = measured(rule, said, period)
    assert row["status"] == "ok", row["missing"]
    assert row["value"] == Fraction(said["value"])
    assert share(rule, row, said, period) == Fraction(said["share"])
    assert holds(rule, row["value"], said.get("curve", {})) == (side == "met")


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_every_case_shows_its_arithmetic(name: str) -> None:
    blocks = re.split(r"^(?=- rule: )", (FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(blocks) == len(cases(name))
    said = {block: " ".join(re.findall(r"(?:^|\s)# (.*)$", block, flags=re.MULTILINE)) for block in blocks}
    assert [block for block, comment in said.items() if not SUM.search(comment)] == []


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_of_a_pack_is_worked_out(name: str) -> None:
    worked = {(case["rule"], case.get("reading")) for case in cases(name)}
    asked = {(rule.id, reading) for rule in pack(name).indicators for reading in rule.readings or [None]}
    assert asked - worked == set()
    assert worked - asked == set()


@pytest.mark.parametrize("name", NUMERIC)
def test_every_numeric_rule_of_the_document_is_there(name: str) -> None:
    there = {rule.id: rule.cite.clause for rule in pack(name).indicators}
    assert [rule for rule in NUMERIC[name] if not there.get(rule, "").strip()] == []
    # what the pack adds is a further part of a rule of the document
    assert [rule for rule in there if rule.rstrip("bcdefgh") not in NUMERIC[name]] == []


def test_all_numeric_rules_of_the_five_documents_are_worked_out() -> None:
    worked = {(name, case["rule"]) for name in NUMERIC for case in cases(name)}
    asked = {(name, rule) for name, rules in NUMERIC.items() for rule in rules}
    assert asked - worked == set()
    assert len(asked) == 63
