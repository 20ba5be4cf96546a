"""Scorecards: points by hand, gaps, grades, ranks, stories, and that nobody's score depends on anybody else."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.demand import Target
from domain.period import Period
from domain.plan import Scorecard
from domain.step import LOCAL_MARKS, LOCAL_TARGET
from engine.policy.given import given_card
from engine.run.result import FRAMES
from engine.run.say import Speaker
from indicators.cards import wanted
from indicators.evaluate import evaluate
from indicators.ratios import Ratios
from indicators.scorecard import NotScored, score
from indicators.weights import weigh

from .cases import catalogue, region, speaker, told

QUARTER = Period.parse("2026Q3")
FULL = {"use": "attainment", "params": {"target": "0.6"}}


def item(code: str, indicator: str, points: str, curve: Any = None, **more: Any) -> dict[str, Any]:
    cite = {"document": "local-plan", "clause": f"第{code}条"}
    return {"id": code, "indicator": indicator, "points": points, "curve": curve or FULL, "source": cite, **more}


def card(*dimensions: list[dict[str, Any]], **more: Any) -> Scorecard:
    parts = [
        {
            "id": f"d{at}",
            "title": f"维度{at}",
            "points": str(sum(Fraction(entry["points"]) for entry in items)),
            "items": items,
            "source": "local",
        }
        for at, items in enumerate(dimensions, start=1)
    ]
    given = {"scope": "member", "missing": "reweight", "not_applicable": "reweight"} | more
    return Scorecard.model_validate({"id": "card", "title": "成员考核", "source": "local", "dimensions": parts} | given)


def run(sheet: Scorecard, facts: Any, targets: Any = None, **more: Any) -> Any:
    sheet = given_card(sheet, targets or {})
    measures = evaluate(facts, catalogue(), QUARTER, wanted(sheet))
    units = facts.institutions.loc[~facts.institutions["tier"].isin(["alliance", "district"])]
    if sheet.scope != "member":
        units = facts.institutions.loc[facts.institutions["tier"] == sheet.scope]
    return score(sheet, measures, units, targets or {}, QUARTER, **more)


def scores(result: Any, unit: str) -> dict[str, Fraction | None]:
    rows = result.scored["unit_code"] == unit
    return dict(zip(result.scored["item"][rows], result.scored["score"][rows], strict=True))


def total(result: Any, unit: str) -> Any:
    return table(result.totalled).set_index("unit_code").loc[unit]


def table(columns: Any) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})


SIGNING = item("I1", "key_group_signing_rate", "30")
RENEWAL = item("I2", "renewal_rate", "10", {"use": "attainment", "params": {"target": "0.8"}})
FULFIL = item("I3", "fulfilment_rate", "60", {"use": "attainment", "params": {"target": "1"}})
GOOD = {
    "signed_key": 45,
    "key_population": 100,
    "contracts_renewed": 8,
    "contracts_due": 10,
    "service_items_done": 9,
    "service_items_due": 10,
}


def test_points_by_hand():
    result = run(card([SIGNING, RENEWAL], [FULFIL]), region({"2026Q3": {"T01": GOOD}}))
    # 30 × 0.45/0.6 = 22.5; 10 × 0.8/0.8 = 10; 60 × 0.9 = 54
    assert scores(result, "T01") == {"I1": Fraction(45, 2), "I2": 10, "I3": 54}
    assert total(result, "T01")["score"] == Fraction(173, 2)
    assert FRAMES["scores"].keys() < result.scored.keys()
    assert FRAMES["totals"].keys() == result.totalled.keys()
    assert result.scored["full_marks"].tolist() == [30, 10, 60]
    assert result.scored["target"].tolist() == [Fraction(3, 5), Fraction(4, 5), 1]


def without(*codes: str) -> dict[str, int]:
    return {code: value for code, value in GOOD.items() if code not in codes}


def test_missing_reweights_inside_the_dimension_first():
    result = run(card([SIGNING, RENEWAL], [FULFIL]), region({"2026Q3": {"T01": without("contracts_due")}}))
    # I1 takes the 40 points of its dimension: 40 × 0.75 = 30; I3 as before
    assert scores(result, "T01") == {"I1": 30, "I2": None, "I3": 54}
    assert total(result, "T01")["score"] == 84
    assert result.scored["status"].tolist() == ["ok", "missing", "ok"]


def test_a_dimension_that_is_gone_goes_to_the_others():
    gone = without("contracts_due", "key_population")
    result = run(card([SIGNING, RENEWAL], [FULFIL]), region({"2026Q3": {"T01": gone}}))
    assert scores(result, "T01") == {"I1": None, "I2": None, "I3": 90}  # 100 × 0.9
    assert result.scored["full_marks"].tolist() == [None, None, 100]


def test_two_dimensions_share_a_third_by_points():
    sheet = card(
        [item("A", "key_group_signing_rate", "20")],
        [item("B", "renewal_rate", "30")],
        [item("C", "fulfilment_rate", "50")],
    )
    result = run(sheet, region({"2026Q3": {"T01": without("service_items_due")}}))
    assert result.scored["full_marks"].tolist() == [40, 60, None]  # 100 split 20 : 30


def test_nothing_left_is_no_score():
    result = run(card([SIGNING], grades=[{"min": "0", "title": "合格"}]), region({"2026Q3": {"T01": {}, "T02": GOOD}}))
    assert total(result, "T01")[["score", "grade", "rank"]].tolist() == [None, "", None]
    assert total(result, "T02")["rank"] == 1


def test_missing_as_zero():
    result = run(card([SIGNING, RENEWAL], missing="zero"), region({"2026Q3": {"T01": without("contracts_due")}}))
    assert scores(result, "T01") == {"I1": Fraction(45, 2), "I2": 0}


def test_missing_refused_names_every_gap():
    facts = region({"2026Q3": {"T01": without("contracts_due"), "T02": without("key_population")}})
    sheet = card([SIGNING, RENEWAL], missing="refuse")
    with pytest.raises(NotScored) as caught:
        run(sheet, facts)
    refused = caught.value.refused
    assert [(each.unit, each.code) for each in refused] == [("T01", "SCORE-MISSING"), ("T02", "SCORE-MISSING")]
    assert speaker(sheet).phrase(refused[0].said) == "I2 不能评分: 到期签约人数 (T01, 2026Q3)"


@pytest.mark.parametrize(("rule", "points"), [("reweight", None), ("zero", 0), ("full", 10)])
def test_not_applicable_rules(rule, points):
    facts = region({"2026Q3": {"T01": GOOD | {"contracts_due": 0, "contracts_renewed": 0}}})
    result = run(card([SIGNING, RENEWAL], not_applicable=rule), facts)
    assert scores(result, "T01")["I2"] == points
    assert result.scored["status"].tolist() == ["ok", "not_applicable"]


def test_not_applicable_refused():
    facts = region({"2026Q3": {"T01": GOOD | {"contracts_due": 0}}})
    sheet = card([RENEWAL], not_applicable="refuse")
    with pytest.raises(NotScored) as caught:
        run(sheet, facts)
    (refused,) = caught.value.refused
    assert (refused.code, speaker(sheet).phrase(refused.said)) == ("SCORE-NOT-APPLICABLE", "I2 不能评分: 不适用")


def test_items_for_some_tiers_are_reweighted_for_the_others_whatever_the_card_says():
    only = item("I2", "renewal_rate", "10", tiers=["community"])
    sheet = card([SIGNING, only], missing="refuse", not_applicable="refuse")
    result = run(sheet, region({"2026Q3": {"T01": {"signed_key": 60, "key_population": 100}, "S01": GOOD}}))
    assert scores(result, "T01") == {"I1": 40, "I2": None}
    assert scores(result, "S01")["I2"] == 10


def test_card_tiers_choose_the_members():
    facts = region({"2026Q3": {"T01": GOOD, "S01": GOOD}}, units=["H01"])
    assert run(card([SIGNING], tiers=["township"]), facts).totalled["unit_code"].tolist() == ["T01"]


def test_deductions_with_evidence_and_floor():
    lines = [
        {"count": "up_referrals", "points": "3", "title": "越级上转", "evidence": "通报"},
        {"count": "late_disease_reports", "points": "0.5"},
    ]
    sheet = card(
        [
            item(
                "X",
                "line_counts",
                "10",
                {"use": "deduction", "params": {"lines": lines}},
                params={"lines": ["up_referrals", "late_disease_reports"]},
            )
        ]
    )
    facts = {
        "T01": {"up_referrals": 2, "late_disease_reports": 1},
        "T02": {"up_referrals": 4, "late_disease_reports": 0},
    }
    result = run(sheet, region({"2026Q3": facts}))
    assert scores(result, "T01")["X"] == Fraction(7, 2)  # 10 − 2 × 3 − 1 × 0.5
    assert scores(result, "T02")["X"] == 0  # 10 − 12, not below 0
    story = told(sheet, result)["score/T01/card/X"]
    assert story["notes"][:2] == [
        "越级上转: 扣 6 分 (每次 3 分, 依据: 通报)",
        "late_disease_reports: 扣 0.5 分 (每次 0.5 分)",
    ]
    assert story["cells"] == ["in.xlsx 事实表!D2", "in.xlsx 事实表!D3"]


def test_target_deadline_and_band_come_from_the_pack_rule():
    sheet = card(
        [
            item("I1", "key_group_signing_rate", "10", {"use": "attainment"}, rule="p:R1"),
            item("I2", "gp_per_10k", "10", {"use": "attainment", "params": {"tolerance": "1"}}, rule="p:R2"),
        ],
        [item("I3", "completed_on", "10", {"use": "milestone"}, rule="p:R3", params={"metric": "drug_kinds"})],
    )
    targets = {
        "I1": Target(Fraction(9, 10), ">=", cite="p 三"),
        "I2": Target(Fraction(3), "between", upper=Fraction(4), cite="p 四"),
        "I3": Target(None, "=", deadline=date(2026, 6, 30), cite="p 五"),
    }
    facts = GOOD | {"general_practitioners": 5, "resident_population": 10000, "drug_kinds": 20260630}
    result = run(sheet, region({"2026Q3": {"T01": facts}}), targets)
    # 10 × 0.45/0.9; 5 per 10,000 is 1 outside the band with tolerance 1; done on the last day
    assert scores(result, "T01") == {"I1": 5, "I2": 0, "I3": 10}
    assert result.scored["cite"][0] == ("p 三", "local-plan 第I1条")
    assert result.scored["target"].tolist() == [Fraction(9, 10), 3, None]


def test_trend_compares_with_a_year_ago():
    sheet = card([item("I1", "renewal_rate", "10", {"use": "trend", "params": {"direction": "up"}})])
    now = region(
        {"2026Q3": {"T01": GOOD, "T02": GOOD}, "2025Q3": {"T01": {"contracts_renewed": 7, "contracts_due": 10}}}
    )
    result = run(sheet, now)
    assert scores(result, "T01")["I1"] == 10
    assert scores(result, "T02")["I1"] is None
    assert result.scored["status"].tolist() == ["ok", "missing"]


def test_grades_include_their_number_and_ranks_tie():
    done = {"T01": 90, "T02": 80, "T03": 80, "T04": 79}
    facts = region({"2026Q3": {u: {"service_items_done": v, "service_items_due": 100} for u, v in done.items()}})
    grades = [{"min": "80", "title": "良好"}, {"min": "90", "title": "优秀"}]
    sheet = card([item("I", "fulfilment_rate", "100", {"use": "attainment", "params": {"target": "1"}})], grades=grades)
    totals = run(sheet, facts).totalled
    assert totals["grade"].tolist() == ["优秀", "良好", "良好", ""]
    assert totals["rank"].tolist() == [1, 2, 2, 4]


def test_alliance_and_district_cards():
    facts = region({"2026Q3": {"T01": GOOD, "S01": {"signed_key": 15, "key_population": 100}}})
    for scope, unit in (("alliance", "A01"), ("district", "D01")):
        result = run(card([SIGNING], scope=scope), facts)
        assert total(result, unit)["score"] == 15  # 30 × (60/200)/0.6
    county = region({"2026Q3": {"T01": GOOD}}, forms={"A01": "county"})
    found = [run(card([SIGNING], scope="alliance", forms=[one]), county).totalled for one in ("county", "municipal")]
    assert [one["unit_code"].tolist() for one in found] == [["A01"], []]


def test_the_story_of_a_score():
    sheet = card([SIGNING, RENEWAL], [FULFIL])
    result = run(sheet, region({"2026Q3": {"T01": without("contracts_due")}}))
    stories = told(sheet, result)
    assert list(stories) == ["score/T01/card/I1", "score/T01/card/I2", "score/T01/card/I3", "score/T01/card"]
    first, second, _, whole = stories.values()
    assert (first["title"], whole["title"]) == ("机构T01 I1", "机构T01 成员考核")
    put_in = {"分子": "45", "分母": "100", "实际值": "0.45", "目标": "0.6"}
    assert first["numbers"] == put_in | {"满分": "30", "调整后满分": "40", "得分比例": "0.75"}
    assert (first["result"], first["cites"]) == ("30", ["local-plan 第I1条"])
    assert first["cells"] == ["in.xlsx 事实表!D2", "in.xlsx 事实表!D3"]
    assert second["result"] == "不计分"
    gap, meaning = second["notes"]
    assert gap == "缺数据: 到期签约人数 (T01, 2026Q3), 分值由其余各项按比例承担"
    assert meaning.startswith("口径: 续签率 (renewal_rate 第 1 版): 续签人数 ÷ 到期签约人数; 窗口: 本期; 归属: ")
    assert (whole["result"], whole["numbers"]) == ("84", {"I1": "30", "I3": "54"})


def test_a_story_tells_both_ends_of_a_range_and_each_clause_once():
    within = item("I1", "key_group_signing_rate", "30", {"use": "attainment"})
    demanded = {"I1": Target(Fraction(2, 5), "between", Fraction(1, 2), cite="local-plan 第I1条")}
    sheet = card([within])
    story = told(sheet, run(sheet, region({"2026Q3": {"T01": GOOD}}), demanded))["score/T01/card/I1"]
    # 45 of 100 lies in 40% … 50%: full marks. The rule and the item name the same clause.
    assert (story["result"], story["numbers"]["目标"], story["cites"]) == ("30", "0.4 至 0.5", ["local-plan 第I1条"])
    one_point = run(sheet, region({"2026Q3": {"T01": GOOD}}), {"I1": Target(Fraction(9, 20), "=")})
    assert one_point.steps[0].numbers["target"] == Fraction(9, 20)


NUMBER = st.integers(0, 40)
MEMBER = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("signed_key", "contracts_renewed", "service_items_done"), NUMBER)
    | dict.fromkeys(("key_population", "contracts_due", "service_items_due"), NUMBER),
)


@settings(max_examples=15)
@given(
    st.lists(MEMBER, min_size=2, max_size=4),
    st.sampled_from(["reweight", "zero"]),
    st.sampled_from(["reweight", "zero", "full"]),
)
def test_no_score_depends_on_who_else_is_there(members, missing, not_applicable):
    facts = {f"T0{at}": member for at, member in enumerate(members, start=1)}
    sheet = card([SIGNING, RENEWAL], [FULFIL], missing=missing, not_applicable=not_applicable)
    together = run(sheet, region({"2026Q3": facts}))
    for unit, member in facts.items():
        alone = run(sheet, region({"2026Q3": {unit: member}}))
        assert scores(together, unit) == scores(alone, unit)
        assert total(together, unit)["score"] == total(alone, unit)["score"]
        full = alone.scored["full_marks"]
        assert sum(points for points in full if points is not None) in (100, 0)


@settings(max_examples=100)
@given(st.data())
def test_weights_always_add_up(data):
    units, items = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 6)))
    points = [Fraction(data.draw(st.integers(1, 20)), 2) for _ in range(items)]
    dimension = np.array([data.draw(st.integers(0, 2)) for _ in range(items)])
    kept = np.array([[data.draw(st.booleans()) for _ in range(items)] for _ in range(units)])
    share = [Ratios.of([Fraction(1, 3) if one else 0 for one in column]) for column in kept.T]
    matrix = weigh(share, kept, points, dimension)
    full, total = matrix.full.fractions()[matrix.pattern], matrix.total.fractions()
    for unit in range(units):
        assert matrix.any_left[unit] == kept[unit].any()
        if kept[unit].any():
            assert sum(full[unit]) == sum(points)
            assert total[unit] == sum(points) / 3
        assert not any(full[unit][~kept[unit]])


def test_sorted_by_unit_code_whatever_the_order():
    facts = region({"2026Q3": {"T02": GOOD, "T01": GOOD}})
    sheet = given_card(card([SIGNING]), {})
    measures = evaluate(facts, catalogue(), QUARTER, wanted(sheet))
    units = facts.institutions.loc[facts.institutions["tier"] == "township"]
    one, other = (score(sheet, measures, each, {}, QUARTER) for each in (units, units[::-1]))
    pd.testing.assert_frame_equal(table(one.scored), table(other.scored))
    assert one.steps == other.steps


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        # the rule's own 60%, whether taken over or written again
        ({"use": "attainment", "source": "local"}, "p 三; local-plan 第I1条"),
        ({"use": "attainment", "params": {"target": "0.6"}, "source": "local"}, "p 三; local-plan 第I1条"),
        # another number is not the clause's
        (
            {"use": "attainment", "params": {"target": "0.5"}, "source": "local"},
            "p 三; local-plan 第I1条; 目标为本地规定",
        ),
        (
            {"use": "attainment", "params": {"band": ["0.6", "0.8"]}, "source": "local"},
            "p 三; local-plan 第I1条; 目标为本地规定",
        ),
        (
            {"use": "attainment", "params": {"target": "0.5"}, "source": {"document": "q", "clause": "五"}},
            "p 三; local-plan 第I1条; q 五",
        ),
    ],
)
def test_a_target_of_the_plan_is_not_given_as_the_clauses(curve: dict[str, Any], said: str):
    demanded = {"I1": Target(Fraction(3, 5), ">=", cite="p 三")}
    sheet = card([item("I1", "key_group_signing_rate", "30", curve)])
    cites = run(sheet, region({"2026Q3": {"T01": GOOD}}), demanded).scored["cite"][0]
    assert "; ".join(map(Speaker().cite, cites)) == said


def test_a_target_for_an_item_that_is_only_named_is_the_plans():
    named = {"I1": Target(None, "", cite="p 四")}
    local = item(
        "I1", "key_group_signing_rate", "30", {"use": "attainment", "params": {"target": "0.6"}, "source": "local"}
    )
    result = run(card([local]), region({"2026Q3": {"T01": GOOD}}), named)
    assert result.scored["cite"][0] == ("p 四", "local-plan 第I1条", LOCAL_TARGET)


@pytest.mark.parametrize(
    ("curve", "aim", "said"),
    [
        ({"use": "efficacy", "params": {"satisfactory": "0.7", "unacceptable": "0.4"}}, Fraction(7, 10), LOCAL_TARGET),
        ({"use": "trend", "params": {"direction": "up", "unchanged": "0.6"}}, None, LOCAL_MARKS),
        ({"use": "trend", "params": {"direction": "up", "min_change": "0.01"}}, None, LOCAL_MARKS),
        ({"use": "steps", "params": {"steps": [{"min": "0.5", "share": "1"}]}}, None, LOCAL_MARKS),
        ({"use": "trend", "params": {"direction": "up"}}, None, ""),
    ],
)
def test_the_plans_numbers_of_other_curves_are_its_own(curve: dict[str, Any], aim: Fraction | None, said: str):
    named = {"I1": Target(None, "", cite="p 四")}
    sheet = card([item("I1", "key_group_signing_rate", "30", curve | {"source": "local"})])
    result = run(sheet, region({"2026Q3": {"T01": GOOD}, "2025Q3": {"T01": GOOD}}), named)
    assert result.scored["cite"][0] == ("p 四", "local-plan 第I1条", *filter(None, [said]))
    assert result.scored["target"].tolist() == [aim]
