"""What several `pay` commands ask alike."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from domain.problems import InputProblems, Problem

Plan = Annotated[str, typer.Argument(metavar="方案", help="方案编号或 YAML 文件, 其中有 pay:")]
People = Annotated[
    Path, typer.Argument(metavar="人员", help="工作簿 (.xlsx, .xls) 或 CSV 文件夹, 按 pay template 的表")
]
Folder = Annotated[Path, typer.Argument(metavar="发放结果", help="liangyun pay run 写出的文件夹")]
PeriodText = Annotated[str, typer.Option("--period", metavar="期间", help="发哪个期间的: 2026Q3、2026-09 …")]
MonthText = Annotated[str, typer.Option("--month", metavar="月份", help="哪个月发 (个税按它): 2026-10")]
Run = Annotated[
    Path | None, typer.Option("--run", metavar="计算结果", help="机构金额取自这个结果文件夹; 不写则取自 机构发放额 表")
]
Units = Annotated[list[str] | None, typer.Option("--unit", metavar="机构", help="只发这些机构, 可写多次")]
Earlier = Annotated[
    list[Path] | None,
    typer.Option(
        "--earlier", metavar="发放结果", help="以前的发放文件夹或它们所在的文件夹, 可写多次; 不重复发放由它们查"
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="文件夹", help="新文件夹; 已有的从不覆盖")]
AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出摘要")]

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def month_of(text: str) -> str:
    """The month that `--month` names, as "2026-10". Raises InputProblems (MONTH)."""
    plain = re.sub(r"^(\d{4})年(\d{1,2})月$", lambda found: f"{found[1]}-{int(found[2]):02d}", text.strip())
    if _MONTH.fullmatch(plain):
        return plain
    raise InputProblems([Problem("--month", "MONTH", f"{text} 不是月份", "写成 2026-10")])
