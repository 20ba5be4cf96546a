"""How money travels through a run: one R, one headroom, one statement, and settlements member by member.

All on the small plan of test_run.py, changed in one place each.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from api import cli
from domain.money import parse_yuan
from domain.problems import InputProblems
from engine.folder.explain import explain
from engine.folder.story_text import say
from engine.run.tables import TABLES
from tests.engine.folder.test_execute import edit, rows, run, small
from tests.words import warned

__all__ = ["small"]  # the fixture

BONUS = """  - id: bonus
    title: 追加奖励
    use: handed_in
    purpose: staff_reward
    basis: settled
    periods: [quarter]
    fund: {title: 县级财政, document: 县财社〔2026〕3号}
    merit: {use: fixed, params: {metrics: [heads_on_post], prorate: false}, source: local}
    rules:
      - {use: income_cap, params: {share: "0.6"}, source: local}
    unpaid_to: carry_forward
    in_total: "yes"
    source: local
"""
SETTLED = """    use: insurance_surplus
    params:
      budget: [fund_budget]
      spend: [fund_spend]
      measure: surplus
      retention: [{keep: "0.85"}]
      reserve_share: "0"
      prepaid_pools: [prepay]
    purpose: income
"""
PREPAY = """  - id: prepay
    title: 结余预付
    use: handed_in
    purpose: income
    basis: estimate
    prepay_ratio: "0.5"
    periods: [month]
    fund: {title: 医保基金, document: 县医保〔2026〕2号}
    merit: {use: fixed, params: {metrics: [heads_on_post], prorate: false}, source: local}
    unpaid_to: fund
    source: local
"""


def add(home: Path, *lines: str) -> None:
    with (home / "data" / "money.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"2026Q3,{line}\n" for line in lines)


def lines(home: Path, unit: str) -> dict[str, str]:
    found = rows(home, "permits", "unit_code", "line", "amount")
    assert len({(one, line) for one, line, _ in found}) == len(found)
    return {line: amount for one, line, amount in found if one == unit}


def paid_out_of_r(home: Path) -> None:
    """Two pools of staff reward, both capped by 0.6 R."""
    plan = home / "plan.yaml"
    edit(
        plan,
        "      - {use: wage_cap, source: local}\n",
        '      - {use: wage_cap, source: local}\n      - {use: income_cap, params: {share: "0.6"}, source: local}\n',
    )
    edit(plan, "  - id: surplus\n", BONUS + "  - id: surplus\n")
    edit(
        plan,
        '      - {use: grassroots_min_share, params: {share: "0.6"}, source: {document: small-pack, clause: 第五条}}\n',
        "",
    )
    add(home, "A1,pool_amount,1000.00,bonus", "A2,pool_amount,0.00,bonus")


def test_r_pays_once(small: Path) -> None:
    """T2: I = 1000, e = 100, b = 300, R = 180, 0.6 R = 108: the first pool pays all of it, the second nothing.

    With a = 20: I = 1020, e = 102, b = 318, R = 190.80, 0.6 R = 114.48; 108 are paid out of it, 6.48 are left for r.
    """
    paid_out_of_r(small)
    run(small)
    got = {(pool, unit): amount for pool, unit, amount in rows(small, "allocations", "pool", "unit_code", "amount")}
    assert (got["reward", "T2"], got["bonus", "T2"]) == ("108.00", "0.00")
    assert [lines(small, "T2")[line] for line in ("main_floor", "drawn", "main_left", "r")] == [
        "114.48",
        "108.00",
        "6.48",
        "6.48",
    ]
    assert cli.main(["verify", str(small / "out")]) == 0


def test_an_amount_tells_its_r_and_where_the_rest_goes(small: Path) -> None:
    paid_out_of_r(small)
    run(small)
    said = say(explain(small / "out", "T2", pool="bonus"), full=True)
    for part in (
        "【收支结余】可用于人员奖励的结余 R = 180.00",
        "【收支结余】收支结余 b = 300.00",
        "取数: money.csv!D18",  # its income
        "可用于人员奖励的收支结余 = 180.00",
        "前序池已从 R 发放 = 108.00",
        "R × 0.6 − 前序池已发 = 0.00",
        "【资金池】未分配 = 1,000.00",
        "说明: 去向: 结转下期",
    ):
        assert part in said
    assert said.index("收入 I = 1,000.00") < said.index("收支结余 b = 300.00") < said.index("R = 180.00")


def test_a_member_under_no_cap_is_warned_of_with_its_amount(small: Path) -> None:
    edit(
        small / "plan.yaml",
        "    unpaid_to: carry_forward\n",
        "    unpaid_to: carry_forward\n    exempt: [{rule: wage_cap, units: [C1], reason: 试点}]\n",
    )
    said = warned(run(small))
    assert len(said) == 1
    assert said[0].startswith("A1 资金池 reward: C1 城东中心 不受任何封顶规则约束 (试点)")
    assert said[0].endswith("本期分得 462.00 元 (CAP-FREE-MEMBER)")


@pytest.mark.parametrize("approved", ["1949.99", "1950.00"])
def test_a_private_member_is_paid_beside_an_approval_of_the_alliance(small: Path, approved: str) -> None:
    """1700.00 to share, 250.00 of A1's approval paid to T1: at 1950.00 the public members cannot exceed it."""
    plan, data = small / "plan.yaml", small / "data"
    edit(plan, "quota:\n  scope: member\n", 'quota:\n  scope: alliance\n  grassroots_over: "0"\n')
    edit(data / "institutions.csv", "C1,城东中心,community,public", "C1,城东中心,community,private")
    with (data / "money.csv").open("a", encoding="utf-8") as file:
        file.writelines(
            f"2026,{unit},quota_approved,{yuan},县人社〔2026〕8号\n"
            for unit, yuan in (("A1", approved), ("A2", "20100.00"))
        )
    if approved == "1949.99":
        with pytest.raises(InputProblems) as refused:
            run(small)
        (problem,) = refused.value.problems
        assert problem.code == "QUOTA-MIXED"
        assert problem.where.endswith("plan.yaml:52")
        assert "只余 1699.99 元, 而没有总量的 C1 城东中心 也参加资金池 reward" in problem.message
        return
    run(small)
    pools = {(unit, pool): left for unit, pool, left in rows(small, "pools", "alliance_code", "pool", "undistributed")}
    assert pools["A1", "reward"] == "0.00"


def test_a_flow_of_one_month_is_not_the_quarter(small: Path) -> None:
    edit(small / "data" / "money.csv", "2026Q3,H1,medical_cost,", "2026-07,H1,medical_cost,")
    with pytest.raises(InputProblems) as refused:
        run(small)
    assert [(one.where.split()[0], one.code) for one in refused.value.problems] == [("H1", "MONEY-MISSING")]
    assert "缺 2026年8至9月" in refused.value.problems[0].message


def test_the_first_quarter_of_an_approval_is_not_the_year_s(small: Path) -> None:
    """The year's money owes every month of the year, whatever months the quarter has."""
    edit(small / "data" / "money.csv", "2026,T1,quota_approved,", "2026Q1,T1,quota_approved,")
    with pytest.raises(InputProblems) as refused:
        run(small)
    assert [(one.where.split()[0], one.code) for one in refused.value.problems] == [("T1", "MONEY-MISSING")]
    assert "缺 2026年4至12月" in refused.value.problems[0].message


# ── members that change alliance ──────────────────────────────────────────────────────────────────────────


def moved(home: Path) -> None:
    """T1 belongs to A2 until 15 August and to A1 since; A2 has 100.00 of surplus."""
    edit(home / "data" / "memberships.csv", "T1,A1,2026-01-01,", "T1,A2,2026-01-01,2026-08-15\nT1,A1,2026-08-16,")
    edit(home / "data" / "money.csv", "A2,pool_amount,0.00,surplus", "A2,pool_amount,100.00,surplus")


def test_a_member_is_stated_where_it_belongs_at_the_end_with_what_all_alliances_gave(small: Path) -> None:
    """20.00 of A1 and 100.00 × 200 / 600 = 33.33 of A2: a = 53.33, once, though A2 is paid after A1."""
    moved(small)
    run(small)
    assert lines(small, "T1")["a"] == "53.33"


def test_a_statement_held_up_by_a_contradiction_says_so(small: Path) -> None:
    """A1 must give 1400 + 200 + 200 = 1800.00 at least out of 1700.00; T1's 33.33 of A2 stay with it for now."""
    moved(small)
    edit(
        small / "plan.yaml",
        "      - {use: wage_cap, source: local}\n",
        '      - {use: wage_cap, source: local}\n      - {use: floor_previous, params: {ratio: "1"}, source: local}\n',
    )
    floors = {"H1": "1400.00", "T2": "200.00", "C1": "200.00"}
    add(
        small,
        *(
            f"{unit},previous_amount,{floors.get(unit, '0.00')},reward"
            for unit in ("H1", "T1", "T2", "C1", "H2", "T3", "T4", "C2")
        ),
    )
    result = run(small)
    assert list(result.contradictions) == ["A1"]
    assert lines(small, "T1") == {"a": "33.33", "r": "0.00", "kept": "33.33"}
    formula = {unit: how for unit, line, how in rows(small, "permits", "unit_code", "line", "formula") if line == "r"}
    assert formula["T1"] == "可发放给人员 r = 暂为 0: A1 规则互相矛盾, 待修改方案后重算"
    assert lines(small, "T2") == {}
    said = warned(result)
    assert ["PERMITS-CONTRADICTION" in one and "T1" in one for one in said] == [False, True]
    assert "A1 资金池 reward 的规则互相矛盾" in said[0]


def test_an_approval_of_the_alliance_is_charged_where_the_member_belongs(small: Path) -> None:
    """A1 may pay 2000.00, of which T1 brings its 250.00 (and T2, C1, H1 nothing): 1750.00 are left for 1700.00.

    A2 may pay 200.00 and has paid 80.00 (T3): 120.00 are left, T1's payments to date are not charged there.
    """
    moved(small)
    edit(small / "plan.yaml", "  scope: member\n  cite", '  scope: alliance\n  grassroots_over: "0"\n  cite')
    with (small / "data" / "money.csv").open("a", encoding="utf-8") as file:
        file.write(
            "2026,A1,quota_approved,2000.00,县人社〔2026〕9号\n2026,A2,quota_approved,200.00,县人社〔2026〕9号\n"
        )
    run(small)
    pools = {
        (alliance, pool): paid for alliance, pool, paid in rows(small, "pools", "alliance_code", "pool", "distributed")
    }
    assert pools["A1", "reward"] == "1700.00"
    assert pools["A2", "reward"] == "100.00"


# ── settlements ───────────────────────────────────────────────────────────────────────────────────────────


def settling(home: Path, forms: str = "") -> None:
    """The surplus pool as a settlement of what the pool `prepay` prepaid in months. forms: a line of the pool."""
    edit(home / "plan.yaml", "    use: handed_in\n    purpose: income\n", forms + SETTLED)
    edit(home / "plan.yaml", "  - id: surplus\n", PREPAY + "  - id: surplus\n")


def settled(home: Path) -> None:
    """A1 200.00 × 0.85 = 170.00 to share; A2 has none."""
    settling(home)
    add(
        home,
        "A1,fund_budget,1000.00,",
        "A1,fund_spend,800.00,",
        "A1,surplus_confirmed,200.00,县医保清〔2026〕1号",
        "A2,fund_budget,1000.00,",
        "A2,fund_spend,1000.00,",
        "A2,surplus_confirmed,0.00,县医保清1号",
    )
    prepaid = {"H1": "120.00", "T1": "5.00", "T2": "20.00", "T3": "7.00"}
    add(
        home,
        *(
            f"{unit},surplus_prepaid,{prepaid.get(unit, '0.00')},prepay"
            for unit in ("H1", "T1", "T2", "C1", "H2", "T3", "T4", "C2")
        ),
    )


def test_a_settlement_divides_the_whole_and_clears_member_by_member(small: Path) -> None:
    """170.00 by merit 1000 : 200 : 200 : 300. H1: 100 − 120 = −20 off its next payment; the others are still due."""
    settled(small)
    run(small)
    assert ("A1", "surplus", "170.00", "170.00", "0.00") in rows(
        small, "pools", "alliance_code", "pool", "amount", "distributed", "undistributed"
    )
    found: dict[str, dict[str, str]] = {}
    for unit, line, amount in rows(small, "settlements", "unit_code", "line", "amount"):
        found.setdefault(unit, {})[line] = amount
    assert found == {
        "C1": {"due": "30.00", "prepaid/prepay": "0.00", "top_up": "30.00", "claw_back": "0.00"},
        "H1": {"due": "100.00", "prepaid/prepay": "-120.00", "top_up": "0.00", "claw_back": "-20.00"},
        "T1": {"due": "20.00", "prepaid/prepay": "-5.00", "top_up": "15.00", "claw_back": "0.00"},
        "T2": {"due": "20.00", "prepaid/prepay": "-20.00", "top_up": "0.00", "claw_back": "0.00"},
        "T3": {"due": "0.00", "prepaid/prepay": "-7.00", "top_up": "0.00", "claw_back": "-7.00"},
    }
    header = (small / "out" / "settlements.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == ",".join(TABLES["settlements"])
    assert lines(small, "H1")["a"] == "100.00"  # the year's, prepaid or not
    assert cli.main(["verify", str(small / "out")]) == 0
    said = say(explain(small / "out", "H1", pool="surplus"))
    assert "【清算】扣回 = -20.00" in said
    assert said.index("【清算】清算应得") < said.index("【清算】已预付") < said.index("【清算】扣回")


def test_the_sheet_of_the_settlement(small: Path) -> None:
    settled(small)
    run(small)
    sheet = pd.read_excel(small / "out" / "report.xlsx", sheet_name="清算表", header=None, engine="openpyxl")
    row = next(row for row in sheet.to_numpy().tolist() if row[1] == "H1")
    assert row[4:8] == [100, -120, 0, -20]
    totals = [row for row in sheet.to_numpy().tolist() if row[1] == "合计"]
    assert [row[4:8] for row in totals] == [[170, -145, 45, -20], [0, -7, 0, -7]]


def test_prepayments_that_do_not_add_up_or_are_not_stated(small: Path) -> None:
    settled(small)
    add(small, "A1,surplus_prepaid,150.00,prepay")
    edit(
        small / "data" / "money.csv",
        "2026Q3,T3,surplus_prepaid,7.00,prepay\n",
        "2026Q2,T3,surplus_prepaid,7.00,prepay\n",
    )
    with pytest.raises(InputProblems) as refused:
        run(small)
    codes = [(one.code, one.where.split()[0].partition("!")[0]) for one in refused.value.problems]
    assert codes == [("PREPAID-SUM", "money.csv"), ("MONEY-MISSING", "T3")]
    assert "已预付 150.00 元, 成员单位合计 145.00 元" in refused.value.problems[0].message


def test_the_printed_statement_names_clause_and_approval_of_every_line(small: Path) -> None:
    run(small)
    sheet = pd.read_excel(
        small / "out" / "report.xlsx", sheet_name="两个允许测算表", header=None, dtype=str, engine="openpyxl"
    )
    told = {row[1]: row[3] for row in sheet.to_numpy().tolist() if isinstance(row[1], str)}
    assert told["项目"] == "依据"
    assert "县人社〔2026〕8号" in told["绩效工资总量空间"]
    assert "第六条" in told["可用于人员奖励的结余 R"]


def test_nothing_is_made_or_lost(small: Path) -> None:
    run(small)
    paid: dict[tuple[str, str], int] = {}
    for alliance, pool, amount in rows(small, "allocations", "alliance_code", "pool", "amount"):
        paid[alliance, pool] = paid.get((alliance, pool), 0) + parse_yuan(amount)
    for alliance, pool, amount, left in rows(small, "pools", "alliance_code", "pool", "amount", "undistributed"):
        assert paid.get((alliance, pool), 0) + parse_yuan(left) == parse_yuan(amount)
