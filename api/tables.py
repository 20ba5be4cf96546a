"""Tables on standard output: drawn on a terminal, tab-separated lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """One table with its title; nothing if it has no rows."""
    if not rows:
        return
    if not sys.stdout.isatty():
        lines = [f"# {title}", "\t".join(headings), *("\t".join(row) for row in rows), ""]
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return
    from rich.console import Console  # noqa: PLC0415  (only a terminal needs it)
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def print_lines(pairs: Sequence[tuple[str, str]]) -> None:
    """`name: value`, one per line; empty values are left out."""
    sys.stdout.writelines(f"{name}: {value}\n" for name, value in pairs if value)
