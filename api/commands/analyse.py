"""`liangyun analyse`: a relative method on any table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json
from engine.analysis.analyse import analyse as compute


def analyse(
    method: Annotated[
        str,
        typer.Argument(
            metavar="方法",
            help="attainment、trend、deduction、steps、efficacy、bands、entropy、topsis、rsr、ahp、index 或 workload",
        ),
    ],
    table: Annotated[Path, typer.Argument(metavar="表.csv", help="每行一个单位, 第一列是名称")],
    *,
    spec: Annotated[Path, typer.Option("--spec", metavar="参数.yaml", help="各列方向、权重和方法的参数")],
    out: Annotated[Path, typer.Option("--out", metavar="结果.csv", help="写到哪里")],
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="图.svg", help="再画一张图: .svg 或 .png")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件 (以前的分析结果不用写)")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出写了哪些文件和要点")] = False,
) -> None:
    """Analyse a table. People and programs are told what was found, and last that it never decides pay."""
    said: list[str] = []
    written = compute(method, table, spec, out, picture, tell=said.append, force=force)
    if as_json:
        *says, notice = said
        print_json({"status": "done", "files": [str(path) for path in written], "says": says, "notice": notice})
    else:
        sys.stdout.writelines(f"已写出 {path}\n" for path in written)
        sys.stdout.writelines(f"{line}\n" for line in said)
