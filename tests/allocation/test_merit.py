"""What members share in proportion to: hand-worked cases, parameters, discovery."""

from __future__ import annotations

from fractions import Fraction

import pytest
from pydantic import ValidationError

from allocation.merit import merit, merits
from domain.problems import InputProblems

from .money import Json, cases, fraction, pool_context, said, told


@pytest.mark.parametrize("case", cases("merit"))
def test_case(case: Json) -> None:
    if "refused" in case:
        with pytest.raises(InputProblems) as refused:
            merit(pool_context(case))
        assert said(refused.value) == case["refused"]
        return
    made = merit(pool_context(case))
    assert made.values == {unit: fraction(text) for unit, text in case["expect"].items()}
    assert [step.place.unit for step in made.steps] == sorted(case["expect"])


def test_the_story_of_a_merit() -> None:
    case = next(entry.values[0] for entry in cases("merit") if "factor" in entry.values[0]["name"])
    story = merit(pool_context(case)).steps[2]
    assert story.numbers == {
        "score": 60,
        "heads_on_post": 35,
        "tier_factor": Fraction("1.2"),
        "months": 2,
        "span": 3,
    }
    assert (story.result, story.rule, story.cells) == (1680, "score_times", ("in.xlsx 事实表!D4",))
    said = told(story)
    assert said["formula"] == "得分 × (1 × 在岗人数) × 层级系数 × 成员月数/期间月数"
    assert said["numbers"] == {"得分": "60", "在岗人数": "35", "层级系数": "1.2", "成员月数": "2", "期间月数": "3"}


@pytest.mark.parametrize(
    ("words", "at", "formula", "numbers", "notes"),
    [
        (
            "fixed from a metric",
            2,
            "(在岗人数) × 成员月数/期间月数",
            {"在岗人数": "35", "成员月数": "2", "期间月数": "3"},
            (),
        ),
        ("fixed from money", 0, "医疗服务收入 + 药品收入", {"医疗服务收入": "1000.5", "药品收入": "0.25"}, ()),
        ("least score", 0, "得分", {"得分": "59.99"}, ("得分低于 60, 不参与分配",)),
    ],
)
def test_how_months_and_exclusions_are_told(
    words: str, at: int, formula: str, numbers: dict[str, str], notes: tuple[str, ...]
) -> None:
    case = next(entry.values[0] for entry in cases("merit") if words in entry.values[0]["name"])
    story = told(merit(pool_context(case)).steps[at])
    assert (story["formula"], story["numbers"], tuple(story["notes"])) == (formula, numbers, notes)


def test_the_remedy_names_what_is_missing() -> None:
    case = next(entry.values[0] for entry in cases("merit") if "missing score" in entry.values[0]["name"])
    with pytest.raises(InputProblems) as refused:
        merit(pool_context(case))
    assert str(refused.value.problems[1]) == (
        "T02 T02院: 缺少数据 在岗人数 (heads_on_post), 期间 2026Q3, 在事实表补填 (FACT-MISSING)"
    )


@pytest.mark.parametrize(
    ("use", "params"),
    [
        ("fixed", {"prorate": True}),
        ("fixed", {"metrics": ["heads_on_post"], "items": ["staff_income"], "prorate": True}),
        ("fixed", {"metrics": ["heads_on_post"]}),
        ("score_times", {"scorecard": "internal"}),
        ("tier_quantity", {"parts": [], "prorate": True}),
        ("tier_quantity", {"parts": [{"tiers": ["lead"], "quantity": {}}], "prorate": True}),
        ("tier_quantity", {"parts": [{"tiers": ["lead", "lead"], "quantity": {"visits": "1"}}], "prorate": True}),
        ("score_times", {"scorecard": "internal", "prorate": True, "quantity": {"heads_on_post": "-1"}}),
        ("score_times", {"scorecard": "internal", "prorate": True, "tier_factor": {"township": "-1"}}),
    ],
)
def test_parameters_that_make_no_sense(use: str, params: Json) -> None:
    with pytest.raises(ValidationError):
        merits()[use].params.model_validate(params)
