"""`liangyun disclose`: the workbook for the public, from a run folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.console import progress
from engine.disclosure import disclose as write


def disclose(
    folder: Annotated[Path, typer.Argument(metavar="结果文件夹", help="liangyun run 写出的文件夹")],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="公示.xlsx", help="写到哪里")],
) -> None:
    """Write the scores, grades and totals of institutions, without persons."""
    with progress() as report:
        write(folder, out, progress=report)
    sys.stdout.write(f"已写出 {out}\n")
