"""`liangyun restore`: a backup into an empty database of either kind."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json, progress
from engine.workflow.backups import bring_back
from engine.workflow.calendar import SHANGHAI


def restore(
    backup: Annotated[Path, typer.Argument(metavar="备份文件", help="liangyun backup 写出的文件")],
    *,
    anchor: Annotated[
        list[Path] | None,
        typer.Option("--anchor", metavar="锚定", help="锚定文件或其文件夹: 说明备份之后还有多少审计记录; 可写多次"),
    ] = None,
    accept_broken: Annotated[bool, typer.Option("--accept-broken-audit", help="备份里的审计记录不连贯也恢复")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """Restore a backup; what the anchors know and it does not have is told."""
    with progress(quiet=as_json) as report:
        done = bring_back(
            backup, lambda at, of, title: report(title, at, of), anchors=anchor or (), accept_broken=accept_broken
        )
    said = done.manifest
    if as_json:
        print_json({"status": "restored", "lost": done.lost, **said.model_dump(mode="json")})
        return
    moment = datetime.fromisoformat(said.at).astimezone(SHANGHAI)
    rows = sum(table.rows for table in said.tables.values())
    sys.stdout.write(f"已恢复 {moment:%Y-%m-%d %H:%M:%S} 的备份: {len(said.tables)} 张表 {rows} 行, 逐表核对一致\n")
    sys.stdout.write("所有人须重新登录, 令牌须重发; 审批之后的批次, 财务说明备份之后的付款情况才能继续\n")
    if done.lost:
        sys.stderr.write(f"备份之后还有 {done.lost} 条审计记录, 已经没有 (AUDIT-LOST)\n")
    sys.stderr.writelines(f"备份时存放处就缺少 {name} (FILE-GONE)\n" for name in said.missing)
