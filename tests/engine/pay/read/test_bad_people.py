"""Every bad input of the tables of people: its exact code and cell, and nothing else is told."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import pytest

from domain.pay import Pay
from domain.problems import InputProblems
from tests.sheets import put, write_xlsx


class Case(NamedTuple):
    """Cells put in, sheets left out; what is told, as "sheet!cell CODE" in the order of the input."""

    put: dict[str, Any]
    told: list[str]
    drop: tuple[str, ...] = ()
    pay: str = ""


CASES: dict[str, Case] = {
    # who people are
    "check digit": Case({"人员表!D2": "110105194912310021"}, ["人员表!D2 PAY-ID"]),
    "no such day of birth": Case({"人员表!D2": "110105194913310027"}, ["人员表!D2 PAY-ID"]),
    "fifteen digits": Case({"人员表!D2": "110105491231002"}, ["人员表!D2 PAY-ID"]),
    "ID number blank": Case({"人员表!D2": ""}, ["人员表!D2 VALUE-MISSING"]),
    "ID number as a number": Case({"人员表!D3": 440524188001010014}, ["人员表!D3 CODE"]),
    "name like a formula": Case({"人员表!B2": "=赵一"}, ["人员表!B2 TABLE-NAME"]),
    "one ID, two codes": Case({"人员表!D5": "11010519491231002x"}, ["人员表!D5 PAY-ID-TWICE"]),
    "one ID, called a passport": Case(
        {"人员表!C5": "护照", "人员表!D5": "11010519491231002X"}, ["人员表!D5 PAY-ID-TWICE"]
    ),
    "one passport, two codes": Case(
        {"人员表!C5": "护照", "人员表!D5": "E12345678"}, ["人员表!D5 PAY-ID-TWICE"]
    ),
    "person twice": Case({"人员表!A6": "N01", "人员表!B6": "赵一", "人员表!C6": "护照", "人员表!D6": "E2"},
                         ["人员表!A6 DUPLICATE"]),
    "person of a post unknown": Case({"任职表!B2": "N09"}, ["任职表!B2 PERSON-UNKNOWN"]),
    "person of an account unknown": Case({"账户表!A2": "N09"}, ["账户表!A2 PERSON-UNKNOWN"]),
    "no people though taxed here": Case({}, ["input.xlsx TABLE-MISSING"], drop=("人员表",)),
    # posts
    "no posts": Case({}, ["input.xlsx TABLE-MISSING"], drop=(
        "任职表", "出勤表", "假期表", "个人考核表", "科室考核表", "专项表", "停减发表")),
    "post ends before it begins": Case({"任职表!N3": "2026-06-30"}, ["任职表!N3 PAY-POST-DATES",
                                                                     "出勤表!D3 PAY-ATT-RANGE", "假期表!D3 PAY-LEFT"]),
    "no such day": Case({"任职表!N2": "2026.9.31"}, ["任职表!N2 DATE"]),
    "shares above what is allowed": Case({"任职表!L4": 1, "任职表!L6": "0.6"}, ["任职表!L6 PAY-SHARE-SUM"]),
    "a share above 1": Case({"任职表!L2": 1.2}, ["任职表!L2 PAY-SHARE-SUM"]),
    "shares above 1 where nothing allows it": Case(
        {"任职表!L6": "0.51"}, ["任职表!L6 PAY-SHARE-SUM"], pay="one post"
    ),
    "no share": Case({"任职表!L2": 0}, ["任职表!L2 RANGE"]),
    "role unknown": Case({"任职表!G2": "帮工"}, ["任职表!G2 ROLE"]),
    "tax kind unknown": Case({"任职表!O2": "奖金"}, ["任职表!O2 TAX-KIND"]),
    "tax kind blank": Case({"任职表!O2": ""}, ["任职表!O2 VALUE-MISSING"]),
    "coefficient missing": Case({"任职表!K2": ""}, ["任职表!K2 VALUE-MISSING"]),
    "coefficient below 0": Case({"任职表!K2": -1}, ["任职表!K2 NEGATIVE"]),
    "team missing": Case({"任职表!F2": ""}, ["任职表!F2 PAY-TEAM-EMPTY"]),
    "post twice": Case({"任职表!A3": "P01"}, ["任职表!A3 DUPLICATE", "出勤表!B3 POST-UNKNOWN",
                                              "假期表!B3 POST-UNKNOWN", "个人考核表!B3 POST-UNKNOWN",
                                              "停减发表!B2 POST-UNKNOWN"]),
    "rehired without a document": Case({"任职表!P6": ""}, ["任职表!P6 PAY-LABOUR-NO-DOCUMENT"]),
    "rehired, taxed as wages without a document": Case(
        {"任职表!P6": "", "任职表!O6": "工资薪金"}, ["任职表!P6 PAY-LABOUR-NO-DOCUMENT"]
    ),
    "labour of somebody employed": Case({"任职表!O2": "劳务报酬"}, ["任职表!P2 PAY-LABOUR-NO-DOCUMENT"]),
    "head under another post": Case({"任职表!B2": "N04", "任职表!L2": "0.5"},
                                    ["任职表!G2 PAY-HEAD-SHARES"]),
    "column of posts missing": Case({"任职表!L1": ""}, ["任职表 COLUMN-MISSING", "任职表!L2 COLUMN-UNKNOWN"]),
    "two posts under a cap that is whole": Case(
        {"任职表!B6": "N01", "任职表!C6": "T01", "任职表!L2": "0.5", "任职表!L6": "0.5"},
        ["任职表!A6 PAY-CAP-POSTS"],
        pay="cap",
    ),
    # attendance and leave
    "attendance missing": Case({"出勤表!B3": "P05"}, ["任职表!A3 PAY-ATT-MISSING"]),
    "attendance blank": Case({"出勤表!C3": "", "出勤表!D3": ""}, ["出勤表!D3 PAY-ATT-MISSING"]),
    "half of attendance blank": Case({"出勤表!C3": ""}, ["出勤表!C3 PAY-ATT-MISSING"]),
    "half of an attendance that nobody needs": Case(
        {"出勤表!A5": "2026Q3", "出勤表!B5": "P04", "出勤表!C5": 66}, ["出勤表!D5 VALUE-MISSING"]
    ),
    "no table of attendance": Case({}, ["任职表!A2 PAY-ATT-MISSING", "任职表!A3 PAY-ATT-MISSING",
                                        "任职表!A4 PAY-ATT-MISSING"], drop=("出勤表",)),
    "days below 0": Case({"出勤表!D2": -1}, ["出勤表!D2 PAY-ATT-RANGE"]),
    "more days than are due": Case({"出勤表!D2": 66.5}, ["出勤表!D2 PAY-ATT-RANGE"]),
    "more days than the post has": Case({"出勤表!D3": 63}, ["出勤表!D3 PAY-ATT-RANGE"]),
    "more days due than the period has": Case({"出勤表!C2": 93}, ["出勤表!C2 PAY-ATT-RANGE"]),
    "no days due": Case({"出勤表!C2": 0, "出勤表!D2": 0}, ["出勤表!C2 PAY-ATT-RANGE", "假期表!D2 PAY-ATT-RANGE"]),
    "more leave than days": Case({"假期表!D3": 44}, ["假期表!D3 PAY-ATT-RANGE"]),
    "leave longer than the post": Case({"假期表!D3": 63}, ["假期表!D3 PAY-LEFT"]),
    "kind of leave without a rule": Case({"假期表!C2": "婚假"}, ["假期表!C2 PAY-LEAVE-KIND"]),
    "post of a leave unknown": Case({"假期表!B2": "P99"}, ["假期表!B2 POST-UNKNOWN"]),
    "leave twice": Case({"假期表!B3": "P01", "假期表!C3": "病假"}, ["假期表!C3 DUPLICATE"]),
    # what was measured
    "score blank": Case({"个人考核表!D2": ""}, ["个人考核表!D2 PAY-SCORE-MISSING"]),
    "no row of scores": Case({"个人考核表!B4": "P05", "个人考核表!D4": "", "个人考核表!B5": "P05", "个人考核表!E5": "",
                              "个人考核表!F5": ""}, ["任职表!A4 PAY-SCORE-MISSING"]),
    "second quantity blank": Case({"个人考核表!F2": "－"}, ["个人考核表!F2 PAY-SCORE-MISSING"]),
    "score is a word": Case({"个人考核表!D2": "优秀"}, ["个人考核表!D2 NUMBER"]),
    "score as percent": Case({"个人考核表!D2": "95%"}, ["个人考核表!D2 NUMBER"]),
    "score below 0": Case({"个人考核表!D2": -5}, ["个人考核表!D2 NEGATIVE"]),
    "measure unknown": Case({"个人考核表!E1": "药品收入"}, [
        "个人考核表!E1 COLUMN-UNKNOWN"]),
    "score of a head": Case({"个人考核表!A6": "2026Q3", "个人考核表!B6": "P04", "个人考核表!D6": 99},
                            ["个人考核表!D6 PAY-HEAD-SHARES"]),
    "score of a rehired": Case({"个人考核表!D5": 99}, ["个人考核表!D5 PAY-LABOUR-SHARES"]),
    "score of the team blank": Case({"科室考核表!E3": ""}, ["科室考核表!E3 PAY-SCORE-MISSING"]),
    "team has no figures": Case({"科室考核表!C3": "内科一"}, [
        "任职表!F4 PAY-SCORE-MISSING", "任职表!F4 PAY-SCORE-MISSING", "科室考核表!C3 PAY-TEAM-EMPTY"]),
    "team without people": Case({"科室考核表!A4": "2026Q3", "科室考核表!B4": "T01", "科室考核表!C4": "外科",
                                 "科室考核表!D4": 1, "科室考核表!E4": 90}, ["科室考核表!C4 PAY-TEAM-EMPTY"]),
    "hold without a document": Case({"停减发表!E2": ""}, ["停减发表!E2 PAY-HOLD-NO-DOCUMENT"]),
    "hold above 1": Case({"停减发表!C2": 1.5}, ["停减发表!C2 RANGE"]),
    # earmarks
    "earmark twice": Case({"专项表!D4": "2026-07-31"}, ["专项表!C4 PAY-EARMARK-TWICE"]),
    "earmark twice over two institutions": Case(
        {"任职表!H6": "合同", "任职表!O6": "工资薪金", "专项表!B4": "P05", "专项表!D4": "2026-07-31"},
        ["专项表!C4 PAY-EARMARK-TWICE"]),
    "earmark of one post twice": Case({"专项表!C3": "夜班费", "专项表!C4": "night", "专项表!E3": 8, "专项表!E4": 8,
                                       "专项表!D4": "2026-07-31"},
                                      ["专项表!C4 PAY-EARMARK-TWICE"]),
    "earmark above its most": Case({"专项表!E4": 47}, ["专项表!E4 PAY-EARMARK-MAX"]),
    "earmark before the post": Case({"专项表!D3": "2026-06-30"}, ["专项表!D3 PAY-LEFT"]),
    "earmark after the post": Case({"专项表!B4": "P02", "专项表!D4": "2026-09-01"}, ["专项表!D4 PAY-LEFT"]),
    "earmark reaching beyond the post": Case({"专项表!B4": "P02", "专项表!F4": "2026-09-01"}, ["专项表!F4 PAY-LEFT"]),
    "earmark of a head": Case({"专项表!B2": "P04"}, ["专项表!C2 PAY-HEAD-SHARES"]),
    "earmark of a rehired": Case({"专项表!B2": "P05"}, ["专项表!C2 PAY-LABOUR-SHARES"]),
    "earmark unknown": Case({"专项表!C2": "高温费"}, ["专项表!C2 ITEM-UNKNOWN"]),
    "earmark that no pool pays": Case({"专项表!C2": "loose"}, ["专项表!C2 ITEM-UNKNOWN"]),
    "earmark ends before it begins": Case({"专项表!F2": "2026-06-30"}, ["专项表!F2 DATE"]),
    "earmark of another period's days": Case({"专项表!D2": "2026-10-01", "专项表!F2": ""}, ["专项表!D2 DATE"]),
    "quantity below 0": Case({"专项表!E2": -1}, ["专项表!E2 NEGATIVE"]),
    # amounts
    "pool unknown": Case({"机构发放额!C2": "perform"}, ["机构发放额!C2 PAY-POOL-UNNAMED"]),
    "amount twice": Case({"机构发放额!C3": "performance"}, ["机构发放额!C3 DUPLICATE"]),
    "three decimals": Case({"机构发放额!D2": "1.005"}, ["机构发放额!D2 MONEY-DECIMALS"]),
    "amount below 0": Case({"机构发放额!D2": -1}, ["机构发放额!D2 NEGATIVE"]),
    "a later period": Case({"机构发放额!A5": "2026Q4"}, ["机构发放额!A5 PERIOD-LATER"]),
    "a month of the period": Case({"机构发放额!A5": "2026-07"}, ["机构发放额!A5 PERIOD"]),
    "balance of a later year": Case({"递延余额表!A2": "2027"}, ["递延余额表!A2 PERIOD-LATER"]),
    # tax and cases
    "tax of another month": Case({"个税累计表!A2": "2026-09"}, ["个税累计表!A2 TAX-MONTH"]),
    "deductions of another month": Case({"代扣表!A2": "2026年9月"}, ["代扣表!A2 TAX-MONTH"]),
    "first job of another year": Case({"个税累计表!E3": "2025-12-31"}, ["个税累计表!D3 TAX-METHOD"]),
    "60,000 without the year before": Case({"个税累计表!E4": "2025-02-01"}, ["个税累计表!D4 TAX-METHOD"]),
    "60,000 of one who left": Case({"个税累计表!F4": dt.date(2025, 11, 30)}, ["个税累计表!D4 TAX-METHOD"]),
    "basic deduction unknown": Case({"个税累计表!D2": "随便"}, ["个税累计表!D2 TAX-METHOD"]),
    "left before joining": Case({"个税累计表!F2": "2019-12-31"}, ["个税累计表!F2 DATE"]),
    "joins after the month": Case({"个税累计表!E2": "2026-11-01"}, ["个税累计表!E2 DATE"]),
    "income blank": Case({"个税累计表!G2": ""}, ["个税累计表!G2 VALUE-MISSING"]),
    "tax of a person twice": Case({"个税累计表!C3": "N01"}, ["个税累计表!C3 DUPLICATE"]),
    "case without a document": Case({"更正表!K2": ""}, ["更正表!K2 PAY-CASE-DOCUMENT"]),
    "case of a person without a post": Case({"更正表!F2": ""}, ["更正表!F2 VALUE-MISSING"]),
    "funding unknown": Case({"更正表!M2": "再说"}, ["更正表!M2 FUNDING"]),
    # a department's own list, tax by somebody else
    "own amount missing": Case(
        {"个人考核表!D1": "分配金额", "个人考核表!D2": ""}, ["个人考核表!D2 PAY-SCORE-MISSING"], pay="list"),
    "own amount of three decimals": Case(
        {"个人考核表!D1": "分配金额(元)", "个人考核表!D2": "1.005"}, ["个人考核表!D2 MONEY-DECIMALS"], pay="list"),
    "measure of teams beside posts": Case({"个人考核表!D1": "科室系数"}, [
        "任职表!A2 PAY-SCORE-MISSING", "任职表!A3 PAY-SCORE-MISSING", "任职表!A4 PAY-SCORE-MISSING",
        "个人考核表 COLUMN-UNKNOWN"]),
    "month of tax by somebody else": Case({"个税累计表!A2": "2026-09"}, ["个税累计表!A2 TAX-MONTH"], pay="elsewhere"),
    # sheets
    "sheet unknown": Case({"备用金表!A1": "甲", "备用金表!C1": "乙", "备用金表!B1": "", "备用金表!D1": ""}, [
        "备用金表 SHEET-UNKNOWN"]),
    "heading of a table incomplete": Case({"备用金表!C1": ""}, [
        "备用金表 COLUMN-MISSING", "备用金表!C2 COLUMN-UNKNOWN"]),
    "column unknown": Case({"停减发表!F1": "经办", "停减发表!F2": "某"}, ["停减发表!F1 COLUMN-UNKNOWN"]),
}  # fmt: skip


def changed(pay: Pay, how: str) -> Pay:
    data = pay.model_dump(mode="json")
    if how == "one post":
        data["second_post"] = None
    if how == "elsewhere":
        data["tax"] = {"mode": "elsewhere", "document": "示例财〔2026〕1号"}
    if how == "list":
        data["pools"]["performance"]["inside"] = "list"
    if how == "cap":
        data["pools"]["signing-staff"]["caps"] = [{"amount": "5000.00"}]
    return Pay.model_validate(data)


def where_and_code(caught: pytest.ExceptionInfo[InputProblems]) -> list[str]:
    return [f"{one.where.removeprefix('input.xlsx ')} {one.code}" for one in caught.value.problems]


@pytest.mark.parametrize("name", CASES)
def test_bad_input(name, clean, pay, load, tmp_path):
    case = CASES[name]
    for cell, value in case.put.items():
        put(clean, cell, value)
    for sheet in case.drop:
        del clean[sheet]
    with pytest.raises(InputProblems) as caught:
        load(write_xlsx(clean, tmp_path / "input.xlsx"), changed(pay, case.pay))
    assert where_and_code(caught) == case.told
    assert all(one.message and one.remedy for one in caught.value.problems)


def test_every_problem_at_once_in_the_order_of_the_input(clean, load, tmp_path):
    names = ["check digit", "a share above 1", "kind of leave without a rule", "pool unknown", "tax of another month"]
    for name in reversed(names):
        for cell, value in CASES[name].put.items():
            put(clean, cell, value)
    with pytest.raises(InputProblems) as caught:
        load(write_xlsx(clean, tmp_path / "input.xlsx"))
    assert where_and_code(caught) == [one for name in names for one in CASES[name].told]


def test_no_message_says_who_it_is_about(clean, load, tmp_path):
    for cell, value in {
        "人员表!B2": "=赵一", "人员表!D3": 440524188001010014, "人员表!D5": "110101199003070418",
        "账户表!E2": 6222020200112230006, "账户表!F2": "@赵一",
    }.items():  # fmt: skip
        put(clean, cell, value)
    with pytest.raises(InputProblems) as caught:
        load(write_xlsx(clean, tmp_path / "input.xlsx"))
    assert len(caught.value.problems) == 5
    said = str(caught.value)
    assert not any(one in said for one in ("赵", "440524", "110101", "622202", "李四"))


def test_a_name_in_another_column_is_told_by_its_code(clean, load, tmp_path):
    put(clean, "假期表!C2", "赵一的假")
    put(clean, "人员表!B2", "赵一")
    with pytest.raises(InputProblems) as caught:
        load(write_xlsx(clean, tmp_path / "input.xlsx"))
    assert "赵" not in str(caught.value)
    assert "的假" in str(caught.value)
