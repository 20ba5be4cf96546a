"""Deposits through a run: held from what is paid, kept in a table of their own, released by score where the plan says.

On the small plan of test_execute.py: the surplus pool gives H1, T1, T2, C1 100, 20, 20 and 30.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from api import cli
from engine.folder.explain import explain
from engine.folder.story_text import say
from engine.run.tables import TABLES
from tests.engine.folder.test_execute import edit, rows, run, small

__all__ = ["small"]  # the fixture

DEPOSIT = """deposit:
  pools: [surplus]
  rate: "0.05"
  release:
    periods: [{kind}]
    scorecard: members
    whose: member
    bands: [{{min: "80", share: "1"}}, {{min: "0", share: score/100}}]
  forfeited_to: fund
  source: local
permits:
"""
OPENINGS = {"H1": "10.00", "T1": "8.00"}
EVERYBODY = ("H1", "T1", "T2", "C1", "H2", "T3", "T4", "C2")
COLUMNS = TABLES["deposits"]


def held(home: Path, kind: str) -> None:
    edit(home / "plan.yaml", "permits:\n", DEPOSIT.format(kind=kind))
    with (home / "data" / "money.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"2026Q3,{unit},deposit_opening,{OPENINGS.get(unit, '0.00')},surplus\n" for unit in EVERYBODY)


def test_a_quarter_holds_a_share_of_what_is_paid(small: Path) -> None:
    held(small, "year")
    run(small)
    assert rows(small, "deposits", *COLUMNS) == [
        ("C1", "surplus", "0.00", "1.50", "0.00", "0.00", "1.50"),
        ("H1", "surplus", "10.00", "5.00", "0.00", "0.00", "15.00"),
        ("T1", "surplus", "8.00", "1.00", "0.00", "0.00", "9.00"),
        ("T2", "surplus", "0.00", "1.00", "0.00", "0.00", "1.00"),
    ]
    assert ("H1", "100.00") in rows(small, "allocations", "unit_code", "amount")  # the whole, held or not
    assert cli.main(["verify", str(small / "out")]) == 0


def test_the_settlement_releases_by_score(small: Path) -> None:
    """H1 scores 100: all of 10 + 5; T1 50: half of 8 + 1; C1 75: 1.50 × 0.75 = 1.125 → 1.13 (half up)."""
    held(small, "quarter")
    run(small)
    assert rows(small, "deposits", *COLUMNS) == [
        ("C1", "surplus", "0.00", "1.50", "1.13", "0.37", "0.00"),
        ("H1", "surplus", "10.00", "5.00", "15.00", "0.00", "0.00"),
        ("T1", "surplus", "8.00", "1.00", "4.50", "4.50", "0.00"),
        ("T2", "surplus", "0.00", "1.00", "1.00", "0.00", "0.00"),
    ]
    said = say(explain(small / "out", "T1", pool="surplus"))
    assert said.index("【质量保证金】期初保证金余额 = 8.00") < said.index("【质量保证金】本期扣存保证金 = 1.00")
    assert "得分 = 50" in said
    assert "说明: 去向: 退回资金来源" in said
    sheet = pd.read_excel(small / "out" / "report.xlsx", sheet_name="质量保证金表", header=None, engine="openpyxl")
    row = next(row for row in sheet.to_numpy().tolist() if row[1] == "T1")
    assert row[3:8] == [8, 1, 4.5, 4.5, 0]
    assert cli.main(["verify", str(small / "out")]) == 0


def test_a_deposit_of_pools_and_scores_that_are_not_there(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held(small, "year")
    plan = small / "plan.yaml"
    edit(plan, "  pools: [surplus]\n  rate", "  pools: [surplus, surplus, bonus]\n  rate")
    edit(plan, "    scorecard: members\n    whose: member\n", "    scorecard: alliances\n    whose: member\n")
    assert cli.main(["plan", "check", str(plan)]) == 2
    said = capsys.readouterr().err
    for part in ("surplus 写了两遍", "方案里没有 bonus", "评分表 alliances 评的不是 whose: member"):
        assert part in said
