"""`liangyun analyse`: what people read, and what programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api import cli


def arguments(folder: Path) -> list[str]:
    (folder / "t.csv").write_text("指标,甲,乙\n甲,1,4\n乙,1/4,1\n", encoding="utf-8")
    (folder / "s.yaml").write_text("columns: {}\n", encoding="utf-8")
    picture = str(folder / "p.svg")
    return [
        "analyse",
        "ahp",
        str(folder / "t.csv"),
        "--spec",
        str(folder / "s.yaml"),
        "--out",
        str(folder / "r.csv"),
        "--picture",
        picture,
    ]


def about_the_method(said: dict[str, Any]) -> dict[str, Any]:
    """What a program is told, but for the line on machines that have no Chinese font."""
    return {**said, "says": [line for line in said["says"] if not line.startswith("本机没有中文字体")]}


def test_people_are_told_that_it_never_decides_pay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments(tmp_path)) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [f"已写出 {tmp_path / 'r.csv'}", f"已写出 {tmp_path / 'p.svg'}"]
    assert "λmax = 2.0000, CI = 0.0000, CR = 0.0000 < 0.10, 通过一致性检验" in said
    assert said[-1] == "仅供分析, 不作为分配依据"
    assert "仅供分析, 不作为分配依据" in (tmp_path / "p.svg").read_text(encoding="utf-8")


def test_programs_are_told_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*arguments(tmp_path), "--json"]) == 0
    files = [str(tmp_path / "r.csv"), str(tmp_path / "p.svg")]
    assert about_the_method(json.loads(capsys.readouterr().out)) == {
        "status": "done",
        "files": files,
        "notice": "仅供分析, 不作为分配依据",
        "says": ["λmax = 2.0000, CI = 0.0000, CR = 0.0000 < 0.10, 通过一致性检验"],
    }


def test_programs_are_told_of_judgements_that_contradict_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = arguments(tmp_path)
    (tmp_path / "t.csv").write_text("指标,甲,乙,丙\n甲,1,9,1/9\n乙,1/9,1,9\n丙,9,1/9,1\n", encoding="utf-8")
    assert cli.main([*given, "--json"]) == 0
    said = about_the_method(json.loads(capsys.readouterr().out))
    assert said["says"] == ["λmax = 10.1111, CI = 3.5556, CR = 6.1303 ≥ 0.10, 未通过一致性检验, 须修正判断矩阵"]
    assert said["notice"] == "仅供分析, 不作为分配依据"
