"""The command line: its help, its exit codes, and how it says what is wrong."""

from __future__ import annotations

import errno
import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api import cli
from api.console import progress, report_error
from domain.problems import Contradiction, InputProblems, Problem, Refused

COMMANDS = {
    f"{name} {inner}" if inner else name: lazy
    for name, entry in cli.COMMANDS.items()
    for inner, lazy in (entry.commands.items() if isinstance(entry, cli.Commands) else [("", entry)])
}


def start(*args: str, code: str = "import api.cli; raise SystemExit(api.cli.main())") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_in_chinese_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*name.split(), "--help"]) == 0
    said = capsys.readouterr().out
    assert f"用法: liangyun {name}" in said
    assert COMMANDS[name].example in said
    assert f"liangyun {name}" in COMMANDS[name].example
    for english in ("Usage:", "Options:", "Arguments:", "[required]", "Show this message"):
        assert english not in said


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_described(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main([*name.split(), "--help"])
    for line in capsys.readouterr().out.splitlines():
        if line.strip().startswith("--"):
            assert any("\u4e00" <= letter <= "\u9fff" for letter in line), line


def test_the_list_of_commands_imports_none(capsys: pytest.CaptureFixture[str]) -> None:
    code = (
        "import sys, api.cli; api.cli.main(['--help']); "
        "bad = [m for m in sys.modules if m.split('.')[0] in {'pandas', 'pulp', 'rich', 'pydantic', 'engine'}"
        " or m.startswith('api.commands.')]; sys.exit(str(bad) if bad else 0)"
    )
    with start(code=code) as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert all(name in out.decode() for name in cli.COMMANDS)


def test_no_arguments_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    assert "用法: liangyun" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("liangyun 0.")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nix"], "liangyun: 没有命令 nix, 用法见 liangyun --help (USAGE)"),
        (["verify"], "liangyun verify: 缺少 结果文件夹, 用法见 liangyun verify --help (USAGE)"),
        (["verify", "x", "--nix"], "liangyun verify: 没有选项 --nix, 用法见 liangyun verify --help (USAGE)"),
        (["pack"], "liangyun pack: 没有写命令, 用法见 liangyun pack --help (USAGE)"),
    ],
)
def test_a_wrong_command_line(args: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(args) == 2
    assert capsys.readouterr().err == said + "\n"


PROBLEMS = [Problem("a.xlsx 事实表!D17", "SIGN-GT-POP", "签约人数大于常住人口", "核对"), Problem("b", "X", "y")]


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (InputProblems(PROBLEMS), 2, "invalid"),
        (Contradiction("矛盾"), 3, "infeasible"),
        (Refused("草案"), 4, "refused"),
    ],
)
def test_refusals(error: Exception, code: int, status: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert report_error(error, as_json=False) == code
    assert capsys.readouterr() == ("", f"{error}\n")
    assert report_error(error, as_json=True) == code
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out)["status"] == status


def test_problems_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    report_error(InputProblems(PROBLEMS), as_json=True)
    assert json.loads(capsys.readouterr().out)["problems"] == [
        {"where": "a.xlsx 事实表!D17", "code": "SIGN-GT-POP", "message": "签约人数大于常住人口, 核对"},
        {"where": "b", "code": "X", "message": "y"},
    ]


def test_many_problems_of_one_kind_stand_under_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them are there; JSON keeps them one by one."""
    missing = [Problem(f"T{at:02d}", "SCORE-MISSING", "满意率 缺数据", "补报") for at in range(21)]
    other = [Problem("A01", "SCORE-MISSING", "签约率 缺数据", "补报"), Problem("x!A1", "NEGATIVE", "是负数", "核对")]
    error = InputProblems([other[1], *missing, other[0]])
    report_error(error, as_json=False)
    units = "、".join(f"T{at:02d}" for at in range(21))
    assert capsys.readouterr().err.splitlines() == [
        "x!A1: 是负数, 核对 (NEGATIVE)",
        "共 22 处: 补报 (SCORE-MISSING)",
        f"  {units}: 满意率 缺数据",
        "  A01: 签约率 缺数据",
    ]
    report_error(error, as_json=True)
    assert len(json.loads(capsys.readouterr().out)["problems"]) == 23
    report_error(InputProblems(missing[:20]), as_json=False)
    assert len(capsys.readouterr().err.splitlines()) == 20


def test_a_full_disk_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/x"), as_json=False) == 1
    said = "/x: 磁盘已满, 清理空间或换一个输出位置后再运行 (DISK-FULL)\n"
    assert capsys.readouterr().err == said


BROKEN = """
import sys, types, api.cli
sys.modules["broken"] = types.ModuleType("broken")
def verify():
    raise {error}
sys.modules["broken"].verify = verify
api.cli.COMMANDS["verify"] = api.cli.Lazy("broken:verify", "", "")
raise SystemExit(api.cli.main(["verify"]))
"""


def test_an_unexpected_error_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIANGYUN_DEBUG", raising=False)
    with start(code=BROKEN.format(error="ZeroDivisionError('boom')")) as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (1, b"")
    assert err.decode().startswith("liangyun: 程序出错 ZeroDivisionError: boom, 设环境变量 LIANGYUN_DEBUG=1")
    assert err.count(b"\n") == 1


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGYUN_DEBUG", "1")
    with start(code=BROKEN.format(error="ZeroDivisionError('boom')")) as process:
        err = process.communicate()[1]
    assert process.returncode == 1
    assert b"Traceback" in err


def test_interrupting_is_clean() -> None:
    with start(code=BROKEN.format(error="KeyboardInterrupt")) as process:
        err = process.communicate()[1]
    assert process.returncode == 130
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    ("command", "debug"),
    [
        ("--help", "0"),
        ("pack list", "0"),
        ("pack show tianjin-2024 --json", "0"),
        ("pack show tianjin-2024 --json", "1"),
        ("pack show none --json", "0"),
    ],
)
def test_output_that_nobody_reads_on_ends_quietly(command: str, debug: str) -> None:
    read, write = os.pipe()
    os.close(read)  # as of `| head`, which is already gone
    environment = {**os.environ, "LIANGYUN_DEBUG": debug}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *command.split()],
            stdout=write,
            stderr=subprocess.PIPE,
            env=environment,
            check=False,
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_problems_that_nobody_reads_on_end_quietly() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", "pack", "show", "none"], stdout=subprocess.PIPE, stderr=write, check=False
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stdout) == (141, b"")


def test_progress_is_plain_text_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as report:
        report("读取", 0, 1)
        report("分配", 1, 2)
        report("分配", 2, 2)
    assert capsys.readouterr() == ("", "读取\n分配\n")
    with progress(quiet=True) as report:
        report("读取", 0, 1)
    assert capsys.readouterr() == ("", "")


def test_every_command_is_one_function() -> None:
    for name, lazy in COMMANDS.items():
        module, _, function = lazy.target.partition(":")
        found = getattr(importlib.import_module(module), function)
        assert inspect.isfunction(found), name


def test_analyse_writes_its_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, spec, out = tmp_path / "t.csv", tmp_path / "s.yaml", tmp_path / "r.csv"
    table.write_text("unit,x,y\na,1,2\nb,3,5\nc,2,1\n", encoding="utf-8")
    spec.write_text("columns: {x: {direction: high}, y: {direction: high}}\n", encoding="utf-8")
    assert cli.main(["analyse", "entropy", str(table), "--spec", str(spec), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "status": "done",
        "files": [str(out)],
        "says": ["权重最大的一列是 y, 占 69.5%"],
        "notice": "仅供分析, 不作为分配依据",
    }
    assert len(out.read_text(encoding="utf-8").splitlines()) == 3  # a header and one row per column


@pytest.mark.parametrize(
    ("args", "where"),
    [
        (["run", "demo-county", "", "--period", "2026Q3", "--out", "x"], "参数"),
        (["run", "demo-county", "data.xlsx", "--period", "2026Q3", "--out", ""], "--out"),
        (["run", "demo-county", "data.xlsx", "--period", "2026Q3", "--out="], "--out"),
        (["verify", ""], "参数"),
    ],
)
def test_an_empty_path_is_not_the_folder_one_stands_in(
    args: list[str], where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(args) == 2
    said = f"{where}: 没有写路径、编号或名称, 引号里是空的, 写上, 或去掉它 (USAGE)\n"
    assert capsys.readouterr().err == said


def test_a_command_builds_no_model_before_it_is_used_and_seldom_searches_for_garbage() -> None:
    code = (
        "import gc, api.cli; api.cli._imported('api.commands.run')\n"
        "from domain.plan import Plan, Pool, Scorecard\n"
        "print(Plan.__pydantic_complete__, Pool.__pydantic_complete__, Scorecard.__pydantic_complete__)\n"
        "print(gc.get_threshold()[0] == api.cli.GARBAGE > 10_000, gc.isenabled())"
    )
    said, wrong = start(code=code).communicate()
    assert said.decode().split() == ["False", "False", "False", "True", "True"], wrong.decode()
