"""What the command line prints: progress on a terminal, plain lines elsewhere, problems one per line.

Results go to standard output, progress and problems to standard error; with `--json` a problem is JSON on standard
output, so that a program has one place to read.
"""

from __future__ import annotations

import errno
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from domain.period import Period
from domain.problems import Contradiction, InputProblems, LiangyunError, Problem, Refused

_STATUS = ((InputProblems, "invalid"), (Contradiction, "infeasible"), (Refused, "refused"))
_SYSTEM = {
    errno.ENOSPC: ("DISK-FULL", "磁盘已满", "清理空间或换一个输出位置后再运行"),
    errno.EDQUOT: ("DISK-FULL", "磁盘配额已用完", "清理空间或换一个输出位置后再运行"),
    errno.EROFS: ("READ-ONLY", "该位置只读", "换一个可写的输出位置"),
    errno.EACCES: ("NO-ACCESS", "没有权限", "关闭占用该文件的程序, 或换一个有权限的位置"),
    errno.EPERM: ("NO-ACCESS", "没有权限", "关闭占用该文件的程序, 或换一个有权限的位置"),
    errno.ENOENT: ("NO-FILE", "文件不存在", "核对路径"),
    errno.EISDIR: ("NOT-A-FILE", "这是文件夹, 不是文件", "核对路径"),
    errno.ENOTDIR: ("NOT-A-FOLDER", "这不是文件夹", "核对路径"),
}

_ALIKE = 20  # problems of one kind that are still read line by line

_FAULTS = (
    (re.compile(r"greater than or equal to (\S+)"), r"不得小于 \1"),
    (re.compile(r"less than or equal to (\S+)"), r"不得大于 \1"),
    (re.compile(r"valid integer"), "须为整数"),
    (re.compile(r"valid number"), "须为数字"),
)


def period_of(text: str) -> Period:
    """The period that `--period` names, by its code or in Chinese. Raises InputProblems (PERIOD)."""
    try:
        return Period.said(text)
    except ValueError as error:
        raise InputProblems([Problem("--period", "PERIOD", str(error))]) from error


class Progress(Protocol):
    """Told what is being done: title, how many of how many."""

    def __call__(self, title: str, done: int, total: int) -> None:
        """Report that `done` of `total` steps of `title` are done."""


def report_error(error: Exception, *, as_json: bool) -> int:
    """Say what went wrong and return the exit code."""
    problems, status, code = _said(error)
    if as_json:
        answer = {"status": status, "problems": [problem.as_json() for problem in problems]}
        if not problems:
            answer["message"] = str(error)
        print_json(answer)
    elif problems:
        sys.stderr.writelines(f"{line}\n" for line in _listed(problems))
    else:
        sys.stderr.write(f"{error}\n")
    return code


def _listed(problems: Sequence[Problem]) -> Iterator[str]:
    """One line per problem; many of one code and remedy under one heading, where the first of them stood.

    Below a heading what is said of several places is said once, with all of them.
    """
    alike: dict[tuple[str, str], dict[str, list[str]]] = {}
    for problem in problems:
        alike.setdefault((problem.code, problem.remedy), {}).setdefault(problem.message, []).append(problem.where)
    told: set[tuple[str, str]] = set()
    for problem in problems:
        key = (problem.code, problem.remedy)
        count = sum(map(len, alike[key].values()))
        if count <= _ALIKE:
            yield str(problem)
        elif key not in told:
            told.add(key)
            yield f"共 {count} 处: {problem.remedy or problem.message} ({problem.code})"
            yield from (f"  {'、'.join(places)}: {message}" for message, places in alike[key].items())


def _said(error: Exception) -> tuple[tuple[Problem, ...], str, int]:
    if isinstance(error, LiangyunError):
        status = next((word for kind, word in _STATUS if isinstance(error, kind)), "error")
        return tuple(getattr(error, "problems", ())), status, error.exit_code
    if isinstance(error, OSError) and error.errno in _SYSTEM:
        code, message, remedy = _SYSTEM[error.errno]
        return (Problem(str(error.filename or "系统"), code, message, remedy),), "error", 1
    usage = _usage(error)
    if usage is not None:
        return (usage,), "invalid", 2
    if isinstance(error, MemoryError):
        return (Problem("系统", "NO-MEMORY", "内存不足", "关闭其他程序, 或按医联体分开计算"),), "error", 1
    said = f"程序出错 {type(error).__name__}: {error}"
    remedy = "设环境变量 LIANGYUN_DEBUG=1 再运行一次, 把全部输出连同命令发给维护人员"
    return (Problem("liangyun", "UNEXPECTED", said, remedy),), "error", 1


def _usage(error: Exception) -> Problem | None:
    """A wrong command line, in Chinese. Typer does not publish these classes, so they are told by name."""
    if not hasattr(error, "format_message"):
        return None
    ctx = getattr(error, "ctx", None)
    where = ctx.command_path if ctx is not None else "liangyun"
    param = getattr(error, "param", None)
    name = param.get_error_hint().replace("'", "") if param is not None else ""
    message = {
        "MissingParameter": f"缺少 {name}",
        "BadParameter": f"{name} 的值不对: {_fault(str(getattr(error, 'message', '')))}",
        "NoSuchOption": f"没有选项 {getattr(error, 'option_name', '')}",
    }.get(type(error).__name__, str(getattr(error, "message", "")))
    return Problem(where, "USAGE", message, f"用法见 {where} --help")


def _fault(message: str) -> str:
    """Why a value of an option is refused, in Chinese; as Typer says it where no word is known."""
    for said, chinese in _FAULTS:
        if match := said.search(message):
            return match.expand(chinese)
    return message


def print_json(answer: Any) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, sort_keys=True, indent=2) + "\n")


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """A progress bar on a terminal; elsewhere one plain line per step title; nothing if `quiet`."""
    if quiet:
        yield lambda title, done, total: None  # noqa: ARG005  (a Progress that says nothing)
        return
    if not sys.stderr.isatty():
        yield _plain()
        return
    from rich.console import Console  # noqa: PLC0415  (only a terminal needs it)
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1)
        yield lambda title, done, total: bar.update(task, description=title, completed=done, total=max(total, 1))


def _plain() -> Progress:
    last: list[str] = []

    def say(title: str, done: int, total: int) -> None:  # noqa: ARG001  (a Progress)
        if last != [title]:
            last[:] = [title]
            sys.stderr.write(f"{title}\n")

    return say
