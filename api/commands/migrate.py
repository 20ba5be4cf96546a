"""`liangyun migrate`: the installation made, its schema up to date."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.console import progress
from engine.workflow import operations


def migrate(
    *,
    down: Annotated[
        str,
        typer.Option("--down", metavar="版本", help="退回到较早的结构版本 (base: 删去所有表), 会丢失其后才有的数据"),
    ] = "",
) -> None:
    """Bring the schema up to date, or take it back."""
    with progress() as report:
        done = operations.migrate(lambda at, of, title: report(title, at, of), down)
    if done.backup is not None:
        sys.stderr.write(f"先写了备份 {done.backup}\n")
    sys.stdout.write(f"数据库的结构版本: {done.version}\n")
