"""`liangyun check`: everything that a run would refuse or tell of its input, and nothing written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.commands.run import summary
from api.console import period_of, print_json, progress
from domain.problems import Contradiction
from engine.folder.execute import check as check_input
from engine.folder.others import Others
from engine.policy.configs import load_configs
from engine.run.words import say_conflict


def check(
    plan: Annotated[str, typer.Argument(metavar="方案", help="方案编号或 YAML 文件")],
    data: Annotated[
        Path, typer.Argument(metavar="数据", help="工作簿 (.xlsx, .xls)、工作簿文件夹或 CSV/Parquet 文件夹")
    ],
    *,
    period: Annotated[str, typer.Option("--period", metavar="期间", help="2026、2026H1、2026Q3 或 2026-07")],
    before: Annotated[
        Path | None, typer.Option("--before", metavar="原结果", help="看能不能更正这个结果, 同 run")
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option("--earlier", metavar="结果文件夹", help="本年较短期间的结果, 可写多次, 同 run"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> int:
    """Look at the input; the exit codes are those of `run`."""
    when = period_of(period)
    with progress(quiet=as_json) as report:
        others = Others(before, tuple(earlier or ()))
        result = check_input(load_configs(), plan, data, when, others=others, progress=report)
    told = summary(result)
    if as_json:
        print_json(told)
    else:
        sys.stderr.writelines(f"警告: {warning}\n" for warning in told["warnings"])
        for alliance, conflict in result.contradictions.items():
            sys.stderr.write(f"{alliance}: 规则互相矛盾, 该医联体的资金不能分配 (CONTRADICTION)\n")
            sys.stderr.writelines(f"{line}\n" for line in say_conflict(conflict))
        said = "可以计算" if not result.contradictions else "有医联体的规则互相矛盾"
        sys.stdout.write(
            f"{result.plan_title} {result.period.title}: 数据{said}, {told['units']} 个单位, "
            f"{len(told['warnings'])} 条警告; 没有写出任何文件\n"
        )
    return Contradiction.exit_code if result.contradictions else 0
