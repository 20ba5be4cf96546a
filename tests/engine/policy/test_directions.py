"""A plan's curve must reward what the rule demands: said by the check of the plan, and by the scoring once more."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.given import card_targets, given_item
from engine.policy.load import load
from indicators.cards import ready_lines

SPEC = Path(__file__).parents[2] / "spec" / "packs"
DAY = date(2026, 9, 30)
RULE = 'op: ">="\n    target: [{from: 2026-01-01, value: "0.8"}, {from: 2027-01-01, value: "1"}]'
CURVE = "curve: {use: attainment}, source: {document"


def written(folder: Path, rule: str, curve: str) -> Path:
    pack = (SPEC / "sixth-2026.yaml").read_text(encoding="utf-8")
    plan = (SPEC / "sixth-plan.yaml").read_text(encoding="utf-8")
    assert (pack.count(RULE), plan.count(CURVE)) == (1, 1)
    (folder / "sixth-2026.yaml").write_text(pack.replace(RULE, rule), encoding="utf-8")
    path = folder / "p.yaml"
    path.write_text(plan.replace(CURVE, f"curve: {curve}, source: {{document"), encoding="utf-8")
    return path


REFUSED = [
    ('op: "<="\n    target: "0.8"', "{use: attainment}"),
    ('op: "<="\n    target: "0.8"', '{use: attainment, params: {floor: "0.2"}}'),
    ('op: "<="\n    target: "0.8"', '{use: steps, params: {steps: [{min: "0.8", share: "1"}]}}'),
    ('op: "<="\n    target: "0.8"', '{use: efficacy, params: {satisfactory: "0.8", unacceptable: "0.5", clip: true}}'),
    ('op: "<="\n    target: "0.8"', "{use: trend, params: {direction: up}}"),
    ('op: "<="\n    target: "0.8"', "{use: checklist, params: {of: 5}}"),
    ('op: "="\n    target: "0.8"', '{use: attainment, params: {target: "0.8"}}'),
    ('op: approx\n    target: "0.8"', "{use: attainment}"),
    ('op: between\n    target: "0.7"\n    upper: "0.8"', '{use: attainment, params: {target: "0.7"}}'),
    ('op: ">="\n    target: "0.8"', '{use: attainment, params: {floor: "1"}}'),
]
TAKEN = [
    ('op: "<="\n    target: "0.8"', '{use: attainment, params: {floor: "0.9"}}'),
    ('op: "<="\n    target: "0.8"', "{use: attainment, params: {form: ratio}}"),
    ('op: "<="\n    target: "0.8"', '{use: steps, params: {steps: [{max: "0.8", share: "1"}]}}'),
    ('op: "<="\n    target: "0.8"', '{use: attainment, params: {band: ["0", "0.8"]}}'),
    ('op: "="\n    target: "0.8"', "{use: attainment}"),
    (
        'op: "="\n    target: "0.8"',
        '{use: steps, params: {steps: [{min: "0.8", share: "1"}, {min: "0.9", share: "0.5"}]}}',
    ),
    ('op: approx\n    target: "0.8"', '{use: attainment, params: {band: ["0.7", "0.9"]}}'),
    ('op: between\n    target: "0.7"\n    upper: "0.8"', "{use: attainment}"),
]


@pytest.mark.parametrize(("rule", "curve"), REFUSED)
def test_a_curve_against_its_rule_is_refused_where_it_stands(rule: str, curve: str, tmp_path: Path) -> None:
    path = written(tmp_path, rule, curve)
    with pytest.raises(InputProblems) as caught:
        load(load_configs(), path, DAY)
    line = next(at for at, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if curve in text)
    assert [(one.where.partition(": ")[0], one.code) for one in caught.value.problems] == [
        (f"{path}:{line}", "CURVE-DIRECTION")
    ]


@pytest.mark.parametrize(("rule", "curve"), TAKEN)
def test_check_and_scoring_take_the_same_curve(rule: str, curve: str, tmp_path: Path) -> None:
    loaded = load(load_configs(), written(tmp_path, rule, curve), DAY)
    card = loaded.plan.scorecards[0]
    lines = ready_lines(card, card_targets(card, loaded.packs))
    assert [line.item.id for line in lines] == ["M1", "M2"]


@pytest.mark.parametrize(("rule", "curve"), REFUSED[:2])
def test_a_plan_made_from_another_is_not_scored_by_it_either(rule: str, curve: str, tmp_path: Path) -> None:
    loaded = load(load_configs(), written(tmp_path, *TAKEN[0]), DAY)
    card = loaded.plan.scorecards[0]
    item = card.dimensions[0].items[0]
    params = {} if "params" not in curve else {"floor": "0.2"}
    spoiled = item.model_copy(update={"curve": item.curve.model_copy(update={"params": params})})
    targets = card_targets(card, loaded.packs)
    assert given_item(item, targets[item.id]).curve.sound
    assert not given_item(spoiled, targets[item.id]).curve.sound
    with pytest.raises(LookupError):
        str(given_item(spoiled, targets[item.id]).curve.given)
