"""`liangyun keys`: the keys outside the database, exported under a passphrase, taken in, renewed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.workflow import operations


def export(
    file: Annotated[Path, typer.Argument(metavar="文件", help="写出的密钥文件, 与备份分开存放")],
    *,
    passphrase_file: Annotated[
        Path,
        typer.Option("--passphrase-file", metavar="文件", help="第一行是口令, 至少 12 个字符", show_default=False),
    ],
) -> None:
    """Export the keys."""
    operations.write_keys(file, operations.first_line(passphrase_file, "--passphrase-file"))
    sys.stdout.write(f"密钥已写到 {file}; 口令另外保管, 没有口令不能取回\n")


def take_in(
    file: Annotated[Path, typer.Argument(metavar="文件", help="keys export 写出的文件")],
    *,
    passphrase_file: Annotated[
        Path | None,
        typer.Option("--passphrase-file", metavar="文件", help="第一行是口令; 不写则在终端询问, 或从标准输入读一行"),
    ] = None,
) -> None:
    """Take exported keys in."""
    if passphrase_file is not None:
        passphrase = operations.first_line(passphrase_file, "--passphrase-file")
    elif sys.stdin.isatty():
        passphrase = typer.prompt("口令", hide_input=True)
    else:
        passphrase = sys.stdin.readline().rstrip("\r\n")
    sys.stdout.write(f"密钥已放到 {operations.read_keys(file, passphrase)}\n")


def rotate() -> None:
    """Make a new column key."""
    sys.stdout.write(f"已换新密钥, 共 {operations.rotate_keys()} 个; 重新启动服务后生效, 并重新导出 (keys export)\n")
