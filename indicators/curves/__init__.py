"""Scoring curves: from an indicator's value to a share of its full marks.

One file per curve. A file holds a docstring, `TITLE`, a `Params` model, `score(readings, params)`, `describe(params)`
and `lean(params)`; it is found by looking into this folder, and its name is the `use` a plan writes. One that counts
line by line says which: `lines(params) -> tuple[str, ...]`; one whose shares may leave 0 to its cap, when it does not:
`bounded(params) -> bool`; `DAYS = True`: its values are days; `FULL_MARKS = True`: it takes points off full marks.

What decides pay is exact: columns are object arrays of Fraction, and every curve computes with whole columns. The
same formulas run on float64 arrays of any shape, for tables where speed matters and nobody is paid. A boolean array
`ok` beside the values says which of them are there; a share that cannot be given is None (exact) or NaN (float),
never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from domain.demand import Lean
from domain.facts import Strict
from domain.modules import modules
from domain.money import exact

Array: TypeAlias = npt.NDArray[Any]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """A column: `value` object array of Fraction or float64 array; `ok` (same shape) False where there is none."""

    value: Array
    ok: Mask

    def filled(self, stand_in: int = 0) -> Array:
        """The values with `stand_in` where there is none, so that formulas run over the whole column."""
        filled = self.value.copy()
        filled[~self.ok] = like(self.value, Fraction(stand_in))
        return filled


@dataclass(frozen=True)
class Readings:
    """What a curve may look at, all arrays of one shape, (units,).

    value: the indicator; previous: the same in the period to compare with (`trend`); lines: numbers by code
    (`deduction`, `checklist`); done: `date` objects or None (`milestone`); as_of: the day of the evaluation
    (`milestone`); full_marks: of the indicator, in points (`deduction`).
    """

    value: Column
    previous: Column | None = None
    lines: Mapping[str, Column] = field(default_factory=dict)
    done: Array | None = None
    as_of: date | None = None
    full_marks: Fraction | None = None


@dataclass(frozen=True)
class Scored:
    """What a curve says of each unit.

    share: part of full marks, in [0, cap]; `efficacy` without clipping may leave it. None or NaN where not `ok`.
    ok: whether there is a share. applicable: False where the curve does not ask yet (a milestone not due);
    not `ok` but `applicable` means that a value is missing. parts: by line of `deduction` the points it takes, of
    `checklist` whether the item is done; None or NaN where that line's number is missing.
    """

    share: Array
    ok: Mask
    applicable: Mask
    parts: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Curve:
    """One curve: its code, Chinese name, parameters, `score(readings, params)` and `describe(params)` in words.

    lean: what the curve rewards with these parameters, None where it compares the value with no number. `score` raises
    ValueError if the readings lack a column that it needs altogether. lines to full_marks: see above.
    """

    use: str
    title: str
    params: type[Strict]
    score: Callable[[Readings, Any], Scored]
    describe: Callable[[Any], str]
    lean: Callable[[Any], Lean | None]
    lines: Callable[[Any], tuple[str, ...]]
    bounded: Callable[[Any], bool]
    days: bool
    full_marks: bool


def _no_lines(_params: Strict) -> tuple[str, ...]:
    return ()


def _always(_params: Strict) -> bool:
    return True


def like(array: Array, number: Fraction) -> Any:
    """`number` in the arithmetic of `array`: a float beside floats, otherwise exact."""
    return float(number) if array.dtype.kind == "f" else number


def blanked(array: Array, ok: Mask) -> Array:
    """A copy of `array` with nothing (NaN beside floats, otherwise None) where not `ok`."""
    kept = array.copy()
    kept[~ok] = np.nan if array.dtype.kind == "f" else None
    return kept


def scored(
    share: Array, ok: Mask, *, applicable: Mask | None = None, parts: Mapping[str, Array] | None = None
) -> Scored:
    """The answer of a curve, with the shares that cannot be given taken out again.

    Raises ValueError if a float got into an exact column.
    """
    if share.dtype.kind != "f":
        share = np.asarray(np.frompyfunc(exact, 1, 1)(share), dtype=object)
    if applicable is None:
        applicable = np.ones(ok.shape, dtype=bool)
    return Scored(blanked(share, ok), ok, applicable, dict(parts or {}))


@cache
def curves() -> dict[str, Curve]:
    """Every curve of this folder by its `use` (the file's name)."""
    return {
        use: Curve(
            use,
            code.TITLE,
            code.Params,
            code.score,
            code.describe,
            code.lean,
            getattr(code, "lines", _no_lines),
            getattr(code, "bounded", _always),
            getattr(code, "DAYS", False),
            getattr(code, "FULL_MARKS", False),
        )
        for use, code in modules(__name__).items()
    }
