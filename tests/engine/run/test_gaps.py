"""What nobody reported is never passed over: a scorecard of nothing is refused, gaps that a plan fills are counted."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from domain.facts import Facts
from domain.period import Period
from domain.plan import Plan
from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.load import Loaded, load
from engine.read import read
from engine.run.result import Result
from engine.run.run import run
from tests.words import warned

INPUT = Path(__file__).parents[3] / "examples" / "liaoning-2017" / "2017.xlsx"
YEAR = Period.parse("2017")


@cache
def loaded() -> Loaded:
    return load(load_configs(), "demo-liaoning", YEAR.end)


@cache
def given() -> Facts:
    return read(INPUT, load_configs().catalogue, loaded().plan, YEAR, loaded().packs)


def less(*gone: tuple[str, str]) -> Facts:
    """The example without the facts of (unit, metric)."""
    facts = given().facts
    kept = [pair not in gone for pair in zip(facts["unit_code"], facts["metric"], strict=True)]
    return replace(given(), facts=facts[kept].reset_index(drop=True))


def computed(facts: Facts, plan: Plan | None = None, period: Period = YEAR, *, whole: bool = True) -> Result:
    plan = plan or loaded().plan
    return run(
        plan, loaded().packs, facts, load_configs().catalogue, period, batch=True, region=None if whole else facts
    )


def reweighted(plan: Plan) -> Plan:
    return plan.model_copy(
        update={"scorecards": [card.model_copy(update={"missing": "reweight"}) for card in plan.scorecards]}
    )


def test_no_gap_no_warning() -> None:
    """The example reports everything."""
    assert warned(computed(given()), "SCORE-") == []


def test_what_counts_as_zero_is_counted() -> None:
    """C1 and C2 leave out the trained general practitioners (C13, summed in P06), C1 also how many there should be."""
    result = computed(less(("C1", "gp_trained"), ("C1", "gp_training_quota"), ("C2", "gp_trained")))
    assert warned(result, "SCORE-ZEROED") == [
        "评分表 province（省级任务）: 1 个单位共 1 项缺数据, 按方案计 0 分 (SCORE-ZEROED)",
        "评分表 city（分市任务）: 2 个单位共 2 项缺数据, 按方案计 0 分 (SCORE-ZEROED)",
    ]


@pytest.mark.parametrize("metric", ["signed_residents", "signed_key"])
def test_a_blank_of_a_city_that_speaks_for_itself_is_a_gap(metric: str) -> None:
    """No city of the example lists an institution: a blank keeps no points, and none move to the other items."""
    result = computed(less(("C1", metric)))
    assert warned(result, "SCORE-ZEROED") == [
        "评分表 city（分市任务）: 1 个单位共 1 项缺数据, 按方案计 0 分 (SCORE-ZEROED)"
    ]
    scores, whole = (one.frames["scores"].set_index(["unit_code", "item"]) for one in (result, computed(given())))
    assert scores["full_marks"].equals(whole["full_marks"])


def test_what_is_borne_by_the_other_items_is_counted() -> None:
    result = computed(less(("C1", "gp_trained")), reweighted(loaded().plan))
    assert warned(result, "SCORE-REWEIGHTED")[1:] == [
        "评分表 city（分市任务）: 1 个单位共 1 项缺数据, 按方案由其余各项承担分值 (SCORE-REWEIGHTED)"
    ]


@pytest.mark.parametrize("change", [lambda plan: plan, reweighted])
def test_a_scorecard_of_nothing_is_refused(change) -> None:
    """Whatever the plan does with gaps. Around one unit it is no sign of wrong data."""
    cities = [pair for pair in zip(given().facts["unit_code"], given().facts["metric"], strict=True) if pair[0] != "LN"]
    bare = less(*cities)
    with pytest.raises(InputProblems) as caught:
        computed(bare, change(loaded().plan))
    assert "评分表 city: 分市任务: 2017年没有一个单位的任何一项有可用的数据" in str(caught.value)
    assert {problem.code for problem in caught.value.problems} == {"SCORE-NOTHING"}
    assert caught.value.exit_code == 2
    assert len(computed(bare, change(loaded().plan), whole=False).frames["totals"]) == 7


def test_nobody_to_score() -> None:
    """One scorecard without units is told, all of them are refused."""
    units = given().institutions
    cities = replace(given(), institutions=units[units["unit_code"] != "LN"].reset_index(drop=True))
    cities = replace(cities, facts=cities.facts[cities.facts["unit_code"] != "LN"].reset_index(drop=True))
    result = computed(cities)
    assert warned(result, "SCORE-NO-UNITS") == ["评分表 province（省级任务）: 机构表里没有要评的单位 (SCORE-NO-UNITS)"]
    county = units.assign(region=[f"2191{at:02d}" for at in range(1, len(units) + 1)])
    with pytest.raises(InputProblems, match="SCORE-NO-UNITS"):
        computed(replace(given(), institutions=county))


def test_a_period_that_the_document_does_not_cover() -> None:
    """The pack has ended, which its status tells of 2017 as of 2018; that 2018 is not its year is told apart."""
    facts = given().facts
    later = replace(given(), facts=facts.assign(period=[str(int(text) + 1) for text in facts["period"]]))
    said = warned(computed(later, period=Period.parse("2018")), "PERIOD-OUTSIDE-PACK")
    assert [text.partition("依据")[0] for text in said] == ["2018年不在"]
    assert "2017-05-25 至 2017-12-31" in said[0]
    assert warned(computed(given()), "PERIOD-OUTSIDE-PACK") == []
