"""The Jilin City example: what its five forms of alliance come to, some of it worked out by hand."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from engine.report.workbook import write_report
from tests.words import warned

from . import goldens

pytestmark = pytest.mark.xdist_group("examples")  # one worker: each example is computed once

NAME = "jilin-city-2017"
FEN = Decimal("0.01")


def cells(table: str) -> pd.DataFrame:
    return goldens.tables(NAME)[table]


def score(unit: str, item: str) -> tuple[str, str]:
    row = cells("scores").query("unit_code == @unit and indicator == @item").iloc[0]
    return str(row["value"]), str(row["score"])


def test_five_forms_are_scored_on_one_card() -> None:
    totals = cells("totals").query("scorecard == 'alliance'").set_index("unit_code")["score"]
    assert {code[:2] for code in totals.index} == {"AG", "AM", "AK", "AZ", "AN"}
    assert len(totals) == 1 + 6 + 7 + 6 + 1
    # 远程医疗协作网: 章程 (dimension of 30) and coverage (dimension of 40) are all that is asked; the third dimension's
    # 30 go to them in proportion: 100 × 30 ÷ 70 and 100 × 40 ÷ 70
    items = cells("scores").query("unit_code == 'AN1' and full_marks != ''").set_index("indicator")["full_marks"]
    assert items.to_dict() == {"N01": "42.857143", "I13": "57.142857"}


def test_all_nine_named_items_are_on_the_card() -> None:
    rules = set(cells("scores").query("unit_code == 'AM1'")["rule"])
    # 技术辐射带动情况 (N04) is measured by the rule on weekend experts
    assert {f"jilin-city-2017:JL-N0{at}" for at in (1, 2, 3, 5, 6, 7, 8, 9)} <= rules
    assert "jilin-city-2017:JL-I10" in rules


def test_a_county_hospital_below_another_alliance_counts_in_its_own_only() -> None:
    # AZ1: the cancer hospital alone sent 220 experts on 104 days, the county hospitals below it hundreds to their towns
    value, points = score("AZ1", "N04")
    assert value == "2.115385"  # 220 ÷ 104
    assert points == "16.591252"  # 220 ÷ 104 ÷ 3 × 23.529412
    assert score("AG1", "N04")[0] == "8.019231"  # 834 ÷ 104, the provincial hospital's
    assert score("AG1", "I05")[0] == "0.140935"  # 8,225 ÷ 7,209 − 1
    assert score("AK6", "I09")[0] == "1"  # nobody is posted to 示例一县中医院, which leads
    # K11 leads AK6 and answers for what it posts to T13; nobody below K04 but T42 lacks a manager: its points are lost
    assert score("K11", "B04") == ("1", "30")
    assert score("K04", "B04") == ("0", "0")
    asked = cells("scores").query("unit_code == 'T42' and indicator == 'B04'").iloc[0]
    assert (asked["value"], asked["full_marks"]) == ("", "")  # the township loses nothing for it


def test_referring_down_is_rewarded() -> None:
    # AM1, 450,120 yuan: M01 referred 3,477 down, S01 received 328 of them, 6 each = 1,968: 450,120 × 3,477 ÷ 5,445
    rows = cells("allocations").query("pool == 'referral' and alliance_code == 'AM1'").set_index("unit_code")
    assert rows["merit"].to_dict() == {"M01": "3477", "S01": "1968"}
    assert rows["amount"].to_dict() == {"M01": "287432.00", "S01": "162688.00"}


def test_a_background_formula_that_decides_is_named() -> None:
    assert any("JL-N09" in said for said in warned(goldens.result(NAME), "BACKGROUND-ACCEPTED"))


def test_a_hospital_in_several_alliances_is_paid_in_one() -> None:
    frame = cells("allocations").query("unit_code == 'K01'")
    assert set(frame["alliance_code"]) == {"AK1"}
    assert sorted(frame["pool"]) == ["performance", "subsidy", "surplus"]
    assert cells("permits").query("unit_code == 'K01' and line == 'r'").shape[0] == 1
    assert set(cells("pools")["alliance_code"].str[:2]) == {"AM", "AK"}


def test_the_city_and_a_county_by_hand() -> None:
    assert score("D00", "Q01") == ("1", "20")  # 12 of 12 hospitals
    # 8,366,000 ÷ 9,400,000 = 0.89; (0.89 − 0.8) ÷ (0.9 − 0.8) × 20 = 18
    assert score("D00", "Q02") == ("0.89", "18")
    assert [score("D00", item)[0] for item in ("Q04", "Q05", "Q06")] == ["6", "6", "6"]
    # 示例一县: the county hospital's and the 中医院's community; 示例三县 has one: 1 ÷ 2 × 10
    assert score("D01", "R02") == ("2", "10")
    assert score("D03", "R02") == ("1", "5")
    # 示例五县: 县医院, two township hospitals, two clinics, one of them outside: 4 ÷ 5 × 20
    assert score("D05", "R01") == ("0.8", "16")
    # S72 (0.290 over three years, 0.170 in 2018) leaves the first five, K80 (0.185) comes in; nothing left 示例四县
    assert score("D01", "R05") == ("1", "25")
    assert score("D04", "R05") == ("0", "0")
    assert score("D04", "R06")[1] == "0"


def test_the_overspend_by_hand() -> None:
    # AM4: 1,044 heads × 70,000 = 73,080,000 budget, 2,600,000 over; M04 caused 310,000, so 2,290,000 to share
    budget, rest = Decimal(73_080_000), Decimal(2_290_000)
    first = budget * Decimal("0.02")
    part = first * Decimal("0.3") + (rest - first) * Decimal("0.5")
    assert part == Decimal("852680")
    # M04's down rate 6.53% ≥ 6.4%: half of its part, 426,340, but at most 0.5% of the budget, 365,400
    assert min(part / 2, (budget * Decimal("0.005")).quantize(FEN, ROUND_FLOOR)) == Decimal("365400")
    rows = cells("overspend").set_index(["unit_code", "line"])["amount"].map(Decimal)
    assert rows["AM4", "overspend"] == Decimal(2_600_000)
    assert (rows["M04", "unreasonable"], rows["M04", "share"]) == (Decimal(-310_000), -part)
    assert rows["M04", "relief"] == Decimal(365_400)
    assert rows["M04", "borne"] == Decimal(-797_280)
    assert rows["AM4", "fund"] == Decimal(2_600_000 - 797_280)
    # K03's 6.2% is below the threshold, and the grassroots bear only what they caused
    assert rows["K03", "relief"] == 0
    assert {unit for unit, line in rows.index if line == "borne"} == {"K03", "T32", "M04"}
    assert ("T32", "share") not in rows.index
    surplus = cells("pools").query("pool == 'surplus'").set_index("alliance_code")["amount"]
    assert (surplus["AM4"], surplus["AK3"]) == ("0.00", "0.00")


def test_a_proposal_without_a_decision_is_marked() -> None:
    decisions = cells("overspend").groupby("alliance_code")["decision"].unique()
    assert [list(decisions[code]) for code in ("AM4", "AK3")] == [["示例医保决〔2019〕2号"], ["未决定, 只供测算"]]
    assert [said for said in warned(goldens.result(NAME), "OVERSPEND-UNDECIDED") if "AK3" in said]


def test_a_subsidy_follows_the_score_and_goes_to_nobody_else() -> None:
    # M04: 980 heads × 900 linked; score between 60 and 90 pays score/100 of it
    total = cells("totals").query("unit_code == 'M04' and scorecard == 'member'").iloc[0]["score"]
    got = cells("allocations").query("pool == 'subsidy'").set_index("unit_code")["amount"].map(Decimal)
    assert abs(got["M04"] - Decimal(882_000) * Decimal(total) / 100) < FEN
    assert got["K01"] == Decimal(690 * 900)  # a score of 90 or more pays all
    assert set(cells("pools").query("pool == 'subsidy'")["undistributed"]) == {"0.00"}


def test_the_alliance_holds_one_quota() -> None:
    held = cells("allocations").query("pool == 'performance'").set_index("unit_code")["held_by"]
    assert held["K02"] == "wage_cap"
    assert held["T31"] == "income_cap"  # loses money
    lines = cells("permits").query("line == 'r'").set_index("unit_code")["amount"].map(Decimal)
    assert lines["T31"] == 0 < lines["K01"]


def test_the_report_prints_the_statement(tmp_path: Path) -> None:
    write_report(goldens.result(NAME), tmp_path / "report.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx")["超支分担表"]
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    assert [
        11,
        "示例三县示例二镇卫生院（T32）",
        "自身不合理支出",
        "认定的不合理支出, 由造成的单位承担, 记为负数",
        -5000,
    ] in rows
    assert any("决定：示例医保决〔2019〕2号" in str(row[0]) for row in rows if row)
    assert ["由医保基金承担（大写）", "人民币壹佰捌拾万贰仟柒佰贰拾元整"] in rows
