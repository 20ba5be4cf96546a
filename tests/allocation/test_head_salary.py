"""Annual salaries of heads: hand-worked and published cases, and that every head is paid exactly what is due."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from allocation.merit import merit
from allocation.pools import pools

from .money import Json, cases, check_formed, pool_context, told


def case_named(words: str) -> Json:
    found: Json = next(entry.values[0] for entry in cases("head_salary") if words in entry.values[0]["name"])
    return found


@pytest.mark.parametrize("case", cases("head_salary"))
def test_case(case: Json) -> None:
    if check_formed(case) is None:
        return
    cuts = [step for step in merit(pool_context(case)).steps if step.place.line]
    reasons = [(step.place.unit, step.numbers["reason"]) for step in cuts]
    assert reasons == [(unit, why) for unit, all_of in case["expect"].get("reasons", {}).items() for why in all_of]


def test_the_story_of_a_salary() -> None:
    story = {step.key: step for step in merit(pool_context(case_named("reasoned deductions"))).steps}
    paid = story["pool/A01/P/merit/T01"]
    assert paid.numbers == {
        "base": 20_000_000,
        "score": 70,
        "factor": 1,
        "months": 12,
        "due": 20_000_000,
        "deducted": 2_150_050,
    }
    assert (
        told(paid)["formula"]
        == "年薪基数 × 考核系数 × 在岗月数/12 (四舍五入到分) − 扣减; 考核系数 = 1 + (得分 − 70)/100"
    )
    assert paid.cells == ("in.xlsx 金额表!D3", "in.xlsx 事实表!D3")
    assert told(story["pool/A01/P/merit/T02"])["formula"].endswith("; 考核系数 = 得分/100")
    cut = told(story["pool/A01/P/merit/T01/deduction-2"])
    assert (cut["title"], cut["result"]) == ("年薪扣减", "-1500.50")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"mode": "base_over"}, "须写 pass_score"),
        ({"mode": "base_over", "pass_score": "70", "grades": [{"min": "0", "share": "1"}]}, "须写 grades"),
        ({"mode": "grade"}, "须写 grades"),
        ({"mode": "grade", "grades": [{"min": "60", "share": "1"}]}, "最低一档须从 0 起"),
        ({"mode": "grade", "grades": [{"min": "0", "share": "1"}, {"min": "0", "share": "0"}]}, "不得重复"),
        ({"mode": "base_over", "pass_score": "101"}, "less than or equal to 100"),
    ],
)
def test_parameters_that_make_no_sense(params: Json, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        pools()["head_salary"].params.model_validate({"scorecard": "member", "whose": "member"} | params)


@given(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)).map(sorted), st.integers(0, 100))
def test_a_better_score_never_earns_less(scores: list[int], passing: int) -> None:
    """At the pass mark and above a head has the base at least; below it never more."""
    params = pools()["head_salary"].params.model_validate(
        {"mode": "base_over", "scorecard": "member", "whose": "member", "pass_score": str(passing)}
    )
    low, high = (params.factor(Fraction(score, 100)) for score in scores)  # type: ignore[attr-defined]
    assert low[0] <= high[0]
    for score, (factor, _) in zip(scores, (low, high), strict=True):
        assert (factor >= 1) == (score >= passing * 100 or factor == 1)
