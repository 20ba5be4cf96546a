"""`liangyun analyse`: a relative method on any table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json
from engine.analyse import analyse as compute


def analyse(
    method: Annotated[str, typer.Argument(metavar="方法", help="attainment、efficacy、entropy、topsis、rsr 或 ahp")],
    table: Annotated[Path, typer.Argument(metavar="表.csv", help="每行一个单位, 第一列是名称")],
    *,
    spec: Annotated[Path, typer.Option("--spec", metavar="参数.yaml", help="各列方向、权重和方法的参数")],
    out: Annotated[Path, typer.Option("--out", metavar="结果.csv", help="写到哪里")],
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出写了哪些文件")] = False,
) -> None:
    """Analyse a table."""
    written = compute(method, table, spec, out)
    if as_json:
        print_json({"status": "done", "files": [str(path) for path in written]})
    else:
        sys.stdout.writelines(f"已写出 {path}\n" for path in written)
