"""How a number is explained: its formula, the numbers put in, the result, the clauses and the cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Trace:
    """The story of one number.

    key: what it is, as in "score/T01/TJ-I03" or "allocation/surplus/T01". Cells are "file sheet!cell" texts.
    """

    key: str
    title: str
    formula: str
    numbers: Mapping[str, str]
    result: str
    rule: str = ""
    cites: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, object]:
        """The trace as explain.json carries it."""
        return {
            "key": self.key,
            "title": self.title,
            "formula": self.formula,
            "numbers": dict(self.numbers),
            "result": self.result,
            "rule": self.rule,
            "cites": list(self.cites),
            "cells": list(self.cells),
            "notes": list(self.notes),
        }
