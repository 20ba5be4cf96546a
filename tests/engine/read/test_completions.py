"""The table of completions: what is read, how entries and units may be named, and what is said of mistakes."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest

from domain.pack import Pack
from domain.problems import InputProblems
from engine.read import read

HEAD = {"number": None, "issuer": "某局", "level": "市", "region": "330000", "status": "in_force"}
CITE = {"cite": {"clause": "一"}}
FIRST = Pack.model_validate(
    {
        "id": "first-2026",
        "title": "第一份",
        **HEAD,
        "duties": [
            {"id": "F1", "title": "印发方案", "evidence": "文件", "deadline": date(2026, 6, 30), **CITE},
            {"id": "F2", "title": "例会", "evidence": "纪要", "every": "quarter", **CITE},
            {"id": "X", "title": "同名", "evidence": "文件", **CITE},
        ],
        "money": [{"id": "F9", "title": "补助", "hook": "pay_gap", **CITE}],
    }
)
SECOND = Pack.model_validate(
    {
        "id": "second-2026",
        "title": "第二份",
        **HEAD,
        "milestones": [
            {"id": "S1", "title": "建成", "deadline": date(2027, 12, 31), **CITE},
            {"id": "X", "title": "同名", "deadline": date(2027, 12, 31), **CITE},
        ],
    }
)
PACKS = {"first-2026": FIRST, "second-2026": SECOND}
ROWS = [
    ["条目", "事项", "责任单位", "期限", "单位", "完成日期", "完成情况", "佐证", "备注"],
    ["F1", "印发方案", "卫健委", "2026-06-30", "", date(2026, 6, 12), "", "县卫〔2026〕3号", ""],
    ["first-2026：F2", "例会", "", "", "H01", "2026.3.31", "1/1", "纪要", ""],
    ["f2", "例会", "", "", "东城区人民医院", "2026年6月", "", "纪要", "补录"],
    ["second-2026:X", "同名", "", "", "A01", "", "2/3", "", ""],
    ["first-2026:X", "同名", "", "", "", "", "", "", ""],  # a line of the blank form
    ["旧条目", "去年的表里的", "", "", "", "", "", "", ""],
]


@pytest.fixture
def load(catalogue, plan, period):
    of = plan.model_copy(update={"region": "330102"})
    return lambda path, packs=PACKS: read(path, catalogue, of, period, packs)


def sheet(clean, *more):
    return {**clean, "任务完成": [*deepcopy(ROWS), *more]}


def test_what_is_read(clean, load, xlsx, tmp_path):
    path = xlsx(sheet(clean), tmp_path / "input.xlsx")
    got = load(path).completions
    # D01 is the plan's region: what belongs to no unit is its
    assert got.drop(columns="source").to_numpy(dtype=object).tolist() == [
        ["first-2026:F1", "D01", date(2026, 6, 12), "", "县卫〔2026〕3号", ""],
        ["first-2026:F2", "H01", date(2026, 3, 31), "1/1", "纪要", ""],
        ["first-2026:F2", "H01", date(2026, 6, 30), "", "纪要", "补录"],
        ["second-2026:X", "A01", None, "2/3", "", ""],
    ]
    assert got["source"].tolist() == [f"input.xlsx 任务完成!F{row}" for row in (2, 3, 4, 5)]
    assert load(path, None).completions["entry"].tolist()[:2] == ["F1", "first-2026:F2"]


def test_without_a_unit_of_the_region_the_whole_has_no_code(clean, catalogue, plan, period, xlsx, tmp_path):
    path = xlsx(sheet(clean), tmp_path / "input.xlsx")
    assert read(path, catalogue, plan, period, PACKS).completions["unit_code"][0] == ""


def test_it_is_optional(clean, load, xlsx, tmp_path):
    assert load(xlsx(clean, tmp_path / "input.xlsx")).completions is None
    blank = {**clean, "任务完成": [ROWS[0], ROWS[5]]}
    assert load(xlsx(blank, tmp_path / "blank.xlsx")).completions.empty


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            ["second-2026:S2", "", "", "", "", "2026-06-01"],
            "A8: 方案的政策包里没有条目 second-2026:S2, 是否为 second-2026:S1 (ENTRY-UNKNOWN)",
        ),
        (
            ["七", "", "", "", "", "2026-06-01"],
            "A8: 方案的政策包里没有条目 七, 写成 政策包:条目, 见 liangyun pack show (ENTRY-UNKNOWN)",
        ),
        (
            ["X", "", "", "", "", "2026-06-01"],
            "A8: 几份政策包都有条目 X, 写成 first-2026:X 或 second-2026:X (ENTRY-AMBIGUOUS)",
        ),
        (
            ["F9", "", "", "", "", "2026-06-01"],
            "A8: F9 是资金规则或价格, 没有完成一说, 只填指标、任务和时间表的条目 (ENTRY-KIND)",
        ),
        (["", "印发方案", "", "", "", "2026-06-01"], "A8: 条目 没有填, 补填 (VALUE-MISSING)"),
        (
            ["S1", "", "", "", "西城医院", "2026-06-01"],
            "E8: 机构表里没有单位 西城医院, 补入机构表或改正 (UNIT-UNKNOWN)",
        ),
        (["S1", "", "", "", "", "六月"], "F8: 六月 不是日期, 写成 2026-01-01 或 2026年1月1日 (DATE)"),
        (["S1", "", "", "", "", "2026-02-30"], "F8: 日期 2026-02-30 不存在, 核对年月日 (DATE)"),
        (["S1", "", "", "", "", "", "5/5"], "F8: 完成情况写 5/5, 没有填完成日期, 补填完成日期 (COMPLETION-DAY)"),
        (["S1", "", "", "", "", "", "150/100"], "G8: 完成情况 150/100 超过总数, 核对填报 (PART-GT-WHOLE)"),
        (["S1", "", "", "", "", "", "已完成"], "F8: 完成情况写 已完成, 没有填完成日期, 补填完成日期 (COMPLETION-DAY)"),
        (
            ["S1", "", "", "", "", "2026-06-01", "2/3"],
            "G8: 填了完成日期, 完成情况却是 2/3, 未完成的不填完成日期 (COMPLETION-DAY)",
        ),
        (
            ["F1", "", "", "", "D01", "2026-06-20"],
            "F8: first-2026:F1 东城区 与 input.xlsx 任务完成!F2 重复, 每个条目每个单位一行 (DUPLICATE)",
        ),
        (
            ["F2", "", "", "", "H01", "2026-03-31"],
            "F8: first-2026:F2 东城区人民医院 与 input.xlsx 任务完成!F3 重复, 每个条目每个单位一行 (DUPLICATE)",
        ),
    ],
)
def test_mistakes(clean, load, xlsx, tmp_path, row, said):
    with pytest.raises(InputProblems) as caught:
        load(xlsx(sheet(clean, row), tmp_path / "input.xlsx"))
    assert [str(one) for one in caught.value.problems] == [f"input.xlsx 任务完成!{said}"]


def test_all_mistakes_at_once(clean, load, xlsx, tmp_path):
    rows = (
        ["F3", "", "", "", "", "2026-06-01"],
        ["S1", "", "", "", "西城医院", "2026-06-01"],
        ["X", "", "", "", "", "x"],
    )
    with pytest.raises(InputProblems) as caught:
        load(xlsx(sheet(clean, *rows), tmp_path / "input.xlsx"))
    assert [one.code for one in caught.value.problems] == ["ENTRY-UNKNOWN", "UNIT-UNKNOWN", "DATE"]


def test_the_table_of_another_plan_is_named_once(clean, load, xlsx, tmp_path):
    rows = [[f"G{at}", "", "", "", "", "2026-06-01"] for at in range(1, 5)]
    clean["任务完成"] = [ROWS[0], *rows]
    with pytest.raises(InputProblems) as caught:
        load(xlsx(clean, tmp_path / "input.xlsx"))
    (only,) = caught.value.problems
    assert str(only) == (
        "input.xlsx 任务完成: 没有一个条目在方案的政策包里 (表中是 G1、G2、G3 等 4 个), "
        "核对数据文件与方案是否相配, 或改正条目 (ENTRY-OTHER)"
    )
    # one entry that is known, or two that may be slips of the pen: each is told at its cell
    for kept in ([*rows, ROWS[1]], rows[:2]):
        clean["任务完成"] = [ROWS[0], *kept]
        with pytest.raises(InputProblems) as caught:
            load(xlsx(clean, tmp_path / "input.xlsx"))
        assert {one.code for one in caught.value.problems} == {"ENTRY-UNKNOWN"}


def test_figures_after_the_period_may_be_left_out(clean, catalogue, plan, period, xlsx, tmp_path):
    clean["事实表"].append(["2026Q4", "007", "签约人数", 12000, ""])
    path = xlsx(clean, tmp_path / "input.xlsx")
    with pytest.raises(InputProblems, match="PERIOD-LATER"):
        read(path, catalogue, plan, period)
    kept = read(path, catalogue, plan, period, later="drop")
    assert "2026Q4" not in set(kept.facts["period"])
    assert len(kept.facts) == 8
