"""What comes after the example's payment of people: figures that came late, and an appeal that was allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from people import LATE, RESIDENT, TAX_HEADINGS, people_tables
from roster import PERIOD, START, Person, posts
from sheets import Cell, Table, Yuan

APPEALED, OLD, NEW = "T13-013", "83.5", "93.5"
"""A score that was read from another's line."""
AFTER = "2026-11"
PAID_IN_OCTOBER = 1_135_48
"""What they were paid of the quarter in October, before tax; it is income of the year by November."""
RESERVE = "绩效备用金"


def completed_tables() -> list[Table]:
    """What the lead hospital sent later of the one whose figures were missing, in the sheets of the workbook."""
    code = next(one.person.code for one in posts() if one.number == LATE)
    kept = [table for table in people_tables(late=True) if table.sheet in ("人员表", "代扣表", "个税累计表")]
    return [replace(table, rows=[row for row in table.rows if code in row]) for table in kept]


def appeal_tables() -> list[Table]:
    """The tables of a correction: the case, the reserve that pays for it, and the payer's figures by November."""
    post = next(one for one in posts() if one.number == APPEALED)
    person = post.person
    case: tuple[Cell, ...] = (
        *("1", "个人", str(PERIOD), "performance", post.unit, post.number, "person_facts", "score", OLD, NEW),
        *("示例院复核〔2026〕7号", date(2026, 11, 5), f"reserve: {RESERVE}"),
    )
    return [
        Table(
            "人员表",
            "更正涉及的人员（示例人员）",
            ("人员编号", "姓名", "证件类型", "证件号码", "备注"),
            [(person.code, person.name, RESIDENT, person.id_number, None)],
        ),
        Table("更正表", f"{PERIOD.title}季度绩效更正表", CASE_HEADINGS, [case]),
        Table(
            "备用金表",
            "示例十三镇卫生院备用金表",
            ("备用金", "单位代码", "期初余额", "依据", "备注"),
            [(RESERVE, post.unit, Yuan(12_000_00), "示例院财〔2026〕1号", None)],
        ),
        Table(
            "个税累计表", f"{AFTER}个税累计数（含本月已发工资和10月的绩效）", TAX_HEADINGS, [_tax(post.payer, person)]
        ),
    ]


CASE_HEADINGS = (
    *("更正编号", "更正层级", "期间", "资金池", "单位代码", "任职编号", "更正的表", "更正的栏", "原值", "新值"),
    *("依据", "决定日期", "资金办法"),
)


def _tax(payer: str, person: Person) -> tuple[Cell, ...]:
    """Eleven salaries and October's pay: no tax by then, as salary is below what is deducted."""
    special, additional = person.special * 11, person.additional * 11
    income = person.salary * 11 + PAID_IN_OCTOBER
    assert income <= special + additional + 5_000_00 * 11  # noqa: S101  (the figures below would be wrong)
    amounts = map(Yuan, (income, 0, special, additional, 0, 0, 0, 0))
    return (AFTER, payer, person.code, person.name, "标准", START, None, *amounts)
