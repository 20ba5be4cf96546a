"""How facts become values: periods, membership, aggregation, what is missing, where a number comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from domain.period import Period
from domain.plan import LocalIndicator
from domain.problems import InputProblems
from engine.run.labelling import definition
from indicators.evaluate import Wanted, evaluate, known
from indicators.measures import COLUMNS

from .cases import catalogue, lacking, region


def run(facts: Any, indicator: str, params: Any = None, scope: Any = "alliance", period: str = "2026Q3") -> Any:
    table = evaluate(facts, catalogue(), Period.parse(period), [Wanted("k", indicator, params or {}, scope)]).table
    return table.set_index("unit_code")


def visits(facts: Any, period: str = "2026Q3", scope: str = "alliance", unit: str = "A01") -> Any:
    return run(facts, "reported", {"metric": "visits"}, scope, period).loc[unit]


def test_columns_and_order():
    facts = region({"2026Q3": {"T02": {"visits": 3}, "T01": {"visits": 2}}})
    wanted = [Wanted("b", "reported", {"metric": "visits"}), Wanted("a", "reported", {"metric": "visits"})]
    table = evaluate(facts, catalogue(), Period.parse("2026Q3"), wanted).table
    assert tuple(table.columns) == COLUMNS
    assert [*zip(table["unit_code"], table["key"], strict=True)] == [
        ("T01", "a"),
        ("T01", "b"),
        ("T02", "a"),
        ("T02", "b"),
    ]


def test_flow_adds_up_months_and_names_an_incomplete_quarter():
    rows = {f"2026-0{month}": {"T01": {"visits": month}} for month in (7, 8, 9)}
    assert visits(region(rows))["value"] == 24  # 7 + 8 + 9
    del rows["2026-08"]
    short = visits(region(rows))
    assert (short["status"], short["value"], lacking(short["missing"])) == ("missing", None, "诊疗人次 (T01, 2026Q3)")


def test_flow_takes_the_row_of_the_period_before_its_parts():
    facts = region({"2026Q3": {"T01": {"visits": 30}}, "2026-07": {"T01": {"visits": 11}}})
    assert visits(facts)["value"] == 30
    assert visits(facts, "2026-07")["value"] == 11


def test_year_of_quarters_and_months_without_overlap():
    rows = {"2026H1": 100, "2026Q1": 40, "2026Q3": 50, "2026-10": 5, "2026-11": 6, "2026-12": 7}
    facts = region({period: {"T01": {"visits": value}} for period, value in rows.items()})
    assert visits(facts, "2026")["value"] == 168  # 100 + 50 + 5 + 6 + 7; the first quarter is inside the half-year


@pytest.mark.parametrize(
    ("period", "status", "value"),
    [
        ("2026Q1", "ok", 1),
        ("2026Q2", "missing", None),  # what stood in May says nothing of the end of June
        ("2026Q3", "ok", 4),  # September's is of the same last day
        ("2025Q4", "ok", 9),
        ("2025Q3", "missing", None),
    ],
)
def test_stock_is_of_the_last_day_and_of_no_earlier_one(period, status, value):
    rows = {"2026Q1": 1, "2026-05": 2, "2026-09": 4, "2025Q4": 9}
    facts = region({when: {"T01": {"signed_residents": number}} for when, number in rows.items()})
    row = run(facts, "reported", {"metric": "signed_residents"}, period=period).loc["A01"]
    assert (row["status"], row["value"]) == (status, value)


def test_member_that_joined_during_the_year_counts_from_joining():
    quarters = {f"2026Q{q}": {"T01": {"visits": 10}, "T02": {"visits": 100}} for q in (1, 2, 3, 4)}
    joined = {"T02": (date(2026, 5, 15), None)}
    row = visits(region(quarters, dates=joined), "2026")
    assert row["value"] == 240  # T01 4 × 10; T02 the quarters that begin after it joined: 2 × 100
    assert visits(region(quarters, dates=joined), "2026", "member", "T02")["value"] == 400  # its own year is whole
    del quarters["2026Q4"]["T02"]
    assert lacking(visits(region(quarters, dates=joined), "2026")["missing"]) == "诊疗人次 (T02, 2026)"
    del quarters["2026Q1"]["T02"]  # before it joined: not needed
    quarters["2026Q4"]["T02"] = {"visits": 100}
    assert visits(region(quarters, dates=joined), "2026")["value"] == 240


def test_member_that_left_counts_until_it_left_and_not_in_stocks():
    quarters = {f"2026Q{q}": {"T01": {"visits": 10}, "T02": {"visits": 100}} for q in (1, 2, 3, 4)}
    left = {"T02": (date(2020, 1, 1), date(2026, 6, 30))}
    assert visits(region(quarters, dates=left), "2026")["value"] == 240  # 4 × 10 + 2 × 100
    stock = region({"2026": {"T01": {"drug_kinds": 5}, "T02": {"drug_kinds": 7}}}, dates=left)
    assert run(stock, "reported", {"metric": "drug_kinds"}, period="2026").loc["A01", "value"] == 5
    assert "T02" not in run(stock, "reported", {"metric": "drug_kinds"}, "member", "2026Q3").index


def test_a_quarter_in_the_middle_of_which_a_member_joined_is_not_missing_for_it():
    rows = {"2026Q3": {"T01": {"visits": 10}, "T02": {"visits": 99}}}
    assert visits(region(rows, dates={"T02": (date(2026, 8, 1), None)}))["value"] == 10
    assert visits(region(rows, dates={"T02": (date(2026, 7, 2), None)}))["value"] == 10
    assert visits(region(rows, dates={"T02": (date(2026, 7, 1), None)}))["value"] == 109  # with its first day


def test_the_first_and_the_last_day_of_a_membership_belong_to_it():
    months = {f"2026-0{month}": {"T01": {"visits": 1}} for month in (7, 8, 9)}
    months["2026-07"]["T02"] = {"visits": 100}
    left = {"T02": (date(2020, 1, 1), date(2026, 7, 1))}
    assert visits(region(months, dates=left))["value"] == 103  # 1 + 1 + 1, and T02's July: it begins on its last day
    assert "T02" in run(region(months, dates=left), "reported", {"metric": "visits"}, "member").index
    gone = {"T02": (date(2020, 1, 1), date(2026, 6, 30))}
    assert visits(region(months, dates=gone))["value"] == 3
    assert "T02" not in run(region(months, dates=gone), "reported", {"metric": "visits"}, "member").index


@pytest.mark.parametrize(
    ("first", "last", "members"),
    [
        (date(2020, 1, 1), date(2026, 9, 30), 2),  # to the period's last day
        (date(2020, 1, 1), date(2026, 9, 29), 1),
        (date(2026, 9, 30), None, 2),  # from that day on
        (date(2026, 10, 1), None, 1),
    ],
)
def test_members_are_counted_on_the_last_day(first, last, members):
    facts = region({"2026Q3": {"T01": {"visits": 1}, "T02": {}}}, units=["T01", "T02"], dates={"T02": (first, last)})
    assert run(facts, "member_count", {"tiers": ["township"]}).loc["A01", "value"] == members
    covered = run(facts, "alliance_coverage", {"tiers": ["township"]}, "district").loc["D01", "value"]
    assert covered == Fraction(members, 2)


@pytest.mark.parametrize(
    ("last", "status", "value"),
    [(date(2026, 9, 30), "missing", None), (date(2026, 9, 29), "ok", 5)],
)
def test_a_stock_is_owed_by_who_is_a_member_on_the_last_day(last, status, value):
    left = {"T02": (date(2020, 1, 1), last)}
    facts = region({"2026Q3": {"T01": {"drug_kinds": 5}, "T02": {}}}, units=["T01", "T02"], dates=left)
    row = run(facts, "reported", {"metric": "drug_kinds"}).loc["A01"]
    assert (row["status"], row["value"]) == (status, value)


def test_district_sums_institutions_outside_alliances_too():
    facts = region({"2026Q3": {"T01": {"visits": 10}, "T02": {"visits": 5}}}, outside=["T02"])
    assert visits(facts, scope="district", unit="D01")["value"] == 15
    assert visits(facts)["value"] == 10


def test_district_figure_goes_before_the_sum():
    rows = {"T01": {"resident_population": 10}, "D01": {"resident_population": 25}}
    people = {"metric": "resident_population"}
    assert run(region({"2026": rows}), "reported", people, "district", "2026").loc["D01", "value"] == 25
    del rows["D01"]
    assert run(region({"2026": rows}), "reported", people, "district", "2026").loc["D01", "value"] == 10


def test_units_that_are_not_asked_are_not_applicable():
    facts = region({"2026Q3": {"T01": {"posting_days": 3}}}, units=["H01"])
    table = run(facts, "posting_days", scope="member")
    assert table.loc["H01", ["status", "value", "missing"]].tolist() == ["not_applicable", None, ()]
    assert table.loc["T01", "value"] == 3


def test_an_alliance_that_states_one_figure_of_its_centres_owes_the_others():
    facts = region({"2026Q3": {"A01": {"key_population": 100}}}, units=["H01"])
    row = run(facts, "key_group_signing_rate").loc["A01"]
    assert (row["status"], lacking(row["missing"])) == ("missing", "签约重点人群数 (A01, 2026Q3)")
    assert run(region({"2026Q3": {}}, units=["H01"]), "key_group_signing_rate").loc["A01", "status"] == "not_applicable"


def test_cells_of_every_number_put_in():
    facts = region(
        {
            "2026Q3": {
                "T01": {"contracts_renewed": 1, "contracts_due": 2},
                "S01": {"contracts_renewed": 1, "contracts_due": 2},
            }
        }
    )
    assert run(facts, "renewal_rate").loc["A01", "cells"] == tuple(f"in.xlsx 事实表!D{row}" for row in (4, 2, 5, 3))


def test_previous_is_a_year_ago_or_the_period_before():
    rows = {"2026Q3": 30, "2026Q2": 20, "2025Q3": 10}
    facts = region({period: {"T01": {"visits": value}} for period, value in rows.items()})
    assert run(facts, "reported", {"metric": "visits"}).loc["A01", "previous"] == 10
    assert run(facts, "reported", {"metric": "visits", "previous": "previous"}).loc["A01", "previous"] == 20
    growth = run(facts, "reported_growth", {"numerator": ["visits"], "previous": "previous"}).loc["A01"]
    assert growth["value"] == Fraction(1, 2)  # (30 − 20) ÷ 20
    assert growth["previous"] is None  # the growth of the second quarter would need the first


def test_a_previous_value_cites_the_cells_it_came_from():
    rows = {"2026Q3": {"T01": {"visits": 30}}, "2025Q3": {"T01": {"visits": 10}}}
    assert visits(region(rows))["cells"] == ("in.xlsx 事实表!D2", "in.xlsx 事实表!D3")
    rows["2025Q3"] = {
        "H01": {"visits": 5}
    }  # T01 lacks it: there is no previous value of the alliance, so no cell of one
    assert visits(region(rows))["previous"] is None
    assert visits(region(rows))["cells"] == ("in.xlsx 事实表!D2",)


def test_what_is_counted_of_the_registers_cites_their_rows():
    facts = region({}, units=("H01", "S01", "T01"), outside=("S01",))
    assert run(facts, "member_count", {"tiers": ["township", "lead"]}).loc["A01", "cells"] == (
        "in.xlsx 成员表!A2",
        "in.xlsx 成员表!A3",
    )
    covered = run(facts, "alliance_coverage", {"tiers": ["township", "community"]}, "district").loc["D01"]
    assert covered["value"] == Fraction(1, 2)  # T01 belongs to A01, S01 to none
    assert covered["cells"] == ("in.xlsx 成员表!A3", "in.xlsx 机构表!A5", "in.xlsx 机构表!A6")
    assert run(facts, "alliance_count", scope="district").loc["D01", "cells"] == ("in.xlsx 机构表!A2",)


def test_a_definition_brackets_what_is_reckoned_and_a_multiplier_is_told():
    facts = region({"2026Q3": {"T01": {"general_practitioners": 12, "resident_population": 30000}}})
    row = run(facts, "gp_per_10k", scope="member").loc["T01"]
    assert (row["numerator"], row["denominator"], row["per"], row["value"]) == (12, 30000, 10000, 4)
    assert row["version"] == "1"
    assert "合格全科医生数 ÷ (常住人口 ÷ 10000);" in definition(known()["gp_per_10k"])
    assert "(本期 − 对比期) ÷ 对比期;" in definition(known()["reported_growth"])
    density = LocalIndicator.model_validate(
        {
            "id": "L1",
            "title": "密度",
            "unit": "人/千人",
            "kind": "per_capita",
            "per": "1000",
            "numerator": ["visits"],
            "denominator": ["residents"],
            "direction": "up",
            "source": "local",
        }
    )
    assert "visits ÷ (residents ÷ 1000); 窗口" in definition(known([density])["L1"])


def test_money_is_exact_yuan():
    facts = region({}, {"2026Q3": {"T01": {"drug_income": "0.01"}, "H01": {"drug_income": "100000000.00"}}})
    assert run(facts, "reported", {"metric": "drug_income"}).loc["A01", "value"] == Fraction(10000000001, 100)


def test_several_documents_of_one_money_item_add_up():
    facts = region({}, {"2026": {"A01": {"pool_amount": "5.00"}}})
    money = pd.concat([facts.money, facts.money.assign(document="二", source="in.xlsx 金额表!D9")], ignore_index=True)
    row = run(replace(facts, money=money), "reported", {"metric": "pool_amount"}, period="2026").loc["A01"]
    assert (row["value"], row["cells"]) == (10, ("in.xlsx 金额表!D2", "in.xlsx 金额表!D9"))


def test_order_of_rows_is_irrelevant():
    rows = {
        p: {u: {"visits": i} for i, u in enumerate(("T01", "T02", "H01"))} for p in ("2026-07", "2026-08", "2026-09")
    }
    facts = region(rows)
    turned = replace(
        facts,
        facts=facts.facts[::-1].reset_index(drop=True),
        institutions=facts.institutions[::-1].reset_index(drop=True),
        memberships=facts.memberships[::-1].reset_index(drop=True),
    )
    one, other = (run(each, "grassroots_visit_share") for each in (facts, turned))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("kind", "extra", "value"),
    [
        ("ratio", {}, Fraction(1, 4)),  # (3 + 7) ÷ 40
        ("coverage", {}, Fraction(1, 4)),
        ("per_capita", {"per": "1000"}, Fraction(250)),
        ("per_capita", {"monthly": True}, Fraction(1, 12)),  # 10 ÷ 40 in the three months of a quarter
        ("growth", {}, Fraction(1, 4)),  # 0.25 against 8 ÷ 40 = 0.2
    ],
)
def test_local_indicators_need_only_facts(kind, extra, value):
    local = LocalIndicator(
        id="local",
        title="本地",
        kind=kind,
        numerator=["up_referrals", "precise_referrals"],
        denominator=["visits"],
        direction="up",
        unit="%",
        source="local",
        **extra,
    )
    now = {"T01": {"up_referrals": 3, "precise_referrals": 7, "visits": 40}}
    before = {"T01": {"up_referrals": 3, "precise_referrals": 5, "visits": 40}}
    wanted = [Wanted("k", "local", {}, "alliance")]
    facts = region({"2026Q3": now, "2025Q3": before})
    table = evaluate(facts, catalogue(), Period.parse("2026Q3"), wanted, [local]).table
    assert table["value"].tolist() == [value]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted("k", "no_such"), "INDICATOR-UNKNOWN"),
        (Wanted("k", "surplus_rate", {}, "member"), "INDICATOR-SCOPE"),
        (Wanted("k", "centre_use", {"centre": "x"}, "alliance"), "INDICATOR-PARAMS"),
        (Wanted("k", "renewal_rate", {"per": "1"}, "alliance"), "INDICATOR-PARAMS"),
        (Wanted("k", "reported", {"metric": "no_such"}), "INDICATOR-FACT"),
    ],
)
def test_what_is_refused(wanted, code):
    with pytest.raises(InputProblems) as caught:
        evaluate(region({"2026Q3": {"T01": {}}}), catalogue(), Period.parse("2026Q3"), [wanted])
    assert [problem.code for problem in caught.value.problems] == [code]


def test_every_problem_at_once():
    wanted = [Wanted("a", "no_such"), Wanted("b", "reported", {"metric": "no_such"}), Wanted("b", "renewal_rate")]
    with pytest.raises(InputProblems) as caught:
        evaluate(region({"2026Q3": {"T01": {}}}), catalogue(), Period.parse("2026Q3"), wanted)
    assert [problem.code for problem in caught.value.problems] == [
        "INDICATOR-UNKNOWN",
        "INDICATOR-FACT",
        "INDICATOR-KEY",
    ]


def test_facts_stated_twice_and_strangers_are_refused():
    facts = region({"2026Q3": {"T01": {"visits": 3}}})
    rows = pd.concat([facts.facts, facts.facts, facts.facts.assign(unit_code="X99")], ignore_index=True)
    with pytest.raises(InputProblems) as caught:
        visits(replace(facts, facts=rows))
    assert [problem.code for problem in caught.value.problems] == ["FACT-UNIT", "FACT-TWICE"]


def test_a_region_without_members_gives_an_empty_table():
    table = evaluate(region({}), catalogue(), Period.parse("2026Q3"), [Wanted("k", "renewal_rate")]).table
    assert table.empty
    assert tuple(table.columns) == COLUMNS


@pytest.mark.parametrize(
    ("change", "code"),
    [({"id": "renewal_rate"}, "LOCAL-INDICATOR-ID"), ({"denominator": []}, "LOCAL-INDICATOR-PARTS")],
)
def test_local_indicators_that_are_refused(change, code):
    entry = {"id": "local", "title": "本地", "kind": "ratio", "numerator": ["visits"], "denominator": ["discharges"]}
    local = LocalIndicator.model_validate(entry | {"direction": "up", "unit": "%", "source": "local"} | change)
    with pytest.raises(InputProblems) as caught:
        known([local])
    assert [problem.code for problem in caught.value.problems] == [code]
