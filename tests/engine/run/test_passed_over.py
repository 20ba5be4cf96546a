"""What a run passes over is told: units, amounts and totals that nothing takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.problems import InputProblems
from domain.step import RunWarning
from tests.engine.folder.test_execute import edit, rows, run, small
from tests.engine.run.test_alliance import OVERSPEND
from tests.words import warned

__all__ = ["small"]  # the fixture


def add(home: Path, *lines: str) -> None:
    with (home / "data" / "money.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def codes(found: tuple[RunWarning, ...]) -> list[str]:
    return [one.code for one in found]


def test_a_clean_quarter_is_told_nothing(small: Path) -> None:
    assert run(small).warnings == ()


def test_a_member_of_a_tier_that_no_scorecard_takes(small: Path) -> None:
    """The pool goes by heads alone, so that only the scorecard misses C2."""
    edit(
        small / "plan.yaml",
        "    scope: member\n    missing",
        "    scope: member\n    tiers: [lead, township]\n    missing",
    )
    edit(
        small / "plan.yaml",
        'merit: {use: score_times, params: {scorecard: members, quantity: {heads_on_post: "1"}, prorate: false}',
        "merit: {use: fixed, params: {metrics: [heads_on_post], prorate: false}",
    )
    found = run(small)
    assert codes(found.warnings) == ["UNIT-UNSCORED"]
    (said,) = warned(found)
    assert said == (
        "C1 城东中心 (institutions.csv!A6)、C2 城西中心 (institutions.csv!A11): 没有一张评分表评社区卫生服务中心, "
        "不计得分; 核对机构表的层级 (UNIT-UNSCORED)"
    )


def test_a_member_whose_ownership_no_pool_takes(small: Path) -> None:
    """T2 typed as 民办 where both pools are for public members: it gets nothing, and that is told at its cell."""
    edit(
        small / "plan.yaml",
        "    periods: [quarter]\n    fund",
        "    periods: [quarter]\n    ownership: [public]\n    fund",
    )
    edit(small / "data" / "institutions.csv", "T2,西乡卫生院,township,public", "T2,西乡卫生院,township,private")
    found = run(small)
    assert codes(found.warnings) == ["UNIT-UNPAID", "QUOTA-PRIVATE"]
    unpaid, quota = found.warnings
    nobody = "方案没有一个资金池分给民办乡镇卫生院, 核对机构表的层级和所有制"
    assert (unpaid.place.unit, quota.place.unit) == ("T2", "T2")
    assert warned(found) == [
        f"T2 西乡卫生院 (institutions.csv!A5): {nobody} (UNIT-UNPAID)",
        "T2 西乡卫生院 不是公立机构, 填了核定绩效工资总量 10000.00 元 (money.csv!D16); 核对所有制 (QUOTA-PRIVATE)",
    ]


def test_a_fund_budget_of_a_hospital(small: Path) -> None:
    """0 is nothing, and says so in a form that asks everybody."""
    add(small, "2026Q3,H1,fund_budget,5000.00,", "2026Q3,H2,fund_budget,0.00,")
    assert warned(run(small)) == [
        "H1 县一院 是牵头医院, 填了医保基金总额预算 5000.00 元 (money.csv!D54), 该项由医联体填报; 核对单位 (ITEM-UNIT)"
    ]


def test_paid_to_date_that_falls(small: Path) -> None:
    """T1 had 250.00 paid by September and says 300.00 of June: what is paid never falls."""
    add(small, "2026Q2,T1,quota_paid,300.00,", "2026Q1,T1,quota_paid,100.00,", "2025Q4,T1,quota_paid,900.00,")
    found = run(small)
    (said,) = warned(found)
    assert said == (
        "T1 东乡卫生院 总量内已发与已承诺: 2026年第3季度 250.00 元 (money.csv!D12), 少于 2026年第2季度的 300.00 元 "
        "(money.csv!D54); 累计数不会减少, 核对 (PAID-FALLS)"
    )
    assert found.warnings[0].place.unit == "T1"


def test_unreasonable_spending_that_nobody_is_charged(small: Path) -> None:
    """A1 spent 1100.00 of 1000.00 and charges H1 its 40.00; A2 spent all of its own, so that H2's 30.00 are nobody's.

    What was found of the quarter before is not of this one.
    """
    edit(small / "plan.yaml", "quota:\n", OVERSPEND + "quota:\n")
    add(
        small,
        "2026Q3,H2,unreasonable_spend,30.00,县医保核〔2026〕1号",  # D54
        "2026Q2,H2,unreasonable_spend,7.00,县医保核〔2026〕1号",
        "2026Q3,H1,unreasonable_spend,40.00,县医保核〔2026〕1号",
        *(f"2026Q3,{unit},fund_budget,1000.00," for unit in ("A1", "A2")),
        "2026Q3,A1,fund_spend,1100.00,",
        "2026Q3,A2,fund_spend,1000.00,",
        "2026Q3,A1,overspend_confirmed,100.00,县医保清〔2026〕1号",
        "2026Q3,H1,member_fund_budget,500.00,",
        "2026Q3,H1,member_fund_spend,600.00,",
    )
    with (small / "data" / "facts.csv").open("a", encoding="utf-8") as file:
        file.write("2026Q3,H1,down_referrals,1,\n2026Q3,H1,discharges,10,\n")
    found = run(small)
    assert [one.place.unit for one in found.warnings if one.code == "UNREASONABLE-UNCHARGED"] == ["H2"]
    (said,) = (one for one in warned(found) if "UNREASONABLE" in one)
    assert said == (
        "H2 县二院 认定的不合理支出 30.00 元 (money.csv!D54) 没有由谁承担: 它所归的医联体本期没有超支分担; "
        "核对认定和超支确认数 (UNREASONABLE-UNCHARGED)"
    )
    paid = rows(small, "overspend", "unit_code", "line", "amount")
    assert ("H1", "unreasonable", "-40.00") in paid


def test_a_total_below_the_lowest_grade(small: Path) -> None:
    """T1 has 50 points, the lowest grade begins at 60 where 不合格 is left out."""
    edit(small / "plan.yaml", ', {min: "0", title: 不合格}', "")
    found = run(small)
    assert warned(found) == ["T1 东乡卫生院 成员单位考核 得分 50, 低于最低的等次 (60 分), 没有等次 (SCORE-NO-GRADE)"]
    assert (found.warnings[0].place.unit, found.warnings[0].place.card) == ("T1", "members")


def test_merits_that_are_all_zero_name_their_alliance_and_no_other(small: Path) -> None:
    """Nobody of A2 has heads: A1 could be paid, but nothing is written (exit 2)."""
    facts = small / "data" / "facts.csv"
    kept = [
        ",".join([*line.split(",")[:3], "0", ""])
        if line.split(",")[1] in {"H2", "T3", "T4", "C2"} and "heads" in line
        else line
        for line in facts.read_text(encoding="utf-8").splitlines()
    ]
    facts.write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(InputProblems) as refused:
        run(small)
    assert [(one.where, one.code) for one in refused.value.problems] == [("A2 reward", "MERIT-ALL-ZERO")]
    assert not (small / "out").exists()
