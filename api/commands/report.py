"""`liangyun report`: the workbook of one alliance, from a run folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.folder.excerpt import report as write
from engine.printing.files import check_out, ends_in


def report(
    folder: Annotated[Path, typer.Argument(metavar="结果文件夹", help="liangyun run 写出的文件夹, 批量的也可以")],
    unit: Annotated[str, typer.Argument(metavar="单位编码", help="医联体、机构或区域的编码")],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="报表.xlsx", help="写到哪里")],
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件")] = False,
) -> None:
    """Write the workbook of the alliances a unit has to do with."""
    ends_in(out, ".xlsx")
    check_out(out, folder, force=force)
    write(folder, unit, out)
    sys.stdout.write(f"已写出 {out}\n")
