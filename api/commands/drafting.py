"""`liangyun plan schema`: what editors need to help with a plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.drafting.schema import schema_text
from engine.policy.configs import load_configs
from engine.printing.files import check_out, write_whole

Out = Annotated[Path | None, typer.Option("--out", metavar="文件", help="写成文件 (不写则显示)")]
Force = Annotated[bool, typer.Option("--force", help="覆盖已有的文件")]


def schema(*, out: Out = None, force: Force = False) -> None:
    """Write the JSON Schema of a plan."""
    _write(schema_text(load_configs().catalogue), out, force=force)


def _write(text: str, out: Path | None, *, force: bool) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    check_out(out, force=force)
    write_whole(out, text.encode("utf-8"))
    sys.stdout.write(f"已写出 {out}\n")
