"""Readings that a plan chooses, the strictest of several rules, and formulas that are not from the text."""

from __future__ import annotations

import shutil
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from domain.pack import PackIndicator
from domain.period import Period
from domain.plan import Item
from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.find import find_rule
from engine.policy.load import Loaded, load, load_pack
from engine.policy.readings import cite_of, demanded, filled
from engine.run.run import run
from engine.run.say import Speaker
from engine.run.tables import texts
from engine.yaml.document import read_yaml
from tests.indicators.cases import catalogue, region
from tests.words import stories

SPEC = Path(__file__).parents[2] / "spec" / "packs"
DAY = date(2026, 9, 30)
PACKS = ("readings-pack.yaml", "readings-other.yaml")


def plan(folder: Path, replace: str = "", by: str = "") -> Loaded:
    for name in PACKS:
        shutil.copy(SPEC / name, folder)
    text = (SPEC / "readings-plan.yaml").read_text(encoding="utf-8")
    assert not replace or text.count(replace) == 1, "the case must change exactly one place"
    path = folder / "p.yaml"
    path.write_text(text.replace(replace, by) if replace else text, encoding="utf-8")
    return load(load_configs(), path, DAY)


def item(loaded: Loaded, name: str) -> Item:
    return next(one for part in loaded.plan.scorecards[0].dimensions for one in part.items if one.id == name)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case["name"]) for case in read_yaml(SPEC / "malformed_readings.yaml").data["cases"]],
)
def test_malformed(case: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InputProblems) as caught:
        plan(tmp_path, case["replace"], case["by"])
    assert [str(problem)[str(problem).index("p.yaml") :] for problem in caught.value.problems] == case["expect"]


@pytest.mark.parametrize(
    ("clause", "accepted"),
    [("六", '"readings-pack:RD-M01", '), ("七", "")],  # of 七 one rule is from the text
)
def test_a_pool_may_stand_on_what_is_stated_or_accepted(clause: str, accepted: str, tmp_path: Path) -> None:
    cite = f"purpose: subsidy\n    cite: {{document: readings-pack, clause: {clause}}}"
    plan(tmp_path)
    path = tmp_path / "p.yaml"
    text = path.read_text(encoding="utf-8").replace("purpose: subsidy", cite)
    path.write_text(text.replace("accept_background: [", f"accept_background: [{accepted}"), encoding="utf-8")
    loaded = load(load_configs(), path, DAY)
    assert str(loaded.plan.pools[0].cite) == f"readings-pack {clause}"
    assert ("RD-M01" in " ".join(Speaker().warnings(loaded.warnings))) is bool(accepted)


@pytest.mark.parametrize(
    "curve", ['{use: trend, params: {direction: up, min_change: "0.02"}}', '{use: attainment, params: {target: "0.9"}}']
)
def test_a_trend_that_leaves_its_size_to_the_plan_takes_the_plan_s(curve: str, tmp_path: Path) -> None:
    entry = 'indicator: general_signing_rate, rule: "readings-pack:RD-I01", points: "40", curve: {use: attainment}'
    by = f'indicator: renewal_rate, rule: "readings-pack:RD-T01", points: "40", curve: {curve}'
    assert item(plan(tmp_path, entry, by), "A1").rule == "readings-pack:RD-T01"


@pytest.mark.parametrize(
    ("reading", "base", "target", "title"),
    [("all", "all", "3/10", "签约率"), ("non_key", "non_key", "7/20", "重点人群以外签约率")],
)
def test_the_chosen_fields_go_first(reading: str, base: str, target: str, title: str, tmp_path: Path) -> None:
    loaded = plan(tmp_path, "non_key", reading)
    rule = find_rule("readings-pack:RD-I01", loaded.packs)
    assert isinstance(rule, PackIndicator)
    assert (rule.params, rule.target, rule.title) == ({"base": base}, Fraction(target), title)
    assert list(rule.readings) == [reading]
    assert rule.at.startswith("readings-pack.yaml:")
    assert item(loaded, "A1").params == {"base": base}
    assert Speaker().cite(cite_of(item(loaded, "A1"), loaded.packs)) == f"readings-pack 一 [读法 {reading}]"


def test_the_harder_target_wins_with_its_own_deadline(tmp_path: Path) -> None:
    loaded = plan(tmp_path)
    at_least, at_most = item(loaded, "A2"), item(loaded, "A3")
    found = demanded(at_least.rule, at_least.also, at_least.target_from, loaded.packs)
    assert found is not None
    assert (found.id, found.target, found.deadline) == ("RO-I01", Fraction(7, 10), date(2027, 12, 31))
    lower = demanded(at_most.rule, at_most.also, at_most.target_from, loaded.packs)
    assert lower is not None
    assert (lower.id, lower.target) == ("RO-I03", Fraction(3, 100))
    assert Speaker().cite(cite_of(at_least, loaded.packs)) == "readings-pack 二; 另见 readings-other 五, 从严取 RO-I01"


def test_without_the_word_the_rule_itself_holds(tmp_path: Path) -> None:
    loaded = plan(
        tmp_path, 'also: ["readings-other:RO-I01"], target_from: stricter,', 'also: ["readings-other:RO-I01"],'
    )
    one = item(loaded, "A2")
    found = demanded(one.rule, one.also, one.target_from, loaded.packs)
    assert found is not None
    assert found.id == "RD-I02"
    assert Speaker().cite(cite_of(one, loaded.packs)) == "readings-pack 二; 另见 readings-other 五"


def test_scores_and_stories_show_what_was_taken(tmp_path: Path) -> None:
    loaded = plan(tmp_path)
    now = {
        "signed_residents": 480,
        "signed_key": 240,
        "resident_population": 1000,
        "key_population": 400,
        "discharges": 100,
    }
    facts = region(
        {"2026": {"T01": now}, "2025": {"T01": {"discharges": 100}}},
        {"2026": {"T01": {"inpatient_charges": "104000.00"}}, "2025": {"T01": {"inpatient_charges": "100000.00"}}},
    )
    result = run(loaded.plan, loaded.packs, facts, catalogue(), Period.parse("2026"))
    rows = texts(result)["scores"].set_index("indicator")
    # outside the key groups: 240 ÷ 600 = 40 % of 35 %; key groups 240 ÷ 400 = 60 % of the stricter 70 %: 6/7 of 40;
    # cost + 4 %: (0.04 − 0.1) ÷ (0.03 − 0.1) = 6/7 of 20
    assert rows["value"].tolist() == ["0.4", "0.6", "0.04"]
    assert rows["target"].tolist() == ["0.35", "0.7", "0.03"]
    assert rows["score"].tolist() == ["40", "34.285714", "17.142857"]
    assert rows["cite"].tolist() == [
        "readings-pack 一 [读法 non_key]",
        "readings-pack 二; 另见 readings-other 五, 从严取 RO-I01",
        "readings-pack 三 [口径待核]; 另见 readings-other 七 [口径待核], 从严取 RO-I03",
    ]
    story = stories(result)
    for name, cite in rows["cite"].items():
        assert story[f"score/T01/member/{name}"].cites == [cite]
    accepted = "readings-pack:RD-I03、readings-other:RO-I03 口径待核, 方案接受其决定分配 (BACKGROUND-ACCEPTED)"
    assert accepted in Speaker().warnings(loaded.warnings)


def test_a_card_nobody_is_paid_by_may_be_unsure(tmp_path: Path) -> None:
    merit = "{use: score_times, params: {scorecard: member, prorate: true}, source: local}"
    by_heads = "{use: fixed, params: {metrics: [heads_on_post], prorate: true}, source: local}"
    accepted = 'accept_background: ["readings-pack:RD-I03", "readings-other:RO-I03"]\n'
    plan(tmp_path)
    path = tmp_path / "p.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(accepted, "").replace(merit, by_heads), encoding="utf-8")
    loaded = load(load_configs(), path, DAY)
    assert loaded.plan.accept_background == []
    assert "[口径待核]" in Speaker().cite(cite_of(item(loaded, "A3"), loaded.packs))


def test_own_parameters_are_kept(tmp_path: Path) -> None:
    loaded = plan(tmp_path)
    own = item(loaded, "A2").model_copy(update={"params": {"group": "poor"}})
    card = loaded.plan.scorecards[0]
    part = card.dimensions[0].model_copy(update={"items": [own]})
    made = loaded.plan.model_copy(update={"scorecards": [card.model_copy(update={"dimensions": [part]})]})
    assert filled(made, loaded.packs).scorecards[0].dimensions[0].items[0].params == {"group": "poor"}


@pytest.mark.parametrize(
    ("replace", "by", "said"),
    [
        ("      all: {params: {base: all}}\n", "", "readings: 只有一种读法, 至少写两种"),
        ("params: {base: non_key}", "params: {base: nobody}", "readings.non_key.params.base: 'nobody' 不在可选值之内"),
        ('target: "0.35"', 'op: "≥"', "readings.non_key.op: '≥' 不在可选值之内"),
        ('target: "0.35"', "id: RD-I09", "readings.non_key.id: 读法不能改这个字段"),
        ('target: "0.35"', 'goal: "0.35"', "readings.non_key.goal: 没有这个字段"),
    ],
)
def test_a_pack_with_bad_readings(replace: str, by: str, said: str, tmp_path: Path) -> None:
    text = (SPEC / "readings-pack.yaml").read_text(encoding="utf-8")
    assert text.count(replace) == 1
    path = tmp_path / "p.yaml"
    path.write_text(text.replace(replace, by), encoding="utf-8")
    with pytest.raises(InputProblems) as caught:
        load_pack(load_configs(), path, DAY)
    assert len(caught.value.problems) == 1
    problem = caught.value.problems[0]
    assert problem.where.rpartition(":")[2].isdecimal()
    assert said in str(problem)
