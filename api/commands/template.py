"""`liangyun template`: the workbook that is filled in for one period of one plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.console import period_of
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.printing.files import check_apart, check_out, ends_in
from engine.read import read
from engine.read.register import read_reporters
from engine.template.split import By, write_split
from engine.template.workbook import write_template


def template(
    plan: Annotated[str, typer.Argument(metavar="方案", help="方案编号或 YAML 文件")],
    *,
    period: Annotated[str, typer.Option("--period", metavar="期间", help="2026、2026H1、2026Q3 或 2026-07")],
    out: Annotated[Path, typer.Option("--out", metavar="文件", help="写出的工作簿 (.xlsx); 拆分时是文件夹")],
    split: Annotated[
        By | None,
        typer.Option("--split", metavar="unit|reporter|filer", help="拆分: 每个单位、每个填报部门或每个填报人一册"),
    ] = None,
    filled: Annotated[
        Path | None, typer.Option("--from", metavar="数据", help="用已有的工作簿或文件夹填好, 缺的指标留空")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的工作簿")] = False,
) -> None:
    """Write the workbook; with --from it is filled in with what was read there."""
    when = period_of(period)
    given: list[str | Path] = [plan, filled] if filled else [plan]
    if split is None:
        ends_in(out, ".xlsx")
        check_out(out, *given, force=force)
    else:
        check_apart(out, *given)
    configs = load_configs()
    found, catalogue = load(configs, plan, when.end), configs.catalogue
    facts = read(filled, catalogue, found.plan, when, found.packs, own=False) if filled else None
    if split is None:
        write_template(found.plan, catalogue, when, out, facts, found.packs)
        typer.echo(f"已写出 {out}")
        return
    told = read_reporters(filled, catalogue) if filled and split == "filer" else {}
    written = write_split(found.plan, catalogue, when, out, split, facts=facts, packs=found.packs, reporters=told)
    typer.echo(f"已写出 {len(written)} 册到 {out}, 填好后整个文件夹一起读入")
