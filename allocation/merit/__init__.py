"""What members share in proportion to: one file per use, found by looking into the folder.

A file holds a docstring, `TITLE`, a `Params` model and `merit(context, params) -> Merits`; its name is the `use` a
plan writes. Merits are exact rationals ≥ 0 and depend on the member's own figures only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from allocation.context import PoolContext
from domain.facts import Strict
from domain.modules import modules
from domain.trace import Trace


@dataclass(frozen=True)
class Merits:
    """Merit by unit code, for every member that shares in the pool, and how each came about (by unit code)."""

    values: Mapping[str, Fraction]
    traces: tuple[Trace, ...]


@dataclass(frozen=True)
class Measure:
    """One merit formula: its code, Chinese name, parameters and function."""

    use: str
    title: str
    params: type[Strict]
    merit: Callable[[PoolContext, Any], Merits]


@cache
def merits() -> dict[str, Measure]:
    """Every merit formula, by its `use` (the file's name)."""
    return {use: Measure(use, code.TITLE, code.Params, code.merit) for use, code in modules(__name__).items()}


def merit(context: PoolContext) -> Merits:
    """The merits of the members that share in `context`'s pool, as its plan entry says.

    Raises InputProblems for every missing score or fact at once, pydantic.ValidationError for wrong params.
    """
    measure = merits()[context.pool.merit.use]
    return measure.merit(context, measure.params.model_validate(dict(context.pool.merit.params)))


def prorated(context: PoolContext, months: int) -> Fraction:
    """Whole months of membership as a part of the period."""
    return Fraction(months, context.period.months)
