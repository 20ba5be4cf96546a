"""公示表: each person's name and total per pool, nothing else, for display inside the institution.

Amounts are what the period's pool comes to for a person, deferral and release included; persons of one name are lines
of their own.
"""

from __future__ import annotations

import io
from collections import defaultdict
from copy import deepcopy
from datetime import UTC, datetime

import xlsxwriter

from engine.pay.exports.paid import Paid
from engine.pay.exports.persons import FORFEITED
from engine.pay.exports.roster import Roster
from engine.printing.page import OPTIONS, ROW, Book, Column


def public_book(paid: Paid, roster: Roster) -> bytes:
    """The workbook: a sheet per institution where the work was done."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, deepcopy(OPTIONS)) as workbook:
        title = f"{paid.period_title}绩效工资公示表"
        workbook.set_properties({"title": title, "created": datetime(2000, 1, 1, tzinfo=UTC)})
        book = Book(workbook, paid.plan_title, paid.period_title)
        found = _totals(paid)
        for unit, persons in sorted(found.items()):
            _sheet(book, paid, unit, persons, roster)
        if not found:
            book.page("公示", "", f"{paid.period_title}没有发放", [Column("", 1)]).close()
    return held.getvalue()


def _totals(paid: Paid) -> dict[str, dict[str, dict[str, int]]]:
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for line in paid.rows("lines"):
        if line["component"] != FORFEITED:
            found[line["unit_code"]][line["person_code"]][line["pool"]] += line["amount"]
    return found


def _sheet(book: Book, paid: Paid, unit: str, persons: dict[str, dict[str, int]], roster: Roster) -> None:
    pools = [pool for pool in paid.order if any(pool in one for one in persons.values())]
    columns = [Column("姓名", 120, "center"), *(Column(paid.pool(pool), 120, "money") for pool in pools)]
    title = f"{paid.unit(unit)} {paid.period_title}绩效工资公示"
    page = book.page(f"公示-{unit}", "姓名和各资金池金额", title, columns, ["单位：元"])
    page.headings(freeze=1)
    for code, one in sorted(persons.items()):
        page.keep(ROW)
        page.row([roster.name(code), *(one.get(pool) for pool in pools)])
    page.close()
