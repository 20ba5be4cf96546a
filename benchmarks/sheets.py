"""The sheet of 5,000 people against XlsxWriter alone for the same cells, and their slips in one run of typst."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import openpyxl
import pandas as pd
import xlsxwriter

from benchmarks import clock
from domain.pay import Pay, PayItem, PoolScheme, TaxRule
from engine.pay.exports.budget import read_budget
from engine.pay.exports.paid import Paid
from engine.pay.exports.roster import Person, Roster
from engine.pay.exports.sheets.book import sheet_book
from engine.pay.exports.slips import slips_pdf
from engine.pay.people import COLUMNS, People, empty
from engine.pay.result import TABLES, frame

PEOPLE = 5_000
Cell = tuple[int, int, Any, bool]


def payment(persons: int) -> Paid:
    """One institution that pays so many persons out of two pools, every fifth an allowance, a tenth of it deferred."""
    item = PayItem(
        id="gp", title="全科医生津贴", rate="1200.00", per="月", in_total="yes", tax="wages", max="3", across="person"
    )
    posts, lines, slips, batches = [], [], [], []
    where = ("T01", "T01", "yes", "示例财社〔2026〕1号", "", "")
    for at in range(persons):
        person, post, due, signed = f"P{at:06d}", f"N{at:06d}", 100_000 + 37 * at, 5_000 + at
        allowance = 0 if at % 5 else 360_000
        post_row = {
            "post_no": post, "person_code": person, "unit_code": "T01", "home_unit": "T01", "paid_through": "T01",
            "team": f"科室{at // 25:03d}", "role": "member", "staffing": "在编", "category": "专业技术",
            "position": Fraction(3, 2), "tax_kind": "wages", "source": "人员.xlsx",
        }  # fmt: skip
        posts.append(dict.fromkeys(COLUMNS["posts"], "") | post_row)
        given = [("performance", "points", "due", due), ("performance", "points", "deferred", -(due // 10)),
                 ("signing", "points", "due", signed), ("performance", "gp", "due", allowance)]  # fmt: skip
        lines += [("2026Q3", "T01", post, person, *one, *where) for one in given if one[3]]
        payable = due - due // 10 + signed + allowance
        net = payable - 1_200
        slips.append(("2026-10", "T01", person, "wages", payable, 0, 0, 0, 0, payable, 1_000, 200, net, "ok"))
        batches.append(("B1", "performance", "示例财社〔2026〕1号", "T01", "wages", person, net))
    tables = {name: frame(name, []) for name in TABLES}
    tables |= {
        "lines": frame("lines", lines),
        "payslips": frame("payslips", slips),
        "batches": frame("batches", batches),
    }
    people = {name: empty(name) for name in COLUMNS} | {"posts": pd.DataFrame(posts, dtype=object)}
    pools = {"performance": PoolScheme(items=["gp"]), "signing": PoolScheme()}
    return Paid(
        name="发放", digest="0" * 64, plan_id="demo", plan_title="示例县医共体", period="2026Q3",
        period_title="2026年第3季度", month="2026-10",
        pay=Pay(pools=pools, items=[item], tax=TaxRule(mode="cumulative")),
        tables=tables, people=People(people), pools={"performance": "绩效工资", "signing": "签约服务费"},
    )  # fmt: skip


def whose(persons: int) -> Roster:
    """Names and ID numbers of as many."""
    found = {}
    for at in range(persons):
        code, number = f"P{at:06d}", f"129901{1950 + at % 50}0101{at % 1000:03d}X"
        found[code] = Person(code, f"示例{at}", "居民身份证", number, "", {})
    return Roster(found, {})


def cells_of(content: bytes) -> list[tuple[str, list[Cell]]]:
    """Every cell of a workbook that holds or shows anything: row, column, value, whether it is an amount."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [
        (sheet.title, [(cell.row - 1, cell.column - 1, cell.value, cell.number_format == "#,##0.00")
                       for row in sheet.iter_rows() for cell in row if cell.has_style])
        for sheet in book
    ]  # fmt: skip


def alone(sheets: Sequence[tuple[str, Sequence[Cell]]]) -> bytes:
    """The same cells written by XlsxWriter, with two formats and nothing else."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        amount, other = book.add_format({"num_format": "#,##0.00", "border": 1}), book.add_format({"border": 1})
        for title, cells in sheets:
            sheet = book.add_worksheet(title)
            for row, column, value, money in cells:
                if value is None:
                    sheet.write_blank(row, column, None, other)
                elif isinstance(value, str):
                    sheet.write_string(row, column, value, other)
                else:
                    sheet.write_number(row, column, value, amount if money else other)
    return held.getvalue()


def measure(persons: int = PEOPLE, runs: int = clock.RUNS) -> dict[str, dict[str, Any]]:
    """The sheet, and the slips, of so many persons."""
    roster, budget = whose(persons), read_budget()
    sheets = cells_of(sheet_book(payment(persons), roster, budget))
    payments = [payment(persons) for _ in range(runs)]  # each once: what was read of it is kept
    with clock.set_aside(), clock.seldom_collected():
        mine, theirs = clock.turns([lambda: sheet_book(payments.pop(), roster, budget), partial(alone, sheets)], runs)
    once = payment(persons)
    (spent,) = clock.turns([lambda: slips_pdf(once, roster)], 1)
    return {
        "pay_sheet": clock.against(
            f"{persons} 人的发放表, {sum(len(cells) for _, cells in sheets)} 格",
            ("分页、小计、合计、勾稽、签字的工作簿", mine),
            ("XlsxWriter 只写同样的格", theirs),
            clock.times(mine, theirs),
            "ratio <= 1.3",
        ),
        "pay_slips": clock.against(
            f"{persons} 条工资条, 一次排版成一个 PDF",
            ("typst", spent),
            None,
            round(spent[0] / persons * 1000, 2),
            "每千条秒数, 只列出",
        ),
    }
