"""Columns of numbers beside the same rows, parsed one by one and stacked once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Array: TypeAlias = npt.NDArray[Any]
Mask: TypeAlias = npt.NDArray[np.bool_]


def objects(values: Sequence[Any]) -> Array:
    """Values as an object array, whatever they are."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


class Columns:
    """Columns of numbers beside the same rows: their codes, values, places and bad rows, to be stacked."""

    def __init__(self, beside: pd.DataFrame) -> None:
        self.beside = beside
        self.codes: list[str] = []
        self.values: list[Array] = []
        self.places: list[Array] = []
        self.spoilt: list[Mask] = []

    def add(self, code: str, values: Array, places: Array, bad: Mask) -> None:
        """One column more."""
        self.codes.append(code)
        self.values.append(values)
        self.places.append(places)
        self.spoilt.append(bad)

    def filled(self, kind: str, number: str) -> pd.DataFrame:
        """What was filled in, in the order of the sheet: row by row, columns from left to right."""
        there = [~bad & ~pd.isna(values) for values, bad in zip(self.values, self.spoilt, strict=True)]
        return self._stacked(there, kind, number, by_row=True)

    def blank(self, kind: str, number: str) -> list[pd.DataFrame]:
        """The good rows that hold no number, column by column; [] if there are none."""
        there = [~bad & pd.isna(values) for values, bad in zip(self.values, self.spoilt, strict=True)]
        found = self._stacked(there, kind, number)
        return [] if found.empty else [found.assign(code=found[kind])]

    def bad(self, kind: str, number: str) -> list[pd.DataFrame]:
        """The bad rows, column by column; [] if there are none."""
        found = self._stacked(self.spoilt, kind, number)
        return [] if found.empty else [found]

    def _stacked(self, chosen: list[Mask], kind: str, number: str, *, by_row: bool = False) -> pd.DataFrame:
        at = [np.flatnonzero(mask) for mask in chosen]
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *at])
        if not len(rows):
            return pd.DataFrame()
        column = np.repeat(np.arange(len(at)), [len(one) for one in at])
        order = np.lexsort((column, rows)) if by_row else np.arange(len(rows))
        taken = {
            "source": np.concatenate([places[one] for places, one in zip(self.places, at, strict=True)]),
            kind: np.array(self.codes, dtype=object)[column],
            number: np.concatenate([values[one] for values, one in zip(self.values, at, strict=True)]),
        }
        return self.beside.take(rows[order]).assign(**{name: each[order] for name, each in taken.items()})
