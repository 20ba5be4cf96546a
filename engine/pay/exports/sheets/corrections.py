"""补发扣回表: the signed lines of each case, up and down as two lines, with document; and what is recovered when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.pay.exports.paid import POINTS, Paid
from engine.pay.exports.roster import Roster
from engine.pay.exports.sheets.listing import Listing, write_listing
from engine.pay.exports.words import COMPONENTS
from engine.printing.page import Book, Column


def corrections(book: Book, paid: Paid, roster: Roster) -> None:
    """One sheet, and one of what is recovered from next payments; nothing where the folder corrects nothing."""
    if any(case for (case,) in paid.columns("lines", "case")):
        _lines(book, paid, roster, [row for row in paid.rows("lines") if row["case"]])
    _recovery(book, paid, roster)


def _lines(book: Book, paid: Paid, roster: Roster, cases: list[Mapping[str, Any]]) -> None:
    columns = [
        Column("序号", 34, "count"),
        Column("更正编号", 66, "code"),
        Column("机构", 134),
        Column("人员编号", 74, "code"),
        Column("姓名", 78),
        Column("证件号码", 128, "code"),
        Column("资金池/项目", 130),
        Column("类别", 60, "center"),
        Column("补发", 88, "money"),
        Column("扣回", 88, "money"),
        Column("依据", 160),
    ]
    decided = _decided(paid)
    ordered = sorted(cases, key=lambda row: (str(row["case"]), str(row["unit_code"]), str(row["person_code"])))
    rows = []
    for at, row in enumerate(ordered, start=1):
        code, amount = str(row["person_code"]), int(str(row["amount"]))
        pool, item = str(row["pool"]), str(row["item"])
        what = paid.pool(pool) if item == POINTS else f"{paid.item(item)}（{paid.pool(pool)}）"
        person = roster.persons[code]
        kind = COMPONENTS.get(str(row["component"]), str(row["component"]))
        document = decided.get(str(row["case"])) or str(row["document"] or "")
        up, down = max(amount, 0), min(amount, 0)
        rows.append(
            [
                at,
                row["case"],
                paid.unit(str(row["unit_code"])),
                code,
                person.name,
                person.masked,
                what,
                kind,
                up,
                down,
                document,
            ]
        )
    said = [f"所属期间：{paid.period_title}　　发放月份：{paid.month_title}　　单位：元　　校验码：{paid.short}"]
    title = f"{paid.period_title}补发扣回表"
    notes = ["补发和扣回分行列示，不相抵。原发放文件夹和发放表不改。"]
    write_listing(book, Listing("补发扣回表", title, "每件更正对每人的补发和扣回", columns, said, rows, notes, 8, "行"))


def _decided(paid: Paid) -> Mapping[str, str]:
    cases = paid.people["cases"]
    return {str(row["case_no"]): str(row["document"] or "") for row in cases.to_dict("records")}


def _recovery(book: Book, paid: Paid, roster: Roster) -> None:
    found = list(paid.rows("recovery"))
    if not found:
        return
    columns = [
        Column("序号", 34, "count"),
        Column("人员编号", 80, "code"),
        Column("姓名", 80),
        Column("证件号码", 140, "code"),
        Column("更正应发增减", 110, "money"),
        Column("本次扣回", 110, "money"),
        Column("结转以后扣回", 110, "money"),
        Column("应收款", 110, "money"),
        Column("下次发放", 110, "money"),
        Column("备注", 120),
    ]
    rows = [
        [
            at,
            row["person_code"],
            roster.persons[row["person_code"]].name,
            roster.persons[row["person_code"]].masked,
            *(row[name] or 0 for name in ("payable_delta", "recovered", "carried", "receivable", "next_payment")),
            "已离开或没有下次发放" if row["receivable"] else "",
        ]
        for at, row in enumerate(found, start=1)
    ]
    said = [f"所属期间：{paid.period_title}　　单位：元　　校验码：{paid.short}"]
    notes = ["扣回从下次发放中扣，不超过方案规定的比例；应收款由机构先负担，不由其他职工负担。"]
    title = f"{paid.period_title}扣回计划表"
    write_listing(book, Listing("扣回计划表", title, "每人的扣回、结转和应收", columns, said, rows, notes, 8))
