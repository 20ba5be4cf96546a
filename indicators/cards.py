"""What a scorecard asks for: its items with their curves and targets, and everything known while it is scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.demand import Target
from domain.facts import Strict
from domain.period import Period
from domain.plan import Dimension, Item, Scorecard
from domain.step import LOCAL, LOCAL_MARKS, LOCAL_TARGET, Basis, Phrase
from domain.values import Cite
from indicators.curves import Curve, Scored, curves
from indicators.evaluate import Wanted
from indicators.measures import Measure
from indicators.quantity import MISSING, STATUS
from indicators.ratios import Array, Column, Mask, Ratios
from indicators.weights import Matrix

BY_PLAN = len(STATUS)
"""The state of an item that is not for a unit's tier or form."""
WORDS = {"unasked": "未评价"}
_ABSENT = {"missing": (Phrase(f"{__name__}:unasked"),), "cells": (), "told": ()}
_MARKS = frozenset({"steps", "min_change", "partial", "unchanged"})


@dataclass(frozen=True)
class Line:
    """One item of the card, ready to be scored."""

    dimension: Dimension
    item: Item
    curve: Curve
    params: Strict
    target: Target | None

    @cached_property
    def cites(self) -> tuple[Basis, ...]:
        """The clauses of its pack rule and of its source, or `LOCAL`; and who set its numbers where no rule did."""
        found: list[Basis] = [self.target.cite] if self.target and self.target.cite else []
        found += [str(self.item.source)] if isinstance(self.item.source, Cite) else []
        own = LOCAL_TARGET if self._own_target else LOCAL_MARKS if self._own_marks else ""
        if found and own:
            source = self.item.curve.source or self.item.source
            found += [str(source) if isinstance(source, Cite) else own]
        return tuple(dict.fromkeys(found)) or (LOCAL,)

    @property
    def _own_target(self) -> bool:
        """Whether the plan has a target or a range of its own, other than its pack rule's."""
        if self.target is None or self.target.value is None:
            return self.aim is not None or self.span is not None
        if self.span is not None:
            return self.span != (self.target.value, self.target.upper)
        return self.aim != self.target.value

    @property
    def _own_marks(self) -> bool:
        """Whether the plan says from where on a step or a change counts, or what it earns."""
        return not _MARKS.isdisjoint(self.item.curve.params)

    @cached_property
    def aim(self) -> Fraction | None:
        """The target number: the curve's (its satisfactory value), or the pack rule's."""
        stated: Fraction | None = getattr(self.params, "target", getattr(self.params, "satisfactory", None))
        return stated if stated is not None else (self.target.value if self.target else None)

    @property
    def span(self) -> tuple[Fraction, Fraction] | None:
        """Both ends of the good values, where the curve has a range instead of one target number."""
        band: tuple[Fraction, Fraction] | None = getattr(self.params, "band", None)
        return band if band is not None and band[0] != band[1] else None


@dataclass(frozen=True)
class Placed:
    """An item's measure in the order of the card's units: `at` (units,) is where each stands in it, -1 nowhere."""

    measure: Measure | None
    at: npt.NDArray[np.intp]

    def column(self, column: Column | None) -> Column:
        """A column of the measure, unit by unit; nothing of a measure that is not there."""
        nothing = Column(Ratios.full(0, 0), np.zeros(0, dtype=bool))
        return (column or nothing).take(self.at)

    @cached_property
    def value(self) -> Column:
        """The values, (units,)."""
        return self.column(self.measure.value if self.measure else None)

    @property
    def fractions(self) -> Array:
        """The values as Fractions, (units,), None where there is none."""
        if self.measure is None or not len(self.measure.status):
            return np.full(len(self.at), None, dtype=object)
        found = self.measure.value.fractions[self.at]
        found[self.at < 0] = None
        return found

    @cached_property
    def status(self) -> npt.NDArray[np.int8]:
        """Positions in `STATUS`, (units,); a unit that was not evaluated is missing."""
        if self.measure is None or not len(self.measure.status):
            return np.full(len(self.at), MISSING, dtype=np.int8)
        return np.where(self.at >= 0, self.measure.status[self.at], MISSING).astype(np.int8)

    def rows(self, *names: str) -> list[tuple[Any, ...]]:
        """What is told of the measure (columns of `measures.COLUMNS`), unit by unit."""
        absent = tuple(_ABSENT.get(name) for name in names)
        if self.measure is None:
            return [absent] * len(self.at)
        there = list(zip(*(self.measure.columns[name] for name in names), strict=True))
        return [there[at] if at >= 0 else absent for at in self.at.tolist()]


@dataclass(frozen=True)
class Scoring:
    """A card being scored.

    units: unit_code, name, tier, (units,); lines, measures, answers: per item what is asked, what was measured and what
    its curve says; status: (units, items) positions in `STATUS` or BY_PLAN; kept: (units, items).
    """

    card: Scorecard
    period: Period
    units: pd.DataFrame
    lines: list[Line]
    measures: list[Placed]
    answers: list[Scored]
    status: npt.NDArray[np.int8]
    kept: Mask
    matrix: Matrix

    @cached_property
    def full(self) -> Array:
        """The full marks of every item after re-weighting, (units, items), as Fractions; None where it is left out."""
        marks = self.matrix.full.fractions()[self.matrix.pattern]
        marks[~self.kept] = None
        return marks

    @cached_property
    def score(self) -> Array:
        """The score of every item, (units, items), as Fractions; None where it is left out."""
        columns = [one.fractions(kept) for one, kept in zip(self.matrix.score, self.kept.T, strict=True)]
        return np.stack(columns, axis=1)


def item_title(item: Item) -> str:
    """What people call an item: its code and its name."""
    return f"{item.id} {item.title}".strip()


def item_key(card: Scorecard, item: Item) -> str:
    """The name under which an item's measure is evaluated."""
    return f"{card.id}/{item.id}"


def wanted(card: Scorecard) -> list[Wanted]:
    """The evaluations that a card needs, one per item."""
    return [
        Wanted(item_key(card, item), item.indicator, item.given, card.scope)
        for dimension in card.dimensions
        for item in dimension.items
    ]


def ready_lines(card: Scorecard, targets: Mapping[str, Target]) -> list[Line]:
    """The card's items with their curves; targets: by item id, what the pack rules behind them demand."""
    known = curves()
    return [
        Line(dimension, item, known[item.curve.use], item.curve.given, targets.get(item.id))
        for dimension in card.dimensions
        for item in dimension.items
    ]
