"""Write docs/commands.md: the help of every command, as the command line says it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from api.cli import COMMANDS, Commands

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
    parts = ["# 命令\n\n由 `python -m scripts.commands` 生成。\n"]
    for command in names():
        said = subprocess.run(
            [sys.executable, "-m", "api.cli", *command, "--help"],
            env={**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100"},
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
        ).stdout
        body = "\n".join(line.rstrip() for line in said.strip().splitlines())
        parts.append(f"## liangyun {' '.join(command)}\n\n```text\n{body}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
