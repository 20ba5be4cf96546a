"""The second look at an allocation finds every broken rule, on amounts worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from allocation.rules import checks, rules
from allocation.statement import Problem, Rule
from allocation.terms import Member
from domain.money import parse_yuan
from engine.exchange.parse import parse
from engine.run.recheck import Books, recheck
from engine.run.words import say_finding

MEMBERS = [
    {
        "code": "H",
        "tier": "lead",
        "merit": "1",
        "wage_headroom": "60.00",
        "reward_base": "100.00",
        "headcount": 2,
        "gap_income": "100.00",
        "previous": "50.00",
    },
    {
        "code": "T",
        "tier": "township",
        "grassroots": True,
        "signing": True,
        "merit": "1",
        "wage_headroom": "-5.00",
        "reward_base": "33.33",
        "headcount": 1,
        "gap_income": "30.00",
        "previous": "33.33",
        "exempt": {"wage_cap": "民办"},
    },
]


PARSED = parse({"pool": {"code": "p", "purpose": "staff_reward", "amount": "100.00"}, "members": MEMBERS}).members


def problem(*stated: dict[str, Any], pool: int = 10_000, members: tuple[Member, ...] = PARSED) -> Problem:
    """Members and rules as stated."""
    made = []
    for rule in stated:
        file = rules()[rule["use"]]
        params = {key: value for key, value in rule.items() if key not in ("use", "priority")}
        made.append(Rule(file, file.params.model_validate(params), rule.get("priority")))
    return Problem("p", "staff_reward", pool, members, tuple(made))


def said(stated: Problem, amounts: dict[str, int], distributed: int, left: int, *, grid: bool = False) -> list[str]:
    books = Books(amounts, distributed, left, grid)
    return [say_finding(one) for one in recheck(stated, books, checks())]


def wrong(rule: dict[str, Any], lead: str, township: str, *, grid: bool = False) -> list[str]:
    amounts = {"H": parse_yuan(lead), "T": parse_yuan(township)}
    paid = sum(amounts.values())
    return said(problem(rule), amounts, paid, 10_000 - paid, grid=grid)


@pytest.mark.parametrize(
    ("rule", "holds", "breaks"),
    [
        # 60% of 100.00 is 60.00
        ({"use": "grassroots_min_share", "share": "0.6"}, ("40.00", "60.00"), ("40.01", "59.99")),
        ({"use": "signing_min_share", "share": "0.6"}, ("40.00", "60.00"), ("40.01", "59.99")),
        # township between 0.5 and 0.7 of 100.00
        ({"use": "tier_shares", "shares": {"township": "0.6"}, "tolerance": "0.1"}, ("50", "50"), ("50.01", "49.99")),
        ({"use": "tier_shares", "shares": {"township": "0.6"}, "tolerance": "0.1"}, ("30", "70"), ("29.99", "70.01")),
        # H may get 60.00; T is exempt
        ({"use": "wage_cap"}, ("60.00", "40.00"), ("60.01", "39.99")),
        # half of 100.00; of T ⌊16.665⌋ = 16.66
        ({"use": "income_cap", "share": "0.5"}, ("50.00", "16.66"), ("50.01", "0.00")),
        ({"use": "income_cap", "share": "0.5"}, ("0.00", "16.66"), ("0.00", "16.67")),
        ({"use": "total_cap", "amount": "90.00"}, ("50.00", "40.00"), ("50.00", "40.01")),
        # (30 + x_T)/1 ≥ 0.8·(100 + x_H)/2: with x_H = 50, x_T ≥ 30
        ({"use": "pay_gap", "low": "township", "high": "lead", "ratio": "0.8"}, ("50", "30"), ("50", "29.99")),
        # ⌈0.5·33.33⌉ = 16.67
        ({"use": "floor_previous", "ratio": "0.5"}, ("25.00", "16.67"), ("25.00", "16.66")),
        # ⌊0.5·33.33⌋ = 16.66
        ({"use": "cap_previous", "ratio": "0.5"}, ("25.00", "16.66"), ("25.00", "16.67")),
    ],
)
def test_each_rule(rule: dict[str, Any], holds: tuple[str, str], breaks: tuple[str, str]) -> None:
    assert wrong(rule, *holds) == []
    assert len(wrong(rule, *breaks)) == 1
    assert wrong({**rule, "priority": 1}, *breaks) == []  # soft: binds nobody


def test_the_grid_allows_fen_and_no_more() -> None:
    rule = {"use": "grassroots_min_share", "share": "0.6"}
    assert wrong(rule, "40.01", "59.99", grid=True) == []
    assert len(wrong(rule, "40.10", "59.90", grid=True)) == 1
    assert len(wrong({"use": "wage_cap"}, "60.01", "39.99", grid=True)) == 1


@pytest.mark.parametrize(
    ("rule", "holds", "breaks"),
    [
        # One member and the total move by a fen each: 0.02 below ⌈50.00⌉ and above ⌊70.00⌋.
        (
            {"use": "tier_shares", "shares": {"township": "0.6"}, "tolerance": "0.1"},
            ("50.02", "49.98"),
            ("50.03", "49.97"),
        ),
        (
            {"use": "tier_shares", "shares": {"township": "0.6"}, "tolerance": "0.1"},
            ("29.98", "70.02"),
            ("29.97", "70.03"),
        ),
        # (30 + x_T + 0.02)/1 ≥ 0.8·(100 + x_H − 0.02)/2: with x_H = 50.00, x_T ≥ 0.4·149.98 − 30.02 = 29.972
        ({"use": "pay_gap", "low": "township", "high": "lead", "ratio": "0.8"}, ("50", "29.98"), ("50", "29.97")),
    ],
)
def test_the_grid_loosens_every_group_rule_on_its_own_side(
    rule: dict[str, Any], holds: tuple[str, str], breaks: tuple[str, str]
) -> None:
    assert wrong(rule, *holds, grid=True) == []
    assert len(wrong(rule, *holds)) == 1
    assert len(wrong(rule, *breaks, grid=True)) == 1


def test_money_is_neither_made_nor_lost() -> None:
    amounts = {"H": 60_00, "T": 39_99}
    assert said(problem(), amounts, 99_99, 0) == ["分配 99.99 元加未分配 0.00 元不等于资金池 100.00 元"]
    assert said(problem(), amounts, 100_00, 1) == ["各单位合计 99.99 元, 记为 100.00 元"]
    assert said(problem(), {"H": 60_00}, 100_00, 1) == ["分配结果的单位与问题不一致"]
    assert said(problem(), {"H": 101_00, "T": -1_00}, 100_00, 0) == ["T 分得 -1.00 元, 不得为负"]
    assert said(problem(), {"H": 60_00, "T": 40_01}, 100_01, -1) == ["未分配 -0.01 元, 不得为负"]


def test_no_merit_no_money_above_the_own_floor() -> None:
    members = (replace(PARSED[0], merit=Fraction(0)), PARSED[1])
    stated = problem({"use": "floor_previous", "ratio": "0.5"}, pool=50_01, members=members)
    assert said(stated, {"H": 25_01, "T": 25_00}, 50_01, 0) == ["H 绩效为 0, 分得 25.01 元"]
