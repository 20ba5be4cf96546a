"""Slips, tax lists, treasury, vouchers, and who a code is."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from domain.problems import InputProblems, Refused
from engine.pay.exports.budget import read_budget
from engine.pay.exports.layout import read_layout
from engine.pay.exports.roster import roster
from engine.pay.exports.slips import _slips, slip_pdfs, slips_pdf
from engine.pay.exports.taxform import persons_taxed, tax_book
from engine.pay.exports.treasury import treasury_book
from engine.pay.people import People
from tests.engine.pay.exports.making import ACCOUNTS, IDS, KEY, NAMES, fen, paid, people, table, token, whose


def rows(content: bytes, sheet: str) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content))[sheet].iter_rows(values_only=True))


def lists() -> bytes:
    layouts = {
        "wages": read_layout("tax-wages", "tax_wages").layout,
        "labour": read_layout("tax-labour", "tax_labour").layout,
    }
    return tax_book(paid(), whose(), layouts)


def test_the_wages_list_has_33_columns_and_the_payer_s_persons_alone() -> None:
    head, *found = rows(lists(), "正常工资薪金所得-T01")
    assert len(head) == 33
    assert head[:8] == ("工号", "姓名", "证件类型", "证件号码", "所得期间起", "所得期间止", "本期收入", "本期免税收入")
    assert head[-2:] == ("已缴税额", "备注")
    assert [row[1] for row in found] == ["张三", "李四", "王㛃"]
    first = dict(zip(head, found[0], strict=True))
    assert first["证件号码"] == IDS["P1"]
    assert (first["所得期间起"], first["所得期间止"]) == ("2026-10-01", "2026-10-31")
    assert (first["本期收入"], first["基本养老保险费"], first["累计子女教育"]) == (8460, 400, None)


def test_labour_has_a_list_of_its_own() -> None:
    head, *found = rows(lists(), "劳务报酬-T01")
    assert len(head) == 14
    assert [(row[1], row[4], row[5]) for row in found] == [("欧阳小明", "一般劳务报酬所得", 2000)]
    assert persons_taxed(paid()) == set(NAMES)


def test_ids_stay_text_in_the_list() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(lists()))["正常工资薪金所得-T01"]
    assert (sheet["D3"].value, sheet["D3"].data_type) == (IDS["P2"], "s")


def test_the_voucher_s_debits_are_its_credits() -> None:
    content = treasury_book(paid(), whose(), read_layout("treasury", "treasury").layout, read_budget())
    entries = rows(content, "凭证草稿")[2:]
    debit = round(sum(row[6] or 0 for row in entries), 2)  # type: ignore[misc]
    assert debit == round(sum(row[7] or 0 for row in entries), 2)  # type: ignore[misc]
    # due 4,000 + 14,460 wages; settled 4,000 + 11,460 wages and 2,000 labour
    assert debit == 4000 + 14460 + 4000 + 11460 + 2000
    assert {row[3] for row in entries} == {"5001", "2201", "1002", "2102", "2307"}
    head, *found = rows(content, "财政统发")
    one = dict(zip(head, next(row for row in found if row[3] == "P1"), strict=True))
    assert (one["应发工资"], one["扣款合计"], one["实发工资"], one["工资卡卡号"]) == (
        8460,
        503.8,
        7956.2,
        ACCOUNTS["P1"],
    )


def test_lists_fit_the_width_of_a_page() -> None:
    content = treasury_book(paid(), whose(), read_layout("treasury", "treasury").layout, read_budget())
    for whole in (lists(), content):
        for sheet in openpyxl.load_workbook(io.BytesIO(whole)).worksheets:
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in {(1, 0), (None, 0)}
            assert sheet.page_setup.orientation == "landscape"


def test_the_treasury_s_table_says_why_a_row_is_blank() -> None:
    content = treasury_book(paid(), whose(), read_layout("treasury", "treasury").layout, read_budget())
    head, *found = rows(content, "财政统发")
    told = {row[3]: dict(zip(head, row, strict=True)) for row in found}
    assert (told["P3"]["实发工资"], told["P3"]["备注"]) == (None, "缺个税累计数")
    assert not told["P1"]["备注"]


def test_head_and_foot_lines_of_a_list_are_written() -> None:
    given = read_layout("tax-wages", "tax_wages").layout
    wages = given.model_copy(update={"head": [["{payer_name} {month}"]], "foot": [["{count} 人", "{total}"]]})
    layouts = {"wages": wages, "labour": read_layout("tax-labour", "tax_labour").layout}
    found = rows(tax_book(paid(), whose(), layouts), "正常工资薪金所得-T01")
    assert found[0][0] == "示例中心卫生院 202610"
    # 8,460 + 3,000 + 3,000
    assert found[-1][:2] == ("3 人", "14460.00")
    treasury = read_layout("treasury", "treasury").layout.model_copy(update={"foot": [["实发合计", "{total}"]]})
    # 4,000 + 7,956.20 + 2,800 + 1,760; P3 is not paid yet
    told = rows(treasury_book(paid(), whose(), treasury, read_budget()), "财政统发")
    assert told[-1][:2] == ("实发合计", "16516.20")


def test_vouchers_that_do_not_balance_or_name_no_amount_are_refused(tmp_path: Path) -> None:
    good = Path("configs/exports/budget.yaml").read_text("utf-8")
    path = tmp_path / "budget.yaml"
    for old, new, said in (("side: credit", "side: debit", "借贷不平"), ("amount: net", "amount: nett", "nett|net")):
        assert old in good
        path.write_text(good.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(InputProblems, match=said):
            read_budget(path)


def test_a_slip_has_no_taxable_income_below_nothing() -> None:
    payment = paid()
    taxes = payment["tax"].copy()
    taxes.loc[taxes["person_code"] == "P2", ["taxable", "rate"]] = [-fen("12000"), ""]
    made = _slips(replace(payment, tables={**payment.tables, "tax": taxes}), whose())
    (note, _) = made["P2"][0]["notes"]
    assert "没有应纳税所得额" in note
    assert "-" not in note


def test_slips_are_the_same_bytes_again_and_each_person_has_one() -> None:
    content = slips_pdf(paid(), whose())
    assert content.startswith(b"%PDF")
    assert content == slips_pdf(paid(), whose())
    assert set(slip_pdfs(paid(), whose())) == set(NAMES)


def test_a_name_that_cannot_be_printed_is_told_at_its_cell() -> None:
    listed = people()["people"].copy()
    listed.loc[listed["person_code"] == "P2", "name"] = "李\U0001f600"
    with pytest.raises(InputProblems, match="GLYPH"):
        slips_pdf(paid(), whose(None, people(people=listed)))


def test_another_key_another_id_and_a_person_who_is_not_there() -> None:
    with pytest.raises(Refused, match="PAY-KEY"):
        roster(paid(), people(), "人员.xlsx", token, "k2", NAMES)
    listed = people()["people"].copy()
    listed.loc[listed["person_code"] == "P2", "id_number"] = IDS["P1"]
    with pytest.raises(InputProblems) as error:
        whose(None, people(people=listed[listed["person_code"] != "P3"]))
    assert [(one.code, one.where) for one in error.value.problems] == [
        ("PAY-ID", "人员.xlsx people!A3"),
        ("PERSON-UNKNOWN", "人员.xlsx"),
    ]
    assert IDS["P1"] not in str(error.value)


def test_who_had_no_id_when_paid_is_not_checked_but_counted() -> None:
    payment = paid()
    kept = pd.DataFrame([{"person_code": "P1", "id_type": "", "id_token": ""}], dtype=object)
    without = replace(payment, people=People({**payment.people.tables, "people": kept}))
    assert roster(without, people(), "人员.xlsx", token, KEY, ["P1"]).name("P1") == "张三"
    assert without.checked == set()
    assert payment.checked == set(NAMES)


def test_the_cell_of_a_column_goes_before_the_row_s() -> None:
    listed = table("people", [{"person_code": "P1", "name": "张三", "id_number": IDS["P1"]}])
    listed["name_at"] = ["人员.xlsx 人员表!B9"]
    found = roster(paid(), people(people=listed), "人员.xlsx", token, KEY, ["P1"]).persons["P1"]
    assert (found.at["name"], found.at["id_number"]) == ("人员.xlsx 人员表!B9", "人员.xlsx people!A2")
