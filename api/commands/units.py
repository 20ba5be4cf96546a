"""`liangyun units`: the register of units, and the table of working days, by the operator of the machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.workflow.register import import_days, import_units

File = Annotated[
    Path,
    typer.Argument(metavar="文件|文件夹", help="工作簿, 或 CSV/Parquet 文件夹: 机构表、成员关系表、(可选) 填报分工表"),
]
Days = Annotated[Path, typer.Argument(metavar="文件", help="日期、类型 (工作日|休息日)、来源三列的表")]


def take_in(file: File) -> None:
    """Take in the register of a workbook or folder."""
    taken = import_units(file)
    sys.stderr.writelines(f"警告: {warning}\n" for warning in taken.warnings)
    sys.stdout.write(f"单位登记: {taken.units} 个单位\n")


def days(file: Days) -> None:
    """Take in a table of working days."""
    sys.stdout.write(f"工作日表: {import_days(file)} 天\n")
