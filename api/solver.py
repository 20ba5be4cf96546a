"""The option --solver of several commands."""

from __future__ import annotations

from typing import Any

import typer

from allocation.solvers import METHODS
from domain.problems import InputProblems, Problem

SOLVER: Any = typer.Option("--solver", help="auto、highs 或 cbc: 三者结果逐分一致")


def known(name: str) -> str:
    """A solver that there is. Raises InputProblems for another."""
    if name not in METHODS:
        raise InputProblems([Problem("--solver", "UNKNOWN-SOLVER", f"没有求解器 {name}", "用 auto、highs 或 cbc")])
    return name
