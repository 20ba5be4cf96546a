"""The comparison of two packs as a workbook to print and as CSV."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest

from api import cli
from domain.problems import InputProblems
from engine.compare.diff import diff, verdict
from engine.compare.diff_sheet import CSV, write_diff
from engine.policy.configs import load_configs
from engine.policy.files import read_pack

A, B = "hz-xiacheng-2018", "tianjin-2024"


def test_the_workbook_holds_everything_that_is_not_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "比较.xlsx"
    assert cli.main(["pack", "diff", A, B, "--out", str(path)]) == 0
    assert capsys.readouterr().out == f"已写出 {path}\n"
    sheet = openpyxl.load_workbook(path)["文件比较"]
    rows = [tuple(cell or "" for cell in row) for row in sheet.iter_rows(values_only=True)]
    changes = diff(read_pack(load_configs(), A), read_pack(load_configs(), B))
    wanted = [(one.title, one.a_says, one.b_says, verdict(one)) for one in changes if one.what != ("same",)]
    assert len(wanted) > 50
    first = rows.index(("事项", "甲", "乙", "差别"))
    assert [row for row in rows[first + 1 :] if row[3]] == wanted
    said = [row[0] for row in rows[:first]]
    assert said[1].startswith(f"甲: {A} 《")
    assert f"相同 0 项, 不同 {len(wanted)} 项" in said
    assert [row[0] for row in rows[first + 1 :] if not row[3]] == [
        "指标、趋势和点名考核",
        "任务清单",
        "资金规则",
        "时间表",
    ]
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    assert sheet.print_title_rows == f"$1:${first + 1}"


def test_csv_holds_what_json_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "比较.csv"
    assert cli.main(["pack", "diff", A, B, "--json", "--out", str(path)]) == 0
    told = json.loads(capsys.readouterr().out)["changes"]
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [list(row) for row in rows] == [list(CSV)] * len(told)
    for row, change in zip(rows, told, strict=True):
        assert row == {name: ";".join(one) if isinstance(one := change[name], list) else one for name in CSV}


def test_the_same_packs_give_the_same_bytes(tmp_path: Path) -> None:
    a = read_pack(load_configs(), A)
    for suffix in (".xlsx", ".csv"):
        for name in ("1", "2"):
            write_diff(a, a, diff(a, a), tmp_path / f"{name}{suffix}")
        assert (tmp_path / f"1{suffix}").read_bytes() == (tmp_path / f"2{suffix}").read_bytes()


@pytest.mark.parametrize(("name", "code"), [("d.pdf", "FILE-TYPE"), ("none/d.csv", "OUT-NO-FOLDER")])
def test_where_it_cannot_be_written(tmp_path: Path, name: str, code: str) -> None:
    a = read_pack(load_configs(), A)
    with pytest.raises(InputProblems) as refused:
        write_diff(a, a, diff(a, a), tmp_path / name)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert list(tmp_path.iterdir()) == []
