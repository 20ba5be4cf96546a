"""How pools are formed: hand-worked cases, bad parameters, and what must hold for every input."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from allocation.context import PoolContext, amounts
from allocation.merit import merit
from allocation.pools import Spread, form, misfit, pools
from allocation.problem import build
from allocation.solve import solve
from domain.money import floor_fen, format_yuan, half_up_fen
from domain.period import Period
from domain.problems import InputProblems

from .money import Json, cases, catalogue, check_formed, direct, money_rows, pool, pool_context, said, speaker, told


@pytest.mark.parametrize("case", [case for name in ("pools", "to_date", "capitation") for case in cases(name)])
def test_case(case: Json) -> None:
    check_formed(case)


@pytest.mark.parametrize("case", cases("withheld"))
def test_withheld(case: Json) -> None:
    source = form(pool_context(case | {"pool": case["source"]}))
    check_formed(case | {"withheld": {case["source"]["id"]: source.withheld}})


OWING = ("allowance", "head_salary", "priced_services", "signing_fee", "subsidy")


def test_what_a_pool_owes_has_a_merit_of_its_own() -> None:
    assert tuple(use for use, former in pools().items() if former.own) == OWING
    assert all(bool(former.shown) == former.own for former in pools().values())
    for use in pools():
        assert (misfit(use, "due") is None) == (use in OWING)
        assert (misfit(use, "fixed") is None) == (use not in OWING)


def test_a_pool_that_owes_nobody_has_no_dues() -> None:
    case = cases("signing_fee")[0].values[0] | {
        "pool": {"use": "handed_in", "merit": {"use": "due", "at": "plan.yaml:7"}}
    }
    for step in (merit, form):
        with pytest.raises(InputProblems, match="没有各单位的应得数, 不能用 merit: due, 换一个绩效占比公式") as refused:
            step(pool_context(case))
        assert said(refused.value)[0] == "POOL-MERIT plan.yaml:7"


@pytest.mark.parametrize("use", OWING)
def test_what_is_owed_to_one_is_not_shared_by_another_merit(use: str) -> None:
    found = [case.values[0] for name in ("pools", "head_salary", "signing_fee") for case in cases(name)]
    case = next(case for case in found if case["pool"]["use"] == use and "expect" in case)
    by_heads = {"use": "fixed", "at": "plan.yaml:7", "params": {"metrics": ["heads_on_post"], "prorate": False}}
    with pytest.raises(InputProblems, match="merit 写 use: due") as refused:
        form(pool_context(case | {"pool": case["pool"] | {"merit": by_heads}}))
    assert said(refused.value) == ["POOL-MERIT plan.yaml:7"]


@pytest.mark.parametrize(
    ("file", "words"), [("head_salary", "reasoned deductions"), ("signing_fee", "to staff"), ("pools", "own score")]
)
def test_the_optimizer_pays_everybody_what_is_due(file: str, words: str) -> None:
    case = next(case.values[0] for case in cases(file) if words in case.values[0]["name"])
    context = pool_context(case | {"pool": case["pool"] | {"in_total": "no"}})
    answer = solve(build(context, form(context).amount, merit(context).values).problem)
    assert {code: format_yuan(fen) for code, fen in answer.paid.items()} == case["expect"]["due"]
    assert not answer.undistributed


def test_every_step_is_told() -> None:
    case = cases("pools")[0].values[0]
    formed = form(pool_context(case))
    story = {step.key: step for step in formed.steps}
    first = story["pool/A01/P/surplus"]
    assert first.numbers == {
        "budget": 100_000_000,
        "spend": 80_000_000,
        "budget_items": ("fund_budget",),
        "spend_items": ("fund_spend",),
    }
    assert first.cites == ("财社〔2026〕1号", "医保清〔2027〕3号")
    assert first.cells == ("in.xlsx 金额表!D4", "in.xlsx 金额表!D2", "in.xlsx 金额表!D3")
    assert told(story["pool/A01/P/retained"])["formula"] == "100000 × 1 + 50000 × 0.8 + 50000 × 0.5"
    last = told(formed.steps[-1])
    assert [last[part] for part in ("title", "formula", "result")] == [
        "应分配额",
        "考核后留用额 − 发展储备",
        "148500.00",
    ]


def test_a_confirmation_that_differs_is_noted() -> None:
    case = next(entry.values[0] for entry in cases("pools") if "differs" in entry.values[0]["name"])
    assert told(form(pool_context(case)).steps[0])["notes"] == [
        "预算 − 支出 = 200000.00, 以清算确认数为准: 清算核减跨年费用"
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"retention": [{"keep": "1"}, {"keep": "0.5"}]}, "递增"),
        ({"retention": [{"upto": "0.2", "keep": "1"}, {"upto": "0.1", "keep": "1"}, {"keep": "0"}]}, "递增"),
        ({"retention": [{"upto": "0.2", "keep": "1"}]}, "最后一档不写"),
        ({"measure": "spend", "retention": [{"upto": "0.9", "keep": "1"}]}, "最后一档不写"),
        ({"spend": ["fund_spend", "fund_spend_out_of_area"]}, "不要再列分项"),
        ({"reserve_share": "1.01"}, "less than or equal"),
        ({"score": {"scorecard": "external", "bands": [{"min": "60", "coefficient": "1"}]}}, "从 0 起"),
        (
            {
                "score": {
                    "scorecard": "x",
                    "bands": [{"min": "0", "coefficient": "1"}, {"min": "0", "coefficient": "0"}],
                }
            },
            "重复",
        ),
    ],
)
def test_parameters_that_make_no_sense(change: Json, words: str) -> None:
    params = cases("pools")[0].values[0]["pool"]["params"]
    with pytest.raises(ValidationError, match=words):
        pools()["insurance_surplus"].params.model_validate(params | change)


def test_shares_of_a_year_cannot_exceed_it() -> None:
    with pytest.raises(ValidationError, match="不得超过 1"):
        Spread.model_validate({"shares": ["0.6", "0.5"]})


def test_rows_that_contradict_each_other_are_refused() -> None:
    """March alone cannot be 2.00 where the first quarter is 1.00."""
    case = {
        "period": "2026",
        "money": [
            ["A01", "fund_spend", "1.00", "", "2026Q1"],
            ["A01", "fund_spend", "2.00", "", "2026-03"],
            ["A01", "fund_spend", "1.00", "", "2026Q2"],
        ],
    }
    with pytest.raises(InputProblems) as refused:
        amounts(money_rows(case), catalogue().items, Period.parse("2026"))
    assert [(problem.where, problem.code) for problem in refused.value.problems] == [
        ("in.xlsx 金额表!D3", "PERIOD-OVERLAP")
    ]


def test_an_approval_that_differs_from_the_application_is_told() -> None:
    case = next(entry.values[0] for entry in cases("pools") if "normal growth" in entry.values[0]["name"])
    story = {step.place.line: step for step in form(pool_context(case)).steps}
    (differs,) = story["application"].notes
    assert differs.values == {"unit": "T02", "approved": 57_000_025, "applied": 57_800_027}
    assert speaker().phrase(differs) == "T02 T02院 核定 570000.25, 测算 578000.27, 以批复为准"
    assert story["application"].cites == ("财社〔2026〕1号", "人社批〔2026〕8号、人社批〔2026〕9号")
    assert story["addition"].cells == ("in.xlsx 事实表!D2", "in.xlsx 事实表!D3")


@pytest.mark.parametrize(
    ("use", "params"),
    [
        ("allowance", {"metric": "gp_allowance_months", "standard": "0.00"}),
        ("allowance", {"metric": "gp_allowance_months", "standard": "0.001"}),
        ("priced_services", {"prices": {}}),
        ("priced_services", {"prices": {"home_bed_visits": "0.00"}}),
        ("priced_services", {"prices": {"home_bed_visits": "80"}, "entries": {"home_visits_nurse": "p:P1"}}),
        ("approved_growth", {"growth": "-0.01", "share": "1", "spread": {"shares": ["1"]}}),
        ("approved_growth", {"growth": "0.06", "share": "0", "spread": {"shares": ["1"]}}),
    ],
)
def test_allowances_prices_and_growth_that_make_no_sense(use: str, params: Json) -> None:
    with pytest.raises(ValidationError):
        pools()[use].params.model_validate(params)


def test_which_rows_speak_for_a_period() -> None:
    case = {
        "period": "2026",
        "money": [
            ["T01", "quota_paid", "1.00", "", "2026Q1"],
            ["T01", "quota_paid", "2.00", "", "2026Q2"],
            ["T01", "quota_paid", "8.00", "", "2026Q4"],
            ["T01", "quota_paid", "9.00", "", "2025Q4"],
            ["T01", "risk_fund_balance", "5.00", "", "2026"],
            ["T01", "previous_amount", "3.00", "P", "2026Q2"],
            ["T01", "previous_amount", "4.00", "P", "2026Q3"],
            ["T01", "previous_amount", "5.00", "Q", "2026Q3"],
            ["T01", "surplus_prepaid", "7.00", "P", "2026"],
            ["T01", "medical_cost", "6.00", "", "2026"],
        ],
    }
    found = amounts(money_rows(case), catalogue().items, Period.parse("2026Q3"))
    assert {key: [row.fen for row in rows] for key, rows in found.items()} == {
        ("T01", "risk_fund_balance"): [500],  # an opening balance of the year around the quarter
        ("T01", "previous_amount"): [400, 500],  # of the period itself, pool by pool
    }  # a year's cost says nothing about a quarter; what was paid to June is not what was paid to September


def surplus_context(budget: int, surplus: int, keeps: tuple[int, int, int], ratio: int) -> PoolContext:
    first, second, third = (f"{keep / 100:.2f}" for keep in keeps)
    params = {
        "budget": ["fund_budget"],
        "spend": ["fund_spend"],
        "measure": "surplus",
        "retention": [{"upto": "0.05", "keep": first}, {"upto": "0.2", "keep": second}, {"keep": third}],
        "reserve_share": "0.1",
    }
    money = {("A01", "fund_budget"): budget, ("A01", "fund_spend"): budget - surplus}
    entry = pool(
        {"use": "insurance_surplus", "basis": "estimate", "prepay_ratio": f"{ratio / 100:.2f}", "params": params}
    )
    return direct("2026Q3", {"T01": ("township", "public")}, money).for_pool(entry)


PERCENT = st.integers(0, 100)


@given(
    st.integers(1, 10**13),
    st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)).map(sorted),
    st.tuples(PERCENT, PERCENT, PERCENT),
    PERCENT,
)
def test_more_surplus_never_forms_less(budget: int, parts: list[int], keeps: tuple[int, int, int], ratio: int) -> None:
    """The pool grows with the surplus, never exceeds it, and is 0 without one."""
    surpluses = [budget * part // 10**6 for part in parts]
    made = [form(surplus_context(budget, surplus, keeps, ratio)) for surplus in surpluses]
    assert made[0].amount <= made[1].amount
    for surplus, formed in zip(surpluses, made, strict=True):
        assert 0 <= formed.amount <= max(0, surplus)
        assert formed.amount or formed.reason


@given(
    st.integers(0, 10**13),
    st.lists(st.integers(0, 25), min_size=4, max_size=4),
    st.sampled_from([half_up_fen, floor_fen]),
)
def test_periods_add_up_to_the_year(year: int, percents: list[int], rounding: Callable[[Fraction], int]) -> None:
    spread = Spread.model_validate({"shares": [f"{percent / 100:.2f}" for percent in percents]})
    members = {"T01": ("township", "public")}
    contexts = [direct(f"2026Q{number}", members, {}).for_pool(pool({})) for number in (1, 2, 3, 4)]
    parts = [spread.part(context, Fraction(year), rounding) for context in contexts]
    assert sum(parts) == rounding(Fraction(year * sum(percents), 100))
    assert min(parts) >= 0
