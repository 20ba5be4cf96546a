"""A cell that names something of a list by its code or title; a name that is nearly one is asked after."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from engine.read import cells, words
from engine.read.cells import Bad


def named(cell: object, known: Mapping[str, str], code: str, lacking: str, remedy: str) -> str | Bad:
    """The code that a cell names, "" where it is blank.

    known: code by name as `words.key` compares it; code, lacking, remedy: of the Bad where none has that name.
    """
    written = cells.text(cell)
    if isinstance(written, Bad) or not written:
        return written
    name = words.key(written)
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return Bad(code, f"{lacking} {cells.said(written)}", f"是否为 {close[0]}" if close else remedy)
