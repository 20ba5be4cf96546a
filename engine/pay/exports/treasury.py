"""财政统发 and bookkeeping: every payslip in the columns of the treasury's platform, and a draft of the vouchers.

Both are mappings in YAML (`configs/exports/treasury.yaml`, `budget.yaml`): examples, which a county replaces.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from engine.pay.exports.budget import Budget, Entry
from engine.pay.exports.layout import Layout
from engine.pay.exports.paid import KINDS, OK, Paid
from engine.pay.exports.persons import Post, posts_of
from engine.pay.exports.roster import Roster
from engine.pay.exports.words import status_words
from engine.pay.exports.written import Row, laid_out, workbook

_VOUCHER = {
    "id": "voucher", "title": "会计凭证草稿", "kind": "treasury", "status": "example", "format": "xlsx",
    "sheet": "凭证草稿",
    "columns": [
        {"title": "序号", "field": "seq"},
        {"title": "单位", "field": "payer_name"},
        {"title": "摘要", "field": "nature"},
        {"title": "科目编码", "field": "function"},
        {"title": "科目名称", "field": "name"},
        {"title": "部门经济分类", "field": "department"},
        {"title": "借方金额", "field": "up"},
        {"title": "贷方金额", "field": "down"},
    ],
}  # fmt: skip


def treasury_book(paid: Paid, roster: Roster, layout: Layout, budget: Budget) -> bytes:
    """The workbook: the treasury's table, and the vouchers' draft."""
    rows = _rows(paid, roster, budget)
    sheets = [laid_out(layout, rows, {"month": paid.month.replace("-", ""), "part": "1", "parts": "1"})]
    voucher = Layout.model_validate(_VOUCHER)
    sheets.append((voucher, _voucher(paid, budget), [["草稿：科目为示例, 由财务核对后入账", paid.period_title]], ()))
    return workbook(sheets, f"{paid.month_title}{layout.title}")


def _rows(paid: Paid, roster: Roster, budget: Budget) -> list[Row]:
    posts = _first_posts(paid)
    made = []
    for seq, slip in enumerate(paid.rows("payslips"), start=1):
        person, account = roster.persons[slip["person_code"]], roster.accounts.get(slip["person_code"])
        post = posts.get((slip["payer"], slip["person_code"], slip["kind"]))
        cut = None if slip["net"] is None else (slip["tax"] or 0) + (slip["other"] or 0)
        values: dict[str, str | int | None] = {
            **{name: slip[name] for name in ("gross", "up", "down", "payable", "tax", "other", "net")},
            "seq": seq, "person_code": slip["person_code"], "name": person.name, "payer": slip["payer"],
            "payer_name": paid.unit(slip["payer"]), "month": paid.month.replace("-", ""), "cut": cut,
            "note": status_words(slip["status"]),
            "nature": "补发" if slip["up"] or slip["down"] else "正常",
            "home_unit": post.home if post else "",
            "home_unit_name": paid.unit(post.home) if post and post.home else "",
            "staffing": post.staffing if post else "", "category": post.category if post else "",
            "grade": post.grade if post else "", "bank": account.bank if account else "",
            "account": account.account if account else "", "function": budget.function_of(slip["payer"]),
            "department": _department(paid, budget, slip["kind"]),
            "government": budget.titled(budget.government.get(slip["kind"], "")),
        }  # fmt: skip
        made.append(Row(values, person.at))
    return made


def _department(paid: Paid, budget: Budget, kind: str) -> str:
    codes: Mapping[str, str] = {str(name): code for name, code in paid.pay.codes.items()}
    return budget.titled(codes.get(kind, budget.department.get(kind, "")))


def _first_posts(paid: Paid) -> Mapping[tuple[str, str, str], Post]:
    """The first post of each person that a payer pays, by kind."""
    posts = posts_of(paid)
    found: dict[tuple[str, str, str], Post] = {}
    for line in paid.rows("lines"):
        if post := posts.get(line["post_no"]):
            found.setdefault((line["paid_through"], line["person_code"], line["kind"]), post)
    return found


def _voucher(paid: Paid, budget: Budget) -> list[Row]:
    """What is due and what is settled now, per payer and kind: debits and credits are equal."""
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for slip in paid.rows("payslips"):
        one = sums[slip["payer"], slip["kind"]]
        one["payable"] += slip["payable"]
        if slip["status"] == OK:
            one["paid"] += slip["payable"]
            for name in ("net", "tax", "other"):
                one[name] += slip[name] or 0
    made: list[Row] = []
    for (payer, kind), amounts in sorted(sums.items()):
        for said, entries in (("计提", budget.accrual.get(kind, [])), ("发放", budget.payment.get(kind, []))):
            of: dict[str, str | int | None] = {
                "payer_name": paid.unit(payer),
                "nature": f"{said}{paid.period_title}{KINDS.get(kind, kind)}",
                "department": _department(paid, budget, kind),
            }
            there = [one for one in entries if amounts.get(one.amount)]
            made += [
                Row({**of, **_entry(one, amounts[one.amount]), "seq": len(made) + at})
                for at, one in enumerate(there, start=1)
            ]
    return made


def _entry(entry: Entry, fen: int) -> dict[str, str | int | None]:
    debit = entry.side == "debit"
    sides: dict[str, str | int | None] = {"up": fen if debit else None, "down": None if debit else fen}
    return {"function": entry.account, "name": entry.title, **sides}
