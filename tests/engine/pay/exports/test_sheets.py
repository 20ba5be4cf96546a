"""The sheets: every row and page adds up, masks, formulas, properties; what somebody edited is told cell by cell."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from domain.pay import TaxRule
from domain.problems import InputProblems
from engine.pay.exports.budget import read_budget
from engine.pay.exports.paid import COMPLETES, CORRECTS
from engine.pay.exports.public import public_book
from engine.pay.exports.roster import Person, Roster, mask
from engine.pay.exports.sheets.book import sheet_book
from engine.pay.exports.sheets.edited import check_edited
from engine.pay.people import People
from engine.pay.result import frame
from tests.engine.pay.exports.making import ACCOUNTS, IDS, NAMES, fen, line, paid, posts, slip, table, whose


def book(content: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def made() -> bytes:
    return sheet_book(paid(), whose(), read_budget())


def texts(content: bytes, sheet: str) -> list[list[object]]:
    return [[cell for cell in row if cell is not None] for row in book(content)[sheet].iter_rows(values_only=True)]


def test_there_is_a_sheet_per_payer_and_kind_and_they_are_the_same_bytes_again() -> None:
    assert book(made()).sheetnames == [
        "绩效工资发放表-H01",
        "绩效工资发放表-T01",
        "劳务费发放表-T01",
        "分配表",
        "资金拨付审批表",
    ]
    assert made() == made()


def test_every_person_s_row_adds_up_and_blank_tax_stays_blank() -> None:
    rows = {row[1]: row for row in texts(made(), "绩效工资发放表-T01") if row and row[0] in (1, 2, 3)}
    # P1: 5,400.00 + 3,600.00 − 540.00 = 8,460.00; − 103.80 − 400.00 = 7,956.20
    assert rows["P1"][2:] == [
        "张三",
        "110***********002X",
        "内科",
        "专业技术",
        "1.5",
        5400,
        3600,
        -540,
        8460,
        103.8,
        400,
        7956.2,
    ]
    assert rows["P3"][-4:] == ["—", 0, "—", "缺个税累计数"]
    assert "P5" not in rows, "labour is on its own sheet"


def test_totals_capitals_and_the_identities_stand_on_the_sheet() -> None:
    said = ["　".join(map(str, row)) for row in texts(made(), "绩效工资发放表-T01")]
    whole = "\n".join(said)
    assert "人民币壹万零柒佰伍拾陆元贰角" in whole
    assert "应发 14,460.00 = 实发 10,756.20 + 个税 103.80 + 代扣 600.00 + 未付 3,000.00" in whole
    assert "与实发相差 0.00" in whole
    # performance of T01: 15,000.00 here (P1 9,000, P2 3,000, P3 3,000) and 4,000.00 through H01
    assert "机构金额 20,000.00 = 本表各人 15,000.00 + 其他发放表 4,000.00 + 留存 1,000.00，相差 0.00" in whole
    assert "批次号：B1" in whole
    assert paid().short in whole
    assert "未对照以前发放" in whole
    division = "\n".join("　".join(map(str, row)) for row in texts(made(), "分配表"))
    assert "机构金额 − 专项 − 已分 − 留存 = 0.00；已分 − 各科室合计 = 0.00；专项 − 各项合计 = 0.00" in division
    approval = "\n".join("　".join(map(str, row)) for row in texts(made(), "资金拨付审批表"))
    assert "30107 绩效工资" in approval
    assert "50502 对事业单位商品和服务支出" in approval
    assert "示例签约〔2026〕2号" in approval


def many(persons: int) -> tuple[object, Roster]:
    codes = [f"P{at:04d}" for at in range(persons)]
    rows = [{**posts()[1], "post_no": f"N{at}", "person_code": code} for at, code in enumerate(codes)]
    lines = [(*line("N2", "performance", "points", "due", "100")[:2], f"N{at}", code,
              *line("N2", "performance", "points", "due", "100")[4:]) for at, code in enumerate(codes)]  # fmt: skip
    slips = [slip(code, "T01", "wages", "100", "0", "0") for code in codes]
    payment = paid()
    tables = {name: frame(name, []) for name in payment.tables}
    tables |= {"lines": frame("lines", lines), "payslips": frame("payslips", slips)}
    people = People({**payment.people.tables, "posts": table("posts", rows)})
    roster = Roster({code: Person(code, "张三", "居民身份证", IDS["P1"], "", {}) for code in codes}, {})
    return replace(payment, tables=tables, people=people), roster


@pytest.mark.parametrize("persons", [1, 14, 15, 18, 19, 20, 21, 22, 23, 41, 45])
def test_each_page_has_its_subtotal_and_the_last_the_total(persons: int) -> None:
    payment, roster = many(persons)
    sheet = book(sheet_book(payment, roster, read_budget()))["绩效工资发放表-T01"]  # type: ignore[arg-type]
    breaks = [one.id for one in sheet.row_breaks.brk]
    subtotals = [row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 2).value == "本页小计"]
    assert len(subtotals) == len(breaks) + 1
    assert all(row in subtotals for row in breaks), "a page ends with its subtotal"
    counts = [int(str(sheet.cell(row, 3).value).split()[0]) for row in subtotals]
    assert sum(counts) == persons
    assert min(counts) >= min(persons, 3), "the last page is not the total alone"
    money = next(at for at in range(1, 20) if sheet.cell(4, at).value == "实发金额")
    assert sum(sheet.cell(row, money).value for row in subtotals) == persons * 100
    assert sheet.print_title_rows == "$1:$4"
    heights = [sheet.row_dimensions[row].height or 18 for row in range(1, sheet.max_row + 1)]
    for first, last in zip([0, *breaks], [*breaks, sheet.max_row], strict=True):
        repeated = sum(heights[:4]) if first else 0
        assert repeated + sum(heights[first:last]) <= 485, "what is told to be a page fits on it"


def test_more_than_fifteen_columns_are_a3() -> None:
    assert book(made())["绩效工资发放表-T01"].page_setup.paperSize == 9
    pools = {**paid().pay.pools, **{f"p{at}": paid().pay.pools["sign"] for at in range(4)}}
    payment = paid()
    lines = [*payment["lines"].itertuples(index=False, name=None)]
    lines += [line("N1", f"p{at}", "points", "due", "1") for at in range(4)]
    wide = replace(payment, pay=payment.pay.model_copy(update={"pools": pools}),
                   tables={**payment.tables, "lines": frame("lines", lines)})  # fmt: skip
    assert book(sheet_book(wide, whose(), read_budget()))["绩效工资发放表-T01"].page_setup.paperSize == 8


def test_no_whole_id_no_account_no_hidden_column_and_no_name_in_the_properties() -> None:
    for content in (made(), public_book(paid(), whose())):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = {name: package.read(name).decode() for name in package.namelist()}
        whole = "".join(parts.values())
        assert not [one for one in (*IDS.values(), *ACCOUNTS.values()) if one in whole]
        properties = parts["docProps/core.xml"] + parts["docProps/app.xml"]
        assert not [name for name in NAMES.values() if name in properties]
        assert not re.search(r'hidden="(1|true)"', whole)


def test_a_name_like_a_formula_is_a_text_and_a_minus_stays_a_number() -> None:
    sheet = book(made())["绩效工资发放表-H01"]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "=赵六")
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    other = book(made())["绩效工资发放表-T01"]
    assert any(cell.value == -540 and cell.data_type == "n" for row in other.iter_rows() for cell in row)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("11010519491231002X", "110***********002X"), ("E12345678", "E*******8"), ("AB", "**"), ("", "")],
)
def test_masks(number: str, shown: str) -> None:
    assert mask(number) == shown


def test_two_edited_cells_are_told_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "发放表.xlsx"
    path.write_bytes(made())
    check_edited(made(), path)
    edited = openpyxl.load_workbook(path)
    sheet = edited["绩效工资发放表-T01"]
    sheet["H5"], sheet["C6"] = 9999.99, "张四"
    edited.save(path)
    with pytest.raises(InputProblems) as error:
        check_edited(made(), path)
    found = [(one.where, one.code) for one in error.value.problems]
    assert found == [
        ("发放表.xlsx 绩效工资发放表-T01!H5", "SHEET-CHANGED"),
        ("发放表.xlsx 绩效工资发放表-T01!C6", "SHEET-CHANGED"),
    ]


def test_a_sheet_that_is_gone_or_new_is_told(tmp_path: Path) -> None:
    path = tmp_path / "发放表.xlsx"
    edited = book(made())
    del edited["分配表"]
    edited.create_sheet("另一张")["A1"] = 1
    edited.save(path)
    with pytest.raises(InputProblems) as error:
        check_edited(made(), path)
    assert {(one.where, one.code) for one in error.value.problems} == {
        ("发放表.xlsx 分配表", "SHEET-MISSING"),
        ("发放表.xlsx 另一张", "SHEET-CHANGED"),
    }


def test_tax_that_finance_withholds_is_blank_and_said() -> None:
    payment = paid()
    slips = [("2026-10", "T01", "P1", "wages", fen("100"), 0, 0, 0, 0, fen("100"), None, fen("10"), fen("90"), "ok")]
    tables = {name: frame(name, []) for name in payment.tables}
    tables |= {
        "lines": frame("lines", [line("N1", "performance", "points", "due", "100")]),
        "payslips": frame("payslips", slips),
        "batches": frame("batches", [("B1", "performance", "示例", "T01", "wages", "P1", fen("90"))]),
    }
    scheme = payment.pay.model_copy(update={"tax": TaxRule(mode="elsewhere", document="示例财〔2026〕9号")})
    content = sheet_book(replace(payment, pay=scheme, tables=tables), whose(), read_budget())
    rows = texts(content, "绩效工资发放表-T01")
    person = next(row for row in rows if row and row[0] == 1 and row[1] == "P1")
    assert person[-4:] == [100, "—", 10, 90]
    whole = "\n".join("　".join(map(str, row)) for row in rows)
    assert "由财务合并代扣（示例财〔2026〕9号）" in whole
    assert "应发 100.00 = 实发 90.00 + 个税 0.00 + 代扣 10.00 + 未付 0.00" in whole
    assert "未付 1 人" not in whole


def up_and_down() -> tuple[list[Any], list[tuple[Any, ...]]]:
    """Lines and payslips: P1 gets 300.00, P2 gives back as much."""
    lines = [
        line("N1", "performance", "points", "due", "300", "G1"),
        line("N2", "performance", "points", "due", "-300", "G1"),
    ]
    slips = [
        ("2026-10", "T01", "P1", "wages", 0, 0, 0, fen("300"), 0, fen("300"), 0, 0, fen("300"), "ok"),
        ("2026-10", "T01", "P2", "wages", 0, 0, 0, 0, fen("-300"), fen("-300"), 0, 0, 0, "no_payment"),
    ]
    return lines, slips


def test_up_and_down_are_two_lines_and_not_set_off() -> None:
    payment = paid()
    lines, slips = up_and_down()
    tables = {name: frame(name, []) for name in payment.tables}
    tables |= {
        "lines": frame("lines", lines),
        "payslips": frame("payslips", slips),
        "recovery": frame("recovery", [("P2", fen("-300"), fen("-200"), fen("-100"), 0, fen("800"))]),
    }
    content = sheet_book(replace(payment, tables=tables), whose(), read_budget())
    rows = [row for row in texts(content, "补发扣回表") if row and row[0] in (1, 2)]
    assert [(row[3], row[-5], row[-4]) for row in rows] == [("P1", 300, 0), ("P2", 0, -300)]
    wages = [row for row in texts(content, "绩效工资发放表-T01") if row and row[0] in (1, 2)]
    assert [row[1] for row in wages] == ["P2", "P1"]
    assert [row[row.index("专业技术") + 2 :][:3] for row in wages] == [[0, -300, -300], [300, 0, 300]]
    assert [row[1] for row in texts(content, "扣回计划表") if row and row[0] == 1] == ["P2"]


def test_what_is_deferred_of_a_correction_is_no_recovery_and_the_capitals_say_what_is_payable() -> None:
    """P1 is due 300.00 more, 30.00 of it deferred; P2 gets back 12.00 less of what was released to him."""
    payment = paid()
    lines = [
        line("N1", "performance", "points", "deferred", "-30", "G1"),
        line("N1", "performance", "points", "due", "300", "G1"),
        line("N2", "performance", "points", "released", "-12", "G1"),
        line("N3", "performance", "points", "forfeited", "40", "G1"),
    ]
    tables = {name: frame(name, []) for name in payment.tables} | {"lines": frame("lines", lines)}
    rows = texts(sheet_book(replace(payment, tables=tables), whose(), read_budget()), "补发扣回表")
    head = next(row for row in rows if row and row[0] == "序号")
    assert head[-5:] == ["补发", "扣回", "递延", "应发增减", "依据"]
    told = [row for row in rows if row and row[0] in (1, 2, 3, 4) and len(row) > 10]
    assert [(row[3], *row[-5:-1]) for row in told] == [
        ("P1", 300, 0, 0, 300),
        ("P1", 0, 0, -30, -30),
        ("P2", 0, 0, -12, -12),
        ("P3", 0, 0, 0, 0),
    ]
    assert str(told[3][-1]).startswith("递延不再发放 40.00")
    whole = "\n".join("　".join(map(str, row)) for row in rows)
    assert "应发增减合计（大写）　人民币贰佰伍拾捌元整" in whole


def test_what_a_batch_pays_after_is_no_part_of_the_next_payment_on_paper() -> None:
    """P1 gets 119.85 now and owes nothing; P2 gets 50.00 now and gives back 200.00 of 1,000.00."""
    payment = paid()
    lines = [
        line("N1", "performance", "points", "due", "119.85", "G1"),
        line("N2", "performance", "points", "due", "50", "G1"),
        (*line("N4", "performance", "points", "due", "-300", "G1")[:3], "P2",
         *line("N4", "performance", "points", "due", "-300", "G1")[4:]),
    ]  # fmt: skip
    recovery = [
        ("P1", fen("119.85"), 0, 0, 0, fen("119.85")),
        ("P2", fen("-250"), fen("-200"), fen("-100"), 0, fen("850")),
    ]
    tables = {name: frame(name, []) for name in payment.tables}
    tables |= {"lines": frame("lines", lines), "recovery": frame("recovery", recovery)}
    rows = texts(sheet_book(replace(payment, tables=tables), whose(), read_budget()), "扣回计划表")
    # 1,000.00 − 200.00; the 50.00 stand in a batch
    assert [row[1:2] + row[4:9] for row in rows if row and row[0] in (1, 2)] == [["P2", -300, -200, -100, 0, 800]]
    none = {**tables, "recovery": frame("recovery", recovery[:1])}
    assert "扣回计划表" not in book(sheet_book(replace(payment, tables=none), whose(), read_budget())).sheetnames


def test_what_is_to_be_taken_back_stands_in_the_identities() -> None:
    """P1 gets 300.00, P2 gives back 300.00 later: due 0.00 = 300.00 paid − 300.00."""
    payment = paid()
    lines, slips = up_and_down()
    batches = [("B1", "performance", "示例", "T01", "wages", "P1", fen("300"))]
    tables = {name: frame(name, []) for name in payment.tables}
    tables |= {"lines": frame("lines", lines), "payslips": frame("payslips", slips)}
    tables |= {"batches": frame("batches", batches)}
    content = sheet_book(replace(payment, tables=tables), whose(), read_budget())
    for sheet, paid_out in (("绩效工资发放表-T01", "实发 300.00"), ("资金拨付审批表", "代发 300.00")):
        whole = "\n".join("　".join(map(str, row)) for row in texts(content, sheet))
        assert f"应发 0.00 = {paid_out}" in whole
        assert "未付 0.00 − 待扣回 300.00；" in whole


def test_deductions_of_who_is_not_paid_yet_are_told_beside_the_total() -> None:
    payment = paid()
    slips = payment["payslips"].copy()
    slips.loc[slips["person_code"] == "P3", "other"] = fen("63.50")
    content = sheet_book(replace(payment, tables={**payment.tables, "payslips": slips}), whose(), read_budget())
    whole = "\n".join("　".join(map(str, row)) for row in texts(content, "绩效工资发放表-T01"))
    assert "代扣 600.00 + 未付 3,000.00" in whole
    assert "其他代扣合计里有他们的 63.50，到时再扣" in whole
    assert "其他代扣合计里" not in "\n".join("　".join(map(str, row)) for row in texts(made(), "绩效工资发放表-T01"))


def test_weights_are_decimals_on_paper() -> None:
    weights = {row[1]: row[2] for row in texts(made(), "分配表") if len(row) > 5 and row[0] in (1, 2)}
    # 47/15 = 3.13333…
    assert weights == {"公卫科": "2.0", "内科": "≈ 3.133333", "签约组": "1.0"}


@pytest.mark.parametrize(("why", "said"), [(CORRECTS, "（更正补发）"), (COMPLETES, "（补付）"), ("", "")])
def test_the_sheet_of_what_follows_a_payment_says_so_in_its_title(why: str, said: str) -> None:
    sheet = book(sheet_book(replace(paid(), why=why), whose(), read_budget()))["绩效工资发放表-T01"]
    assert sheet["A1"].value == f"示例中心卫生院 2026年第3季度绩效工资发放表{said}"


def test_the_public_list_has_name_and_total_per_pool_and_nothing_else() -> None:
    rows = texts(public_book(paid(), whose()), "公示-T01")
    # P1 has 5,400.00 + 3,600.00 − 540.00 of the performance pool
    assert rows[2:] == [
        ["姓名", "绩效工资", "签约服务费"],
        ["张三", 8460, "—"],
        ["李四", 3000, "—"],
        ["王㛃", 3000, "—"],
        ["=赵六", 4000, "—"],
        ["欧阳小明", "—", 2000],
    ]
