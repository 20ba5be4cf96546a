"""The kinds of checks: one file per kind, found by looking into this folder; its name is the `use` of a check.

A file has

    TITLE         what the kind is called in Chinese
    WORDS         what it says (`domain.step.Phrase`)
    KEYS          what its params are called in Chinese (`domain.key`)
    Params        what a check of this kind states; codes of the catalogue stand in fields called as CODES says
    find(params, looked) -> Iterator[Hit]      what is not as expected, whole columns at a time

and is given what it looks at as `Looked`: the figures of the period and of others, and what the pools came to. It may
have

    asks(params, catalogue) -> code -> bool    of which metrics and items it looks at figures, of a kind that looks at
                                               nothing else but the region: the answer stands while these do
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd

from domain.facts import Catalogue, Strict
from domain.modules import modules
from domain.period import Period
from domain.selection import Array
from domain.step import Phrase
from engine.checks.rows import Figures, Rows, plain, pool_of

CODES = ("codes", "numerator", "denominator", "without")
"""The fields of Params that name metrics and items of the catalogue."""
WORDS = {
    "code": "{code:title}",
    "pooled": "{code:title} ({pool:title})",
    "between": "{least} 至 {most}",
    "least": "不小于 {least}",
    "most": "不大于 {most}",
}
_SLACK = 1e-9  # what floats may be off by, and a thousand times more


@dataclass(frozen=True)
class Hit:
    """Something not as expected: the unit, the rows to look at (positions, the likeliest first), what it is and was.

    value: None where there is none; least, most: between which it was expected (None: no bound).
    """

    unit: str
    rows: tuple[int, ...]
    what: Phrase
    value: Fraction | None
    least: Fraction | None = None
    most: Fraction | None = None

    @property
    def expected(self) -> Phrase | str:
        """The range in words."""
        if self.least is None and self.most is None:
            return ""
        words = "most" if self.least is None else "least" if self.most is None else "between"
        return Phrase(f"{__name__}:{words}", {"least": self.least, "most": self.most})


@dataclass(frozen=True)
class Looked:
    """What checks look at. pools: the frame `pools` of the run; members: alliance_code and unit_code of the period."""

    table: Rows
    catalogue: Catalogue
    period: Period
    pools: pd.DataFrame
    members: pd.DataFrame
    _figures: dict[Period, Figures] = field(default_factory=dict, repr=False, compare=False)
    _of_tiers: dict[tuple[str, ...], Array] = field(default_factory=dict, repr=False, compare=False)

    def at(self, period: Period) -> Figures:
        """The figures of a period, made when they are first asked for."""
        if period not in self._figures:
            self._figures[period] = Figures.of(self.table, period)
        return self._figures[period]

    @property
    def now(self) -> Figures:
        """The figures of the period itself."""
        return self.at(self.period)

    @cached_property
    def unit(self) -> dict[str, int]:
        """Where a unit stands."""
        return {str(code): at for at, code in enumerate(self.table.units)}

    def of_tiers(self, tiers: Sequence[str]) -> Array:
        """Which units are of these tiers, (units,) bool; none named: all."""
        key = tuple(tiers)
        if key not in self._of_tiers:
            there = (not key or tier in key for tier in map(str, self.table.tiers))
            self._of_tiers[key] = np.fromiter(there, bool, len(self.table.units))
        return self._of_tiers[key]

    @cached_property
    def alliances(self) -> dict[str, list[str]]:
        """The unit codes of the members of each alliance, by alliance code ascending."""
        found: dict[str, list[str]] = {}
        columns = (self.members[name].tolist() for name in ("alliance_code", "unit_code"))
        for alliance, unit in zip(*columns, strict=True):
            found.setdefault(str(alliance), []).append(str(unit))
        return dict(sorted(found.items()))

    @cached_property
    def belonging(self) -> Array:
        """Which units belong to an alliance in the period, (units,) bool."""
        members = set(self.members["unit_code"].tolist())
        return np.fromiter((unit in members for unit in self.table.units), bool, len(self.table.units))


@dataclass(frozen=True)
class Kind:
    """One kind of checks by its `use`."""

    use: str
    title: str
    params: type[Strict]
    find: Callable[[Any, Looked], Iterator[Hit]]
    asks: Callable[[Any, Catalogue], Callable[[str], bool]] | None = None


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of this folder by its `use` (the file's name)."""
    return {
        use: Kind(use, code.TITLE, code.Params, code.find, getattr(code, "asks", None))
        for use, code in modules(__name__).items()
    }


def outside(value: Array, least: Array | float, most: Array | float) -> Array:
    """Positions of values that are or may be outside their range; NaN is nowhere. To be looked at exactly."""
    with np.errstate(invalid="ignore"):
        low = value < least + _SLACK * np.abs(least)
        high = value > most - _SLACK * np.abs(most)
    return np.flatnonzero(low | high)


def beyond(value: Fraction, least: Fraction | None, most: Fraction | None) -> bool:
    """Whether an exact value is outside its range; the ends belong to it."""
    return (least is not None and value < least) or (most is not None and value > most)


def named(codes: Iterable[str]) -> tuple[Phrase, ...]:
    """Codes as they are called."""
    return tuple(_named(code) for code in codes)


def _named(code: str) -> Phrase:
    pool = pool_of(code)
    values: Mapping[str, str] = {"code": plain(code), "pool": pool} if pool else {"code": code}
    return Phrase(f"{__name__}:{'pooled' if pool else 'code'}", values)
