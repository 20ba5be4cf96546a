"""What an auditor finds, each with its cell; the workbook holds codes and masked ID numbers alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from engine.pay.exports.audit.book import audit_book, audited
from engine.pay.exports.audit.findings import findings
from engine.pay.exports.paid import CORRECTS, Paid
from engine.pay.exports.register import Entry, Register
from engine.pay.people import People
from engine.pay.result import frame
from tests.engine.pay.exports.making import ACCOUNTS, IDS, NAMES, fen, paid, people, posts, slip, table


def found(*payments: Paid, of: People | None = None) -> list[tuple[str, str, str]]:
    registers = [Register(Path(f"{one.name}.exports.csv"), []) for one in payments]
    return [(one.code, one.where, one.person) for one in audited(payments, registers, of)]


def with_posts(change: dict[str, object], person: str) -> Paid:
    payment = paid()
    rows = [{**row, **(change if row["person_code"] == person else {})} for row in posts()]
    return replace(payment, people=People({**payment.people.tables, "posts": table("posts", rows)}))


def with_table(name: str, change: Callable[[list[list[object]]], None]) -> Paid:
    payment = paid()
    rows = [list(row) for row in payment[name].itertuples(index=False, name=None)]
    change(rows)
    return replace(payment, tables={**payment.tables, name: frame(name, [tuple(row) for row in rows])})


def test_a_sound_payment_has_no_finding() -> None:
    assert found(paid(), of=people()) == []


def test_a_head_in_a_pool() -> None:
    assert found(with_posts({"role": "head"}, "P2")) == [("PAY-HEAD-SHARES", "发放/lines.csv!H5", "P2")]


def test_pay_after_leaving() -> None:
    assert found(with_posts({"to": date(2026, 6, 30)}, "P2")) == [("PAY-LEFT", "发放/lines.csv!H5", "P2")]
    assert found(with_posts({"to": date(2026, 7, 1)}, "P2")) == []


def test_money_without_a_document() -> None:
    def blank(rows: list[list[object]]) -> None:
        rows[0][9] = ""

    assert found(with_table("units", blank)) == [("PAY-NO-DOCUMENT", "发放/units.csv!J2", "")]
    assert found(with_posts({"document": ""}, "P5")) == [("PAY-LABOUR-NO-DOCUMENT", "人员.xlsx posts!A6", "P5")]


def test_labour_on_the_wage_sheet() -> None:
    payment = with_posts({"tax_kind": "wages"}, "P5")
    slips = [row for row in payment["payslips"].itertuples(index=False, name=None) if row[2] != "P5"]
    slips.append(slip("P5", "T01", "wages", "2000", "240", "0"))
    batches = [
        (*row[:4], "wages", *row[5:]) if row[5] == "P5" else row
        for row in payment["batches"].itertuples(index=False, name=None)
    ]
    payment = replace(
        payment, pay=payment.pay.model_copy(update={"labour_staffing": ["返聘"]}),
        tables={**payment.tables, "payslips": frame("payslips", slips), "batches": frame("batches", batches)},
    )  # fmt: skip
    assert found(payment) == [("PAY-LABOUR-ON-WAGES", "发放/lines.csv!H8", "P5")]


def test_net_that_is_not_what_the_bank_pays() -> None:
    def less(rows: list[list[object]]) -> None:
        rows[1][6] = fen("2799.99")

    assert found(with_table("batches", less)) == [("PAY-NET-BANK", "发放/payslips.csv!M4", "P2")]


def test_two_persons_of_one_account() -> None:
    accounts = people()["accounts"].copy()
    accounts["account"] = ["1", "1", "2", "3", "4"]
    assert found(paid(), of=people(accounts=accounts)) == [
        ("BANK-SAME-ACCOUNT", "人员.xlsx accounts!A2", "P1"),
        ("BANK-SAME-ACCOUNT", "人员.xlsx accounts!A3", "P2"),
    ]


def test_over_the_total_in_one_folder_and_over_several() -> None:
    def over(rows: list[list[object]]) -> None:
        rows[0][4] = fen("118999.99")

    # 100,000.00 before + 19,000.00 now = 119,000.00
    assert found(with_table("quota", over)) == [("PAY-OVER-TOTAL", "发放/quota.csv!G2", "")]

    def near(rows: list[list[object]]) -> None:
        rows[0][4] = fen("137999.99")

    one, other = with_table("quota", near), replace(with_table("quota", near), name="另发", digest="d2")
    assert found(one) == []
    told = [code for code, _, _ in found(one, other) if code != "PAY-PAID"]
    assert told == ["PAY-OVER-TOTAL"], "100,000 + 19,000 + 19,000 > 137,999.99"


def earmarked(name: str, first: date, last: date | None, digest: str, follows: str = "") -> Paid:
    payment = paid()
    rows = [{"period": "2026Q3", "post_no": "N1", "item": "gp", "from": first, "to": last, "document": "示例"}]
    kept = People({**payment.people.tables, "earmarks": table("earmarks", rows)})
    return replace(payment, name=name, digest=digest, follows=follows, people=kept)


def test_an_earmark_twice_over_folders() -> None:
    one = earmarked("一", date(2026, 7, 1), date(2026, 9, 30), "d1")
    other = earmarked("二", date(2026, 9, 30), date(2026, 10, 31), "d2")
    assert ("PAY-EARMARK-TWICE", "二: 人员.xlsx earmarks!A2", "P1") in found(one, other)
    after = earmarked("二", date(2026, 10, 1), date(2026, 10, 31), "d2")
    assert {code for code, _, _ in found(one, after)} == {"PAY-PAID"}
    assert found(one, replace(other, follows="d1")) == [], "what completes a folder is no second payment"


def test_an_item_of_posts_may_be_paid_for_each_and_one_person_is_one_under_another_code() -> None:
    one = earmarked("一", date(2026, 7, 1), date(2026, 9, 30), "d1")
    other = earmarked("二", date(2026, 9, 1), date(2026, 10, 31), "d2")
    renamed = people_as(other, "P1", "P9")
    assert "PAY-EARMARK-TWICE" in {code for code, _, _ in found(one, renamed)}
    (item,) = one.pay.items
    by_post = one.pay.model_copy(update={"items": [item.model_copy(update={"across": "post"})]})
    apart = replace(second_post(other), pay=by_post)
    assert "PAY-EARMARK-TWICE" not in {code for code, _, _ in found(replace(one, pay=by_post), apart)}


def people_as(payment: Paid, old: str, new: str) -> Paid:
    """The same person under another code."""
    tables = {name: frame.replace({"person_code": {old: new}}) for name, frame in payment.people.tables.items()}
    lines = payment["lines"].replace({"person_code": {old: new}})
    return replace(payment, people=People(tables), tables={**payment.tables, "lines": lines})


def second_post(payment: Paid) -> Paid:
    """The earmark is of another post of the person."""
    tables = {name: frame.replace({"post_no": {"N1": "N8"}}) for name, frame in payment.people.tables.items()}
    lines = payment["lines"].replace({"post_no": {"N1": "N8"}})
    return replace(payment, people=People(tables), tables={**payment.tables, "lines": lines})


def test_an_open_earmark_goes_on_to_the_end_of_its_period() -> None:
    one = earmarked("一", date(2026, 7, 1), None, "d1")
    other = earmarked("二", date(2026, 9, 30), date(2026, 10, 31), "d2")
    assert "PAY-EARMARK-TWICE" in {code for code, _, _ in found(one, other)}


def test_a_folder_that_two_others_correct() -> None:
    old = paid()
    first = replace(old, name="更正一", digest="c1", follows=old.digest, why=CORRECTS)
    lines = old["lines"].assign(case="2", person_code="P9")
    second = replace(first, name="更正二", digest="c2", tables={**old.tables, "lines": lines})
    told = [(one.where, one.said) for one in findings([old, first, second], None) if one.code == "PAY-PAID"]
    assert told == [("更正二/lines.csv!N2", "更正的发放结果已由 更正一 更正")]


def test_a_batch_without_a_payslip_is_told_at_its_cell() -> None:
    payment = paid()
    slips = payment["payslips"][payment["payslips"]["person_code"] != "P5"]
    told = found(replace(payment, tables={**payment.tables, "payslips": slips}))
    assert ("PAY-NET-BANK", "发放/batches.csv!G4", "P5") in told


def test_what_two_folders_pay() -> None:
    one, other = paid(), replace(paid(), name="另发", digest="d2")
    twice = [(code, person) for code, _, person in found(one, other) if code == "PAY-PAID"]
    assert twice, "the same period, institution and pool"
    assert {person for _, person in twice} == {""}
    after = replace(other, follows=one.digest)
    assert "PAY-PAID" not in [code for code, _, _ in found(one, after)], "what completes a folder is no second payment"
    third = replace(after, name="再补", digest="d3")
    again = [(where.split("/")[0], person) for code, where, person in found(one, after, third) if code == "PAY-PAID"]
    assert ("再补", "P2") in again, "two that complete the same folder"
    assert {name for name, _ in again} == {"再补"}


def test_voids_and_exports_that_are_not_their_batch_are_told() -> None:
    register = Register(Path("发放.exports.csv"), [
        Entry("exported", "B1", "B1", amount="1.00", rows="2"),
        Entry("voided", "B2", "B2", reason="写错"),
    ])  # fmt: skip
    said = [(one.code, one.where, one.said) for one in audited([paid()], [register], None)]
    assert said == [
        ("BATCH-VOIDED", "发放.exports.csv!K3", "批次 B2 作废过: 写错"),
        ("PAY-NET-BANK", "发放.exports.csv!H2", "批次 B1 是 10756.20, 导出 1.00"),
    ]


@pytest.mark.parametrize("person", ["", "P1"])
def test_the_workbook_has_codes_and_masks_alone(person: str) -> None:
    register = Register(
        Path("发放.exports.csv"), [Entry("exported", "B1", "B1", amount="10756.20", rows="2", sha256="abc")]
    )
    content = audit_book([paid()], [register], people(), audited([paid()], [register], people()), person)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        whole = "".join(package.read(name).decode() for name in package.namelist())
    assert not [one for one in (*NAMES.values(), *IDS.values(), *ACCOUNTS.values()) if one in whole]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["发现", "总量台账", "个人全年", "批次"]
    year = [row for row in book["个人全年"].iter_rows(values_only=True) if isinstance(row[0], int)]
    assert {row[1] for row in year} == ({person} if person else set(NAMES))
    assert year[0][1:3] == ("P1", "110***********002X")
    assert sum(row[10] for row in year if row[1] == "P1") == 8460
    assert any(row[7] == "abc" for row in book["批次"].iter_rows(values_only=True))
