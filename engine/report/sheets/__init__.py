"""The sheets of the report after its cover: one file each, found by looking into the folder.

A file has `ORDER`, where it stands, and `sheet(book, view)`, which writes it, or nothing where there is nothing to
say.
"""

from __future__ import annotations

from types import ModuleType

from domain.modules import modules


def sheets() -> list[ModuleType]:
    """Every sheet, in the order of the workbook."""
    return sorted(modules(__name__).values(), key=lambda code: code.ORDER)
