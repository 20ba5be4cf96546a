"""The tables of people as they are handed in: .xlsx, .xls, CSV in several encodings, titles, totals, days."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pandas as pd
import pytest
import xlwt

from domain.facts import Catalogue, MoneyItem
from domain.pay import Pay
from domain.problems import InputProblems
from engine.pay.people import COLUMNS
from engine.run.say import Speaker
from tests.engine.pay.read.making import CLEAN, PAY
from tests.sheets import put, write_csv, write_xlsx


def same(left, right):
    for name in COLUMNS:
        pd.testing.assert_frame_equal(left[name].drop(columns="source"), right[name].drop(columns="source"))


@pytest.fixture
def wanted(load, tmp_path):
    return load(write_xlsx(CLEAN, tmp_path / "wanted.xlsx")).people


def test_types_and_sources(wanted):
    posts, tax = wanted["posts"], wanted["tax_cumulative"]
    assert list(posts) == [*COLUMNS["posts"], "source"]
    assert [*posts["position"]] == [Fraction(6, 5), 1, Fraction(3, 2), 2, 1]
    assert [*posts["from"]][1:3] == [dt.date(2026, 7, 1), dt.date(2026, 7, 1)]
    assert [*posts["to"]] == [None, dt.date(2026, 8, 31), None, None, None]
    assert [*posts["role"]] == ["member", "member", "posted", "head", "member"]
    assert [*tax["withheld_before"]] == [52500, 0, 0]
    assert [*tax["other"]] == [0, 0, 0]
    assert [*tax["month"]] == ["2026-10"] * 3
    assert [*wanted["pay_amounts"]["amount"]] == [30000000, 1200050, 300000, 5000000]
    facts = wanted["person_facts"].set_index(["post_no", "measure"])
    assert facts.loc[("P02", "score"), "value"] == Fraction(181, 2)
    assert facts.loc[("P02", "score"), "source"] == "wanted.xlsx 个人考核表!D3"
    assert ("P02", "签约人月") not in facts.index
    assert wanted["accounts"]["account"].tolist() == ["6222020200112230006"]
    case = wanted["cases"].iloc[0]
    assert [case["old_value"], case["new_value"], case["funding"]] == ["90", "95.0", "reserve: 准备金"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_the_same(encoding, clean, load, wanted, tmp_path):
    folder = write_csv(clean, tmp_path / "people", encoding)
    same(load(folder).people, wanted)


def test_codes_for_headings_and_choices_and_a_row_per_measure(load, wanted, tmp_path):
    """The contract's own CSV: names of columns, a row per key."""
    roles = {"职工": "member", "派驻": "posted", "负责人": "head"}
    rows = {
        name: [[*COLUMNS[name]], *([roles.get(str(cell), cell) for cell in row] for row in plain_rows(name, wanted))]
        for name in COLUMNS
    }
    same(load(write_csv(rows, tmp_path / "people", "utf-8")).people, wanted)


def plain_rows(name, wanted):
    sheets = dict(zip(COLUMNS, CLEAN, strict=False))
    if name in {"person_facts", "team_facts"}:
        frame = wanted[name].drop(columns="source").assign(value=wanted[name]["value"].map(float))
        return frame.to_numpy(dtype=object).tolist()
    return [line[: len(COLUMNS[name])] for line in CLEAN[sheets[name]][1:]]


def test_old_workbooks(clean, load, wanted, tmp_path):
    book = xlwt.Workbook(encoding="utf-8")
    days = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for name, lines in clean.items():
        sheet = book.add_sheet(name)
        for row, line in enumerate(lines):
            for column, cell in enumerate(line):
                sheet.write(row, column, cell, *([days] if isinstance(cell, dt.date) else []))
    book.save(str(tmp_path / "people.xls"))
    same(load(tmp_path / "people.xls").people, wanted)


def test_titles_totals_and_signatures_are_no_rows(clean, load, wanted, tmp_path):
    for name in clean:
        wide = len(clean[name][0])
        clean[name][:0] = [[{"text": f"示例县{name}", "down": 1, "right": wide}], ["单位: 元"]]
        clean[name] += [["合 计", *[""] * (wide - 2), 123], ["制表: 甲　审核: 乙"], ["注: 以元为单位"]]
    clean["填报说明"] = [["说明"], ["任职编号不重复"]]
    clean["机构表"] = [["单位代码", "单位名称", "机构层级"], ["T01", "某院", "乡镇卫生院"]]
    same(load(write_xlsx(clean, tmp_path / "input.xlsx")).people, wanted)


def test_full_width_and_blanks(clean, load, wanted, tmp_path):
    for cell, value in {
        "任职表!K2": "１．２", "任职表!M2": "２０２０年１月１日", "任职表!N2": "—", "机构发放额!D2": "￥300,000.00",
        "人员表!D2": "11010519491231002x", "个人考核表!E3": "／", "任职表!A2": "　P01 ", "人员表!C3": "身份证",
    }.items():  # fmt: skip
        put(clean, cell, value)
    same(load(write_xlsx(clean, tmp_path / "input.xlsx")).people, wanted)


def test_money_in_tens_of_thousands(clean, load, wanted, tmp_path):
    put(clean, "机构发放额!D1", "金额（万元）")
    for row, amount in ((2, 30), (3, "1.20005"), (4, 0.3), (5, 5)):
        put(clean, f"机构发放额!D{row}", amount)
    same(load(write_xlsx(clean, tmp_path / "input.xlsx")).people, wanted)


def test_a_list_in_tens_of_thousands(clean, load, tmp_path):
    data = PAY.model_dump(mode="json")
    data["pools"]["performance"]["inside"] = "list"
    put(clean, "个人考核表!D1", "分配金额(万元)")
    facts = load(write_xlsx(clean, tmp_path / "input.xlsx"), Pay.model_validate(data)).people["person_facts"]
    assert facts[facts["measure"] == "amount"]["value"].tolist() == [950000, 905000, 880000]


def test_a_table_without_its_period_is_of_the_title_or_the_payment(clean, load, wanted, tmp_path):
    clean["出勤表"] = [["2026年第三季度出勤表"], *(line[1:] for line in clean["出勤表"])]
    clean["假期表"] = [line[1:] for line in clean["假期表"]]
    clean["个税累计表"] = [line[1:] for line in clean["个税累计表"]]
    same(load(write_xlsx(clean, tmp_path / "input.xlsx")).people, wanted)


def test_a_title_of_another_quarter_is_not_taken_for_the_payment_s(clean, load, tmp_path):
    clean["出勤表"] = [["第二季度出勤表"], *(line[1:] for line in clean["出勤表"])]
    with pytest.raises(InputProblems) as refused:
        load(write_xlsx(clean, tmp_path / "input.xlsx"))
    assert [(one.where, one.code) for one in refused.value.problems] == [("input.xlsx 出勤表", "PERIOD")]


def test_earlier_rows_are_set_aside_and_told(clean, load, wanted, tmp_path):
    clean["出勤表"][1:1] = [["2026Q2", "P77", 65, 65], ["2026Q1", "P01", 60, 60]]
    read = load(write_xlsx(clean, tmp_path / "input.xlsx"))
    same(read.people, wanted)
    assert "出勤表有 2 行早于 2026年第3季度, 不用 (如 input.xlsx 出勤表!A2) (PAY-ROWS-EARLIER)" in Speaker().warnings(
        read.warnings
    )


def test_doubtful_numbers_are_only_told(load, tmp_path):
    warnings = load(write_xlsx(CLEAN, tmp_path / "input.xlsx")).warnings
    assert {one.code for one in warnings} == {"PAY-ID-REGION", "PAY-CARD"}  # 440524 in 1880; a card of bad check digit
    assert not any("440524" in said or "6222" in said for said in Speaker().warnings(warnings))


def test_a_region_that_no_list_knows_is_no_fault(clean, load, tmp_path):
    put(clean, "人员表!D2", "129901199001010019")
    codes = [one.code for one in load(write_xlsx(clean, tmp_path / "input.xlsx")).warnings]
    assert "PAY-ID-REGION" in codes


def test_only_posts_where_nothing_else_is_needed(load, tmp_path):
    pay = Pay.model_validate(
        {
            "pools": {"p": {"points": ["position"], "in_total": "no"}},
            "tax": {"mode": "elsewhere", "document": "财〔1〕"},
        }
    )
    sheets = {"任职表": [[*line[:15], "文"] for line in CLEAN["任职表"]]}
    sheets["任职表"][0][15] = "依据"
    people = load(write_xlsx(sheets, tmp_path / "input.xlsx"), pay).people
    assert len(people["posts"]) == 5
    assert all(people[name].empty for name in COLUMNS if name != "posts")
    assert all(list(people[name]) == [*COLUMNS[name], "source"] for name in COLUMNS)


def test_what_is_paid_decides_what_is_asked(clean, load, tmp_path):
    put(clean, "个人考核表!D2", "")
    del clean["机构发放额"]
    path = write_xlsx(clean, tmp_path / "input.xlsx")
    assert len(load(path, paid={("T01", "signing-staff"), ("T02", "signing-staff")}).people["posts"]) == 5
    assert len(load(path, paid={("T01", "performance")}, teams_only=True).people["posts"]) == 5
    with pytest.raises(InputProblems, match="PAY-SCORE-MISSING"):
        load(path, paid={("T01", "performance")})


def test_rows_beside_those_of_an_earlier_payment(clean, load, tmp_path):
    sheets = {name: clean[name] for name in ("更正表", "备用金表", "下期应发", "个人考核表")}
    people = load(write_xlsx(sheets, tmp_path / "input.xlsx"), correcting=True).people
    assert [len(people[name]) for name in ("cases", "reserves", "next_payments", "person_facts")] == [1, 1, 1, 7]


def test_cases_may_name_tables_and_columns_in_chinese(clean, load, tmp_path):
    put(clean, "更正表!G2", "个人考核表")
    put(clean, "更正表!H2", "考核得分")
    clean["更正表"].append([*clean["更正表"][1]])
    for cell, value in {"更正表!A3": "C2", "更正表!G3": "任职表", "更正表!H3": "岗位系数", "更正表!I3": 1.2}.items():
        put(clean, cell, value)
    cases = load(write_xlsx(clean, tmp_path / "input.xlsx")).people["cases"]
    assert [*zip(cases["table"], cases["field"], cases["old_value"], strict=True)] == [
        ("person_facts", "score", "90"),
        ("posts", "position", "1.2"),
    ]


def test_quota_rows_stand_by_their_words(clean, load, tmp_path):
    clean["资金表"][0].append("口径")
    clean["资金表"] += [["2026", "T01", "核定绩效工资总量", "2100000", "人社〔2026〕30号", "代替 人社〔2026〕12号"]]
    item = MoneyItem(code="quota_approved", title="核定绩效工资总量", reporter="人社部门", kind="approval")
    path = write_xlsx(clean, tmp_path / "input.xlsx")
    money = load(path, catalogue=Catalogue({}, {item.code: item})).people["money"]
    assert [*zip(money["amount"], money["word"], strict=True)] == [(210000000, "代替 人社〔2026〕12号")]
    put(clean, "资金表!F3", "")
    with pytest.raises(InputProblems, match=r"资金表!E3: .*\(TWO-DOCUMENTS\)"):
        load(write_xlsx(clean, tmp_path / "two.xlsx"), catalogue=Catalogue({}, {item.code: item}))


def test_empty_files_and_folders_are_refused(clean, load, tmp_path):
    folder = write_csv(clean, tmp_path / "people", "utf-8")
    (folder / "停减发表.csv").write_bytes(b"")
    with pytest.raises(InputProblems, match=r"停减发表.csv: .*\(FILE-EMPTY\)"):
        load(folder)
    with pytest.raises(InputProblems, match="FILE-MISSING"):
        load(tmp_path / "none.xlsx")


def test_sheets_are_known_by_their_headings_too(clean, load, wanted, tmp_path):
    named = {f"Sheet{at}": rows for at, rows in enumerate(clean.values())}
    same(load(write_xlsx(named, tmp_path / "input.xlsx")).people, wanted)
