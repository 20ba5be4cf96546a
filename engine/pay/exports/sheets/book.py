"""The workbook of a payment: a sheet per payer and kind, corrections, the division among teams, the approval."""

from __future__ import annotations

import io
from copy import deepcopy
from datetime import UTC, datetime

import xlsxwriter

from engine.pay.exports.budget import Budget
from engine.pay.exports.paid import Paid
from engine.pay.exports.persons import payer_rows, posts_of
from engine.pay.exports.roster import Roster
from engine.pay.exports.sheets.approval import approval
from engine.pay.exports.sheets.corrections import corrections
from engine.pay.exports.sheets.division import division
from engine.pay.exports.sheets.payroll import payroll
from engine.printing.page import OPTIONS, Book

_FIRST = "未对照以前发放"


def persons_in(paid: Paid) -> set[str]:
    """Everybody whom the sheets name."""
    names = ("lines", "payslips", "recovery")
    return {str(code) for name in names for code in paid[name]["person_code"]}


def sheet_book(paid: Paid, roster: Roster, budget: Budget) -> bytes:
    """The workbook; the same payment and roster give the same bytes.

    It is made in memory: no temporary file names anybody, and its properties hold the plan's title alone.
    """
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, deepcopy(OPTIONS)) as workbook:
        title = f"{paid.plan_title} {paid.period_title}发放表"
        workbook.set_properties({"title": title, "created": datetime(2000, 1, 1, tzinfo=UTC)})
        caution = _FIRST if paid.first else ""
        book = Book(
            workbook, paid.plan_title, f"{paid.period_title}　校验码 {paid.short}", list(paid.signatures), caution
        )
        for payer in payer_rows(paid, posts_of(paid)):
            payroll(book, paid, payer, roster)
        corrections(book, paid, roster)
        division(book, paid)
        approval(book, paid, budget)
        if not book.sheets:
            book.page("发放表", "", f"{paid.period_title}没有发放", []).close()
    return held.getvalue()
