"""A member in two alliances: what it alone is due, owes or was prepaid has one home. On the plan of test_execute.py.

T1 belongs to A2 until 15 August and to A1 since, so that A1 is its home.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.problems import InputProblems
from tests.engine.folder.test_execute import edit, rows, run, small
from tests.engine.run.test_pools import add, moved, settling

__all__ = ["small"]  # the fixture

SUBSIDY = """  - id: subsidy
    title: 挂钩补助
    use: subsidy
    params:
      items: [subsidy_linked]
      score: {scorecard: members, bands: [{min: "0", coefficient: "1"}]}
      whose: member
    purpose: subsidy
    basis: settled
    periods: [quarter]
    fund: {title: 县级财政, document: 县财社〔2026〕5号}
    merit: {use: due, source: local}
    unpaid_to: fund
    in_total: "no"
    source: local
"""
EVERYBODY = ("H1", "T1", "T2", "C1", "H2", "T3", "T4", "C2")


def subsidised(home: Path) -> None:
    """100.00 of linked subsidy for T1, nothing for others."""
    edit(home / "plan.yaml", "permits:\n", SUBSIDY + "permits:\n")
    add(
        home, *(f"{unit},subsidy_linked,{'100.00' if unit == 'T1' else '0.00'},县财社〔2026〕5号" for unit in EVERYBODY)
    )


def test_a_subsidy_is_paid_once(small: Path) -> None:
    """Both alliances have the pool; only A1 holds T1's 100.00."""
    moved(small)
    subsidised(small)
    run(small)
    pools = {(one, pool): fen for one, pool, fen in rows(small, "pools", "alliance_code", "pool", "amount")}
    assert (pools["A1", "subsidy"], pools["A2", "subsidy"]) == ("100.00", "0.00")
    paid = rows(small, "allocations", "alliance_code", "pool", "unit_code", "amount")
    assert [row[::3] for row in paid if row[1:3] == ("subsidy", "T1")] == [("A1", "100.00")]
    shared = [row[0] for row in paid if row[1:3] == ("surplus", "T1")]
    assert shared == ["A1", "A2"]  # shared pools count it in both


def forms(home: Path) -> None:
    """A1 is a county alliance, A2 a specialty one; T1 is in both at once."""
    edit(home / "data" / "memberships.csv", "T1,A1,2026-01-01,", "T1,A2,2026-01-01,\nT1,A1,2026-01-01,")
    named_forms(home)


def test_of_two_forms_at_once_the_plan_says_which(small: Path) -> None:
    forms(small)
    subsidised(small)
    with pytest.raises(InputProblems) as refused:
        run(small)
    (problem,) = refused.value.problems
    assert (problem.code, problem.where) == ("MEMBER-HOMES", "memberships.csv!A4")
    assert "T1 同时属于 A1 (county)、A2 (specialty)" in problem.message
    edit(small / "plan.yaml", "permits:\n", "home: specialty\npermits:\n")
    run(small)
    paid = rows(small, "allocations", "alliance_code", "pool", "unit_code", "amount")
    assert [row[::3] for row in paid if row[1:3] == ("subsidy", "T1")] == [("A2", "100.00")]


def test_a_prepayment_is_set_off_once(small: Path) -> None:
    """T1 is due a part of both settlements; its 30.00 of prepayment come off at home, in A1."""
    moved(small)
    settling(small)
    edit(small / "data" / "money.csv", "2026Q3,A1,pool_amount,170.00,surplus\n", "")
    edit(small / "data" / "money.csv", "2026Q3,A2,pool_amount,100.00,surplus\n", "")
    for alliance in ("A1", "A2"):  # 0.85 of a surplus of 200.00 = 170.00
        add(
            small,
            f"{alliance},fund_budget,1000.00,",
            f"{alliance},fund_spend,800.00,",
            f"{alliance},surplus_confirmed,200.00,县医保清〔2026〕1号",
        )
    add(small, *(f"{unit},surplus_prepaid,{'30.00' if unit == 'T1' else '0.00'},prepay" for unit in EVERYBODY))
    run(small)
    lines = rows(small, "settlements", "alliance_code", "unit_code", "line", "amount")
    own = {(alliance, line): fen for alliance, unit, line, fen in lines if unit == "T1"}
    # A1: 170.00 × 200 / 1700 = 20.00; A2: 170.00 × 200 / 600 = 56.67 (largest remainder)
    assert own == {
        ("A1", "due"): "20.00",
        ("A1", "prepaid/prepay"): "-30.00",
        ("A1", "top_up"): "0.00",
        ("A1", "claw_back"): "-10.00",
        ("A2", "due"): "56.67",
        ("A2", "top_up"): "56.67",
        ("A2", "claw_back"): "0.00",
    }


def named_forms(home: Path) -> None:
    """A1 is a county alliance, A2 a specialty one."""
    table = home / "data" / "institutions.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    form = {"A1": "county", "A2": "specialty"}
    told = [f"{line},{form.get(line.split(',')[0], '')}" for line in lines[1:]]
    table.write_text("\n".join([f"{lines[0]},form", *told]) + "\n", encoding="utf-8")


def test_a_prepayment_is_set_off_where_its_pool_runs(small: Path) -> None:
    """T1 is at home in A1, which has no settlement: what it was prepaid of A2's comes off there, 56.67 − 30.00."""
    moved(small)
    named_forms(small)
    settling(small, "    forms: [specialty]\n")
    edit(small / "data" / "money.csv", "2026Q3,A1,pool_amount,170.00,surplus\n", "")
    edit(small / "data" / "money.csv", "2026Q3,A2,pool_amount,100.00,surplus\n", "")
    add(small, "A2,fund_budget,1000.00,", "A2,fund_spend,800.00,", "A2,surplus_confirmed,200.00,县医保清〔2026〕1号")
    add(small, *(f"{unit},surplus_prepaid,{'30.00' if unit == 'T1' else '0.00'},prepay" for unit in EVERYBODY))
    run(small)
    lines = rows(small, "settlements", "alliance_code", "unit_code", "line", "amount")
    assert {line: fen for alliance, unit, line, fen in lines if (alliance, unit) == ("A2", "T1")} == {
        "due": "56.67",
        "prepaid/prepay": "-30.00",
        "top_up": "26.67",
        "claw_back": "0.00",
    }
    assert ("T1", "a", "56.67") in rows(small, "permits", "unit_code", "line", "amount")  # stated at home
