"""Prepayments through a run: what the year so far gives less what was prepaid, and the settlement of any pool.

All on the small plan of test_run.py, changed in one place each.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from api import cli
from domain.problems import InputProblems
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
