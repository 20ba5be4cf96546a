"""`liangyun backup`: everything in one file, while others work."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json, progress
from engine.workflow.backups import write


def backup(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="文件", help="备份文件, 或放它的文件夹; 不写则在 LIANGYUN_BACKUP"),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> int:
    """Write a backup; exit code 1 if files were missing, which it cannot hold then."""
    with progress(quiet=as_json) as report:
        done = write(target, lambda at, of, title: report(title, at, of))
    said = done.manifest
    if as_json:
        status = "incomplete" if said.missing else "written"
        print_json({"status": status, "file": str(done.path), **said.model_dump(mode="json")})
    else:
        rows = sum(table.rows for table in said.tables.values())
        sys.stdout.write(f"已备份到 {done.path}: {len(said.tables)} 张表 {rows} 行, {said.entries} 个条目\n")
        sys.stderr.writelines(f"存放处缺少 {name}, 备份里也没有 (FILE-GONE)\n" for name in said.missing)
    return 1 if said.missing else 0
