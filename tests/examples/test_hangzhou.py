"""The example of the Xiacheng document: its numeric rules, its three appraisals and its pools, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from domain.period import Period
from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.read import read
from engine.run.run import run
from engine.run.tables import texts
from tests.words import warned

from . import goldens

pytestmark = pytest.mark.xdist_group("examples")  # one worker: each example is computed once

NAME = "hz-xiacheng-2018"
FEN = Decimal("0.01")


def millionths(number: Decimal) -> str:
    return str(number.quantize(Decimal("0.000001"), ROUND_HALF_UP))


def cells(table: str) -> pd.DataFrame:
    return goldens.tables(NAME)[table]


def amounts(pool: str) -> dict[str, Decimal]:
    frame = cells("allocations").query("pool == @pool")
    return {unit: Decimal(amount) for unit, amount in zip(frame["unit_code"], frame["amount"], strict=True)}


def scored(card: str, unit: str) -> dict[str, tuple[str, str]]:
    """Value and score by item, without the letter of the card."""
    frame = cells("scores").query("unit_code == @unit")
    rows = frame[frame["indicator"].str.startswith(f"{card}-")]
    return {
        item[2:]: (value, score)
        for item, value, score in zip(rows["indicator"], rows["value"], rows["score"], strict=True)
    }


def test_every_output_says_that_the_document_is_repealed() -> None:
    assert any("已废止" in said for said in warned(goldens.result(NAME), "PACK-NOT-IN-FORCE"))


def test_the_numeric_rules_by_hand() -> None:
    district = scored("D", "D01")
    # I01 (item N10) signed 11,774 + 9,909 + 9,133 + 8,509 + 7,907 + 5,483 + 10,355 + 3,701 = 66,771 of 110,160 people
    # in the key groups: 60.61%, met
    assert district["N10"] == (millionths(Decimal(66771) / 110160), "8") == ("0.606127", "8")
    # I02 (item N08) 1,469 + 1,196 + 1,127 + 946 + 931 + 490 + 1,269 + 378 = 7,806 of 16,200: 48.19%, missed;
    # 48.1852% ÷ 50% × 8 = 7.709630
    assert district["N08"] == ("0.481852", "7.70963")
    assert millionths(Decimal(7806) / 16200 / Decimal("0.5") * 8) == "7.709630"
    # I03 166 general practitioners for 324,000 residents: 166 ÷ 32.4 = 5.123457
    assert district["I03"] == ("5.123457", "8")
    # I04 8 centres for 9 streets, but 324,000 ÷ 8 = 40,500 residents each, within 30,000 … 100,000
    assert district["I04"] == ("1", "4")
    # I05 324,000 ÷ 76 = 4,263.157895, within 3,000 … 5,000
    assert district["I05"] == ("4263.157895", "4")
    # I06 11 of 11 in S01, 9 of 11 in S04: (9/11 − 0.5) ÷ (1 − 0.5) × 5 = 3.181818
    assert scored("C", "S01")["I06"] == ("1", "5")
    assert scored("C", "S04")["I06"] == ("0.818182", "3.181818")


def test_one_set_of_facts_feeds_three_appraisals() -> None:
    first, second = scored("H", "D01"), scored("D", "D01")
    assert {item: first[item][0] for item in first} == {item: second[item][0] for item in first}
    totals = cells("totals")
    assert sorted(set(totals["scorecard"])) == ["centre-targets", "district-targets", "healthy-district"]
    assert len(totals.query("scorecard == 'centre-targets'")) == 8


def test_a_range_is_printed_as_one_and_a_subsidy_with_its_score() -> None:
    labels = goldens.result(NAME).labels
    items = labels.cards["district-targets"].items
    # 3000 is no target to be reached: 4,263 residents a station is within the range
    assert (items["D-I05"].span, items["D-N07"].span) == ("3000 至 5000", "1% 至 5%")
    assert (items["D-I04"].span, items["D-N08"].span) == ("", "")  # yes or no; one number
    # the subsidy's merit has no score: what is due hangs on the pool's own coefficient
    assert labels.pools["fiscal-subsidy"].scorecard == labels.pools["performance"].scorecard == "centre-targets"
    assert labels.pools["gp-allowance"].scorecard == ""
    own = {pool: label.own for pool, label in labels.pools.items()}
    assert own == {"gp-allowance": True, "performance": False, "fiscal-subsidy": True}


def test_the_allowance_and_the_subsidy_by_hand() -> None:
    # S01 333 person-months × 800.00
    assert amounts("gp-allowance")["S01"] == Decimal("266400.00") == 333 * Decimal(800)
    # S05 89.994658 points, band from 80: 456,093.60 × 0.95. S04 74.684827 points: score/100. S06 below 60: half.
    subsidy = amounts("fiscal-subsidy")
    assert subsidy["S05"] == Decimal("433288.92") == Decimal("456093.60") * Decimal("0.95")
    by_score = Decimal("528002.76") * Decimal("0.74684827")
    assert abs(subsidy["S04"] - by_score) < Decimal("0.01")
    assert subsidy["S06"] == (Decimal("420042.10") / 2).quantize(FEN, ROUND_HALF_UP)
    assert "S08" in subsidy  # a private centre has its subsidy, but no approved total
    assert "S08" not in amounts("performance")


def test_the_performance_pool_by_hand() -> None:
    # Normal growth 6% of 86,022,000 = 5,161,320; 56 trained practitioners × 12,000 = 672,000: applied for 91,855,320.
    # S05 was approved 30,000 less: 91,825,320 × 7% = 6,427,772.40; cash 6,200,000 is less.
    pool = cells("pools").set_index("pool").loc["performance"]
    assert (pool["amount"], pool["undistributed"]) == ("6200000.00", "0.00")
    for step in ("5161320.00", "672000.00", "91855320.00", "6427772.40"):
        assert f"= {step}" in pool["formula"]
    # Merit: S05 89.994658 × (92 heads + 0.3 × 52 who sign) = 89.994658 × 107.6 = 9,683.4252
    frame = cells("allocations").query("pool == 'performance'").set_index("unit_code")
    merit = {unit: Decimal(text) for unit, text in frame["merit"].items()}
    assert abs(merit["S05"] - Decimal("89.994658") * Decimal("107.6")) < Decimal("0.0001")
    # S03 up to its headroom, S04 up to 60% of R = 498,958.43, S07 runs at a loss: 0. The others share what is left.
    got = amounts("performance")
    assert frame["held_by"].to_dict() == {
        "S01": "",
        "S02": "",
        "S03": "wage_cap",
        "S04": "income_cap",
        "S05": "",
        "S06": "",
        "S07": "income_cap",
    }
    assert got["S04"] == Decimal("299375.05")
    assert got["S07"] == 0
    left = Decimal("6200000.00") - got["S03"] - got["S04"]
    whole = sum(merit[unit] for unit in ("S01", "S02", "S05", "S06"))
    assert got["S05"] == (left * merit["S05"] / whole).quantize(FEN, ROUND_HALF_UP) == Decimal("1149596.70")


def test_more_items_than_the_list_has_are_refused(tmp_path: Path) -> None:
    # read as eleven items, 1+10 leaves no room for a twelfth
    book = load_workbook(goldens.EXAMPLES / NAME / "2020.xlsx")
    sheet = book["指标表（社区卫生服务中心）"]
    (heading,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "基本服务包已落实项数"]
    cell = sheet.cell(heading.row + 1, heading.column, 12)
    book.save(tmp_path / "2020.xlsx")
    plan, catalogue, year = (
        load(load_configs(), "demo-hz-xiacheng", date(2020, 12, 31)),
        load_configs().catalogue,
        Period.parse("2020"),
    )
    facts = read(tmp_path / "2020.xlsx", catalogue, plan.plan, year)
    with pytest.raises(InputProblems) as refused:
        run(plan.plan, plan.packs, facts, catalogue, year, batch=True)
    (problem,) = refused.value.problems
    assert problem.code == "LIST-OVERFULL"
    assert f"!{cell.coordinate}" in problem.where
    assert problem.message == "基本服务包已落实项数 12 大于方案所定清单项数 11"


def test_an_allowance_held_back_from_one_goes_to_nobody_else() -> None:
    # S03 has 249 person-months × 800 = 199,200.00 due, but only 100,000.00 of its approved total left
    plan, catalogue, year = (
        load(load_configs(), "demo-hz-xiacheng", date(2020, 12, 31)),
        load_configs().catalogue,
        Period.parse("2020"),
    )
    facts = read(goldens.EXAMPLES / NAME / "2020.xlsx", catalogue, plan.plan, year)
    money = facts.money.copy()
    paid = (money["unit_code"] == "S03") & (money["item"] == "quota_paid")
    approved = money.loc[(money["unit_code"] == "S03") & (money["item"] == "quota_approved"), "amount"].sum()
    money.loc[paid, "amount"] = approved - 100_000_00
    tables = texts(run(plan.plan, plan.packs, replace(facts, money=money), catalogue, year))
    frame = tables["allocations"].query("pool == 'gp-allowance'").set_index("unit_code")
    due = {unit: Decimal(yuan) for unit, yuan in frame["merit"].items()}
    assert due["S03"] == Decimal("199200.00")
    expected = {**due, "S03": Decimal(100000)}
    assert {unit: Decimal(amount) for unit, amount in frame["amount"].items()} == expected
    assert frame["held_by"].to_dict() == dict.fromkeys(expected, "") | {"S03": "wage_cap"}
    pool = tables["pools"].set_index("pool").loc["gp-allowance"]
    assert pool["undistributed"] == "99200.00"
    assert "99200.00 元 (封顶于绩效工资总量余额), 结转下期" in pool["formula"]
