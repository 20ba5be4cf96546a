"""The Beijing example: three tiers of appraisal, the fee of three payers and 增、奖、补, worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from api import cli
from domain.money import format_yuan
from domain.period import Period
from engine.folder.explain import explain
from engine.folder.story_text import say
from engine.ledger.make import make_ledger
from engine.policy.configs import load_configs
from engine.policy.load import load, load_pack
from engine.read import read

from . import goldens

pytestmark = pytest.mark.xdist_group("examples")  # one worker: each example is computed once

NAME = "beijing-2021"
PAYERS = ("insurance", "public-health", "residents")


def table(name: str) -> pd.DataFrame:
    return goldens.tables(NAME)[name]


def paid(pool: str) -> dict[str, Decimal]:
    rows = table("allocations").query("pool == @pool")
    return {unit: Decimal(amount) for unit, amount in zip(rows["unit_code"], rows["amount"], strict=True)}


def item(unit: str, code: str) -> pd.Series:
    return table("scores").query("unit_code == @unit and indicator == @code").iloc[0]


def test_city_districts_and_institutions_have_cards_of_their_own() -> None:
    cards = table("totals").groupby("scorecard")["unit_code"].apply(list)
    assert cards["city"] == ["D00"]
    assert cards["district"] == ["D01", "D02", "D03", "D04"]
    assert set(cards["centre"]) & set(cards["hospital"]) == set()
    assert {unit[0] for unit in cards["centre"]} == {"S"}


def test_the_city_by_hand() -> None:
    # 三个区落地, 山区差一项: 3 ÷ 4 × 8 分
    assert (item("D00", "C01")["value"], item("D00", "C01")["score"]) == ("0.75", "6")
    # 城六区 (三个中心城区) 都开展上门护理; 全市 4 个区中 3 个
    assert (item("D00", "C03")["score"], item("D00", "C04")["score"]) == ("5", "3.75")
    # 46 项: 47 以下 1 项, 1 − 1 ÷ 8 = 0.875, × 5 分
    assert item("D00", "C05")["score"] == "4.375"
    # 中心 9 + 8 + 8 + 5 = 30, 街道 31: 30 ÷ 31 × 5 = 4.838710
    assert item("D00", "C06")["score"] == "4.83871"
    # 四个季度 1、2、1、1 次: 最少 1 次
    assert (item("D00", "C10")["value"], item("D00", "C10")["score"]) == ("1", "5")
    # 示例三区两类标准不同 (110、100), 没有统一标准
    assert (item("D03", "D08")["value"], item("D03", "D08")["score"]) == ("0", "0")
    assert item("D01", "D08")["score"] == "10"


def test_common_diseases_cost_a_second_level_hospital_points() -> None:
    # 山区二院门诊 52% 是常见病: (0.52 − 0.60) ÷ (0.30 − 0.60) = 0.8 ÷ 3; 该维度只评这一项, 30 × 0.8 ÷ 3 = 8
    assert (item("K04", "H04")["full_marks"], item("K04", "H04")["score"]) == ("30", "8")
    # 三区二院 28.6%, 不到三成: 满分. 得分高的拿得多: 挂钩经费 285 万元 × 89.303922%
    assert item("K03", "H04")["score"] == "30"
    assert paid("hospital-linked")["K03"] == Decimal("2545161.93")
    # 与绩效工资挂钩, 在总量之内: K04 应拨 3000000.19 × 68.4% = 2052000.13,
    # 余额 7640 万 − 7440 万 − 0.41 = 1999999.59, 余下 52000.54 退回
    pool = table("pools").query("pool == 'hospital-linked' and alliance_code == 'A04'").iloc[0]
    assert (pool["amount"], pool["distributed"], pool["undistributed"]) == ("2052000.13", "1999999.59", "52000.54")
    assert table("allocations").query("unit_code == 'K04'").iloc[0]["held_by"] == "wage_cap"
    # 投放号源比例与上年持平的不得分
    assert item("A03", "A02")["score"] == "0"
    assert Decimal(item("A01", "A02")["score"]) == 30


def test_the_ledger_says_how_often_in_the_document_s_words() -> None:
    loaded = load(load_configs(), "demo-beijing", date(2022, 12, 31))
    period = Period.parse("2022")
    facts = read(
        goldens.EXAMPLES / "beijing-2021" / "2022.xlsx", load_configs().catalogue, loaded.plan, period, loaded.packs
    )
    made = make_ledger(loaded.plan, loaded.packs, facts, load_configs().catalogue, date(2022, 10, 1), period, within=30)
    lines = {line.id: line for line in made.lines}
    assert [lines[one].demand for one in ("BJ-D21", "BJ-D25", "BJ-D28")] == ["定期", "每季度", "每两年"]
    # in place by the end of 2021, whose last quarter has no meeting; of 2022 three quarters are over and have one each
    assert lines["BJ-D25"].state_text == "2021年第4季度 逾期 274 天, 3/4 期"
    assert lines["BJ-D25"].notes == (
        "没有完成的期: 2021年第4季度",
        "填报完成日期 2022-12-20 在台账日期之后, 未计",
    )
    # the campaign of 2020 and 2021 was held; the next is due by the end of 2023
    assert (lines["BJ-D28"].state, lines["BJ-D28"].state_text) == ("not_due", "2022—2023年 还有 456 天, 1/1 期")
    # 定期 names no interval, so that none is missed
    assert lines["BJ-D21"].state_text == "持续 (最近 2021-12-30)"
    # every clause ends with those who answer for it; the preface, which names two items, has no such line
    assert [line.id for line in lines.values() if not line.owner] == ["BJ-N01", "BJ-N02"]
    assert lines["BJ-I02"].owner == lines["BJ-S08"].owner == "市卫生健康委、市中医局、市医管中心、各区政府"
    # the campaign is held once in two years, and was
    assert lines["BJ-I10"].state == "done"


def test_a_story_says_of_which_pool_a_step_is(tmp_path: Path) -> None:
    data = goldens.EXAMPLES / "beijing-2021" / "2022.xlsx"
    assert cli.main(["run", "demo-beijing", str(data), "--period", "2022", "--out", str(tmp_path / "run")]) == 0
    said = say(explain(tmp_path / "run", "S22"), full=True).splitlines()
    steps = [line.partition(" = ")[0] for line in said if line.startswith("【资金池】应付签约服务费")]
    assert len(steps) == len(set(steps)) == 6
    assert "【资金池】应付签约服务费 (签约服务费（医保基金）人员部分)" in steps
    # the district D01 and the item D01 of the districts' card are two things
    scores = [line for line in say(explain(tmp_path / "run", "D01")).splitlines() if line.startswith("【得分】")]
    assert len(scores) == 1 + 11
    assert [line for line in scores if not line.startswith("【得分】示例一区 ")] == []
    assert len(explain(tmp_path / "run", "D01", indicator="D02").stories) == 1


def test_prices_are_yuan_a_time() -> None:
    prices = {
        price.id: (format_yuan(price.amount), price.unit) for price in load_pack(load_configs(), "beijing-2021").prices
    }
    assert [prices[f"BJ-P0{at}"] for at in range(1, 8)] == [
        (amount, "次") for amount in ("60.00", "70.00", "80.00", "50.00", "80.00", "1.00", "1.00")
    ]


def test_the_signing_fee_by_hand() -> None:
    # S22: 签约 49000 × 740 × 52 ÷ 100000 = 18855 人, 226260 − 150 = 226110 人月 = 18842.5 人年, × 100 元 = 1884250.00
    #   医保 60%: 1130550.00; 得分 65.25 在 60 至 80: × 0.9 = 1017495.00, 扣减 113055.00 退回医保
    #     人员 70%: 712246.50, 机构 305248.50
    #   公卫 30%: 565275.00 × 0.9 = 508747.50; 人员 356123.25, 机构 152624.25
    #   居民 10%: 188425.00, 不扣; 人员 131897.50, 机构 56527.50
    by_hand = {
        "insurance": ("712246.50", "305248.50"),
        "public-health": ("356123.25", "152624.25"),
        "residents": ("131897.50", "56527.50"),
    }
    for payer in PAYERS:
        got = tuple(str(paid(f"fee-{payer}-{part}")["S22"]) for part in ("staff", "rest"))
        assert got == by_hand[payer]
    # what all payers paid and what went back make up the fee
    assert sum(paid(f"fee-{payer}-{part}")["S22"] for payer in PAYERS for part in ("staff", "rest")) + Decimal(
        "113055.00"
    ) + Decimal("56527.50") == Decimal("1884250.00")


def test_the_district_s_score_decides_the_city_s_subsidy() -> None:
    # 示例一区 94.05 分, 90 以上全拨: S11 61000 × 6.00 + 0.07
    assert item("D01", "D08")["score"] == "10"
    assert paid("district-linked")["S11"] == Decimal("366000.07")
    # 示例三区没有统一标准, 这一项 0 分: 75.612432 分, 按得分拨: S31 (52000 × 6.00 + 0.07) × 75.612432%
    score = Decimal(table("totals").query("unit_code == 'D03'").iloc[0]["score"])
    assert score == Decimal("75.612432")
    assert abs(paid("district-linked")["S31"] - Decimal("312000.07") * score / 100) < Decimal("0.01")
    # 同一个区的各家系数相同, 与本机构的得分 (S23 47 分) 无关: 示例二区 81.925405
    assert abs(paid("district-linked")["S23"] - Decimal("108000.07") * Decimal("0.81925405")) < Decimal("0.01")


def test_each_payer_has_its_own_pools_and_gets_its_cut_back() -> None:
    funds = {pool: label.document for pool, label in goldens.result(NAME).labels.pools.items()}
    assert [funds[f"fee-{payer}-staff"] == funds[f"fee-{payer}-rest"] for payer in PAYERS] == [True] * 3
    assert len({funds[f"fee-{payer}-staff"] for payer in PAYERS}) == 3
    formula = table("pools").query("pool == 'fee-insurance-staff' and alliance_code == 'A02'").iloc[0]["formula"]
    # S22 113055.00 and S23, below 60: 18000 × 680 × 52 ÷ 100000 = 6364 人, 76368 − 414 = 75954 人月, 632950.00;
    #   60%: 379770.00 × 0.3 = 113931.00
    assert "扣减, 退回支付方 = 本支付方应付 − 考核后应付 = 226986.00" in formula


def test_growth_reward_and_subsidy_by_hand() -> None:
    rows = table("allocations").query("pool == 'growth' and unit_code == 'S13'").iloc[0]
    # 增: S13 核定 91 × 13 万 × 1.05 = 12421500.00, 已发 99% + 73.49 = 12297358.49, 余 124141.51
    assert (rows["amount"], rows["held_by"]) == ("124141.51", "wage_cap")
    # 年中加入的按 6 个月: 得分 59.238806 × 48 人 ÷ 2
    half = table("allocations").query("pool == 'growth' and unit_code == 'S32'").iloc[0]
    assert abs(Decimal(half["merit"]) - Decimal("59.238806") * 24) < Decimal("0.0001")
    # 奖: 不到 60 分的没有
    assert [unit for unit, amount in paid("signing-reward").items() if amount == 0] == ["S23", "S32", "S42"]
    # 补: A01 三家都按等次系数 × 人口: 1.2 × 61000 + 1.2 × 54000 + 1.1 × 47000 = 189700; S13 51700 ÷ 189700 × 559800.71
    share = Decimal("559800.71") * Decimal(51700) / Decimal(189700)
    assert abs(paid("graded-subsidy")["S13"] - share) < Decimal("0.01")


def test_services_at_the_document_s_prices_by_hand() -> None:
    # S11, 61000 residents: 549 × 60 + 244 × 70 + 61 × 80 + 1037 × 50 + 366 × 80
    # = 32940 + 17080 + 4880 + 51850 + 29280 = 136030; 67100 visits of signed elderly × 1 yuan
    assert paid("home-services")["S11"] == Decimal("136030.00")
    assert paid("signed-elderly")["S11"] == Decimal("67100.00")
    # 6300 − 470 = 5830 referrals to the core hospital, 3900 + 130 = 4030 to the second
    assert {unit: paid("referred-elderly")[unit] for unit in ("H01", "K01")} == {
        "H01": Decimal("5830.00"),
        "K01": Decimal("4030.00"),
    }
