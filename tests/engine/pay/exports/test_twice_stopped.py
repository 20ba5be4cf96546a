"""Several processes at once, one that is killed, a folder that is gone, a home that cannot be written."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api import cli
from tests.engine.pay.exports.twice import bank, changed, changed_to, numbers, register, run, told, void
from tests.engine.pay.folder.making import MONTH, PERIOD, tables, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LIANGYUN_PAY_KEY", raising=False)
    monkeypatch.setenv("LIANGYUN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_two_processes_at_once_export_a_line_once(tmp_path: Path, home: Path) -> None:
    one, people = run(tmp_path / "a")
    others = [run(tmp_path / f"b{at}", changed_to(str(60 + at)))[0] for at in range(3)]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _CLI, "pay", "bank", str(folder), "--people", str(people), "--bank", "example-fen",
             "--batch", next(number for number in numbers(folder) if "-U1-" in number),
             "--out", str(folder.parent / "bank.txt"), "--once"],
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )
        for folder in (one, *others)
    ]  # fmt: skip
    assert sorted(process.wait(timeout=120) for process in started) == [0, 4, 4, 4]
    assert len([folder for folder in (one, *others) if (folder.parent / "bank.txt").exists()]) == 1
    with register(home).open(encoding="utf-8", newline="") as file:
        assert len({row["digest"] for row in csv.DictReader(file)}) == 1


_CLI = "import sys; from api import cli; sys.exit(cli.main(sys.argv[1:]))"
_KILLED = """
import os, sys
from api import cli
from engine.pay.exports import sent
if sys.argv[1] == "before":
    sent.Everywhere.add = lambda self, rows: os.kill(os.getpid(), 9)
else:
    add = sent.Everywhere.add
    sent.Everywhere.add = lambda self, rows: (add(self, rows), os.kill(os.getpid(), 9))
cli.main(sys.argv[2:])
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_is_killed_while_he_exports_paid_nobody_and_may_go_on(tmp_path: Path, when: str) -> None:
    folder, people = run(tmp_path / "a")
    number = next(one for one in numbers(folder) if "-U1-" in one)
    asked = ["pay", "bank", str(folder), "--people", str(people), "--bank", "example-fen", "--batch", number,
             "--out", str(folder.parent / "bank.txt"), "--once"]  # fmt: skip
    killed = subprocess.run([sys.executable, "-c", _KILLED, when, *asked], check=False, capture_output=True)
    assert killed.returncode == -9
    assert not (folder.parent / "bank.txt").exists()
    assert bank(folder, people, number) == 0
    other, _ = run(tmp_path / "b", changed())
    assert bank(other, people, next(one for one in numbers(other) if "-U1-" in one)) == 4


def test_a_batch_of_a_folder_that_is_gone_is_voided_from_any_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, people = run(tmp_path / "a")
    other, _ = run(tmp_path / "b", changed())
    mine, theirs = (next(n for n in numbers(folder) if "-U1-" in n) for folder in (one, other))
    assert bank(one, people, mine) == 0
    assert void(other, mine) == 4, "while it is there, there"
    assert str(one) in capsys.readouterr().err
    shutil.rmtree(one)
    assert bank(other, people, theirs) == 4
    assert void(other, mine) == 0
    assert bank(other, people, theirs) == 0


def test_what_the_bank_answered_is_not_voided_where_the_register_was_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, people = run(tmp_path / "a")
    number = next(one for one in numbers(folder) if "-U2-" in one)
    assert bank(folder, people, number) == 0
    head, line, foot = (folder.parent / "bank.txt").read_text("gbk").splitlines()
    result = tmp_path / "result.txt"
    result.write_text("\n".join([head, f"{line},成功,", foot]), encoding="gbk")
    assert cli.main(["pay", "back", str(folder), str(result), "--batch", number, "--out", str(tmp_path / "r")]) == 0
    folder.with_name("pay.exports.csv").unlink()
    capsys.readouterr()
    assert void(folder, number) == 4
    assert "BATCH-ANSWERED" in capsys.readouterr().err


def test_a_repay_folder_is_exported_once_wherever_it_lies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, people = run(tmp_path / "a")
    number = next(one for one in numbers(folder) if "-U2-" in one)
    assert bank(folder, people, number) == 0
    head, line, foot = (folder.parent / "bank.txt").read_text("gbk").splitlines()
    result = tmp_path / "result.txt"
    result.write_text("\n".join([head, f"{line},失败,账号有误", foot]), encoding="gbk")
    copy = tmp_path / "copy" / "pay"
    shutil.copytree(folder, copy)
    shutil.copyfile(folder.with_name("pay.exports.csv"), copy.with_name("pay.exports.csv"))
    for at, one in enumerate((folder, copy), start=1):
        asked = ["--batch", number, "--out", str(tmp_path / f"r{at}")]
        result.write_text("\n".join([head, f"{line},失败,账号有误{at}", foot]), encoding="gbk")
        assert cli.main(["pay", "back", str(one), str(result), *asked]) == 0
    assert bank(tmp_path / "r1", people, f"{number}-R1", "1.txt") == 0
    assert bank(tmp_path / "r2", people, f"{number}-R1", "2.txt") == 4
    assert "PAY-PAID" in capsys.readouterr().err
    assert told(tmp_path / "r2", people, f"{number}-R1", "2.txt", "example-xlsx") == 0
    assert str(tmp_path / "r1") in capsys.readouterr().err


def test_a_home_that_cannot_be_made_tells_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("LIANGYUN_HOME", str(tmp_path / "file" / "home"))
    plan, people = write(tmp_path / "given", tables())
    asked = ["--period", PERIOD, "--month", MONTH, "--first", "--out", str(tmp_path / "pay")]
    assert cli.main(["pay", "run", str(plan), str(people), *asked]) == 4
    said = capsys.readouterr().err
    assert "PAY-KEY" in said
    assert "LIANGYUN_HOME" in said


def test_a_home_that_cannot_be_written_or_read_tells_what_to_do(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, people = run(tmp_path / "a")
    number = numbers(folder)[0]
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    assert bank(folder, people, number) == 4
    said = capsys.readouterr().err
    assert "EXPORTS-UNWRITABLE" in said
    assert "LIANGYUN_HOME" in said
    assert not folder.with_name("pay.exports.csv").exists()
    assert told(folder, people, number) == 0
    assert "EXPORTS-UNWRITABLE" in capsys.readouterr().err
    assert not list((home / "keys").glob("*.exported.csv"))
    assert void(folder, number) == 0
    assert "EXPORTS-UNWRITABLE" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setenv("LIANGYUN_HOME", str(home))
    assert bank(folder, people, number) == 0
    damaged = "a,b\n1,2\n"
    register(home).write_text(damaged, encoding="utf-8")
    assert bank(folder, people, number) == 2
    assert "EXPORTS-UNREADABLE" in capsys.readouterr().err
    assert told(folder, people, number) == 0
    assert "EXPORTS-UNREADABLE" in capsys.readouterr().err
    assert register(home).read_text("utf-8") == damaged, "what may be put right is not written over"
    monkeypatch.setenv("LIANGYUN_HOME", str(tmp_path / "another"))
    assert void(folder, number) == 0
    assert "PAY-KEY" in capsys.readouterr().err
