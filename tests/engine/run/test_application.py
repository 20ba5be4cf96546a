"""What person-months would ask for stands beside the approval and moves no fen. On the small plan."""

from __future__ import annotations

from pathlib import Path

from api import cli
from engine.folder.explain import explain
from engine.folder.story_text import say
from tests.engine.folder.test_execute import edit, rows, run, small

__all__ = ["small"]  # the fixture

APPLIED = '  application: {level: "60.00", multiple: "2"}\n'


def test_the_approval_goes_before_the_formula(small: Path) -> None:
    """T1: 24 ÷ 12 × 60 × 2 = 240.00 would be asked for, 500 are approved, and 500 hold."""
    run(small)
    before = rows(small, "allocations", "pool", "unit_code", "amount")
    plan = small / "plan.yaml"
    edit(plan, "quota:\n", "quota:\n" + APPLIED)
    with (small / "data" / "facts.csv").open("a", encoding="utf-8") as file:
        file.write("2026,T1,quota_person_months,24,\n")
    run(small)
    assert rows(small, "allocations", "pool", "unit_code", "amount") == before
    note = "申报测算 (只供申报, 以批复为准): 人月 24 ÷ 12 × 水平 60.00 × 倍数 2 = 240.00 元, 批复多 260.00 元"
    assert note in say(explain(small / "out", "T1", pool="reward"))
    assert "没有全年的绩效工资人月, 没有申报测算数" in say(explain(small / "out", "T2", pool="reward"))
    assert cli.main(["verify", str(small / "out")]) == 0
