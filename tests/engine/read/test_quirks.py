"""The clean workbook as bureaus really hand it in: the same Facts must come out."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlwt

from domain.facts import Facts
from domain.problems import InputProblems
from engine.read import read

Sheets = dict[str, list[list[Any]]]


def title(text: str, right: int) -> dict[str, Any]:
    return {"text": text, "down": 1, "right": right}


def merged(text: Any, down: int) -> dict[str, Any]:
    return {"text": text, "down": down, "right": 1}


QUIRKS: Sheets = {
    "封面": [["东城区二〇二六年三季度填报"]],
    "附表1 机构表（全区）": [
        [title("东城区医联体机构表", 9)],
        ["", "填表日期：2026.10.8"],
        [
            "序号",
            "单位代码",
            "单 位\n名 称",
            "机构级别*",
            "所有制",
            "区划代码",
            "统一社会\n信用代码",
            "是否签约机构",
            "辅助列",
        ],
        [1, "Ａ０１", "东城医联体", "医共体", "－", "—", "/", "×", 1],
        [2, "D01", " 东城区　", "县域", "", 330102, "无", "", 2],
        [3, "H01", "东城区人民医院", "牵头", "政府办", "330102", "12330000470051726f", "无", 3],
        [],
        [4, "'007", "河东镇卫生院", "卫生院", "公办", "３３０１０２", "91350100M000100Y43", "√", 4],
        ["", "小 计", 4],
        [5, "V01", "王庄村卫生室", "村级", "集体办", 330102.0, "－", "有", 5],
        ["合　计", "", "5 家"],
        ["单位负责人：张三", "", "审核：李四", "", "制表：王五"],
        ["注：本表由卫健局填报"],
    ],
    "（二）成员关系": [
        ["单位名称", "所属医联体", "加入时间", "退出时间", "备注"],
        ["东城区人民医院", "东城医联体", "2025.1.1", "－"],
        ["河东镇卫生院", "A01", 20250101, "", "原独立"],
        ["王庄村卫生室", "东城医联体", "2025年1月", "2026-12"],
        ["本页小计", "", "3"],
    ],
    "事实表": [
        [title("签约与服务能力情况表", 5)],
        ["单位：人", "", "", "", "第 1 页 共 1 页"],
        ["所属期间", "成员单位", "指标名称", "填报值", "备注", "联系电话"],
        ["2026年第二季度", merged("００７", 2), "signed", "１０，０００", "-", "0571-1"],
        ["2026年第3季度", "", "签约人数", " 11,030 ", "无", ""],
        ["所属期间", "成员单位", "指标名称", "填报值", "备注", "联系电话"],
        ["2026年度", "H01", "服务能力等级", "3.0", "", ""],
        ["2026年7月—9月", "河东镇卫生院", "满意度", "９２．５０％", "", ""],
        ["合计", "", "", 21122.5, "", ""],
        ["制表：王五", "", "复核：", "", "", ""],
    ],
    "2026年三季度横表": [
        [title("东城区2026年第3季度基层机构指标", 6)],
        ["机构", "人口与派驻", "", "是否设联合门诊", "备注"],
        ["机构", "常住人口（人）", "派驻人天", "是否设联合门诊", "备注"],
        ["007", "11，870", 62.5, "是", ""],
        ["合计", 11870, 62.5, "", ""],
    ],
    "王庄村卫生室": [
        ["单位(公章)：王庄村卫生室   所属期间：2026年第3季度   单位：人"],
        ["指标", "数值"],
        ["常住人口", "１２００"],
        ["签约人数", "－"],
        ["填报人：赵六"],
    ],
    "资金表": [
        [title("资金情况表", 5)],
        ["序号", "统计期间", "单位", "款项", "金额（万元）", "批复文号"],
        [1, "2026Q3", "007", "医疗服务收入", "￥123.456789", "－"],
        [2, "2026 年 3 季度", "东城医联体", "fund_budget", "３，０００．００", " 医保〔2026〕3号 "],
        [3, "2026-Q3", "A01", "清算调整", "－0.000005", ""],
        [4, 2026, "007", "核定绩效工资总量", 200, "人社〔2026〕12号"],
        ["合计（大写）：人民币叁仟叁佰贰拾叁万元整", "", "", "", "3323.456784"],
    ],
    "计算草稿": [],
}


def write_xls(sheets: Sheets, path: Path) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    dates = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for row, line in enumerate(rows):
            for column, value in enumerate(line):
                if isinstance(value, dict):
                    sheet.write_merge(row, row + value["down"] - 1, column, column + value["right"] - 1, value["text"])
                elif isinstance(value, dt.date):
                    sheet.write(row, column, value, dates)
                elif value == "#N/A":
                    sheet.row(row).set_cell_error(column, 0x2A)
                elif value != "":
                    sheet.write(row, column, value)
    book.save(str(path))
    return path


def sorted_facts(facts: Facts) -> Facts:
    """Rows by key: several sheets put them in another order."""
    keys = {
        "institutions": ["unit_code"],
        "memberships": ["unit_code"],
        "facts": ["period", "unit_code", "metric"],
        "money": ["period", "unit_code", "item"],
    }
    tables = {name: getattr(facts, name).sort_values(by, ignore_index=True) for name, by in keys.items()}
    return dataclasses.replace(facts, **tables)


@pytest.fixture
def wanted(clean: Sheets, load: Callable[[Path], Facts], xlsx: Any, tmp_path: Path) -> Facts:
    return sorted_facts(load(xlsx(clean, tmp_path / "clean.xlsx")))


def test_xlsx(wanted, load, xlsx, same, tmp_path):
    got = load(xlsx(QUIRKS, tmp_path / "东城区机构表20261008.xlsx"))
    same(sorted_facts(got), wanted)
    place = got.facts.set_index(["unit_code", "metric", "period"])["source"]
    assert place["007", "posting_days", "2026Q3"] == "东城区机构表20261008.xlsx 2026年三季度横表!C4"
    assert place["V01", "resident_population", "2026Q3"] == "东城区机构表20261008.xlsx 王庄村卫生室!B3"


def test_xls(wanted, load, same, tmp_path):
    same(sorted_facts(load(write_xls(QUIRKS, tmp_path / "q.xls"))), wanted)


def test_a_merged_amount_of_an_old_workbook_is_refused(clean, load, tmp_path):
    clean["资金表"][2][3], clean["资金表"][3][3] = merged(30000000, 2), ""
    with pytest.raises(InputProblems) as refused:
        load(write_xls(clean, tmp_path / "q.xls"))
    assert [(problem.where, problem.code) for problem in refused.value.problems] == [("q.xls 资金表!D3", "MERGED")]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_csv(wanted, load, csv_folder, same, tmp_path, encoding):
    flat: Sheets = {}
    for name, rows in QUIRKS.items():
        # What "save as CSV" makes of merged cells: the text in the first one.
        lines = [[cell["text"] if isinstance(cell, dict) else cell for cell in row] for row in rows]
        flat[name] = lines
    flat["事实表"][4][1] = "007"
    flat["2026年三季度横表"][0][0] = "东城区2026年第3季度基层机构指标"
    folder = csv_folder({name.replace("（", "("): rows for name, rows in flat.items()}, tmp_path / "c", encoding)
    same(sorted_facts(load(folder)), wanted)


def test_real_dates_and_months(clean, load, xlsx, set_cell, tmp_path):
    """Sheets turn 2025-01-01 and 2026年7月 into date cells."""
    set_cell(clean, "成员关系表!C2", dt.date(2025, 1, 1))
    set_cell(clean, "成员关系表!D4", dt.date(2026, 12, 31))
    set_cell(clean, "事实表!A7", dt.date(2026, 7, 1))
    got = load(xlsx(clean, tmp_path / "a.xlsx"))
    assert (got.memberships["from"][0], got.memberships["to"][2]) == (dt.date(2025, 1, 1), dt.date(2026, 12, 31))
    assert got.facts["period"][5] == "2026-07"


def test_english_folder_and_parquet(wanted, load, same, tmp_path):
    folder = tmp_path / "english"
    folder.mkdir()
    for name in ("institutions", "memberships", "facts", "money"):
        frame = getattr(wanted, name).drop(columns="source")
        if name == "money":
            frame["amount"] = frame["amount"].map(lambda fen: f"{fen / 100:.2f}")
        frame.to_csv(folder / f"{name}.csv", index=False)
    (folder / "README.md").write_text("说明", encoding="utf-8")
    got = load(folder)
    same(got, wanted)
    assert got.facts["source"][0] == "facts.csv!D2"
    parquet = tmp_path / "p"
    parquet.mkdir()
    for name in ("institutions", "memberships", "facts", "money"):
        frame = getattr(wanted, name).drop(columns="source")
        if name == "money":
            frame["amount"] = frame["amount"] / 100
        frame.to_parquet(parquet / f"{name}.parquet", index=False)
    got = load(parquet)
    same(got, wanted)
    assert got.money["source"][0] == "money.parquet!D2"


def test_signing_defaults_to_grassroots_without_the_column(clean, load, xlsx, tmp_path):
    clean["机构表"] = [row[:5] for row in clean["机构表"]]
    got = load(xlsx(clean, tmp_path / "a.xlsx")).institutions.set_index("unit_code")
    assert got["signing"].to_dict() == {"A01": False, "D01": False, "H01": False, "007": True, "V01": True}
    assert set(got["credit_code"]) == {""}


def test_money_in_wide_sheets(clean, load, xlsx, tmp_path):
    clean["收入横表"] = [["单位：千元"], ["单位", "医疗服务收入", "清算调整（元）"], ["V01", 1.23456, -2.5]]
    money = load(xlsx(clean, tmp_path / "a.xlsx")).money
    assert money.tail(2)[["item", "amount"]].to_numpy().tolist() == [
        ["medical_service_income", 123456],
        ["adjustment", -250],
    ]


def test_a_sheet_is_not_taken_for_an_explanation_by_a_word_in_its_name(clean, load, xlsx, set_cell, tmp_path):
    set_cell(clean, "机构表!B4", "示例县人民医院")
    clean["示例县人民医院"] = [["指标", "数值"], ["常住人口", 5]]
    clean["填报说明（第1页）"] = [["怎样填"]]
    last = load(xlsx(clean, tmp_path / "a.xlsx")).facts.iloc[-1]
    assert (last["unit_code"], last["period"], last["value"]) == ("H01", "2026Q3", 5)


def test_a_day_in_the_title_is_no_period(clean, load, xlsx, tmp_path):
    clean["横表"] = [["指标表 填报日期：2026年10月8日"], ["单位", "常住人口", "派驻人天"], ["H01", 1, 2]]
    clean["上年横表"] = [["2025年三季度指标表"], ["单位", "常住人口", "派驻人天"], ["H01", 1, 2]]
    got = load(xlsx(clean, tmp_path / "a.xlsx")).facts
    assert list(got["period"].tail(4)) == ["2026Q3", "2026Q3", "2025Q3", "2025Q3"]


def test_a_note_explains(clean, load, xlsx, set_cell, tmp_path):
    set_cell(clean, "事实表!D3", 16000)  # 16,000 > 11,870 of the population and 60 % above the 10,000 before
    set_cell(clean, "事实表!E3", "含外来人口")
    assert load(xlsx(clean, tmp_path / "a.xlsx")).facts["note"][1] == "含外来人口"


@pytest.mark.parametrize("change", [("成员关系表!D4", "2026-07-01"), ("成员关系表!C4", "2026-09-30")])
def test_a_member_of_one_day_of_the_period_reports_for_it(change, clean, load, xlsx, set_cell, tmp_path):
    """V01 leaves on the first day of the third quarter, or joins on its last: its figures of the quarter are read."""
    set_cell(clean, *change)
    facts = load(xlsx(clean, tmp_path / "input.xlsx")).facts
    assert ("V01", "2026Q3") in set(zip(facts["unit_code"], facts["period"], strict=True))


def test_facts_of_earlier_periods_may_precede_membership(clean, load, xlsx, set_cell, tmp_path):
    set_cell(clean, "成员关系表!C3", "2026-08-01")
    assert len(load(xlsx(clean, tmp_path / "a.xlsx")).facts) == 8


def test_hidden_sheet_that_is_no_table_is_passed_over(clean, load, same, wanted, xlsx, tmp_path):
    import openpyxl  # noqa: PLC0415

    path = xlsx(clean, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("草稿")
    sheet["A1"], sheet.sheet_state = "算一下", "hidden"
    book.save(path)
    same(sorted_facts(load(path)), wanted)


def test_row_order_and_reading_twice_are_the_same(clean, load, xlsx, tmp_path):
    path = xlsx(clean, tmp_path / "a.xlsx")
    first, second = load(path), load(path)
    for name in ("institutions", "memberships", "facts", "money"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


def test_large_folder_is_read_in_seconds(catalogue, plan, period, tmp_path):
    units = [f"{number:05d}" for number in range(5000)]
    tables = {
        "institutions": [["unit_code", "name", "tier", "ownership", "region"], ["A", "联", "alliance", "public", ""]]
        + [[unit, f"院{unit}", "township", "public", "330102"] for unit in units],
        "memberships": [["unit_code", "alliance_code", "from", "to"]]
        + [[unit, "A", "2025-01-01", ""] for unit in units],
        "facts": [["period", "unit_code", "metric", "value", "note"]]
        + [
            ["2026Q3", unit, code, "3", ""]
            for unit in units
            for code in ("resident_population", "signed", "posting_days")
        ],
    }
    for name, rows in tables.items():
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    start = dt.datetime.now(dt.UTC)
    assert len(read(tmp_path, catalogue, plan, period).facts) == 15000
    assert (dt.datetime.now(dt.UTC) - start).total_seconds() < 20
