"""Scoring curves: from an indicator's value to a share of its full marks.

One file per curve. A file holds a docstring, `TITLE`, `WORDS`, a `Params` model with its `KEYS`, `score(readings,
params)`, `describe(params)` and `lean(params)`; it is found by looking into this folder, and its name is the `use` a
plan writes. One that compares the value with numbers says which: `marks(params) -> Marks`; one that counts line by
line says which: `lines(params) -> tuple[str, ...]`; one whose shares may leave 0 to its cap, when it does not:
`bounded(params)`; `DAYS = True`: its values are days; `FULL_MARKS = True`: it takes points off full marks.

Everything is exact: a column is Ratios, two arrays of whole numbers, and every curve compares and clips whole columns.
A boolean array `ok` beside the values says which of them are there; a share that cannot be given is not `ok`, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from domain.demand import Lean
from domain.facts import Strict
from domain.modules import modules
from domain.step import Phrase
from indicators.ratios import Column, Mask, Ratios


@dataclass(frozen=True)
class Readings:
    """What a curve may look at, all columns of one length, (units,).

    value: the indicator; previous: the same in the period to compare with (`trend`); lines: numbers by code
    (`deduction`, `checklist`); as_of: the day of the evaluation (`milestone`); full_marks: of the indicator, in points
    (`deduction`).
    """

    value: Column
    previous: Column | None = None
    lines: Mapping[str, Column] = field(default_factory=dict)
    as_of: date | None = None
    full_marks: Fraction | None = None


@dataclass(frozen=True)
class Scored:
    """What a curve says of each unit.

    share: part of full marks, in [0, cap]; `efficacy` without clipping may leave it. Without meaning where not `ok`.
    ok: whether there is a share. applicable: False where the curve does not ask yet (a milestone not due);
    not `ok` but `applicable` means that a value is missing. parts: by line of `deduction` the points it takes, of
    `checklist` whether the item is done; not `ok` where that line's number is missing.
    """

    share: Ratios
    ok: Mask
    applicable: Mask
    parts: Mapping[str, Column] = field(default_factory=dict)


Marks = tuple[tuple[str, Fraction], ...]
"""Numbers in the indicator's unit, by the name of the parameter that states them."""


@dataclass(frozen=True)
class Curve:
    """One curve: its code, Chinese name, parameters, `score(readings, params)` and what `describe(params)` says of it.

    lean: what the curve rewards with these parameters, None where it compares the value with no number. `score` raises
    ValueError if the readings lack a column that it needs altogether. marks to full_marks: see above.
    """

    use: str
    title: str
    params: type[Strict]
    score: Callable[[Readings, Any], Scored]
    describe: Callable[[Any], Phrase]
    lean: Callable[[Any], Lean | None]
    marks: Callable[[Any], Marks]
    lines: Callable[[Any], tuple[str, ...]]
    bounded: Callable[[Any], bool]
    days: bool
    full_marks: bool


def _none(_params: Strict) -> tuple[()]:
    return ()


def _always(_params: Strict) -> bool:
    return True


def scored(
    share: Ratios, ok: Mask, *, applicable: Mask | None = None, parts: Mapping[str, Column] | None = None
) -> Scored:
    """The answer of a curve; it asks everybody unless `applicable` says otherwise."""
    return Scored(share, ok, np.ones(ok.shape, dtype=bool) if applicable is None else applicable, dict(parts or {}))


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
            getattr(code, "marks", _none),
            getattr(code, "lines", _none),
            getattr(code, "bounded", _always),
            getattr(code, "DAYS", False),
            getattr(code, "FULL_MARKS", False),
        )
        for use, code in modules(__name__).items()
    }
