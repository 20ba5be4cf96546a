"""What cannot be right about imported tax figures, deductions and cases."""

from __future__ import annotations

from datetime import date

from domain.period import Period
from engine.pay.read.given import Given, at
from engine.pay.read.rows import Row


def check(given: Given) -> None:
    """Tell every problem at its cell."""
    for table in ("tax_cumulative", "deductions"):
        for row in given.rows(table):
            if row["month"] != given.month:
                said = f"{row['month']} 的数, 发放月份是 {given.month}"
                given.problems.add(at(row, "month"), "TAX-MONTH", said, f"填 {given.month} 的数, 或核对 --month")
    month = Period.parse(given.month)
    for row in given.rows("tax_cumulative"):
        _method(given, row, month)
    for row in given.rows("cases"):
        if not row["document"]:
            given.problems.add(at(row, "document"), "PAY-CASE-DOCUMENT", "更正案没有依据", "填复核决定或纪要的文号")
        if row["level"] == "person" and not row["post_no"]:
            given.problems.add(at(row, "post_no"), "VALUE-MISSING", "任职编号 没有填", "个人更正写任职编号")


def _method(given: Given, row: Row, month: Period) -> None:
    """The way of deducting fits the dates of employment.

    Source: 国家税务总局公告2020年第13号 (first_job: the year of a first employment), 2020年第19号 (annual_60000: who
    was employed here in every month of the year before).
    """
    since, until = row["employed_from"], row["employed_to"]
    if until is not None and until < since:
        given.problems.add(at(row, "employed_to"), "DATE", f"离职 {until} 早于入职 {since}", "核对日期")
    elif row["basic"] == "first_job" and not date(month.year, 1, 1) <= since <= month.end:
        said = f"首次就业只用于本年入职的人, 入职日期是 {since}"
        given.problems.add(at(row, "basic"), "TAX-METHOD", said, "改为 标准, 或核对入职日期")
    elif row["basic"] == "annual_60000" and (since > date(month.year - 1, 1, 31) or _left(until, month)):
        said = f"全年 60000 只用于上年各月都在本单位的人, 入职日期是 {since}"
        given.problems.add(at(row, "basic"), "TAX-METHOD", said, "改为 标准, 或核对入职日期")
    elif since > month.end:
        said = f"入职日期 {since} 在发放月份 {given.month} 之后"
        given.problems.add(at(row, "employed_from"), "DATE", said, "核对日期")


def _left(until: date | None, month: Period) -> bool:
    return until is not None and until < date(month.year - 1, 12, 1)
