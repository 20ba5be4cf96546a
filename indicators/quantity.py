"""One exact number per unit, with its state, the cells it was read from and the facts it lacks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from indicators.ratios import Array, Mask, Ratios

Notes = tuple[tuple[Array, Array], ...]
"""Pairs of arrays: positions, and what is noted of each (source cells, or phrases)."""

OK, MISSING, NOT_APPLICABLE = 0, 1, 2
STATUS = ("ok", "missing", "not_applicable")


@dataclass(frozen=True)
class Quantity:
    """One number per unit.

    value: (units,), 0 where there is none; state: (units,) OK, MISSING or NOT_APPLICABLE. cells, lacking: pairs of
    arrays: positions with the cells read (texts), and with the facts that are missing (phrases).
    """

    value: Ratios
    state: npt.NDArray[np.int8]
    cells: Notes = ()
    lacking: Notes = ()

    def _with(self, other: Quantity, value: Ratios) -> Quantity:
        return Quantity(
            value, np.maximum(self.state, other.state), self.cells + other.cells, self.lacking + other.lacking
        )

    def __add__(self, other: Quantity) -> Quantity:
        return self._with(other, self.value + other.value)

    def __sub__(self, other: Quantity) -> Quantity:
        return self._with(other, self.value - other.value)

    def __mul__(self, factor: Fraction | int) -> Quantity:
        return replace(self, value=self.value * factor)

    def times(self, other: Quantity) -> Quantity:
        """The product of two, unit by unit (a yes-or-no fact picks)."""
        return self._with(other, self.value * other.value)

    def over(self, number: int) -> Quantity:
        """The quantity divided by a number (12 person-months are a person-year)."""
        return self * Fraction(1, number)

    def least(self, other: Quantity) -> Quantity:
        """The smaller of two, unit by unit."""
        return self._with(other, self.value.smaller(other.value))

    def unless(self, has: Array, other: Quantity) -> Quantity:
        """This one, but the `other` where `has` is set."""
        return Quantity(
            Ratios.where(has, other.value, self.value),
            np.where(has, other.state, self.state),
            noted_where(other.cells, has) + noted_where(self.cells, ~has),
            noted_where(other.lacking, has) + noted_where(self.lacking, ~has),
        )


def gathered(notes: Notes, units: int) -> list[tuple[Any, ...]]:
    """What is noted of each position, in the order it was noted, each once."""
    found: list[dict[Any, None]] = [{} for _ in range(units)]
    for at, noted in notes:
        for unit, one in zip(at.tolist(), noted.tolist(), strict=True):
            found[unit][one] = None
    return [tuple(noted) for noted in found]


def noted_where(notes: Notes, which: Mask) -> Notes:
    """What is noted of the positions that are marked in `which`."""
    return tuple((at[which[at]], noted[which[at]]) for at, noted in notes)
