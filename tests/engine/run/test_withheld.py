"""Withheld money through a run: what linked subsidies lose by score is the next pool's. On the small plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from api import cli
from engine.folder.explain import explain
from engine.folder.story_text import say
from tests.engine.folder.test_execute import edit, rows, run, small
from tests.engine.run.test_homes import EVERYBODY, SUBSIDY
from tests.engine.run.test_pools import add

__all__ = ["small"]  # the fixture

AGAIN = """  - id: again
    title: 扣下再分
    use: from_withheld
    params: {withheld_from: subsidy}
    purpose: income
    basis: settled
    periods: [quarter]
    fund: {title: 县级财政, document: 县财社〔2026〕5号}
    merit: {use: fixed, params: {metrics: [heads_on_post], prorate: false}, source: local}
    unpaid_to: fund
    source: local
"""


def withholding(home: Path) -> None:
    """100.00 of linked subsidy for each member, by its score."""
    by_score = SUBSIDY.replace('{min: "0", coefficient: "1"}', '{min: "0", coefficient: score/100}')
    edit(home / "plan.yaml", "permits:\n", by_score + AGAIN + "permits:\n")
    add(home, *(f"{unit},subsidy_linked,100.00,县财社〔2026〕5号" for unit in EVERYBODY))


def test_what_one_pool_withholds_the_next_one_shares(small: Path) -> None:
    """A1 scores 100, 50, 100, 75: 50 + 25 = 75.00 are withheld, 10 : 4 : 2 : 4 by heads; of A2 all have 100."""
    withholding(small)
    run(small)
    pools = {(one, pool): fen for one, pool, fen in rows(small, "pools", "alliance_code", "pool", "amount")}
    assert (pools["A1", "subsidy"], pools["A1", "again"]) == ("325.00", "75.00")
    paid = {
        unit: fen for pool, unit, fen in rows(small, "allocations", "pool", "unit_code", "amount") if pool == "again"
    }
    assert [paid[unit] for unit in ("H1", "T1", "T2", "C1")] == ["37.50", "15.00", "7.50", "15.00"]
    assert "资金池 = 75.00" in say(explain(small / "out", "H1", pool="again"))
    assert cli.main(["verify", str(small / "out")]) == 0


def test_withheld_money_of_another_source_or_twice(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    withholding(small)
    other = AGAIN.replace("id: again", "id: more").replace("〔2026〕5号", "〔2026〕6号")
    early = AGAIN.replace("id: again", "id: early").replace("from: subsidy", "from: reward")
    plan = small / "plan.yaml"
    edit(plan, "permits:\n", other + early + "permits:\n")
    assert cli.main(["plan", "check", str(plan)]) == 2
    said = capsys.readouterr().err
    for part in (
        "扣下的是 县级财政 县财社〔2026〕5号 的钱, fund 写成与 subsidy 一样 (FUND-MIXED)",
        "subsidy 扣下的钱在 again 和 more 各分一遍, 只留一个 (WITHHELD-TWICE)",
        "reward 没有可再分配的扣减",
    ):
        assert part in said
