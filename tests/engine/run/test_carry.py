"""Figures of an earlier period stand for missing ones only where the plan names them, and every output says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.problems import InputProblems
from engine.run.say import Speaker
from tests.engine.folder.test_execute import edit, rows, run, small
from tests.engine.run.test_pools import add

__all__ = ["small"]  # the fixture

CARRY = "carry: {metrics: [risk_fund_balance], periods: [quarter], source: local}\npermits:\n"


def second_quarter(home: Path, *lines: str) -> None:
    with (home / "data" / "money.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"2026Q2,{line}\n" for line in lines)


def test_an_earlier_figure_stands_for_none_by_itself(small: Path) -> None:
    """T2's opening balance of the year is taken away; that of the second quarter is no answer."""
    edit(small / "data" / "money.csv", "2026,T2,risk_fund_balance,0.00,\n", "")
    second_quarter(small, "T2,risk_fund_balance,170.00,")
    with pytest.raises(InputProblems) as refused:
        run(small)
    assert [(one.code, one.where.split()[0]) for one in refused.value.problems] == [("MONEY-MISSING", "T2")]


def test_what_the_plan_names_is_carried_whole_and_told(small: Path) -> None:
    """150.00 and the 20.00 added to it: 170.00 of T2; C1's opening of the year stands for itself."""
    edit(small / "plan.yaml", "permits:\n", CARRY)
    edit(small / "data" / "money.csv", "2026,T2,risk_fund_balance,0.00,\n", "")
    table = small / "data" / "money.csv"
    head, *body = table.read_text(encoding="utf-8").splitlines()
    body += ["2026Q2,T2,risk_fund_balance,150.00,甲", "2026Q2,C1,risk_fund_balance,0.00,甲"]
    told = [f"{line}," for line in body] + ["2026Q2,T2,risk_fund_balance,20.00,乙,追加"]
    table.write_text("\n".join([f"{head},word", *told]) + "\n", encoding="utf-8")
    result = run(small)
    found = {(unit, line): fen for unit, line, fen in rows(small, "permits", "unit_code", "line", "amount")}
    assert found["T2", "risk_fund_balance"] == "170.00"
    assert found["C1", "risk_fund_balance"] == "26.00"
    said = [one for one in Speaker(result.labels).warnings(result.warnings) if "CARRIED" in one]
    assert said == ["医疗风险基金期初余额 本期缺 T2, 按方案沿用 2026Q2 的数 (CARRIED)"]


def test_a_period_of_its_own_goes_before(small: Path) -> None:
    edit(small / "plan.yaml", "permits:\n", CARRY)
    second_quarter(small, "T2,risk_fund_balance,170.00,")
    add(small, "T2,risk_fund_balance,3.00,")
    result = run(small)
    assert ("T2", "risk_fund_balance", "3.00") in rows(small, "permits", "unit_code", "line", "amount")
    assert "CARRIED" not in {warning.code for warning in result.warnings}
