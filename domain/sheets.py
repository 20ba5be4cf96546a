"""How spreadsheets name places: what a problem points to."""

from __future__ import annotations


def letters(column: int) -> str:
    """The letters of a 0-based column as spreadsheets name it: 0 → A, 26 → AA."""
    said = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        said = chr(65 + rest) + said
    return said
