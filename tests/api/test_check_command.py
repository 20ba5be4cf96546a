"""`liangyun check`: what a run would refuse or tell, and nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api import cli
from tests.engine.folder.test_execute import content, edit, small
from tests.engine.run.test_alliance import contradictory

__all__ = ["small"]  # the fixture


def check(home: Path, *more: str) -> int:
    return cli.main(["check", str(home / "plan.yaml"), str(home / "data"), "--period", "2026Q3", *more])


def test_good_input_is_said_to_be_good_and_nothing_is_written(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = content(small)
    assert check(small) == 0
    assert "数据可以计算, 10 个单位" in capsys.readouterr().out
    assert content(small) == before


def test_bad_input_is_told_as_a_run_tells_it(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(small / "data" / "money.csv", "2026Q3,C1,medical_cost,50.00,\n", "")
    assert check(small) == 2
    told = capsys.readouterr().err
    command = ["run", str(small / "plan.yaml"), str(small / "data"), "--period", "2026Q3", "--out", str(small / "out")]
    assert cli.main(command) == 2
    assert told.splitlines()[-1] == capsys.readouterr().err.splitlines()[-1]
    assert "MONEY-MISSING" in told


def test_json_has_problems_or_warnings(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(small, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["units"], answer["warnings"]) == ("done", 10, [])
    assert "folder" not in answer
    edit(small / "data" / "money.csv", "2026Q3,C1,medical_cost,50.00,\n", "")
    assert check(small, "--json") == 2
    answer = json.loads(capsys.readouterr().out)
    assert [problem["code"] for problem in answer["problems"]] == ["MONEY-MISSING"]


def test_contradictions_are_three(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contradictory(small)
    assert check(small) == 3
    assert "A1: 规则互相矛盾" in capsys.readouterr().err
