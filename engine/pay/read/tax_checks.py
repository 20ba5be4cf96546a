"""What cannot be right about imported tax figures, deductions and cases."""

from __future__ import annotations

import pandas as pd

from domain.period import Period
from engine.pay.read.forms import RESIDENT_ID
from engine.pay.read.given import Given, at
from engine.pay.tax.cumulative import check_cumulative


def check(given: Given) -> None:
    """Tell every problem at its cell."""
    cumulative = given.pay.tax.mode == "cumulative"
    if given.of_month:
        _months(given, "deductions")
        if cumulative:
            _figures(given)
        else:
            _months(given, "tax_cumulative")
    for row in given.rows("cases"):
        if not row["document"]:
            given.problems.add(at(row, "document"), "PAY-CASE-DOCUMENT", "更正案没有依据", "填复核决定或纪要的文号")
        if row["level"] == "person" and not row["post_no"]:
            given.problems.add(at(row, "post_no"), "VALUE-MISSING", "任职编号 没有填", "个人更正写任职编号")


def _months(given: Given, table: str) -> None:
    """The rows of a table are of the month of payment."""
    for row in given.rows(table):
        if row["month"] != given.month:
            said = f"{row['month']} 的数, 发放月份是 {given.month}"
            given.problems.add(at(row, "month"), "TAX-MONTH", said, f"填 {given.month} 的数, 或核对 --month")


def _figures(given: Given) -> None:
    """The payer's figures agree with the dates of employment and with themselves; those of residents."""
    rows = given.rows("tax_cumulative")
    if not rows:
        return
    last = Period.parse(given.month).end
    judged = []
    for row in rows:
        if row["basic"] == "standard" and row["employed_from"] > last:
            said = f"入职日期 {row['employed_from']} 在发放月份 {given.month} 之后"
            given.problems.add(at(row, "employed_from"), "DATE", said, "核对日期")
        else:
            judged.append(row)
    others = {row["person_code"] for row in given.rows("people") if row["id_type"] != RESIDENT_ID}
    residents = {row["person_code"] for row in rows} - others
    if judged:
        check_cumulative(pd.DataFrame(judged, dtype=object), given.month, given.problems, residents=residents)
