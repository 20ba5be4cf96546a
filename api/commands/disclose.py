"""`liangyun disclose`: the workbook for the public, from a run folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.console import progress
from engine.printing.files import check_out, ends_in
from engine.public.disclosure import disclose as write


def disclose(
    folder: Annotated[Path, typer.Argument(metavar="结果文件夹", help="liangyun run 写出的文件夹")],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="公示.xlsx", help="写到哪里")],
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件")] = False,
) -> None:
    """Write the scores, grades and totals of institutions, without persons."""
    ends_in(out, ".xlsx")
    check_out(out, folder, force=force)
    with progress() as report:
        write(folder, out, progress=report)
    sys.stdout.write(f"已写出 {out}\n")
