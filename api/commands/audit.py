"""`liangyun audit`: the chain of records looked through, and anchored outside the database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.workflow import operations

BROKEN = {
    "AUDIT-CHANGED": "记录被改动",
    "AUDIT-ORDER": "缺记录、多记录或次序被改动",
    "AUDIT-DETAIL": "详情被改动",
    "AUDIT-HEAD": "末条与链尾不符",
    "ANCHOR-SIGNATURE": "锚定文件的签名不对",
    "ANCHOR-ORIGIN": "锚定文件是别处的",
    "ANCHOR-SIZE": "锚定时有的记录被截去",
    "ANCHOR-HEAD": "锚定以前的记录被重写",
}


def verify(
    *,
    anchor: Annotated[
        list[Path] | None,
        typer.Option("--anchor", metavar="文件", help="锚定文件或其文件夹, 可写几个; 据此发现截尾和整条重写"),
    ] = None,
    printed: Annotated[str, typer.Option("--printed", metavar="16位", help="表上印的 16 位十六进制数, 须在链中")] = "",
) -> int:
    """Look through the whole chain."""
    verified = operations.verify_audit(anchor or [], printed)
    for one in verified.broken:
        sys.stderr.write(f"审计记录 {one.seq}: {BROKEN[one.code]} ({one.code})\n")
    missing = bool(printed) and verified.found is None
    if missing:
        sys.stderr.write(f"审计记录里没有 {printed} (PRINTED-NONE)\n")
    elif verified.found is not None:
        found = verified.found
        sys.stdout.write(f"{printed}: 第 {found['seq']} 条, {found['at']}, {found['action']} {found['subject']}\n")
    if verified.broken or missing:
        return 1
    sys.stdout.write(f"{verified.size} 条审计记录完整, 链尾 {verified.head[:16]}\n")
    return 0


def anchor() -> None:
    """Write an anchor."""
    path, said = operations.anchor_audit()
    sys.stdout.write(f"{path}\n")
    sys.stderr.write(f"已锚定 {said['size']} 条, 链尾 {said['head'][:16]}; 请把锚定文件抄存到别处\n")
