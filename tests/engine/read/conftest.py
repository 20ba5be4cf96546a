from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from domain.facts import Catalogue, Facts, Metric, MoneyItem
from domain.period import Period
from domain.plan import Plan
from engine.read import read
from tests.sheets import Sheets, put, write_csv, write_xlsx


def metric(code: str, title: str, unit: str = "人", **more: Any) -> Metric:
    return Metric(code=code, title=title, unit=unit, reporter="公共卫生科", kind="stock", theme="t", **more)


def item(code: str, title: str, **more: Any) -> MoneyItem:
    return MoneyItem(code=code, title=title, reporter="财务科", kind="flow", **more)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    metrics = [
        metric("resident_population", "常住人口"),
        metric("signed", "签约人数", part_of="resident_population"),
        metric("posting_days", "派驻人天", "人天", whole=False),
        metric("joint_outpatient", "是否设联合门诊", "是否", maximum=Decimal(1)),
        metric("satisfaction", "满意度", "%", whole=False, maximum=Decimal(100)),
        metric("readiness", "达标比率", "比率", whole=False, maximum=Decimal(1)),
        metric("ledger_on", "台账建立日期", "日期"),
        metric("level", "服务能力等级", "级", minimum=Decimal(1), maximum=Decimal(5)),
    ]
    items = [
        item("medical_service_income", "医疗服务收入"),
        item("fund_budget", "医保基金总额预算"),
        item("adjustment", "清算调整", signed=True),
        item("quota_approved", "核定绩效工资总量"),
    ]
    return Catalogue({one.code: one for one in metrics}, {one.code: one for one in items})


@pytest.fixture(scope="session")
def plan() -> Plan:
    return Plan(id="p", title="测试方案", region="330100", packs=[], scorecards=[])


@pytest.fixture(scope="session")
def period() -> Period:
    return Period.parse("2026Q3")


CLEAN: Sheets = {
    "机构表": [
        ["单位代码", "单位名称", "机构层级", "举办性质", "行政区划代码", "统一社会信用代码", "是否签约机构"],
        ["A01", "东城医联体", "医联体", "公立", "", "", "否"],
        ["D01", "东城区", "区域", "公立", "330102", "", "否"],
        ["H01", "东城区人民医院", "牵头医院", "公立", "330102", "12330000470051726F", "否"],
        ["007", "河东镇卫生院", "乡镇卫生院", "公立", "330102", "91350100M000100Y43", "是"],
        ["V01", "王庄村卫生室", "村卫生室", "集体", "330102", "", "是"],
    ],
    "成员关系表": [
        ["单位代码", "医联体代码", "加入日期", "退出日期"],
        ["H01", "A01", "2025-01-01", ""],
        ["007", "A01", "2025-01-01", ""],
        ["V01", "A01", "2025-01-01", "2026-12-31"],
    ],
    "事实表": [
        ["期间", "单位代码", "指标", "数值", "备注"],
        ["2026Q3", "007", "常住人口", 11870, ""],
        ["2026Q3", "007", "签约人数", 11030, ""],
        ["2026Q3", "007", "派驻人天", 62.5, ""],
        ["2026Q3", "007", "是否设联合门诊", "是", ""],
        ["2026Q3", "007", "满意度", "92.5%", ""],
        ["2026Q3", "V01", "常住人口", 1200, ""],
        ["2026Q2", "007", "签约人数", 10000, ""],
        ["2026", "H01", "服务能力等级", 3, ""],
    ],
    "资金表": [
        ["期间", "单位代码", "项目", "金额", "文号"],
        ["2026Q3", "007", "医疗服务收入", 1234567.89, ""],
        ["2026Q3", "A01", "医保基金总额预算", 30000000, "医保〔2026〕3号"],
        ["2026Q3", "A01", "清算调整", -0.05, ""],
        ["2026", "007", "核定绩效工资总量", 2000000, "人社〔2026〕12号"],
    ],
}


@pytest.fixture
def clean() -> Sheets:
    return copy.deepcopy(CLEAN)


@pytest.fixture
def load(catalogue: Catalogue, plan: Plan, period: Period) -> Callable[[Path], Facts]:
    return lambda path: read(path, catalogue, plan, period)


@pytest.fixture(scope="session")
def same() -> Callable[[Facts, Facts], None]:
    """Assert that two Facts hold the same rows in the same order, wherever they stood."""

    def check(got: Facts, wanted: Facts) -> None:
        for name in ("institutions", "memberships", "facts", "money"):
            left, right = (getattr(one, name).drop(columns="source") for one in (got, wanted))
            pd.testing.assert_frame_equal(left, right)

    return check


@pytest.fixture(scope="session")
def xlsx() -> Callable[[Sheets, Path], Path]:
    return write_xlsx


@pytest.fixture(scope="session")
def csv_folder() -> Callable[[Sheets, Path, str], Path]:
    return write_csv


@pytest.fixture(scope="session")
def set_cell() -> Callable[[Sheets, str, Any], None]:
    return put
