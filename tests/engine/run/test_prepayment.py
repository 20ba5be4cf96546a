"""Prepayments through a run: what the year so far gives less what was prepaid, and the settlement of any pool.

All on the small plan of test_run.py, changed in one place each.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from api import cli
from domain.problems import InputProblems
from engine.folder.explain import explain
from engine.folder.story_text import say
from tests.engine.folder.test_execute import edit, rows, run, small
from tests.words import warned

__all__ = ["small"]  # the fixture

TO_DATE = """    title: 结余留用
    use: insurance_surplus
    params:
      budget: [fund_budget]
      spend: [fund_spend]
      measure: surplus
      retention: [{keep: "0.85"}]
      reserve_share: "0"
      to_date: true
    purpose: income
    basis: estimate
    prepay_ratio: "0.5"
"""


def add(home: Path, *lines: str) -> None:
    with (home / "data" / "money.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def to_date(home: Path) -> None:
    """A1: surplus of 100 + 100 + 200 to date; A2: 10 + 0 + 0."""
    edit(
        home / "plan.yaml",
        "    title: 结余留用\n    use: handed_in\n    purpose: income\n    basis: settled\n",
        TO_DATE,
    )
    for alliance, spent in {"A1": ("900.00", "900.00", "800.00"), "A2": ("990.00", "1000.00", "1000.00")}.items():
        for quarter, spend in enumerate(spent, start=1):
            span = f"2026Q{quarter},{alliance}"
            add(home, f"{span},fund_budget,1000.00,", f"{span},fund_spend,{spend},")
    add(home, "2026Q3,A1,surplus_prepaid,70.00,surplus", "2026Q3,A2,surplus_prepaid,5.00,surplus")


def test_a_quarter_prepays_what_the_year_so_far_gives_less_what_was_prepaid(small: Path) -> None:
    """A1: 400 × 0.85 × 0.5 − 70 = 100. A2: 10 × 0.85 × 0.5 = 4.25, less 5: nothing, 0.75 too much."""
    to_date(small)
    said = warned(run(small))
    assert [row for row in rows(small, "pools", "alliance_code", "pool", "amount") if row[1] == "surplus"] == [
        ("A1", "surplus", "100.00"),
        ("A2", "surplus", "0.00"),
    ]
    beyond = "A2 资金池 surplus: 本年已预付的比截至本期应预付的多 0.75 元, 本期不预付, 年度清算时抵扣 (PREPAID-BEYOND)"
    assert [one for one in said if "PREPAID" in one] == [beyond]
    assert cli.main(["verify", str(small / "out")]) == 0


def test_what_is_missing_is_named(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to_date(small)
    edit(small / "data" / "money.csv", "2026Q2,A1,fund_spend,900.00,\n", "")
    edit(small / "data" / "money.csv", "2026Q3,A1,surplus_prepaid,70.00,surplus\n", "")
    with pytest.raises(InputProblems) as refused:
        run(small)
    assert [(one.code, one.message) for one in refused.value.problems] == [
        ("MONEY-MISSING", "缺少金额 本年已预付的医保结余 (surplus_prepaid), 期间 2026Q3, 文号/编号 surplus"),
        ("MONEY-MISSING", "缺少金额 医保基金实际支出 (fund_spend), 期间 2026年1至9月, 只有部分月份, 缺 2026年4至6月"),
    ]
    edit(small / "plan.yaml", '    basis: estimate\n    prepay_ratio: "0.5"\n', "    basis: settled\n")
    assert cli.main(["plan", "check", str(small / "plan.yaml")]) == 2
    assert "basis: settled 的资金池是全期的清算数, 不写 to_date" in capsys.readouterr().err


def test_a_budget_of_persons_and_a_dated_standard(small: Path) -> None:
    """A1: 100 persons × 48.00 (from July on) × 9/12 = 3600, + 100 − 50 adjusted; 2600 are spent.

    1050 × 0.85 × 0.5 = 446.25, less 70.00 prepaid.
    """
    to_date(small)
    standard = '[{from: 2026-01-01, value: "40.00"}, {from: 2026-07-01, value: "48.00"}]'
    capitation = f"{{metrics: [insured_persons], standard: {standard}}}"
    edit(small / "plan.yaml", "      budget: [fund_budget]\n", f"      capitation: {capitation}\n")
    with (small / "data" / "facts.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"2026Q3,{alliance},insured_persons,100,\n" for alliance in ("A1", "A2"))
    adjusted = {
        "2026Q1": ("0.00", ""),
        "2026Q2": ("100.00", "县医保〔2026〕5号"),
        "2026Q3": ("-50.00", "县医保〔2026〕7号"),
    }
    for span, (amount, document) in adjusted.items():
        add(small, f"{span},A1,fund_budget_adjustment,{amount},{document}", f"{span},A2,fund_budget_adjustment,0.00,")
    run(small)
    amounts = {row[0]: row[2] for row in rows(small, "pools", "alliance_code", "pool", "amount") if row[1] == "surplus"}
    assert amounts["A1"] == "376.25"
    said = say(explain(small / "out", "H1", pool="surplus"), full=True)
    for part in (
        "【资金池】按人头预算 = 3,600.00",
        "医保基金预算调整 = -50.00",
        "预算 = 3,650.00",
        "县医保〔2026〕7号",
    ):
        assert part in said
    assert cli.main(["verify", str(small / "out")]) == 0


# ── settlements of any pool ───────────────────────────────────────────────────────────────────────────────


def settled(home: Path, prepaid: dict[str, str]) -> None:
    """The reward pool of staff pay settles what the pool `advance` prepaid in earlier months."""
    reward = "    title: 绩效奖励\n    use: handed_in\n"
    edit(home / "plan.yaml", reward, f"{reward}    params: {{prepaid_pools: [advance]}}\n")
    edit(home / "plan.yaml", "  - id: surplus\n", ADVANCE + "  - id: surplus\n")
    units = ("H1", "T1", "T2", "C1", "H2", "T3", "T4", "C2")
    add(home, *(f"2026Q3,{unit},prepaid,{prepaid.get(unit, '0.00')},advance" for unit in units))


ADVANCE = """  - id: advance
    title: 绩效奖励预付
    use: handed_in
    purpose: staff_reward
    in_total: "yes"
    basis: estimate
    prepay_ratio: "0.8"
    periods: [month]
    fund: {title: 县级财政, document: 县财社〔2026〕1号}
    merit: {use: fixed, params: {metrics: [heads_on_post], prorate: false}, source: local}
    unpaid_to: carry_forward
    source: local
"""


def test_staff_pay_that_was_prepaid_is_not_paid_out_of_the_quota_twice(small: Path) -> None:
    """T1 has 500 approved, 250 paid, of which 30 are this pool's prepayment: 280 are left to the whole.

    A1: 1700 by merit, 60 % = 1020 to the grassroots (2 : 2 : 3); T1 is held at 280, the other 740 go 2 : 3: T2 296,
    C1 444; H1 gets 680. T2 was prepaid 300.00: 4.00 go back. The surplus pool after it pays nothing in the total, so
    T1's headroom in the statement is 500 − 250 + 30 − 280 = 0.
    """
    settled(small, {"T1": "30.00", "T2": "300.00"})
    with pytest.raises(InputProblems) as refused:  # T2's prepayment was never counted as paid
        run(small)
    assert [problem.code for problem in refused.value.problems] == ["PREPAID-NOT-PAID"]
    edit(small / "data" / "money.csv", "2026Q3,T2,quota_paid,0.00", "2026Q3,T2,quota_paid,300.00")
    run(small)
    found: dict[str, dict[str, str]] = {}
    for unit, line, amount in rows(small, "settlements", "unit_code", "line", "amount"):
        found.setdefault(unit, {})[line] = amount
    assert found["T1"] == {"due": "280.00", "prepaid/advance": "-30.00", "top_up": "250.00", "claw_back": "0.00"}
    assert found["T2"] == {"due": "296.00", "prepaid/advance": "-300.00", "top_up": "0.00", "claw_back": "-4.00"}
    assert found["C1"] == {"due": "444.00", "prepaid/advance": "0.00", "top_up": "444.00", "claw_back": "0.00"}
    said = say(explain(small / "out", "T1", pool="reward"))
    assert "其中本池已预付 = 30.00" in said
    assert "总量空间 = 280.00" in said
    assert ("T1", "quota_headroom", "0.00") in rows(small, "permits", "unit_code", "line", "amount")
    ledger = {row[:2]: row[2:] for row in rows(small, "quota", "unit_code", "pool", "used_before", "used_now", "left")}
    assert ledger["T1", "reward"] == ("250.00", "250.00", "0.00")  # 280 − 30
    assert ledger["T2", "reward"] == ("300.00", "-4.00", "9704.00")
    assert cli.main(["verify", str(small / "out")]) == 0
    sheet = pd.read_excel(small / "out" / "report.xlsx", sheet_name="清算表", header=None, engine="openpyxl")
    assert "年度清算表" in sheet.to_string()


def test_settlements_that_contradict_each_other(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settled(small, {})
    plan, surplus = small / "plan.yaml", "    title: 结余留用\n    use: handed_in\n"
    edit(plan, surplus, f"{surplus}    params: {{prepaid_pools: [advance, surplus]}}\n")
    edit(plan, '    in_total: "yes"\n    basis: estimate\n', '    in_total: "no"\n    basis: estimate\n')
    assert cli.main(["plan", "check", str(plan)]) == 2
    said = capsys.readouterr().err
    for part in (
        "advance 的预付在 reward 和 surplus 两处抵扣, 只写在一处 (PREPAID-TWICE)",
        "清算不能抵扣自己, 写预付的资金池 (PREPAID-POOLS)",
        "advance 与 surplus 的用途不同, 一种钱的预付不能从另一种钱里抵扣, 写 purpose 相同的资金池 (PREPAID-DIFFERS)",
        "advance 与 reward 一个占绩效工资总量, 一个不占, 两处的 in_total 写成一样 (PREPAID-DIFFERS)",
    ):
        assert part in said


# ── claw-backs against the next payment ───────────────────────────────────────────────────────────────────


def test_a_claw_back_comes_off_the_next_payment(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The surplus gives H1 100 and T1 20; H1 owed 30.00 of last year, T1 25.00: 70 and 0 are paid, T1 owes 5 on."""
    plan, surplus = small / "plan.yaml", "    title: 结余留用\n    use: handed_in\n"
    edit(plan, surplus, f"{surplus}    params: {{claw_back: [surplus]}}\n")
    owed = {"H1": "30.00", "T1": "25.00"}
    units = ("H1", "T1", "T2", "C1", "H2", "T3", "T4", "C2")
    add(small, *(f"2026Q3,{unit},claw_back_opening,{owed.get(unit, '0.00')},surplus" for unit in units))
    run(small)
    found: dict[str, dict[str, str]] = {}
    for unit, line, amount in rows(small, "settlements", "unit_code", "line", "amount"):
        found.setdefault(unit, {})[line] = amount
    assert found["H1"] == {"due": "100.00", "carried/surplus": "-30.00", "top_up": "70.00", "claw_back": "0.00"}
    assert found["T1"] == {"due": "20.00", "carried/surplus": "-25.00", "top_up": "0.00", "claw_back": "-5.00"}
    said = say(explain(small / "out", "T1", pool="surplus"))
    assert "【清算】未扣清余额 = -5.00" in said
    assert "说明: 扣回余额超过本期应付, 其余结转下次支付扣回" in said
    sheet = pd.read_excel(small / "out" / "report.xlsx", sheet_name="清算表", header=None, engine="openpyxl")
    row = next(row for row in sheet.to_numpy().tolist() if row[1] == "T1")
    assert row[4:9] == [20, 0, -25, 0, -5]
    assert cli.main(["verify", str(small / "out")]) == 0
    edit(plan, "claw_back: [surplus]", "claw_back: [reward]")
    assert cli.main(["plan", "check", str(plan)]) == 2
    assert "reward 与 surplus 的用途不同, 一种钱的扣回不能从另一种钱里扣" in capsys.readouterr().err


# ── of a member that changed alliance ─────────────────────────────────────────────────────────────────────


def changed_alliance(home: Path, since: str) -> None:
    """T1 belongs to one of A1 and A2 until 15 August and to `since` from then on, where it is at home."""
    other = {"A1": "A2", "A2": "A1"}[since]
    rows_of_t1 = f"T1,{other},2026-01-01,2026-08-15\nT1,{since},2026-08-16,"
    edit(home / "data" / "memberships.csv", "T1,A1,2026-01-01,", rows_of_t1)


@pytest.mark.parametrize("since", ["A1", "A2"])
def test_a_prepayment_is_there_again_whoever_asks_first(small: Path, since: str) -> None:
    """T1 has 500 approved, 250 paid, of which 30 are the pool's prepayment: A1, which asks first, has 280 for it.

    Its merit would give it more there, so it is held at 280 and A2 has 0 left, wherever it is at home. Of 280 due in
    all 30 were prepaid: 250 are paid now, to the last of the 500. Its home decides only where the 30 come off.
    """
    settled(small, {"T1": "30.00"})
    changed_alliance(small, since)
    run(small)
    paid = rows(small, "allocations", "alliance_code", "pool", "unit_code", "amount")
    assert {row[0]: row[3] for row in paid if row[1:3] == ("reward", "T1")} == {"A1": "280.00", "A2": "0.00"}
    lines = rows(small, "settlements", "alliance_code", "unit_code", "line", "amount")
    own = {(alliance, line): fen for alliance, unit, line, fen in lines if unit == "T1"}
    back = {"A1": ("250.00", "0.00"), "A2": ("280.00", "-30.00")}[since]
    assert own[since, "prepaid/advance"] == "-30.00"
    assert (own["A1", "top_up"], own.get(("A2", "claw_back"), "0.00")) == back
    ledger = {row[:2]: row[2:] for row in rows(small, "quota", "unit_code", "pool", "used_before", "used_now", "left")}
    assert ledger["T1", "reward"] == ("250.00", "250.00", "0.00")
    assert "其中本池已预付 = 30.00" in say(explain(small / "out", "T1", pool="reward"))
    assert cli.main(["verify", str(small / "out")]) == 0


@pytest.mark.parametrize("since", ["A1", "A2"])
def test_what_was_prepaid_counts_against_the_approval_of_its_home(small: Path, since: str) -> None:
    """One approval for each alliance: A1 has 1000.00. The 250 paid to T1, 30 of them prepaid, are charged at home.

    At home in A1 1000 − (250 − 30) = 780 are left to its members for the whole of the pool, elsewhere 1000.
    """
    settled(small, {"T1": "30.00"})
    changed_alliance(small, since)
    edit(small / "plan.yaml", "quota:\n  scope: member\n", 'quota:\n  scope: alliance\n  grassroots_over: "0"\n')
    add(
        small,
        "2026,A1,quota_approved,1000.00,县人社〔2026〕9号",
        "2026,A2,quota_approved,40000.00,县人社〔2026〕9号",
    )
    run(small)
    paid = rows(small, "pools", "alliance_code", "pool", "distributed")
    assert {row[0]: row[2] for row in paid if row[1] == "reward"}["A1"] == {"A1": "780.00", "A2": "1000.00"}[since]
    assert cli.main(["verify", str(small / "out")]) == 0


@pytest.mark.parametrize("since", ["A1", "A2"])
def test_r_that_was_prepaid_is_there_again_whoever_asks_first(small: Path, since: str) -> None:
    """T1's R is 180, 0.6 R = 108: less than the 250 of its quota.

    Of them it was paid 40 to date, all as this pool's prepayment: A1 may pay it 108 − 40 + 40 = 108. A1's surplus
    gives it 20, so that A2 finds R = 190.80, 0.6 R = 114.48 and 114.48 − 108 = 6.48 left.
    """
    plan = small / "plan.yaml"
    capped = "      - {use: wage_cap, source: local}\n"
    more = '      - {use: income_cap, params: {share: "0.6"}, source: local}\n'
    settled(small, {"T1": "40.00"})
    edit(plan, capped, capped + more)
    advance = "    merit: {use: fixed, params: {metrics: [heads_on_post], prorate: false}, source: local}\n"
    edit(plan, advance, f"{advance}    rules:\n{more}")
    units = ("H1", "T1", "T2", "C1", "H2", "T3", "T4", "C2")
    add(small, *(f"2026Q3,{unit},reward_paid,{'40.00' if unit == 'T1' else '0.00'}," for unit in units))
    changed_alliance(small, since)
    run(small)
    paid = rows(small, "allocations", "alliance_code", "pool", "unit_code", "amount")
    assert {row[0]: row[3] for row in paid if row[1:3] == ("reward", "T1")} == {"A1": "108.00", "A2": "6.48"}
    assert cli.main(["verify", str(small / "out")]) == 0
