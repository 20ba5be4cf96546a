"""The auditor's workbook: findings, quota ledger, every person's year, batches. Codes; ID numbers masked."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime

import xlsxwriter

from engine.pay.exports.audit.batches import batch_findings, batch_rows
from engine.pay.exports.audit.findings import Finding, findings
from engine.pay.exports.paid import POINTS, Paid, records
from engine.pay.exports.register import Register
from engine.pay.exports.roster import mask
from engine.pay.exports.sheets.listing import Listing, write_listing
from engine.pay.people import People
from engine.pay.words import COMPONENTS
from engine.printing.page import OPTIONS, Book, Column

_IN_TOTAL = {"yes": "计入", "no": "不计入", "separate": "单列"}


def audited(payments: Sequence[Paid], registers: Sequence[Register], people: People | None) -> list[Finding]:
    """Everything found in the folders and in what was exported of them."""
    of_batches = [
        one for paid, register in zip(payments, registers, strict=True) for one in batch_findings(paid, register)
    ]
    return sorted({*findings(payments, people), *of_batches})


def audit_book(
    payments: Sequence[Paid], registers: Sequence[Register], people: People | None, found: Sequence[Finding],
    person: str = "",
) -> bytes:  # fmt: skip
    """The workbook. person: only this one's year; "" of everybody."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, deepcopy(OPTIONS)) as workbook:
        workbook.set_properties({"title": "绩效发放审计表", "created": datetime(2000, 1, 1, tzinfo=UTC)})
        said = "、".join(f"{paid.name}（{paid.period} {paid.month}）" for paid in payments)
        book = Book(workbook, payments[0].plan_title if payments else "", said[:60])
        _findings(book, found)
        _quota(book, payments)
        _year(book, payments, people, person)
        _batches(book, payments, registers)
    return held.getvalue()


def _findings(book: Book, found: Sequence[Finding]) -> None:
    columns = [
        Column("序号", 40, "count"),
        Column("代码", 160, "code"),
        Column("位置", 240),
        Column("机构", 90, "code"),
        Column("人员编号", 90, "code"),
        Column("发现", 410),
    ]
    page = book.page("发现", "须核实的事项和所在单元格", "审计发现", columns, [f"共 {len(found)} 项"])
    page.headings(freeze=2)
    for at, one in enumerate(found, start=1):
        page.row([at, one.code, one.where, one.unit, one.person, one.said])
    page.close()


def _quota(book: Book, payments: Sequence[Paid]) -> None:
    names = ("approved", "used_before", "used_now", "moved_in", "moved_out", "left")
    titles = ("核定总量", "已发及已承诺", "本次使用", "调入", "调出", "余额")
    columns = [
        Column("发放结果", 120),
        Column("机构", 100, "code"),
        Column("批复文号", 180),
        Column("资金池", 110),
        *(Column(title, 95, "money") for title in titles),
    ]
    page = book.page("总量台账", "批复、已用、余额", "绩效工资总量台账", columns, ["单位：元"])
    page.headings(freeze=2)
    for paid in payments:
        for row in paid.rows("quota"):
            pool = paid.pool(row["pool"]) if row["pool"] else "合计"
            page.row([paid.name, row["unit_code"], row["document"], pool, *(row[name] for name in names)])
    page.close()


def _year(book: Book, payments: Sequence[Paid], people: People | None, person: str) -> None:
    columns = [
        Column("序号", 40, "count"),
        Column("人员编号", 90, "code"),
        Column("证件号码", 130, "code"),
        Column("机构", 70, "code"),
        Column("发放单位", 70, "code"),
        Column("期间", 70, "code"),
        Column("发放月份", 70, "code"),
        Column("资金池/项目", 170),
        Column("类别", 70, "center"),
        Column("总量", 56, "center"),
        Column("金额", 95, "money"),
        Column("依据", 150),
        Column("更正", 60, "code"),
    ]
    ids: Mapping[str, str] = (
        {}
        if people is None
        else {str(row["person_code"]): mask(str(row["id_number"] or "")) for row in records(people["people"])}
    )
    kept = [
        (line["person_code"], paid, line)
        for paid in payments
        for line in paid.rows("lines")
        if person in ("", line["person_code"])
    ]
    kept.sort(key=lambda one: (one[0], one[1].month, one[1].name, one[2]["unit_code"], one[2]["pool"], one[2]["item"]))
    rows = []
    for at, (code, paid, line) in enumerate(kept, start=1):
        pool = paid.pool(line["pool"])
        what = pool if line["item"] == POINTS else f"{paid.item(line['item'])}（{pool}）"
        kind = COMPONENTS.get(line["component"], line["component"])
        counted = _IN_TOTAL.get(line["in_total"], line["in_total"])
        rows.append([
            at, code, ids.get(code, ""), line["unit_code"], line["paid_through"], paid.period, paid.month, what, kind,
            counted, line["amount"], line["document"], line["case"],
        ])  # fmt: skip
    write_listing(
        book,
        Listing(
            "个人全年", "个人全年发放明细", "每人在各机构、各项目的全部发放", columns, ["单位：元"], rows, [], 10, "行"
        ),
    )


def _batches(book: Book, payments: Sequence[Paid], registers: Sequence[Register]) -> None:
    columns = [
        Column("发放结果", 110),
        Column("批次号", 120, "code"),
        Column("付款单位", 80, "code"),
        Column("指标文号", 140),
        Column("状态", 80, "center"),
        Column("笔数", 50, "count"),
        Column("金额", 100, "money"),
        Column("校验和或原因", 350),
    ]
    page = book.page("批次", "代发批次的导出、作废和银行结果", "代发批次登记", columns, ["单位：元"])
    page.headings(freeze=2)
    for paid, register in zip(payments, registers, strict=True):
        page.line(f"{paid.name}　　校验码：{paid.short}", bold=True)
        for row in batch_rows(paid, register):
            page.row(row)
    page.close()
