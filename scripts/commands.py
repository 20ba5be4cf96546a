"""Write docs/commands.md: the help of every command, as the command line says it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from api.cli import main
from api.entries import COMMANDS, Commands

EXIT_CODES = """退出码:

| 码 | 含义 |
|---|---|
| 0 | 完成 |
| 1 | `verify` 发现结果与重算不一致; 或意外情况 (磁盘已满、内存不足、程序出错), 没有写出结果 |
| 2 | 输入或命令行有问题: 一次列全, 不写任何结果 |
| 3 | 规则相互矛盾: 该医联体的资金未分配, 其余照常写出 |
| 4 | 不允许, 例如按征求意见稿付款 |
| 141 | 读输出的程序 (如 `head`) 不再读了, 没有显示完 |
"""
PAGE = Path(__file__).parent.parent / "docs" / "commands.md"


def names() -> Iterator[list[str]]:
    """Every command and sub-command."""
    for name, entry in COMMANDS.items():
        if isinstance(entry, Commands):
            for inner in entry.commands:
                yield [name, inner]
        else:
            yield [name]


def page() -> str:
    """The page: one section per command."""
    said = subprocess.run(  # a process of its own, for the width is settled when the console is made; one for all
        [sys.executable, "-m", "scripts.commands", "--said"],
        env={**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100"},
        cwd=PAGE.parent.parent,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    ).stdout
    return "# 命令\n\n由 `python -m scripts.commands` 生成。\n\n" + EXIT_CODES + "\n" + said


def sections() -> Iterator[str]:
    """The help of every command, as it prints it."""
    for command in names():
        with redirect_stdout(StringIO()) as said:
            main([*command, "--help"])
        body = "\n".join(line.rstrip() for line in said.getvalue().strip().splitlines())
        yield f"## liangyun {' '.join(command)}\n\n```text\n{body}\n```\n"


if __name__ == "__main__":
    if "--said" in sys.argv:
        sys.stdout.write("\n".join(sections()))
    else:
        PAGE.write_text(page(), encoding="utf-8")
