"""The people workbook and the plan as the contract words them: raw cells, made texts by a reader of its own."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from ruamel.yaml import YAML

Row = dict[str, str]
Tables = dict[str, list[Row]]

SHEETS = {
    "人员表": ("people", "人员编号=person_code 姓名=name 证件类型=id_type 证件号码=id_number 备注=note"),
    "任职表": (
        "posts",
        """任职编号=post_no 人员编号=person_code 用人单位=unit_code 编制单位=home_unit 发放单位=paid_through
        科室/团队=team 角色=role 编制性质=staffing 岗位类别=category 岗位等级=grade 岗位系数=position 工作占比=share
        起=from 止=to 计税项目=tax_kind 依据=document""",
    ),
    "出勤表": ("attendance", "期间=period 任职编号=post_no 应出勤天数=days_due 任职期内应出勤天数=days_employed"),
    "假期表": ("leave", "期间=period 任职编号=post_no 假别=kind 天数=days 依据=document"),
    "个人考核表": ("person_facts", "期间=period 任职编号=post_no"),
    "科室考核表": ("team_facts", "期间=period 单位代码=unit_code 科室=team 科室/团队=team"),
    "专项表": ("earmarks", "期间=period 任职编号=post_no 专项=item 起=from 数量=quantity 止=to 依据=document"),
    "停减发表": ("holds", "期间=period 任职编号=post_no 发放系数=multiplier 原因=reason 依据=document"),
    "机构发放额": ("pay_amounts", "期间=period 单位代码=unit_code 资金池=pool 金额=amount 指标文号=document"),
    "个税累计表": (
        "tax_cumulative",
        """月份=month 发放单位=payer 人员编号=person_code 减除费用办法=basic 任职受雇日期=employed_from
        离职日期=employed_to 累计收入=income 累计免税收入=exempt 累计专项扣除=special 累计专项附加扣除=additional
        累计其他扣除=other 累计减免税额=relief 上月止已预扣=withheld_before 本月已预扣=withheld_month""",
    ),
    "代扣表": ("deductions", "月份=month 发放单位=payer 人员编号=person_code 扣款项目=item 金额=amount"),
    "递延余额表": (
        "deferred",
        "计提年度=accrual_year 单位代码=unit_code 人员编号=person_code 资金池=pool 余额=balance",
    ),
    "更正表": (
        "cases",
        """更正编号=case_no 更正层级=level 期间=period 资金池=pool 单位代码=unit_code 任职编号=post_no 更正的表=table
        更正的栏=field 原值=old_value 新值=new_value 依据=document 决定日期=decided_on 资金办法=funding""",
    ),
    "备用金表": ("reserves", "备用金=reserve 单位代码=unit_code 期初余额=opening 依据=document"),
    "下期应发": ("next_payments", "月份=month 单位代码=unit_code 人员编号=person_code 应发=payable"),
    "资金表": ("money", "期间=period 单位代码=unit_code 项目=item 金额=amount 文号=document"),
}
"""Sheet → table, and its headings."""
MEASURES = {"考核得分": "score", "科室系数": "coefficient", "分配金额": "amount"}
WORDS = {
    "role": {"负责人": "head", "职工": "member", "派驻": "posted"},
    "tax_kind": {"工资薪金": "wages", "劳务报酬": "labour"},
    "basic": {"标准": "standard", "首次就业": "first_job", "全年60000": "annual_60000"},
    "level": {"机构": "unit", "个人": "person"},
    "item": {"核定绩效工资总量": "quota_approved", "总量内已发与已承诺": "quota_paid"},
}
NUMBERS = {
    *("position", "share", "days_due", "days_employed", "days", "quantity", "multiplier", "amount", "income", "exempt"),
    *("special", "additional", "other", "relief", "withheld_before", "withheld_month", "balance", "opening", "payable"),
}
DAYS = ("from", "to", "employed_from", "employed_to", "decided_on")


@dataclass(frozen=True)
class Given:
    """What was handed in: the plan's `pay`, the tables, the period paid for and the month of payment."""

    pay: dict[str, Any]
    tables: Tables
    period: str
    month: str

    def of(self, name: str) -> list[Row]:
        """The rows of a table, of this period or month where it has such a column."""
        rows = self.tables.get(name, [])
        if rows and "period" in rows[0] and name not in ("money", "cases"):
            return [row for row in rows if row["period"] == self.period]
        return rows


def text_of(value: object) -> str:
    """A cell as text: numbers as they are typed, days as year-month-day, nothing for a dash."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime | dt.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    text = unicodedata.normalize("NFKC", str(value)).strip()
    return "" if text in ("-", "—") else text


def day_of(text: str) -> str:
    """A day written 2026.7.1, 2026-07-01 or 20260701 as year-month-day."""
    if not text:
        return ""
    parts = [text[:4], text[4:6], text[6:]] if text.isdigit() else re.split(r"[-./]", text)
    return f"{int(parts[0]):04d}-{int(parts[1]):02d}-{int(parts[2]):02d}"


def number_of(text: str) -> str:
    """A number without its signs of money and thousands."""
    return text.replace(",", "").replace("¥", "").replace("¥", "")


def read(path: Path) -> Tables:
    """Every table of a people workbook."""
    book = openpyxl.load_workbook(path, data_only=True)
    tables: Tables = {}
    for sheet in book.worksheets:
        if sheet.title not in SHEETS:
            continue
        name, words = SHEETS[sheet.title]
        known = dict(word.split("=") for word in words.split())
        cells = [[text_of(cell.value) for cell in line] for line in sheet.iter_rows()]
        first = next(at for at, line in enumerate(cells) if sum(cell in known for cell in line) >= 2)
        rows = [dict(zip(cells[first], line, strict=True)) for line in cells[first + 1 :] if any(line)]
        tables[name] = _long(rows, known) if name.endswith("_facts") else [_row(row, known) for row in rows]
    return tables


def _row(row: Row, known: dict[str, str]) -> Row:
    made = {known[title]: cell for title, cell in row.items() if title in known}
    for name, cell in made.items():
        if name in NUMBERS:
            made[name] = number_of(cell)
        if name in DAYS:
            made[name] = day_of(cell)
        made[name] = WORDS.get(name, {}).get(cell, made[name])
    return made


def _long(rows: list[Row], known: dict[str, str]) -> list[Row]:
    """A column per measure, as rows of one measure each; an empty cell is none."""
    return [
        {
            **_row(row, known),
            "measure": MEASURES.get(title, title),
            "value": number_of(cell),
        }
        for row in rows
        for title, cell in row.items()
        if title and title not in known and cell
    ]


def read_plan(path: Path) -> dict[str, Any]:
    """The section `pay` of a plan."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))["pay"]
    return found
