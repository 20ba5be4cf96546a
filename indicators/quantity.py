"""One exact number per unit, with its state, the cells it was read from and the facts it lacks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from indicators.ratios import Array, Mask, Ratios

Notes = tuple[tuple[Array, Array], ...]

OK, MISSING, NOT_APPLICABLE = 0, 1, 2
STATUS = ("ok", "missing", "not_applicable")


@dataclass(frozen=True)
class Quantity:
    """One number per unit.

    value: (units,), 0 where there is none; state: (units,) OK, MISSING or NOT_APPLICABLE. cells, lacking: pairs of
    arrays (position, text): the cells read, and the facts that are missing.
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


def gathered(notes: Notes, units: int) -> list[tuple[str, ...]]:
    """The texts of each position, in the order they were noted, each once."""
    found: list[dict[str, None]] = [{} for _ in range(units)]
    for at, texts in notes:
        for unit, text in zip(at.tolist(), texts.tolist(), strict=True):
            found[unit][text] = None
    return [tuple(texts) for texts in found]


def noted_where(notes: Notes, which: Mask) -> Notes:
    """The texts of the positions that are marked in `which`."""
    return tuple((at[which[at]], text[which[at]]) for at, text in notes)
