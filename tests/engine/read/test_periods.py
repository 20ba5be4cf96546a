"""Data of another period or place is refused with one sentence, not passed off and not buried under what is missing."""

from __future__ import annotations

import pytest

from domain.facts import Catalogue
from domain.period import Period
from domain.problems import InputProblems
from engine.read import read


@pytest.fixture(scope="module")
def flows(catalogue: Catalogue) -> Catalogue:
    """The catalogue with days on post that add up over time."""
    days = catalogue.metrics["posting_days"].model_copy(update={"kind": "flow"})
    return Catalogue({**catalogue.metrics, "posting_days": days}, catalogue.items)


def table(*rows):
    return [["期间", "单位代码", "指标", "数值"], *([period, "007", metric, 5] for period, metric in rows)]


@pytest.fixture
def given(clean, xlsx, tmp_path):
    """A workbook with these rows of (period, metric) as its only facts."""

    def make(rows):
        clean["事实表"] = table(*rows)
        return xlsx(clean, tmp_path / "input.xlsx")

    return make


def said(path, catalogue, plan, period, **more):
    with pytest.raises(InputProblems) as caught:
        read(path, catalogue, plan, Period.parse(period), **more)
    return [(problem.code, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("rows", "period", "told"),
    [
        # a year's figures make no quarter, whether they are snapshots or add up
        ([("2026", "派驻人天"), ("2026", "常住人口")], "2026Q3", "没有2026年第3季度的数据, 只有2026年"),
        # a quarter makes no year and a month no quarter
        (
            [("2026Q3", "派驻人天"), ("2025Q3", "派驻人天")],
            "2026",
            "没有2026年的数据, 只有2025年第3季度、2026年第3季度",
        ),
        ([("2026-07", "派驻人天")], "2026Q3", "没有2026年第3季度的数据, 只有2026年7月"),
        # a year's opening balance beside last year's figures is no figure of this quarter
        (
            [("2026", "常住人口"), ("2025Q3", "派驻人天")],
            "2026Q3",
            "没有2026年第3季度的数据, 只有2025年第3季度、2026年",
        ),
        ([("2026Q4", "派驻人天")], "2026Q3", "没有2026年第3季度的数据, 只有2026年第4季度"),
    ],
)
def test_nothing_of_the_period_is_said_alone(rows, period, told, flows, plan, given):
    """The approval of the year in the money table makes no figures of the year, and no other line stands beside it."""
    assert said(given(rows), flows, plan, period) == [("PERIOD-NONE", told)]


@pytest.mark.parametrize(
    ("rows", "period"),
    [
        ([("2026-07", "派驻人天"), ("2026-08", "派驻人天"), ("2026-09", "派驻人天")], "2026Q3"),  # months add up
        ([("2026Q3", "派驻人天"), ("2026", "常住人口"), ("2025Q3", "派驻人天")], "2026Q3"),  # opening, comparison
        ([("2026-08", "常住人口")], "2026Q3"),  # a snapshot inside the quarter stands for it
        ([("2026Q4", "派驻人天")], "2026"),  # the rest may be owed by nobody: who lacks it is told unit by unit
        ([("2026", "派驻人天"), ("2026Q1", "派驻人天")], "2026"),
    ],
)
def test_legitimate_periods_are_read(rows, period, flows, plan, clean, given):
    clean["资金表"] = [["期间", "单位代码", "项目", "金额", "文号"], ["2026", "007", "核定绩效工资总量", 5, "文"]]
    assert len(read(given(rows), flows, plan, Period.parse(period)).facts) == len(rows)


def test_nothing_is_owed_once_nobody_is_a_member(flows, plan, clean, given):
    """An alliance that ended in June has no figures of the second half of its year."""
    clean["成员关系表"] = [[*row[:3], "2026-06-30"] if row[0] != "单位代码" else row for row in clean["成员关系表"]]
    path = given([("2026Q1", "派驻人天"), ("2026Q2", "派驻人天")])
    assert len(read(path, flows, plan, Period.parse("2026")).facts) == 2


def test_a_form_may_be_filled_in_from_an_earlier_period(flows, plan, given):
    path = given([("2026Q3", "派驻人天")])
    assert len(read(path, flows, plan, Period.parse("2026Q4"), own=False).facts) == 1
    assert said(path, flows, plan, "2026Q4")[0][0] == "PERIOD-NONE"


def test_the_workbook_of_another_place(catalogue, plan, period, clean, xlsx, tmp_path):
    other = plan.model_copy(update={"region": "210000"})
    with pytest.raises(InputProblems) as caught:
        read(xlsx(clean, tmp_path / "input.xlsx"), catalogue, other, period)
    (only,) = caught.value.problems
    assert str(only) == (
        "input.xlsx 机构表: 没有一个单位在方案的区域 210000 之内 (表中是 330102), "
        "核对数据文件与方案是否相配, 或改正行政区划代码 (REGION-OTHER)"
    )


@pytest.mark.parametrize("asked", ["2026Q3", "2027Q3"])
def test_of_another_place_only_that_is_said(asked, catalogue, plan, clean, xlsx, tmp_path):
    """Neither its tasks, nor a table that only this plan needs, nor a period it has no figures of."""
    other = plan.model_copy(update={"region": "210000"})
    clean["成员关系表"] = clean["成员关系表"][:1]
    clean["任务完成"] = [["条目", "完成日期"], ["X1", "2026-06-30"]]
    with pytest.raises(InputProblems) as caught:
        read(xlsx(clean, tmp_path / "input.xlsx"), catalogue, other, Period.parse(asked), {}, later="drop")
    assert [problem.code for problem in caught.value.problems] == ["REGION-OTHER"]


def test_an_empty_csv_is_not_taken_for_a_table_left_out(catalogue, plan, period, clean, csv_folder, tmp_path):
    folder = csv_folder(clean, tmp_path / "c", "utf-8")
    (folder / "任务完成.csv").write_bytes(b"")
    with pytest.raises(InputProblems) as caught:
        read(folder, catalogue, plan, period)
    assert [str(problem) for problem in caught.value.problems] == [
        "任务完成.csv: 文件是空的 (0 字节), 重新导出; 本期没有这张表的, 移出文件夹 (FILE-EMPTY)"
    ]


def test_a_unit_that_is_in_the_table_twice_is_known(catalogue, plan, period, clean, xlsx, tmp_path):
    """Also where the second row has the name that the other tables use."""
    clean["机构表"].append(["007", "河东中心卫生院", "乡镇卫生院", "公立", "330102", "", "是"])
    for row in clean["事实表"][1:3]:
        row[1] = "河东中心卫生院"
    with pytest.raises(InputProblems) as caught:
        read(xlsx(clean, tmp_path / "input.xlsx"), catalogue, plan, period)
    assert [problem.code for problem in caught.value.problems if problem.code.startswith("UNIT")] == ["UNIT-TWICE"]
