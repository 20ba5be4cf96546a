"""`liangyun verify`: whether a run folder says the truth."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json, progress
from api.solver import SOLVER, known
from engine.folder.verify import verify as check


def verify(
    folder: Annotated[Path, typer.Argument(metavar="结果文件夹", help="liangyun run 写出的文件夹")],
    *,
    solver: Annotated[str, SOLVER] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> int:
    """Verify a run folder; exit code 1 if anything in it does not agree."""
    with progress(quiet=as_json) as report:
        verdict = check(folder, solver=known(solver), progress=report)
    if as_json:
        print_json(
            {
                "status": "differs" if verdict.problems else "agrees",
                "problems": [problem.as_json() for problem in verdict.problems],
                "notes": [*verdict.versions, *verdict.notes],
                "digest": verdict.digest,
                "files": verdict.files,
                "allocations": verdict.allocations,
            }
        )
    else:
        sys.stderr.writelines(f"{problem}\n" for problem in verdict.problems)
        sys.stderr.writelines(f"版本不同: {note}\n" for note in verdict.versions)
        sys.stderr.writelines(f"注意: {note}\n" for note in verdict.notes)
        if not verdict.problems:
            sys.stdout.write(
                f"核对一致: {verdict.files} 个文件, {verdict.allocations} 笔分配逐条复核, 编号 {verdict.digest}\n"
            )
    return 1 if verdict.problems else 0
