"""The signing fee: hand-worked cases, and that no fen is lost between payers, staff and institution."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from allocation.context import Value
from allocation.merit import merit, merits
from allocation.pools import form, pools

from .money import Json, cases, check_formed, direct, pool, pool_context, told


@pytest.mark.parametrize("case", cases("signing_fee"))
def test_case(case: Json) -> None:
    check_formed(case)


def test_a_fee_without_a_score_is_told_so() -> None:
    case = next(entry.values[0] for entry in cases("signing_fee") if "residents" in entry.values[0]["name"])
    payable = next(step for step in form(pool_context(case)).steps if step.place.line == "payable")
    assert told(payable)["numbers"] == {"考核": "不与考核挂钩", "T01": "1668.33", "T02": "1000.00"}


def test_the_story_of_a_fee() -> None:
    story = merit(pool_context(cases("signing_fee")[0].values[0])).steps
    assert told(story[0])["numbers"] == {
        "签约人月": "1001",
        "补偿标准": "100",
        "签约服务费": "8341.67",
        "分担比例": "0.5",
        "本支付方应付": "4170.84",
        "考核系数": "0.9",
        "考核后应付": "3753.76",
        "扣减": "417.08",
        "人员比例": "0.7",
    }
    assert story[0].fen == 262_764
    assert story[0].cells == ("in.xlsx 事实表!D2",)
    assert told(story[2])["formula"] == "不开展签约服务, 没有签约服务费"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"payers": {"insurance": "0.5", "residents": "0.4"}}, "合计须为 1"),
        ({"payer": "province"}, "没有 province"),
        ({"part": "staff", "staff_share": None}, "须写 staff_share"),
        ({"standard": "0"}, "greater than 0"),
        ({"score": {"scorecard": "member", "bands": [{"min": "0", "coefficient": "1.1"}]}}, "不得超过 1"),
    ],
)
def test_parameters_that_make_no_sense(change: Json, words: str) -> None:
    params = cases("signing_fee")[0].values[0]["pool"]["params"]
    with pytest.raises(ValidationError, match=words):
        pools()["signing_fee"].params.model_validate(params | change)


@given(
    st.lists(st.integers(0, 5000), min_size=2, max_size=2),
    st.integers(1, 30000),
    st.lists(st.integers(0, 100), min_size=2, max_size=2),
    st.tuples(st.integers(0, 60), st.integers(0, 40)),
    st.integers(0, 100),
)
def test_nothing_is_lost(
    months: list[int], standard: int, scores: list[int], shares: tuple[int, int], staff: int
) -> None:
    """Payers add up to the fee, staff and rest to what is payable, and staff have at least their share."""
    payers = {"a": shares[0], "b": shares[1], "c": 100 - sum(shares)}
    units = ("T01", "T02")
    counted = {
        (unit, "signed_person_months"): Value(Fraction(count)) for unit, count in zip(units, months, strict=True)
    }
    totals = {("member", unit): Fraction(score) for unit, score in zip(units, scores, strict=True)}
    everybody = direct("2022", dict.fromkeys(units, ("community", "public")), {}, facts=counted, scores=totals)
    everybody = replace(everybody, members=everybody.members.assign(signing=True))
    fee = paid = cut = of_staff = of_rest = 0
    for payer in payers:
        for part in ("staff", "rest"):
            params = {
                "standard": f"{standard / 100:.2f}",
                "payers": {name: f"{share / 100:.2f}" for name, share in payers.items()},
                "payer": payer,
                "part": part,
                "staff_share": f"{staff / 100:.2f}",
                "score": {"scorecard": "member", "bands": [{"min": "0", "coefficient": "score/100"}]},
            }
            context = everybody.for_pool(pool({"use": "signing_fee", "params": params, "merit": {"use": "due"}}))
            formed = form(context)
            assert formed.amount == 100 * sum(merit(context).values.values())
            steps = {step.place.line: step.fen or 0 for step in formed.steps}
            paid += formed.amount
            of_staff += formed.amount if part == "staff" else 0
            of_rest += formed.amount if part == "rest" else 0
            if part == "staff":
                cut += steps["cut"]
                fee += steps["due"]
    assert paid + cut == fee
    assert of_staff >= Fraction(staff, 100) * (of_staff + of_rest)
    whole = Fraction(sum(months), 12) * standard
    assert abs(fee - whole) <= 1


GRADES = [{"min": "90", "factor": "1.2"}, {"min": "60", "factor": "1"}, {"min": "0", "factor": "0"}]


def test_grades_count_alike_within_a_band() -> None:
    # 90 (included): 1.2 × 40 = 48; 89.99 and 60: 1 × 35, 1 × 10; 59.9: 0
    case: Json = {
        "period": "2022",
        "members": {f"T0{at}": {"tier": "community"} for at in (1, 2, 3, 4)},
        "facts": [[f"T0{at}", "heads_on_post", count] for at, count in enumerate(("40", "35", "10", "20"), start=1)],
        "scores": {"member": {"T01": "90", "T02": "89.99", "T03": "60", "T04": "59.9"}},
    }
    params = {"scorecard": "member", "bands": GRADES, "quantity": {"heads_on_post": "1"}, "prorate": True}
    made = merit(pool_context(case | {"pool": {"merit": {"use": "grade_times", "params": params}}}))
    assert made.values == {"T01": 48, "T02": 35, "T03": 10, "T04": 0}
    assert told(made.steps[0])["formula"] == "系数 × (1 × 在岗人数) × 成员月数/期间月数"
    assert told(made.steps[1])["numbers"]["档次"] == "60 分以上"


@pytest.mark.parametrize("bands", [GRADES[:2], [*GRADES, {"min": "60", "factor": "2"}]])
def test_grades_that_make_no_sense(bands: list[Json]) -> None:
    with pytest.raises(ValidationError, match="最低一档须从 0 起"):
        merits()["grade_times"].params.model_validate({"scorecard": "member", "bands": bands, "prorate": True})
