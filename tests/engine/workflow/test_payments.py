"""Vouchers: a line is told once, with its own amount, and stands in the audit; on both databases."""

from __future__ import annotations

from datetime import date

import pytest

from domain.problems import InputProblems
from engine.storage.desk import Actor, Held, open_desk
from engine.storage.scope import Scope
from engine.storage.tables.decisions import Voucher
from engine.storage.tables.proof import Audit, AuditDetail
from engine.workflow import payments
from engine.workflow.payments import LineGiven
from tests.engine.workflow.rows import POOL, REGION, ROOT, batch

HOME = Scope(regions=frozenset({REGION}))
PAYER = Actor("qian", "http", person="qian", held=(Held("payer", REGION, HOME),), scope=HOME, signed_in=True)


def line(unit="H1", alliance="A1", amount="100.00", state="ordered", **more):
    given = {"voucher": "凭1", "date": date(2026, 10, 8)} | more
    return LineGiven(alliance=alliance, pool=POOL, unit=unit, amount=amount, state=state, **given)


@pytest.fixture
def number(store):
    with open_desk(store, ROOT) as desk:
        return batch(desk, "payable")


def record(store, number, *lines):
    with open_desk(store, PAYER) as desk:
        return payments.record(desk, number, list(lines))


def vouchers(store):
    with open_desk(store, ROOT, writes=False) as desk:
        return [(row.unit, row.state, row.amount, row.superseded) for row in desk.rows(Voucher)]


@pytest.mark.parametrize(("lines", "codes"), [
    ([line(), line()], ["LINE-TWICE"]),
    ([line(), line(voucher="凭2", state="held", reason="示例")], ["LINE-TWICE"]),
    ([line(amount="99.99")], ["LINE-AMOUNT"]),
    ([line(amount="100.01")], ["LINE-AMOUNT"]),
    ([line(amount="-100.00")], ["LINE-AMOUNT"]),
    ([line(amount="x")], ["LINE-AMOUNT"]),
    ([line(unit="H2")], ["LINE-UNKNOWN"]),
    ([line(voucher=" ")], ["LINE-VOUCHER"]),
    ([line(date=None)], ["LINE-VOUCHER"]),
    ([line(state="held")], ["LINE-REASON"]),
    ([line(state="returned", reason="账号不符")], ["LINE-STATE"]),
])  # fmt: skip
def test_what_is_wrong_books_nothing(store, number, lines, codes):
    with pytest.raises(InputProblems) as told:
        record(store, number, line(unit="H2", alliance="A2", amount="50.00"), *lines)
    assert [problem.code for problem in told.value.problems] == codes
    assert vouchers(store) == []


def test_a_line_that_came_back_is_ordered_again_and_every_word_is_kept(store, number):
    for state in ("ordered", "returned", "ordered", "paid", "returned", "paid"):
        record(store, number, line(state=state, reason="账号不符" if state == "returned" else ""))
    assert [(state, superseded) for _, state, _, superseded in vouchers(store)] == [
        ("ordered", True), ("returned", True), ("ordered", True), ("paid", True), ("returned", True), ("paid", False),
    ]  # fmt: skip
    with pytest.raises(InputProblems, match="LINE-STATE"):
        record(store, number, line(state="paid"))


def test_what_was_paid_stands_in_the_audit_with_its_lines(store, number):
    record(store, number, line(), line(unit="H2", alliance="A2", amount="50.00"))
    with open_desk(store, ROOT, writes=False) as desk:
        (row,) = desk.rows(Audit, Audit.action == "batch.payments")
        detail = desk.get(AuditDetail, row.detail_sha).detail
    assert (row.actor, row.subject, row.region) == ("qian", f"batch/{number}", REGION)
    assert [(one["unit"], one["amount"], one["state"], one["voucher"]) for one in detail["lines"]] == [
        ("H1", "100.00", "ordered", "凭1"),
        ("H2", "50.00", "ordered", "凭1"),
    ]
