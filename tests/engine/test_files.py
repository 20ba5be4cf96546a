"""A file is written whole or not at all, and what the system refuses is said of the place the user named."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app, main
from domain.problems import InputProblems
from engine import files


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    out = tmp_path / "没有" / "a.xlsx"
    with pytest.raises(InputProblems) as refused:
        files.write_whole(out, b"x")
    said = f"{out}: 文件夹 {out.parent} 不存在, 先建立该文件夹, 或换一个位置 (OUT-NO-FOLDER)"
    assert [str(one) for one in refused.value.problems] == [said]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputProblems, match="OUT-NOT-A-FILE"):
        files.write_whole(tmp_path, b"x")


@pytest.mark.parametrize(
    ("code", "kind", "said"), [(errno.EACCES, InputProblems, "OUT-UNWRITABLE"), (errno.ENOSPC, OSError, "a.xlsx")]
)
def test_what_the_system_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, code: int, kind: type[Exception], said: str
) -> None:
    out = tmp_path / "a.xlsx"
    out.write_bytes(b"before")

    def refuse(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(files.os, "fsync", refuse)
    with pytest.raises(kind, match=said) as refused:
        files.write_whole(out, b"x")
    assert str(out) in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
    assert out.read_bytes() == b"before"


def test_a_full_disk_leaves_no_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    out = tmp_path / "填报.xlsx"
    assert main(["template", "demo-county", "--period", "2026Q3", "--out", str(out)]) == 1
    assert capsys.readouterr().err == f"{out}: 磁盘已满, 清理空间或换一个输出位置后再运行 (DISK-FULL)\n"
    assert not list(tmp_path.iterdir())


def test_a_template_is_not_written_over_what_was_filled_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "填报.xlsx"
    out.write_bytes(b"filled in")
    command = ["template", "demo-county", "--period", "2026Q3", "--out", str(out)]
    assert main(command) == 2
    assert "OUT-EXISTS" in capsys.readouterr().err
    assert out.read_bytes() == b"filled in"
    assert main([*command, "--force"]) == 0
    assert out.read_bytes().startswith(b"PK")


def test_an_empty_template_is_refused_table_by_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, out = tmp_path / "填报.xlsx", tmp_path / "结果"
    assert main(["template", "demo-county", "--period", "2026Q3", "--out", str(book)]) == 0
    assert main(["run", "demo-county", str(book), "--period", "2026Q3", "--out", str(out)]) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if line.endswith(")")]
    assert told == [
        f"填报.xlsx {name}: {name}是空的, 填写后再运行 (TABLE-EMPTY)"
        for name in ("机构表", "成员关系表", "事实表", "资金表")
    ]
    assert not out.exists()


def test_an_answer_is_not_written_over_its_problem(tmp_path: Path) -> None:
    path = tmp_path / "P.json"
    path.write_text("{}", encoding="utf-8")
    done = CliRunner().invoke(app, ["allocate", str(path), "--out", str(path)])
    assert isinstance(done.exception, InputProblems)
    assert "OUT-IS-INPUT" in str(done.exception)
    assert path.read_text(encoding="utf-8") == "{}"
