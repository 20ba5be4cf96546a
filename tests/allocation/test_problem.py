"""From a pool to the problem the optimizer takes: hand-worked cases, and that the optimizer does take it."""

from __future__ import annotations

import pytest

from allocation.merit import merit
from allocation.permits import permits_statement, reward_base
from allocation.pools import form
from allocation.problem import Built, build
from allocation.quota import open_book
from allocation.solve import solve
from allocation.statement import Problem
from domain.money import parse_yuan
from domain.plan import Permits, Quota
from domain.problems import InputProblems
from engine.exchange.parse import parse
from engine.exchange.written import problem_json

from .money import Json, cases, pool, pool_context, said


def built(case: Json) -> Problem:
    return made(case).problem


def amounts(problem: Problem) -> dict[str, int]:
    """Fen by member."""
    return solve(problem).paid


def made(case: Json) -> Built:
    context = pool_context(case)
    book = open_book(Quota.model_validate(case["quota"]), context) if case["quota"] else None
    capped = any(entry.use == "income_cap" for entry in context.pool.rules) and "no_base" not in case
    base = reward_base(Permits.model_validate(case["permits"]), context).fen if capped else None
    drawn = {unit: parse_yuan(amount) for unit, amount in case.get("drawn", {}).items()}
    return build(context, parse_yuan(case["amount"]), merit(context).values, book=book, base=base, drawn=drawn)


@pytest.mark.parametrize("case", cases("problem"))
def test_case(case: Json) -> None:
    if "refused" in case:
        with pytest.raises(InputProblems) as refused:
            built(case)
        assert said(refused.value) == case["refused"]
        return
    problem = built(case)
    expect = case["expect"]
    if "soft_keep" in expect:
        expect = {**expect, "soft_keep": "0.7"}
    assert problem_json(problem) == expect
    assert list(problem.members) == sorted(problem.members, key=lambda member: member.code)
    assert problem.pool == parse_yuan(case["amount"])
    assert solve(parse(problem_json(problem))) == solve(problem)


def test_the_optimizer_answers_it() -> None:
    """Corridor and alliance approval: 100000 to both by merit 61.25 : 80, 43362.83 and 56637.17."""
    case = next(entry.values[0] for entry in cases("problem") if "never soft" in entry.values[0]["name"])
    answer = solve(built(case))
    assert answer.paid == {"H01": 43_362_83, "T01": 56_637_17}
    assert answer.undistributed_because == ("total_cap",)


def test_from_the_surplus_to_what_staff_may_get() -> None:
    """A surplus of 100000 kept whole, 10% to the reserve: 90000 by merit 61.25 : 80 → 39026.55 and 50973.45 as income.

    A staff pool before it took 999900 of H01's 1000000. H01: I = 1000 + 39026.55, cost 900: b = 39126.55; welfare and
    development 7825.31; R = 23475.93; 0.6 R = 14085.558; quota 100 binds. T01's approval is used up: r = 0.
    """
    case = next(dict(entry.values[0]) for entry in cases("problem") if entry.values[0]["name"] == "income pool")
    common = next(entry.values[0] for entry in cases("problem") if "all rules" in entry.values[0]["name"])
    params = {
        "budget": ["fund_budget"],
        "spend": ["fund_spend"],
        "measure": "surplus",
        "retention": [{"keep": "1"}],
        "reserve_share": "0.1",
        "prepaid_pools": [],
    }
    surplus = [["A01", "fund_budget", "500000.00"], ["A01", "fund_spend", "400000.00"]]
    confirmed = [["A01", "surplus_confirmed", "100000.00", "医保清〔2027〕3号"]]
    changed = {"use": "insurance_surplus", "params": params, "tiers": ["lead", "township"], "rules": []}
    case |= {"money": common["money"] + surplus + confirmed, "pool": case["pool"] | changed}
    context = pool_context(case)
    formed = form(context)
    assert formed.amount == 9_000_000
    allotted = amounts(build(context, formed.amount, merit(context).values).problem)
    assert allotted == {"H01": 3_902_655, "T01": 5_097_345}
    book = open_book(Quota.model_validate(case["quota"]), context)
    book = book.take(pool({"purpose": "staff_reward"}), {"H01": 99_990_000})
    parts = {unit: {("A01", "surplus"): fen} for unit, fen in allotted.items()}
    made = permits_statement(Permits.model_validate(case["permits"]), context, book, parts)
    assert made.reward == {"H01": 10_000, "T01": 0}
    assert made.kept == {"H01": 3_892_655, "T01": 5_097_345}
    line = {(step.place.unit, step.place.line): step.fen for step in made.steps}
    assert line["H01", "main_floor"] == 1_408_555


def test_what_is_missing_is_named_with_its_remedy() -> None:
    case = next(entry.values[0] for entry in cases("problem") if "every gap" in entry.values[0]["name"])
    with pytest.raises(InputProblems) as refused:
        built(case)
    assert "H01 H01院: 缺少金额 核定绩效工资总量 (quota_approved), 期间 2026, 在资金表补填" in str(refused.value)
    assert "H01 H01院: 没有收支结余 (R), 不能按 income_cap 封顶" in str(refused.value)


def caps_of(found: Built) -> list[str | int]:
    """The rules, of total caps the amount in fen."""
    return [getattr(rule.params, "amount", rule.use) for rule in found.problem.rules]


def allowances() -> Json:
    """150 and 50 months × 800.00: 120000 and 40000 due; T01 has 90000.55 left, so 130000.55 and not 160000 is paid."""
    return {
        "period": "2026",
        "members": {"T01": {"tier": "community"}, "T02": {"tier": "community"}},
        "facts": [["T01", "gp_allowance_months", "150"], ["T02", "gp_allowance_months", "50"]],
        "money": [
            ["T01", "quota_approved", "500000.00", "核分1号"],
            ["T01", "quota_paid", "409999.45"],
            ["T02", "quota_approved", "500000.00", "核分1号"],
            ["T02", "quota_paid", "0.00"],
        ],
        "pool": {
            "use": "allowance",
            "purpose": "staff_reward",
            "in_total": "yes",
            "params": {"metric": "gp_allowance_months", "standard": "800.00"},
            "merit": {"use": "due"},
        },
        "quota": {"scope": "member", "cite": {"clause": "一"}, "source": "local"},
        "amount": "160000.00",
    }


def test_what_a_cap_keeps_from_one_leaves_the_others_at_their_dues() -> None:
    case = allowances()
    short = made(case)
    assert caps_of(short) == ["wage_cap", 130_000_55]
    assert short.dues_held
    assert amounts(short.problem) == {"T01": 90_000_55, "T02": 40_000_00}
    case["money"][1][2] = "0.00"  # room for all: no rule is added
    assert caps_of(made(case)) == ["wage_cap"]
    assert not made(case).dues_held


@pytest.mark.parametrize(("approved", "refused"), [("500000.00", False), ("499999.99", True)])
def test_a_private_member_is_paid_beside_an_approval_of_the_alliance(approved: str, refused: bool) -> None:
    """T02 is private: its 40000 are no part of the approval. T01 is due 120000, its line leaves 90000.55 of it.

    500000.00 − 409999.45 leave just that; a fen less of approval would not.
    """
    case = allowances()
    case["members"]["T02"]["ownership"] = "private"
    case["quota"] |= {"scope": "alliance", "grassroots_over": "0"}
    case["money"] = [*case["money"][:2], ["A01", "quota_approved", approved, "批1号"]]
    if refused:
        with pytest.raises(InputProblems, match="T02 T02院 也参加资金池 P: 余量只管有总量的单位"):
            made(case)
        return
    found = made(case)
    assert amounts(found.problem) == {"T01": 90_000_55, "T02": 40_000_00}
    assert found.dues_held


@pytest.mark.parametrize(
    ("approved", "paid", "caps", "held", "due"),
    [
        # the approval and both members leave room for all
        ("700000.00", "0.00", [700_000_00], False, [120_000_00, 40_000_00]),
        # 700000 − 409999.45 are left of the approval, T01's own line is short
        ("700000.00", "409999.45", [290_000_55, 130_000_55], True, [90_000_55, 40_000_00]),
        # the approval leaves 0.55 less than that: it holds T02, the line T01
        ("539999.45", "409999.45", [130_000_00, 130_000_55], False, [90_000_55, 39_999_45]),
    ],
)
def test_an_approval_of_the_alliance_is_not_taken_for_dues_held(
    approved: str, paid: str, caps: list[int], held: bool, due: list[int]
) -> None:
    case = allowances()
    case["quota"] |= {"scope": "alliance", "grassroots_over": "0"}
    case["money"][1][2] = paid
    case["money"].append(["A01", "quota_approved", approved, "批1号"])
    found = made(case)
    assert [cap for cap in caps_of(found) if cap != "wage_cap"] == caps
    assert found.dues_held is held
    assert list(amounts(found.problem).values()) == due


def salaries(approved: str) -> Json:
    """Two heads of 200000.00 each at the pass mark: 400000.00 to be paid, under an approval for the whole alliance."""
    return {
        "period": "2026",
        "members": {"T01": {"tier": "township"}, "T02": {"tier": "township"}},
        "facts": [["T01", "head_months", "12"], ["T02", "head_months", "12"]],
        "money": [
            *(
                [unit, item, amount, document]
                for unit in ("T01", "T02")
                for item, amount, document in (
                    ("head_salary_base", "200000.00", "薪1号"),
                    ("head_salary_deduction", "0.00", ""),
                    ("quota_approved", "500000.00", "核分1号"),
                    ("quota_paid", "100000.00", ""),
                )
            ),
            ["A01", "quota_approved", approved, "批1号"],
        ],
        "scores": {"member": {"T01": "70", "T02": "70"}},
        "pool": {
            "use": "head_salary",
            "purpose": "staff_reward",
            "in_total": "yes",
            "params": {"mode": "base_over", "scorecard": "member", "whose": "member", "pass_score": "70"},
            "merit": {"use": "due"},
        },
        "quota": {"scope": "alliance", "grassroots_over": "0", "cite": {"clause": "一"}, "source": "local"},
        "amount": "400000.00",
    }


def test_salaries_that_fit_the_alliance_s_approval_are_paid_in_full() -> None:
    """600000.00 less the 200000.00 paid leave just what is due."""
    assert list(amounts(built(salaries("600000.00"))).values()) == [200_000_00, 200_000_00]


def test_salaries_that_the_alliance_s_approval_does_not_leave_are_refused_not_cut() -> None:
    with pytest.raises(InputProblems) as refused:
        built(salaries("599999.99"))
    assert str(refused.value) == (
        "P: 资金池 P 应发 400000.00 元, 医联体 A01 的核定总量只余 399999.99 元, "
        "先报批核增, 或按批复改为总量外 (in_total) (HEAD-OVER-TOTAL)"
    )
