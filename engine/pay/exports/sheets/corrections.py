"""补发扣回表: the signed lines of each case, up and down as two lines, with document; and what is recovered when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.money import format_yuan
from engine.pay.exports.paid import POINTS, Paid
from engine.pay.exports.persons import DEFERRED, DUE, FORFEITED, RELEASED
from engine.pay.exports.roster import Roster
from engine.pay.exports.sheets.listing import Listing, write_listing
from engine.pay.words import COMPONENTS
from engine.printing.page import Book, Column


def corrections(book: Book, paid: Paid, roster: Roster) -> None:
    """One sheet, and one of what is recovered from next payments; nothing where the folder corrects nothing."""
    if any(case for (case,) in paid.columns("lines", "case")):
        _lines(book, paid, roster, [row for row in paid.rows("lines") if row["case"]])
    _recovery(book, paid, roster)


def _lines(book: Book, paid: Paid, roster: Roster, cases: list[Mapping[str, Any]]) -> None:
    columns = [
        Column("序号", 34, "count"),
        Column("更正编号", 58, "code"),
        Column("机构", 120),
        Column("人员编号", 70, "code"),
        Column("姓名", 72),
        Column("证件号码", 124, "code"),
        Column("资金池/项目", 116),
        Column("类别", 58, "center"),
        *(Column(title, 80, "money") for title in ("补发", "扣回", "递延", "应发增减")),
        Column("依据", 130),
    ]
    decided = _decided(paid)
    ordered = sorted(
        cases,
        key=lambda row: (str(row["case"]), str(row["unit_code"]), str(row["person_code"]), row["component"] != DUE),
    )
    rows = []
    for at, row in enumerate(ordered, start=1):
        code, pool, item = str(row["person_code"]), str(row["pool"]), str(row["item"])
        what = paid.pool(pool) if item == POINTS else f"{paid.item(item)}（{paid.pool(pool)}）"
        person = roster.persons[code]
        component = str(row["component"])
        document = decided.get(str(row["case"])) or str(row["document"] or "")
        if component == FORFEITED:
            document = f"递延不再发放 {format_yuan(row['amount'], thousands=True)}；{document}"
        rows.append([
            at, row["case"], paid.unit(str(row["unit_code"])), code, person.name, person.masked, what,
            COMPONENTS.get(component, component), *_amounts(component, int(row["amount"])), document,
        ])  # fmt: skip
    said = [f"所属期间：{paid.period_title}　　发放月份：{paid.month_title}　　单位：元　　校验码：{paid.short}"]
    title = f"{paid.period_title}补发扣回表"
    notes = [
        "补发和扣回分行列示，不相抵。应发增减 = 补发 + 扣回 + 递延：新增的递延不在本次发放，以后按方案发放。",
        "原发放文件夹和发放表不改。",
    ]
    write_listing(
        book, Listing("补发扣回表", title, "每件更正对每人的补发和扣回", columns, said, rows, notes, 11, "行")
    )


def _amounts(component: str, fen: int) -> tuple[int, int, int, int]:
    """Paid after, taken back, what deferral and release make of it, and what of it is payable."""
    if component == FORFEITED:
        return 0, 0, 0, 0
    if component in (DEFERRED, RELEASED):
        return 0, 0, fen, fen
    return max(fen, 0), min(fen, 0), 0, fen


def _decided(paid: Paid) -> Mapping[str, str]:
    cases = paid.people["cases"]
    return {str(row["case_no"]): str(row["document"] or "") for row in cases.to_dict("records")}


def _recovery(book: Book, paid: Paid, roster: Roster) -> None:
    more = _paid_after(paid)
    found = [row for row in paid.rows("recovery") if row["payable_delta"] < more.get(row["person_code"], 0)]
    if not found:
        return
    columns = [
        Column("序号", 34, "count"),
        Column("人员编号", 80, "code"),
        Column("姓名", 80),
        Column("证件号码", 140, "code"),
        Column("应扣回", 100, "money"),
        Column("从下次发放扣回", 110, "money"),
        Column("结转以后扣回", 100, "money"),
        Column("应收款", 100, "money"),
        Column("扣回后的下次发放", 116, "money"),
        Column("备注", 130),
    ]
    rows = [
        [
            at,
            row["person_code"],
            roster.persons[row["person_code"]].name,
            roster.persons[row["person_code"]].masked,
            row["payable_delta"] - more.get(row["person_code"], 0),
            *(row[name] or 0 for name in ("recovered", "carried", "receivable")),
            row["next_payment"] - more.get(row["person_code"], 0),
            "已离开或没有下次发放" if row["receivable"] else "",
        ]
        for at, row in enumerate(found, start=1)
    ]
    said = [f"所属期间：{paid.period_title}　　单位：元　　校验码：{paid.short}"]
    notes = [
        "扣回从下次发放中扣，不超过方案规定的比例；应收款由机构先负担，不由其他职工负担。本次补发已列代发批次，不在下次发放内。"
    ]
    title = f"{paid.period_title}扣回计划表"
    write_listing(book, Listing("扣回计划表", title, "每人的扣回、结转和应收", columns, said, rows, notes, 4))


def _paid_after(paid: Paid) -> Mapping[str, int]:
    """What each person is paid after by this folder's own batches: no payer's 补发 sets off what another takes back."""
    sums: dict[tuple[str, str], int] = {}
    for person, payer, component, fen in paid.columns("lines", "person_code", "paid_through", "component", "amount"):
        if component != FORFEITED:
            sums[person, payer] = sums.get((person, payer), 0) + fen
    found: dict[str, int] = {}
    for (person, _), fen in sums.items():
        found[person] = found.get(person, 0) + max(fen, 0)
    return found
