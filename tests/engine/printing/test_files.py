"""A file is written whole or not at all, and what the system refuses is said of the place the user named."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from api.cli import app, main
from domain.problems import InputProblems
from engine.printing import files


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    out = tmp_path / "没有" / "a.xlsx"
    with pytest.raises(InputProblems) as refused:
        files.write_whole(out, b"x")
    said = f"{out}: 文件夹 {out.parent} 不存在, 先建立该文件夹, 或换一个位置 (OUT-NO-FOLDER)"
    assert [str(one) for one in refused.value.problems] == [said]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputProblems, match="OUT-NOT-A-FILE"):
        files.write_whole(tmp_path, b"x")


@pytest.mark.parametrize("name", ["pipe", "link to a pipe", "link to itself"])
def test_what_is_no_file_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: dict[str, str], *, name: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link to a pipe").symlink_to("pipe")
    (tmp_path / "link to itself").symlink_to("link to itself")
    out = tmp_path / name
    analyse = [word.format(method="topsis", **given) for word in ANALYSE]
    for command in (["allocate", "examples/allocation/problem.json"], analyse):
        assert main([*command, "--out", str(out)]) == 2
        assert capsys.readouterr().err.startswith(f"{out}: 这是设备、管道或走不通的链接, 不是普通文件, ")
    with pytest.raises(InputProblems, match="OUT-NOT-A-FILE"):
        files.write_whole(out, b"x")
    assert (tmp_path / "pipe").is_fifo()
    assert out.is_symlink() == name.startswith("link")


@pytest.mark.parametrize("there", [True, False])
def test_what_a_link_leads_to_is_written(tmp_path: Path, *, there: bool) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "a.json", tmp_path / "link.json"
    link.symlink_to(target)
    if there:
        target.write_bytes(b"before")
    files.write_whole(link, b"x")
    assert link.is_symlink()
    assert target.read_bytes() == b"x"
    assert [path.name for path in target.parent.iterdir()] == ["a.json"]


def test_a_link_into_a_missing_folder_names_it(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "没有" / "a")
    with pytest.raises(InputProblems, match=f"文件夹 {tmp_path / '没有'} 不存在"):
        files.write_whole(tmp_path / "link", b"x")


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


LEDGER = ("ledger", "demo-liaoning", "{data}", "--as-of", "2017-12-31")
COMMANDS = {
    "ledger": (LEDGER, ".xlsx"),
    "timeline": (LEDGER, ".svg"),
    "matrix": (("pack", "matrix", "tianjin-2024"), ".xlsx"),
    "diff": (("pack", "diff", "tianjin-2024", "liaoning-2017"), ".xlsx"),
    "table": (("pack", "diff", "tianjin-2024", "liaoning-2017"), ".csv"),
}
ANALYSE = ("analyse", "{method}", "{table}", "--spec", "{spec}")


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    data, table, spec = tmp_path / "mine.xlsx", tmp_path / "table.csv", tmp_path / "spec.yaml"
    shutil.copy("examples/liaoning-2017/2017.xlsx", data)
    table.write_text("unit,a,b\n甲,1,2\n乙,2,5\n", encoding="utf-8")
    spec.write_text("columns: {a: {direction: high}, b: {direction: low}}\n", encoding="utf-8")
    return {"data": str(data), "table": str(table), "spec": str(spec)}


@pytest.mark.parametrize("name", COMMANDS)
def test_only_what_this_program_wrote_is_replaced_unasked(
    tmp_path: Path, given: dict[str, str], capsys: pytest.CaptureFixture[str], *, name: str
) -> None:
    command, suffix = COMMANDS[name]
    out = tmp_path / f"out{suffix}"
    call = [*(word.format(**given) for word in command), "--out", str(out)]
    assert main(call) == 0
    first = out.read_bytes()
    assert main(call) == (2 if suffix == ".csv" else 0)  # its own, unchanged; a table carries no mark
    assert out.read_bytes() == first
    out.write_bytes(b"mine")
    capsys.readouterr()
    assert main(call) == 2
    said = f"{out}: 文件已存在, 可能填写或修改过, 不覆盖, 换一个文件名, 确要覆盖加 --force (OUT-EXISTS)\n"
    assert capsys.readouterr().err.endswith(said)
    assert out.read_bytes() == b"mine"
    assert main([*call, "--force"]) == 0
    assert out.read_bytes() == first


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_an_input_is_never_written_over(
    tmp_path: Path, given: dict[str, str], capsys: pytest.CaptureFixture[str], *, force: list[str]
) -> None:
    before = Path(given["data"]).read_bytes()
    (tmp_path / "link.xlsx").symlink_to(given["data"])
    for out in (given["data"], str(tmp_path / "link.xlsx")):
        command = [word.format(**given) for word in LEDGER]
        assert main([*command, "--out", out, *force]) == 2
        assert "OUT-IS-INPUT" in capsys.readouterr().err
    template = ["template", "demo-liaoning", "--period", "2017", "--from", given["data"], "--out", given["data"]]
    assert main([*template, *force]) == 2
    assert "OUT-IS-INPUT" in capsys.readouterr().err
    assert Path(given["data"]).read_bytes() == before


def test_nothing_is_written_into_a_folder_that_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputProblems, match="OUT-IS-INPUT"):
        files.check_out(tmp_path / "台账.xlsx", "demo-county", tmp_path, force=True)


@pytest.mark.parametrize("place", ["report.xlsx", "new.xlsx", "inputs/data/new.xlsx"])
def test_nothing_is_written_into_a_run_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, place: str
) -> None:
    run = tmp_path / "run"
    (run / "inputs" / "data").mkdir(parents=True)
    (run / "manifest.json").write_text('{"digest": "x"}', encoding="utf-8")
    (run / "report.xlsx").write_bytes(b"report")
    out = str(run / place)
    for command in (
        ["disclose", str(run)],
        ["report", str(run), "C1"],
        ["template", "demo-county", "--period", "2026Q3"],
        ["pack", "matrix"],
    ):
        assert main([*command, "--out", out, "--force"]) == 2
        assert "是 liangyun run 写出的结果文件夹, 写进去后复核不能通过, 换一个位置" in (said := capsys.readouterr().err)
        assert "OUT-IN-RUN" in said
    assert sorted(path.name for path in run.rglob("*") if path.is_file()) == ["manifest.json", "report.xlsx"]


def test_an_analysis_replaces_the_one_before(tmp_path: Path, given: dict[str, str]) -> None:
    """Other systems call it with the same name again, also for another method."""
    out = tmp_path / "R.csv"
    for method in ("entropy", "topsis", "topsis"):
        call = [word.format(method=method, **given) for word in ANALYSE]
        assert main([*call, "--out", str(out)]) == 0
    assert "closeness" in out.read_text(encoding="utf-8")
    out.write_bytes(b"")  # as mktemp leaves it
    assert main([*call, "--out", str(out)]) == 0


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (ANALYSE, "单位,得分,名次\n甲,1,2\n"),
        (ANALYSE, "total"),
        (("allocate", "examples/allocation/problem.json"), '{"pool": {"code": "reward"}}'),
        (("allocate", "examples/allocation/problem.json"), "[1]"),
    ],
)
def test_what_is_no_result_of_the_command_stays(
    tmp_path: Path, given: dict[str, str], capsys: pytest.CaptureFixture[str], *, command: tuple[str, ...], text: str
) -> None:
    out = tmp_path / "mine"
    out.write_text(text, encoding="utf-8")
    call = [*(word.format(method="topsis", **given) for word in command), "--out", str(out)]
    assert main(call) == 2
    assert "(OUT-EXISTS)" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == text
    assert main([*call, "--force"]) == 0
    assert main(call) == 0


def test_an_answer_replaces_the_one_before(tmp_path: Path) -> None:
    path, out = tmp_path / "P.json", tmp_path / "R.json"
    for text, begins in (("{}", "{"), ("[{}]", "[\n"), ("{}\n{}", "{"), ("[]", "[]"), ("{}", "{")):
        path.write_text(text, encoding="utf-8")
        assert main(["allocate", str(path), "--out", str(out)]) == (0 if text == "[]" else 2)
        assert out.read_text(encoding="utf-8").startswith(begins)


def test_a_workbook_that_was_saved_again_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    command = ["pack", "matrix", "tianjin-2024", "--out", str(out)]
    assert main(command) == 0
    book = openpyxl.load_workbook(out)
    book.active["A1"] = "批注"
    book.save(out)
    assert main(command) == 2


def test_a_workbook_to_be_filled_in_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    assert main(["template", "demo-county", "--period", "2026Q3", "--out", str(out)]) == 0
    with pytest.raises(InputProblems, match="OUT-EXISTS"):
        files.check_out(out, force=False)


def test_a_template_in_parts_goes_into_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "填报"
    out.mkdir()
    command = ["template", "demo-county", "--period", "2026Q3", "--split", "reporter", "--out", str(out)]
    assert main(command) == 0
    assert list(out.glob("*.xlsx"))
    assert main(command) == 2
    assert "OUT-EXISTS" in capsys.readouterr().err
