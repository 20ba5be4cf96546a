"""The signing-fee pools of a plan must be one fee: what contradicts is told at its line, and nothing is run."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

import configs
from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.load import load

PLAN = configs.folder() / "plans" / "demo-beijing.yaml"
DAY = date(2022, 12, 31)


def said(tmp_path: Path, *changes: tuple[str, str, int], day: date = DAY) -> list[tuple[str, str]]:
    """(code, what is said) of what is wrong once the n-th place of a text is changed."""
    text = PLAN.read_text(encoding="utf-8")
    for old, new, nth in changes:
        parts = text.split(old)
        assert len(parts) > nth
        text = old.join(parts[: nth + 1]) + new + old.join(parts[nth + 1 :])
    path = tmp_path / "plan.yaml"
    path.write_text(text.replace("id: demo-beijing\n", "id: plan\n"), encoding="utf-8")
    shutil.copy(configs.folder() / "packs" / "beijing-2021.yaml", tmp_path)
    try:
        load(load_configs(), path, day)
    except InputProblems as error:
        return [(problem.code, problem.message.partition(": ")[2]) for problem in error.problems]
    return []


def lowered(standard: str) -> list[tuple[str, str, int]]:
    """Every pool's standard lowered; the places move up as they are replaced."""
    return [('standard: "100"', f'standard: "{standard}"', 0)] * 6


def test_the_plan_as_it_is(tmp_path: Path) -> None:
    assert said(tmp_path) == []


def test_the_standard_is_at_least_that_of_the_document(tmp_path: Path) -> None:
    wrong = said(tmp_path, *lowered("99.99"))
    assert wrong == [("FEE-STANDARD", "补偿标准 99.99 元/人年, 低于 beijing-2021:BJ-I08 的 100 元/人年")] * 6
    assert said(tmp_path, *lowered("120")) == []  # 不低于: more is no fault
    # the document gives time to the end of 2021
    assert said(tmp_path, *lowered("70"), day=date(2021, 12, 30)) == []
    assert len(said(tmp_path, *lowered("70"), day=date(2021, 12, 31))) == 6


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('standard: "100"', 'standard: "110"', "补偿标准 (standard)"),
        ('staff_share: "0.70"', 'staff_share: "0.60"', "人员比例 (staff_share)"),
        (
            'payers: {insurance: "0.60", public_health: "0.30", residents: "0.10"}',
            'payers: {insurance: "0.50", public_health: "0.30", residents: "0.20"}',
            "分担比例 (payers)",
        ),
    ],
)
def test_one_fee_has_one_standard_and_one_split(old: str, new: str, word: str, tmp_path: Path) -> None:
    wrong = said(tmp_path, (old, new, 1))  # the second pool: unlike the first, and the four behind are unlike it
    assert [code for code, _ in wrong] == ["FEE-DIFFERS"] * 5
    assert wrong[0][1] == f"签约服务费资金池 fee-insurance-rest 的{word} 与 fee-insurance-staff 不同"


def test_no_part_is_paid_twice(tmp_path: Path) -> None:
    wrong = said(tmp_path, ("part: rest", "part: staff", 0))
    assert wrong == [
        ("FEE-TWICE", "签约服务费资金池 fee-insurance-rest 与 fee-insurance-staff 付的是同一支付方的同一部分")
    ]
    assert [code for code, _ in said(tmp_path, ("part: rest", "part: all", 0))] == ["FEE-TWICE"]


def test_pools_of_other_members_or_periods_are_another_fee(tmp_path: Path) -> None:
    change = ('standard: "100"', 'standard: "110"', 5)  # the last pool
    tail = "    merit: {use: due, source: local}\n    unpaid_to: fund\n\n  # ──"
    text = PLAN.read_text(encoding="utf-8")
    last = text.index("- id: fee-residents-rest")
    tiers = text.count("tiers: [community]", 0, text.index("tiers: [community]", last))
    assert text.index(tail, last) > last
    assert len(said(tmp_path, change)) == 5
    assert said(tmp_path, change, ("tiers: [community]", "tiers: [township]", tiers)) == []
    periods = text.count("periods: [year]", 0, text.index("periods: [year]", last))
    assert said(tmp_path, change, ("periods: [year]", "periods: [quarter]", periods)) == []


def test_a_price_is_that_of_the_document(tmp_path: Path) -> None:
    wrong = said(tmp_path, ('home_visits_chief: "80"', 'home_visits_chief: "85.5"', 0))
    assert wrong == [("PRICE-DIFFERS", "单价 85.5 元, beijing-2021:BJ-P03 是 80.00 元")]
    wrong = said(tmp_path, ('"beijing-2021:BJ-P03"', '"beijing-2021:BJ-P33"', 0))
    assert wrong == [("PRICE-UNKNOWN", "没有价格条目 beijing-2021:BJ-P33")]


def test_a_price_of_local_making_names_no_entry(tmp_path: Path) -> None:
    given = ('home_visits_chief: "80"', 'home_visits_chief: "85.5"', 0)
    assert said(tmp_path, given, ('        home_visits_chief: "beijing-2021:BJ-P03"\n', "", 0)) == []
