"""Empty tables, amounts that name no pool, reach nobody or cannot be, measures, formulas never worked out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from domain.facts import Catalogue, Metric, MoneyItem
from domain.period import Period
from domain.plan import Plan, Pool
from domain.problems import InputProblems
from engine.read import read
from tests.sheets import Sheets, put, write_xlsx

from .conftest import CLEAN

_POOL: dict[str, Any] = {
    "id": "performance",
    "title": "绩效工资池",
    "purpose": "staff_reward",
    "basis": "settled",
    "periods": ["quarter"],
    "fund": {"use": "handed_in"},
    "merit": {"use": "even"},
    "unpaid_to": "carry_forward",
    "in_total": "yes",
}


@pytest.fixture
def with_pool() -> Plan:
    pool = Pool.model_construct(**_POOL)
    plain = Plan(id="p", title="测试方案", region="330100", packs=[], scorecards=[])
    return plain.model_copy(update={"pools": [pool]})


@pytest.fixture
def more(catalogue: Catalogue) -> Catalogue:
    def item(code: str, title: str, part_of: str | None = None) -> MoneyItem:
        return MoneyItem(code=code, title=title, reporter="财务科", kind="flow", part_of=part_of)

    items = [
        item("pool_amount", "待分配资金"),
        item("quota_paid", "已发绩效工资"),
        item("staff_income", "在岗人员收入总额"),
        item("fund_spend", "医保基金实际支出"),
        item("fund_spend_out_of_area", "医保基金县域外支出", "fund_spend"),
    ]
    heads = Metric(code="heads_on_post", title="在岗人数", unit="人", reporter="人事科", kind="stock", theme="t")
    return Catalogue({**catalogue.metrics, "heads_on_post": heads}, {**catalogue.items, **{i.code: i for i in items}})


def _told(path: Path, catalogue: Catalogue, plan: Plan) -> list[str]:
    with pytest.raises(InputProblems) as refused:
        read(path, catalogue, plan, Period.parse("2026Q3"))
    return [str(problem) for problem in refused.value.problems]


def test_every_empty_table_is_told_once(tmp_path: Path, catalogue: Catalogue, with_pool: Plan) -> None:
    sheets: Sheets = {name: rows[:1] for name, rows in CLEAN.items()}
    assert _told(write_xlsx(sheets, tmp_path / "in.xlsx"), catalogue, with_pool) == [
        f"in.xlsx {name}: {name}是空的, 填写后再运行 (TABLE-EMPTY)" for name in ("机构表", "成员关系表", "资金表")
    ]


def test_empty_memberships_lose_no_money(
    tmp_path: Path, clean: Sheets, catalogue: Catalogue, with_pool: Plan, plan: Plan
) -> None:
    clean["成员关系表"] = clean["成员关系表"][:1]
    path = write_xlsx(clean, tmp_path / "in.xlsx")
    assert _told(path, catalogue, with_pool) == ["in.xlsx 成员关系表: 成员关系表是空的, 填写后再运行 (TABLE-EMPTY)"]
    assert read(path, catalogue, plan, Period.parse("2026Q3")).memberships.empty  # no pool, no card: nothing is lost


def test_empty_institutions_blame_no_other_table(
    tmp_path: Path, clean: Sheets, catalogue: Catalogue, with_pool: Plan
) -> None:
    clean["机构表"] = clean["机构表"][:1]
    assert _told(write_xlsx(clean, tmp_path / "in.xlsx"), catalogue, with_pool) == [
        "in.xlsx 机构表: 机构表是空的, 填写后再运行 (TABLE-EMPTY)"
    ]


def test_values_not_filled_in(tmp_path: Path, clean: Sheets, catalogue: Catalogue, with_pool: Plan) -> None:
    for row in clean["资金表"][1:]:
        row[3] = ""
    assert _told(write_xlsx(clean, tmp_path / "in.xlsx"), catalogue, with_pool) == [
        "in.xlsx 资金表: 资金表没有填一个数, 填写后再运行 (TABLE-EMPTY)"
    ]


def test_money_of_an_alliance_without_members(
    tmp_path: Path, clean: Sheets, catalogue: Catalogue, with_pool: Plan
) -> None:
    put(clean, "机构表!A7", "A02")
    clean["机构表"][6] = ["A02", "西城医联体", "医联体", "公立", "", "", "否"]
    put(clean, "资金表!B3", "A02")
    assert _told(write_xlsx(clean, tmp_path / "in.xlsx"), catalogue, with_pool) == [
        (
            "in.xlsx 资金表!D3: 西城医联体 在2026年第3季度没有成员, 却有 1 行资金, "
            "补填成员关系表, 或删去这些行 (ALLIANCE-EMPTY)"
        )
    ]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("performanc", "方案没有资金池 performanc, 是否为 performance"),
        ("绩效工资池", "方案没有资金池 绩效工资池, 是否为 performance"),
        ("2026-7", "方案没有资金池 2026-7, 填 performance 之一"),
        ("", "没有填资金池编号, 填 performance 之一"),
    ],
)
def test_pool_of_an_amount(
    tmp_path: Path, clean: Sheets, more: Catalogue, with_pool: Plan, *, document: str, said: str
) -> None:
    clean["资金表"].append(["2026Q3", "A01", "待分配资金", 100, document])
    path = write_xlsx(clean, tmp_path / "in.xlsx")
    assert _told(path, more, with_pool) == [f"in.xlsx 资金表!E6: {said} (POOL-UNKNOWN)"]
    clean["资金表"][5][4] = "performance"
    read(write_xlsx(clean, path), more, with_pool, Period.parse("2026Q3"))


def test_impossible_amounts(tmp_path: Path, clean: Sheets, more: Catalogue, plan: Plan) -> None:
    clean["事实表"].append(["2026Q3", "V01", "在岗人数", 0, ""])
    clean["资金表"] += [
        ["2026Q3", "A01", "医保基金实际支出", 50, ""],
        ["2026Q3", "A01", "医保基金县域外支出", 50.01, ""],
        ["2026Q3", "V01", "在岗人员收入总额", 1, ""],
        ["2026Q3", "007", "已发绩效工资", 2000000.01, ""],
    ]
    path = write_xlsx(clean, tmp_path / "in.xlsx")
    assert _told(path, more, plan) == [
        "in.xlsx 资金表!D7: 医保基金县域外支出 50.01 元大于医保基金实际支出 50.00 元, 核对填报 (PART-GT-WHOLE)",
        (
            "in.xlsx 资金表!D8: 王庄村卫生室 在岗人数为 0 (in.xlsx 事实表!D10), 在岗人员收入总额却有 1.00 元, "
            "核对两处填报 (INCOME-WITHOUT-STAFF)"
        ),
        (
            "in.xlsx 资金表!D9: 河东镇卫生院 已发绩效工资 2,000,000.01 元超过 2026 年核定绩效工资总量 2,000,000.00 元, "
            "核对填报, 或在文号列写明依据 (PAID-GT-APPROVED)"
        ),
    ]
    clean["资金表"][6][3], clean["资金表"][7][3], clean["资金表"][8][4] = 50, 0, "人社〔2026〕40号"
    assert len(read(write_xlsx(clean, path), more, plan, Period.parse("2026Q3")).money) == 8


def test_payments_are_held_against_all_approvals_of_the_year(
    tmp_path: Path, clean: Sheets, more: Catalogue, plan: Plan
) -> None:
    """2000000.00 and 500.00 that a second document adds: 2000500.00 may be paid, a fen more may not."""
    clean["资金表"][0].append("口径")
    clean["资金表"] += [
        ["2026", "007", "核定绩效工资总量", 500, "人社〔2026〕13号", "追加"],
        ["2026Q3", "007", "已发绩效工资", 2000500, ""],
    ]
    assert len(read(write_xlsx(clean, tmp_path / "in.xlsx"), more, plan, Period.parse("2026Q3")).money) == 6
    clean["资金表"][6][3] = 2000500.01
    (said,) = _told(write_xlsx(clean, tmp_path / "in.xlsx"), more, plan)
    assert "已发绩效工资 2,000,500.01 元超过 2026 年核定绩效工资总量 2,000,500.00 元" in said


def test_an_approval_that_could_not_be_read_is_not_taken_for_none(
    tmp_path: Path, clean: Sheets, more: Catalogue, plan: Plan
) -> None:
    """Two approvals make the total of the year: with one of them in doubt nobody can say what is above it."""
    clean["资金表"] += [
        ["2026", "007", "核定绩效工资总量", "1,6010,240", "人社〔2026〕13号"],
        ["2026Q3", "007", "已发绩效工资", 2000000.01, ""],
    ]
    bad = "in.xlsx 资金表!D6: 金额 1,6010,240 不是数, 只填数字 (MONEY)"
    assert _told(write_xlsx(clean, tmp_path / "in.xlsx"), more, plan) == [bad]
    clean["资金表"][5][1] = "H01"
    path = write_xlsx(clean, tmp_path / "in.xlsx")
    assert [said.rpartition(" ")[2] for said in _told(path, more, plan)] == ["(MONEY)", "(PAID-GT-APPROVED)"]
    clean["资金表"][5][1:4] = ["08", "核定绩效工资总量", 1]
    path = write_xlsx(clean, tmp_path / "in.xlsx")
    assert [said.rpartition(" ")[2] for said in _told(path, more, plan)] == ["(UNIT-UNKNOWN)"]


def test_a_whole_that_could_not_be_read_is_not_too_small(
    tmp_path: Path, clean: Sheets, more: Catalogue, plan: Plan
) -> None:
    clean["资金表"] += [
        ["2026Q3", "A01", "医保基金实际支出", 50, "一"],
        ["2026Q3", "A01", "医保基金实际支出", {"text": 60, "down": 2, "right": 1}, "二"],
        ["2026Q3", "A01", "医保基金县域外支出", "", ""],
        ["2026Q3", "A01", "医保基金县域外支出", 50.01, ""],
    ]
    assert _told(write_xlsx(clean, tmp_path / "in.xlsx"), more, plan) == [
        "in.xlsx 资金表!D7: 60 合并了 2 行, 看不出各是多少, 取消合并, 逐行填写 (MERGED)"
    ]


def test_measure_beside_a_value(tmp_path: Path, clean: Sheets, catalogue: Catalogue, plan: Plan) -> None:
    clean["事实表"] = [
        [*row, unit]
        for row, unit in zip(
            clean["事实表"], ["计量单位", "万人", "人", "人天", "是否", "％", "人", "", "级"], strict=True
        )
    ]
    path = write_xlsx(clean, tmp_path / "in.xlsx")
    assert _told(path, catalogue, plan) == [
        "in.xlsx 事实表!F2: 计量单位 万人 应为 人, 按 人 换算后填写数值, 计量单位写 人 (MEASURE)"
    ]
    clean["事实表"][1][5] = "人"
    read(write_xlsx(clean, path), catalogue, plan, Period.parse("2026Q3"))


def test_measure_beside_an_amount(tmp_path: Path, clean: Sheets, catalogue: Catalogue, plan: Plan) -> None:
    clean["资金表"] = [
        [*row, unit] for row, unit in zip(clean["资金表"], ["计量单位", "元", "万元", "", "人民币元"], strict=False)
    ]
    path = write_xlsx(clean, tmp_path / "in.xlsx")
    assert _told(path, catalogue, plan) == [
        "in.xlsx 资金表!F3: 计量单位 万元 应为 元, 按 元 换算后填写数值, 计量单位写 元 (MEASURE)"
    ]


def test_formula_that_was_never_worked_out(tmp_path: Path, clean: Sheets, catalogue: Catalogue, plan: Plan) -> None:
    path = write_xlsx(clean, tmp_path / "in.xlsx")
    book = openpyxl.load_workbook(path)
    book["资金表"]["D2"] = "=1+1"
    book.save(path)
    assert _told(path, catalogue, plan) == [
        "in.xlsx 资金表!D2: 公式没有计算结果, 用 Excel 或 WPS 打开并保存一次 (CELL-UNCALCULATED)"
    ]


def test_one_fault_of_many_rows_is_told_once(tmp_path: Path, clean: Sheets, catalogue: Catalogue, plan: Plan) -> None:
    path = write_xlsx(clean, tmp_path / "in.xlsx")
    with pytest.raises(InputProblems) as refused:
        read(path, catalogue, plan, Period.parse("2026Q2"))
    assert [str(problem) for problem in refused.value.problems] == [
        (
            "in.xlsx 事实表!D2: 2026年第3季度 在所算期间 2026年第2季度 之后, 共 9 行, "
            "还有 in.xlsx 事实表!D3、in.xlsx 事实表!D4、in.xlsx 事实表!D5 等, 核对期间 (PERIOD-LATER)"
        )
    ]
