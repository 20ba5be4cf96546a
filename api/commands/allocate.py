"""`liangyun allocate`: the optimizer alone, without a plan or a database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.console import progress
from api.solver import SOLVER, known
from domain.problems import InputProblems, Problem
from engine.exchange.allocate import answer_problems, format_answers, is_answer, read_bytes
from engine.exchange.limits import BYTES
from engine.printing.files import check_out, write_whole


def allocate(
    problem: Annotated[str, typer.Argument(metavar="问题.json", help="一个问题、问题数组或 JSON Lines; - 为标准输入")],
    *,
    out: Annotated[Path | None, typer.Option("--out", metavar="结果.json", help="写到文件 (默认标准输出)")] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件 (以前的分配结果不用写)")] = False,
    solver: Annotated[str, SOLVER] = "auto",
    relief: Annotated[
        bool | None,
        typer.Option(
            "--relief/--no-relief",
            help="是否算出放宽各条规则的影响 (超过 100 个问题, 或一个问题超过 300 个成员时默认不算)",
        ),
    ] = None,
) -> int:
    """Answer allocation problems; the exit code is the largest that occurred (0, 2 bad input, 3 contradiction)."""
    by = known(solver)
    if problem != "-" and not Path(problem).is_file():
        raise InputProblems([Problem(problem, "NO-FILE", "文件不存在", "核对路径; 标准输入写 -")])
    if out is not None:
        check_out(out, *([] if problem == "-" else [problem]), force=force, earlier=is_answer)
    if problem == "-":
        raw = sys.stdin.buffer.read(BYTES + 1)
    else:
        with Path(problem).open("rb") as file:
            raw = file.read(BYTES + 1)
    form, problems = read_bytes(raw, lines=problem.endswith(".jsonl"))
    with progress(quiet=len(problems) < 50) as say:
        answers, code = answer_problems(
            problems, solver=by, relief=relief, step=lambda done: say("分配", done, len(problems))
        )
    text = format_answers(form, answers)
    if out is None:
        sys.stdout.write(text)
    else:
        write_whole(out, text.encode())
    return code
