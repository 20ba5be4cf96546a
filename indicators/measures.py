"""What was measured: every wanted indicator for every unit of its scope, as columns and as a table to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.plan import Scope
from domain.step import Phrase
from indicators.quantity import MISSING, STATUS, Notes, gathered
from indicators.ratios import Array, Column

COLUMNS = (
    "scope",
    "unit_code",
    "key",
    "indicator",
    "numerator",
    "denominator",
    "per",
    "value",
    "previous",
    "status",
    "missing",
    "cells",
    "told",
    "version",
)


@dataclass(frozen=True)
class Measure:
    """One indicator with its params for every unit of a scope, (units,).

    status: (units,) positions in `STATUS`; value, previous (the same indicator in the period compared with), numerator,
    denominator (None: a plain number): exact columns; per: what the quotient is multiplied by; version: of the
    indicator's definition; lines: of an indicator that counts by line, each line's number by code. lacking, cells,
    told: as `Quantity` and `Reading` have them. read: the catalogue codes that it was read from.
    """

    scope: Scope
    indicator: str
    status: npt.NDArray[np.int8]
    value: Column
    previous: Column
    numerator: Column
    denominator: Column | None = None
    per: Fraction = Fraction(1)
    version: str = "1"
    lines: Mapping[str, Column] = field(default_factory=dict)
    lacking: Notes = ()
    cells: Notes = ()
    told: Notes = ()
    read: frozenset[str] = frozenset()

    @cached_property
    def missing(self) -> list[tuple[Phrase, ...]]:
        """Which facts a unit lacks; of a unit that is not missing, nothing."""
        found = gathered(self.lacking, len(self.status))
        return [one if state == MISSING else () for one, state in zip(found, self.status, strict=True)]

    @cached_property
    def sources(self) -> list[tuple[str, ...]]:
        """The source cells of each unit's value, with those of a previous value."""
        return gathered(self.cells, len(self.status))

    @cached_property
    def remarks(self) -> list[tuple[Phrase, ...]]:
        """What the number alone does not say."""
        return gathered(self.told, len(self.status))

    @cached_property
    def numbers(self) -> dict[str, Array]:
        """Its numbers column by column: Fractions, or None where there is no number; and their status."""
        return {
            "numerator": self.numerator.fractions,
            "denominator": self.denominator.fractions if self.denominator else np.full(len(self.status), None),
            "value": self.value.fractions,
            "previous": self.previous.fractions,
            "status": np.array(STATUS, dtype=object)[self.status],
        }

    @cached_property
    def columns(self) -> dict[str, Any]:
        """What a table shows of it, column by column."""
        return {
            **self.numbers,
            "per": [self.per] * len(self.status),
            "missing": self.missing,
            "cells": self.sources,
            "told": self.remarks,
            "version": [self.version] * len(self.status),
        }


@dataclass(frozen=True)
class Measures:
    """What was evaluated, by key (keys that ask for the same share one `Measure`); units: codes by scope, ascending."""

    by_key: Mapping[str, Measure]
    units: Mapping[Scope, Array]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Columns COLUMNS, sorted by scope, unit code and key."""
        return self.of(self.by_key)

    def of(self, keys: Iterable[str]) -> pd.DataFrame:
        """The rows of `table` of some keys.

        numerator, denominator, value and previous are Fraction or None; status ok | missing | not_applicable; missing
        (which facts) and told: tuples of phrases; cells: tuples of texts.
        """
        rows = []
        for key in sorted(keys):
            one = self.by_key[key]
            cells = zip(*(one.columns[name] for name in COLUMNS[4:]), strict=True)
            codes = self.units[one.scope]
            rows += [(one.scope, code, key, one.indicator, *shown) for code, shown in zip(codes, cells, strict=True)]
        rows.sort(key=itemgetter(0, 1))
        return pd.DataFrame({name: _objects(column) for name, column in zip(COLUMNS, _columns(rows), strict=True)})


def _columns(rows: list[tuple[Any, ...]]) -> list[Any]:
    return list(zip(*rows, strict=True)) or [()] * len(COLUMNS)


def _objects(cells: Sequence[Any]) -> Array:
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column
