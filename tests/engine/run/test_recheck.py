"""The second look at an allocation finds every broken rule, on amounts worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from allocation.rules import rules
from engine.run.recheck import CHECKS, recheck

MEMBERS = [
    {
        "code": "H", "tier": "lead", "merit": "1", "wage_headroom": "60.00", "reward_base": "100.00",
        "headcount": 2, "gap_income": "100.00", "previous": "50.00",
    },
    {
        "code": "T", "tier": "township", "grassroots": True, "signing": True, "merit": "1", "wage_headroom": "-5.00",
        "reward_base": "33.33", "headcount": 1, "gap_income": "30.00", "previous": "33.33",
        "exempt": {"wage_cap": "民办"},
    },
]  # fmt: skip


def wrong(rule: dict[str, Any], lead: str, township: str, *, warnings: tuple[str, ...] = ()) -> list[str]:
    paid = round(float(lead) * 100) + round(float(township) * 100)
    problem = {"pool": {"amount": "100.00"}, "members": MEMBERS, "rules": [rule]}
    answer = {
        "amounts": [{"code": "H", "amount": lead}, {"code": "T", "amount": township}],
        "distributed": f"{paid // 100}.{paid % 100:02d}",
        "undistributed": f"{(10000 - paid) // 100}.{(10000 - paid) % 100:02d}",
        "warnings": list(warnings),
    }
    return recheck(problem, answer)


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


def test_every_rule_of_the_optimizer_is_checked() -> None:
    assert set(CHECKS) == set(rules())


def test_the_grid_allows_fen_and_no_more() -> None:
    rule = {"use": "grassroots_min_share", "share": "0.6"}
    assert wrong(rule, "40.01", "59.99", warnings=("FEN-GRID: grassroots_min_share",)) == []
    assert len(wrong(rule, "40.10", "59.90", warnings=("FEN-GRID: grassroots_min_share",))) == 1
    assert len(wrong({"use": "wage_cap"}, "60.01", "39.99", warnings=("FEN-GRID",))) == 1


def test_money_is_neither_made_nor_lost() -> None:
    problem = {"pool": {"amount": "100.00"}, "members": MEMBERS, "rules": []}
    amounts = [{"code": "H", "amount": "60.00"}, {"code": "T", "amount": "39.99"}]
    answer: dict[str, Any] = {"amounts": amounts, "distributed": "99.99", "undistributed": "0.00", "warnings": []}
    assert recheck(problem, answer) == ["分配 99.99 元加未分配 0.00 元不等于资金池 100.00 元"]
    answer |= {"undistributed": "0.01", "distributed": "100.00"}
    assert recheck(problem, answer) == ["各单位合计 99.99 元, 记为 100.00 元"]
    assert recheck(problem, answer | {"amounts": amounts[:1]}) == ["分配结果的单位与问题不一致"]
    negative = [{"code": "H", "amount": "101.00"}, {"code": "T", "amount": "-1.00"}]
    said = recheck(problem, answer | {"amounts": negative, "undistributed": "0.00"})
    assert said == ["T 分得 -1.00 元, 不得为负"]


def test_no_merit_no_money_above_the_own_floor() -> None:
    members = [{**MEMBERS[0], "merit": "0"}, MEMBERS[1]]
    problem = {
        "pool": {"amount": "50.01"}, "members": members, "rules": [{"use": "floor_previous", "ratio": "0.5"}],
    }  # fmt: skip
    answer = {
        "amounts": [{"code": "H", "amount": "25.01"}, {"code": "T", "amount": "25.00"}],
        "distributed": "50.01", "undistributed": "0.00", "warnings": [],
    }  # fmt: skip
    assert recheck(problem, answer) == ["H 绩效为 0, 分得 25.01 元"]
