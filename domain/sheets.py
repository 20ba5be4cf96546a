"""How spreadsheets name places, which a problem points to, and what they take for a formula."""

from __future__ import annotations

import re
import unicodedata

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet could take for a formula, when it opens a CSV or the cell is edited."""


_NUMBER = re.compile(r"[+-]?[0-9.,]*%?")


def formula_like(text: str) -> bool:
    """Whether a spreadsheet could take a text for a formula; full-width signs are signs to a Chinese one."""
    return unicodedata.normalize("NFKC", text[:1]).startswith(FORMULA)


def neutral(text: str) -> str:
    """A text as it may stand in a CSV: one that a spreadsheet could take for a formula behind an apostrophe.

    Numbers, and a sign alone, stay as they are.
    """
    return f"'{text}" if formula_like(text) and not _NUMBER.fullmatch(text) else text


def letters(column: int) -> str:
    """The letters of a 0-based column as spreadsheets name it: 0 → A, 26 → AA."""
    said = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        said = chr(65 + rest) + said
    return said
