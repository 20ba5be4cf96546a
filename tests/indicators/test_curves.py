"""Scoring curves: the worked cases of tests/spec/curves, and what must hold beside them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.run.say import Speaker
from engine.yaml.document import read_yaml
from indicators.curves import Readings, curves
from indicators.curves.attainment import attainment
from indicators.curves.efficacy import efficacy
from indicators.curves.milestone import days
from indicators.ratios import Column, Ratios

SPECS = Path(__file__).parents[1] / "spec" / "curves"


def exact(values: list[str | None]) -> list[Fraction | None]:
    return [None if text is None else Fraction(text) for text in values]


def column(values: list[str | None]) -> Column:
    return Column.of(exact(values))


def worked() -> list[Any]:
    found = []
    for path in sorted(SPECS.glob("*.yaml")):
        document = read_yaml(path)
        document.raise_if_any()
        found += [
            pytest.param(document.data["use"], case, id=f"{path.stem}: {case['name']}")
            for case in document.data["cases"]
        ]
    return found


def readings(case: dict[str, Any]) -> Readings:
    value = case.get("value", [None] * len(case["share"]))
    if "done" in case:  # days, written as the tables write them
        value = [day.strftime("%Y%m%d") if day else "0" for day in case["done"]]
    return Readings(
        value=column(value),
        previous=column(case["previous"]) if "previous" in case else None,
        lines={code: column(values) for code, values in case.get("lines", {}).items()},
        as_of=case.get("as_of"),
        full_marks=Fraction(case["full_marks"]) if "full_marks" in case else None,
    )


@pytest.mark.parametrize(("use", "case"), worked())
def test_worked_case(use: str, case: dict[str, Any]) -> None:
    curve = curves()[use]
    found = curve.score(readings(case), curve.params.model_validate(case["params"]))
    assert found.share.fractions(found.ok).tolist() == exact(case["share"])
    assert list(found.ok) == [share is not None for share in case["share"]]
    assert list(found.applicable) == case.get("applicable", [True] * len(case["share"]))
    assert {code: points.fractions.tolist() for code, points in found.parts.items()} == {
        code: exact(points) for code, points in case.get("parts", {}).items()
    }


def test_every_curve_is_found_and_has_worked_cases() -> None:
    used = {param.values[0] for param in worked()}
    assert (
        set(curves())
        == used
        == {
            "attainment",
            "checklist",
            "deduction",
            "efficacy",
            "milestone",
            "steps",
            "trend",
        }
    )
    assert all(curve.title and curve.use == use for use, curve in curves().items())


def test_equal_marks_are_refused() -> None:
    with pytest.raises(ValueError, match="目标值与零分值相等"):
        attainment(Ratios.of([1, 2]), Fraction(3), Fraction(3))
    with pytest.raises(ValueError, match="满意值与不允许值相等"):
        efficacy(Ratios.of([1]), Fraction(2), Fraction(2))


numbers = st.fractions(min_value=-1000, max_value=1000, max_denominator=100)


@given(values=st.lists(numbers, min_size=1, max_size=8), target=numbers, floor=numbers)
def test_attainment_is_monotone_and_bounded(values: list[Fraction], target: Fraction, floor: Fraction) -> None:
    if target == floor:
        return
    ordered = sorted(values, reverse=floor > target)
    shares = attainment(Ratios.of(ordered), target, floor).fractions()
    assert list(shares) == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)
    assert list(attainment(Ratios.of([target, floor]), target, floor).fractions()) == [1, 0]


BAD = [
    ("attainment", {}, "target (目标值) 与 band (区间) 须写一个, 且只写一个"),
    ("attainment", {"target": "1", "band": ["1", "2"]}, "target (目标值) 与 band (区间) 须写一个, 且只写一个"),
    ("attainment", {"target": 0.5}, '0.5: 小数须加引号, 例如 "0.6"'),
    ("attainment", {"target": "5", "floor": "5"}, "target (目标值) 与 floor (零分值) 相等, 无法计分"),
    (
        "attainment",
        {"target": "5", "floor": "9", "direction": "high"},
        "direction 与 target、floor 的大小关系不符: 越小越好时 floor 须大于 target",
    ),
    (
        "attainment",
        {"target": "5", "direction": "low"},
        "须写 floor (零分值): 只有越大越好且目标值大于 0 时可以省略, 按 0 计",
    ),
    ("attainment", {"target": "-5"}, "须写 floor (零分值): 只有越大越好且目标值大于 0 时可以省略, 按 0 计"),
    ("attainment", {"target": "5", "cap": "0"}, "cap (封顶) 须大于 0"),
    ("attainment", {"target": "0", "form": "ratio"}, "form: ratio 的 target (目标值) 须大于 0"),
    (
        "attainment",
        {"target": "5", "form": "ratio", "floor": "9"},
        "form: ratio 指越小越好的 目标值/实际值, 不写 floor, 也不写 direction: high",
    ),
    ("attainment", {"target": "5", "tolerance": "1"}, "tolerance (区间外容差) 只用于 band (区间)"),
    ("attainment", {"band": ["6", "4"]}, "band (区间) 的下限大于上限"),
    ("attainment", {"band": ["4", "6"], "tolerance": "-1"}, "tolerance (区间外容差) 不能为负"),
    ("attainment", {"band": ["4", "6"], "cap": "2"}, "band (区间) 不与 floor、direction、form、cap 同用"),
    (
        "steps",
        {"steps": [{"min": "5", "share": "1"}, {"max": "4", "share": "0"}]},
        "各档须全部写 min (以上) 或全部写 max (以下)",
    ),
    ("steps", {"steps": [{"min": "5", "max": "9", "share": "1"}]}, "各档须全部写 min (以上) 或全部写 max (以下)"),
    ("steps", {"steps": [{"min": "5", "share": "1"}, {"min": "5.0", "share": "0.5"}]}, "有两档的界限相同"),
    ("steps", {"steps": [{"min": "5", "share": "1.2"}]}, "各档的 share 须在 0 至 1 之间"),
    (
        "efficacy",
        {"satisfactory": "5", "unacceptable": 5},
        "satisfactory (满意值) 与 unacceptable (不允许值) 相等, 无法计分",
    ),
    ("trend", {"direction": "up", "min_change": "-1"}, "min_change (最小变化) 不能为负: 方向写在 direction 里"),
    ("trend", {"direction": "up", "partial": "2"}, "partial (变化不足) 与 unchanged (持平) 的得分比例须在 0 至 1 之间"),
    ("milestone", {"by": 20260630}, "20260630 不是日期: 写成 2026-06-30"),
    (
        "milestone",
        {"by": "2026-06-30", "late": [{"days": 30, "share": "1"}, {"days": 30, "share": "0"}]},
        "late (逾期) 有两档天数相同",
    ),
    (
        "milestone",
        {"by": "2026-06-30", "late": [{"days": 30, "share": "-1"}]},
        "late (逾期) 各档的 share 须在 0 至 1 之间",
    ),
    ("checklist", {}, "items (各项) 与 of (总项数) 须写一个, 且只写一个"),
    ("checklist", {"items": ["a", "a"]}, "items (各项) 有重复"),
    ("deduction", {"lines": [{"count": "a", "points": "0"}]}, "points (每次扣分) 须大于 0"),
    ("deduction", {"lines": [{"count": "a", "points": "1"}, {"count": "a", "points": "2"}]}, "lines (扣分项) 有重复"),
]


@pytest.mark.parametrize(("use", "params", "message"), BAD)
def test_bad_parameters_are_refused(use: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        curves()[use].params.model_validate(params)
    assert [str(error["ctx"]["error"]) for error in refused.value.errors()] == [message]


@pytest.mark.parametrize("use", sorted(curves()))
def test_unknown_parameters_are_refused(use: str) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        curves()[use].params.model_validate({"bonus": "1"})


ONE = column(["1"])
LACKING = [
    ("trend", {"direction": "up"}, Readings(ONE), "趋势得分需要上期值"),
    ("milestone", {"by": "2026-06-30"}, Readings(ONE), "时限任务需要评价日期"),
    ("milestone", {"by": "2026-06-30"}, Readings(column(["20260231"]), as_of=date(2026, 7, 1)), "20260231 不是日期"),
    ("milestone", {"by": "2026-06-30"}, Readings(column(["20260630.5"]), as_of=date(2026, 7, 1)), "不是日期"),
    ("checklist", {"items": ["a", "b"]}, Readings(ONE, lines={"a": ONE}), "清单缺少各项: b"),
    ("checklist", {"items": ["a"]}, Readings(ONE, lines={"a": column(["2"])}), "清单项 a 只能写 1"),
    ("checklist", {"of": 3}, Readings(column(["4"])), "已完成的项数须在 0 至 3 之间"),
    ("deduction", {"lines": [{"count": "a", "points": "1"}]}, Readings(ONE, lines={"a": ONE}), "大于 0 的满分"),
    ("deduction", {"lines": [{"count": "a", "points": "1"}]}, Readings(ONE, full_marks=Fraction(5)), "缺少扣分项: a"),
    (
        "deduction",
        {"lines": [{"count": "a", "points": "1"}]},
        Readings(ONE, lines={"a": column(["-1"])}, full_marks=Fraction(5)),
        "次数不能为负",
    ),
]


@pytest.mark.parametrize(("use", "params", "given_readings", "message"), LACKING)
def test_readings_that_cannot_be_scored(
    use: str, params: dict[str, Any], given_readings: Readings, message: str
) -> None:
    curve = curves()[use]
    with pytest.raises(ValueError, match=message):
        curve.score(given_readings, curve.params.model_validate(params))


def test_days_written_as_numbers() -> None:
    assert list(days(Ratios.of([20240229, 0]))) == [date(2024, 2, 29).toordinal(), 0]


DESCRIBED = [
    ("attainment", {"target": "0.65", "floor": "0.45"}, "(实际值 − 0.45) ÷ (0.65 − 0.45), 限于 0 至 1"),
    ("attainment", {"target": "8", "form": "ratio"}, "min(1, 8 ÷ 实际值)"),
    ("attainment", {"band": ["40", "60"], "tolerance": "10"}, "在 40 至 60 之间得满分, 区间外 10 内按比例递减至 0"),
    (
        "steps",
        {"steps": [{"min": "80", "share": "0.6"}, {"min": "95", "share": "1"}]},
        "95 以上 (含) 得 1; 80 以上 (含) 得 0.6; 其余得 0",
    ),
    (
        "steps",
        {"steps": [{"max": "8", "share": "0.6"}, {"max": "5", "share": "1"}], "below": "0.1"},
        "5 以下 (含) 得 1; 8 以下 (含) 得 0.6; 其余得 0.1",
    ),
    (
        "efficacy",
        {"satisfactory": "90", "unacceptable": "60", "clip": True},
        "((实际值 − 60) ÷ (90 − 60) × 40 + 60) ÷ 100, 限于 0.6 至 1",
    ),
    ("trend", {"direction": "down"}, "较上期下降得 1; 持平得 0; 反向得 0"),
    (
        "trend",
        {"direction": "up", "min_change": "2", "partial": "0.5"},
        "上升且变化不小于 2 得 1; 上升但变化不足得 0.5; 持平得 0; 反向得 0",
    ),
    (
        "milestone",
        {"by": "2026-06-30", "late": [{"days": 30, "share": "0.8"}]},
        "2026-06-30 前 (含当日) 完成得 1; 逾期 30 天以内得 0.8; 其余得 0",
    ),
    ("checklist", {"of": 14}, "已完成项数 ÷ 14"),
    ("checklist", {"items": ["a", "b"], "mode": "all"}, "2 项全部完成得 1, 否则得 0"),
    (
        "deduction",
        {"lines": [{"count": "complaints", "points": "0.5", "title": "有效投诉"}]},
        "有效投诉 每次扣 0.5 分; 扣完为止",
    ),
]


@pytest.mark.parametrize(("use", "params", "said"), DESCRIBED)
def test_descriptions_carry_the_numbers(use: str, params: dict[str, Any], said: str) -> None:
    curve = curves()[use]
    assert Speaker().phrase(curve.describe(curve.params.model_validate(params))) == said
