"""The benchmarks still run: a few problems each, and nothing is said of how long they take."""

from __future__ import annotations

import gc
import shutil
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from api.cli import GARBAGE
from benchmarks import allocation, clock, paying, rerun, running, scoring, service, sheets, taxing
from tests.engine.workflow import stages
from tests.engine.workflow.collecting import SMALL
from tests.engine.workflow.flow import quick


def test_every_benchmark_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "DEMO", ("pilot-counties", "examples/pilot-counties/2019.xlsx", "--period", "2019"))
    for found in (allocation.measure(2), *scoring.measure(2).values()):
        assert found["what"].startswith("2 个医联体")
        assert found["ours_seconds"] >= 0
    for found in rerun.measure(1).values():
        assert found["ratio"] == round(median(found["each"].values()), 2)
    for found in (running.measure_run(running.ROOT, 1), running.measure_help(1)):
        assert found["ours_seconds"] > 0


def test_the_tax_of_a_list_is_measured() -> None:
    stated = taxing.payments(1600)
    both = taxing.tax(stated).merge(taxing.floats(stated), on=["payer", "person_code", "month", "seq", "kind"])
    assert len(both) == 1600
    assert (both["tax_x"] - both["tax_y"]).abs().max() <= 1  # half a fen rounded in a float, or a month later
    assert taxing.measure(160, 1)["ratio"] > 0


def test_the_split_among_people_is_measured() -> None:
    given = paying.stated(1000, 200)
    assert (paying.ours(given) == paying.floats(given)).all()
    assert int(paying.ours(given).sum()) == int(given.amounts.sum())
    assert paying.measure(1000, 200, 1)["ratio"] > 0


def test_the_service_is_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def allocated(store: Any) -> int:
        shutil.copytree(SMALL, tmp_path / "small")
        stages.confirmed(stages.scored(store, tmp_path / "small")).step("maker", stages.BATCH, "allocate")
        return stages.BATCH

    quick(monkeypatch)
    for name, value in {"allocated": allocated, "PLAN": "small", "ALLIANCE": "A1"}.items():
        monkeypatch.setattr(service, name, value)
    found = service.measure(20, 1)
    assert set(found) == {"service_read", "service_read_p95", "service_busy"}
    assert all(one["ratio"] > 0 for one in found.values())


def test_the_sheet_and_the_slips_are_measured() -> None:
    found = sheets.measure(60, 1)
    assert set(found) == {"pay_sheet", "pay_slips"}
    assert all(one["ratio"] > 0 for one in found.values())
    assert sheets.cells_of(sheets.alone([("表", [(0, 0, "甲", False), (0, 1, 1.5, True), (1, 0, None, False)])])) == [
        ("表", [(0, 0, "甲", False), (0, 1, 1.5, True), (1, 0, None, False)])
    ]


def test_works_take_turns() -> None:
    said: list[str] = []
    seconds = clock.turns([lambda: said.append("a"), lambda: said.append("b")], 3)
    assert "".join(said) == "ababab"
    assert [len(one) for one in seconds] == [3, 3]
    assert clock.times([3.0, 8.0, 5.0], [1.0, 2.0, 1.0]) == 4


def test_measures_are_told_in_one_way() -> None:
    ours, baseline = ("甲", [1.0, 3.0, 2.0]), ("乙", [4.00006, 4.00004])
    alone = {"what": "什么", "ours": "甲", "ours_seconds": 2.0, "ratio": 2.0}
    assert clock.against("什么", ours, None, 2.0, "") == alone
    both = alone | {"baseline": "乙", "baseline_seconds": 4.0, "goal": "ratio >= 1", "each": 3}
    assert clock.against("什么", ours, baseline, 2.0, "ratio >= 1", each=3) == both


def test_garbage_is_searched_for_as_the_command_line_does() -> None:
    found = gc.get_threshold()
    gc.set_threshold(GARBAGE - 1)  # a test of the command line in this process may have set it already
    try:
        before = gc.get_threshold()
        with clock.seldom_collected():
            assert gc.get_threshold()[0] == GARBAGE
        assert gc.get_threshold() == before
    finally:
        gc.set_threshold(*found)


def test_a_commit_is_taken_out_of_the_history(tmp_path: Path) -> None:
    """What stands there now is of no matter."""

    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True, capture_output=True)

    git("init")
    (tmp_path / "one.txt").write_text("before", encoding="utf-8")
    git("add", "one.txt")
    git("commit", "-m", "one")
    (tmp_path / "one.txt").write_text("now", encoding="utf-8")
    with running.tree_of("HEAD", tmp_path) as tree:
        assert {one.name: one.read_text("utf-8") for one in tree.iterdir()} == {"one.txt": "before"}
    assert not tree.exists()
