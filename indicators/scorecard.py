"""Scorecards: measures and curves to points, with the plan's rules for gaps, grades and ranks.

Everything is exact; nothing is rounded before it is printed. A rank is for reading only: it never feeds a score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.demand import Target
from domain.institution import Form, Tier
from domain.period import Period
from domain.plan import Scorecard
from domain.problems import InputProblems, Problem
from domain.step import Phrase, Step
from indicators.cards import BY_PLAN, Line, Placed, Scoring, item_key, ready_lines
from indicators.curves import Readings, Scored
from indicators.measures import Measures
from indicators.quantity import MISSING, NOT_APPLICABLE, OK, STATUS
from indicators.ratios import Array, Ratios
from indicators.stories import stories
from indicators.weights import weigh

WORDS = {"refused": "{item:title} 不能评分: {why:join ; }", "missing": "缺数据", "not_applicable": "不适用"}


@dataclass(frozen=True)
class Refusal:
    """A value that a card does not go on without: whose, a stable code, and what is said of it."""

    unit: str
    code: str
    said: Phrase


class NotScored(Exception):
    """A card refuses to go on without values; `refused` holds all of them, by code, unit and item."""

    def __init__(self, refused: Sequence[Refusal]) -> None:
        self.refused = tuple(refused)
        super().__init__(f"{len(self.refused)} values are lacking")


@dataclass(frozen=True)
class CardResult:
    """One scorecard of all its units; columns and stories are made when they are asked for."""

    scoring: Scoring

    @cached_property
    def scored(self) -> dict[str, Array]:
        """A row per unit and item, column by column, sorted by unit code, in the card's order.

        value, target, full_marks (after re-weighting) and score are Fraction or None.
        """
        return _scores(self.scoring)

    @cached_property
    def totalled(self) -> dict[str, Array]:
        """A row per unit, column by column, sorted by unit code; score and rank are None where nothing is left."""
        return _totals(self.scoring)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The story of every score."""
        return stories(self.scoring, self.totalled)


Keep = Callable[[Line, Placed, Callable[[], Scored]], Scored]
"""Gives what a line's curve says: as it was said before of the same, or what the function makes."""


def _made(_line: Line, _placed: Placed, make: Callable[[], Scored]) -> Scored:
    return make()


def score(
    card: Scorecard,
    measures: Measures,
    units: pd.DataFrame,
    targets: Mapping[str, Target],
    period: Period,
    keep: Keep = _made,
) -> CardResult:
    """Score the units of a card.

    measures: of `wanted(card)`; units: unit_code, name, tier of those to score (member cards: only the card's tiers are
    taken; alliance cards: only its forms, and units have a column form wherever forms are named); targets: by item id,
    for items whose pack rule has one; keep: where answers of curves are kept from run to run (`Keep`). Items whose
    tiers or forms do not include a unit are re-weighted. Raises NotScored where the card says `refuse`, InputProblems
    for values that a curve cannot take.
    """
    taken = _taken(card, units)
    lines = ready_lines(card, targets)
    there = pd.Index(measures.units.get(card.scope, ()), dtype=object)
    at = there.get_indexer(pd.Index(taken["unit_code"], dtype=object))
    placed = [Placed(measures.by_key.get(item_key(card, line.item)), at) for line in lines]
    answers = [keep(line, one, partial(_answer, line, one, period)) for line, one in zip(lines, placed, strict=True)]
    status = _status(lines, placed, answers, taken)
    _refuse(card, lines, placed, status, taken)
    rules = {MISSING: card.missing, NOT_APPLICABLE: card.not_applicable, BY_PLAN: "reweight"}
    share = [Ratios.where(state == OK, answer.share, 0) for state, answer in zip(status.T, answers, strict=True)]
    kept = np.ones(status.shape, dtype=bool)
    for gap, rule in rules.items():
        if rule == "reweight":
            kept &= status != gap
        elif rule == "full":
            share = [Ratios.where(state == gap, 1, one) for state, one in zip(status.T, share, strict=True)]
    points = [line.item.points for line in lines]
    order = [dimension.id for dimension in card.dimensions]
    matrix = weigh(share, kept, points, np.array([order.index(line.dimension.id) for line in lines]))
    return CardResult(Scoring(card, period, taken, lines, placed, answers, status, kept, matrix))


def _taken(card: Scorecard, units: pd.DataFrame) -> pd.DataFrame:
    """The units that a card scores, by unit code."""
    kept = np.ones(len(units), dtype=bool)
    if card.scope == "member" and card.tiers:
        kept &= _among(units, "tier", card.tiers)
    if card.forms:
        kept &= _among(units, "form", card.forms)
    rows = np.flatnonzero(kept)
    order = np.argsort(units["unit_code"].to_numpy(dtype=object)[rows], kind="stable")
    return units.iloc[rows[order]].reset_index(drop=True)


def _among(units: pd.DataFrame, column: str, wanted: Iterable[Tier | Form]) -> npt.NDArray[np.bool_]:
    """Whether each unit is of one of the tiers or forms."""
    codes = {one.value for one in wanted}
    return np.array([str(one) in codes for one in units[column].to_numpy(dtype=object)], dtype=bool)


def _answer(line: Line, placed: Placed, period: Period) -> Scored:
    measure = placed.measure
    readings = Readings(
        value=placed.value,
        previous=placed.column(measure.previous if measure else None),
        lines={code: placed.column(column) for code, column in (measure.lines if measure else {}).items()},
        as_of=period.end,
        full_marks=line.item.points,
    )
    try:
        return line.curve.score(readings, line.params)
    except ValueError as error:
        where = line.item.at or line.item.id
        raise InputProblems([Problem(where, "CURVE-VALUES", str(error), "核对该项的数据与评分办法")]) from error


def _status(
    lines: list[Line], placed: list[Placed], answers: list[Scored], units: pd.DataFrame
) -> npt.NDArray[np.int8]:
    """(units, items) of OK, MISSING, NOT_APPLICABLE, and BY_PLAN where the item is not for the unit's tier or form."""
    status = np.empty((len(units), len(lines)), dtype=np.int8)
    for at, (line, one, answer) in enumerate(zip(lines, placed, answers, strict=True)):
        lacking = np.where(answer.applicable & (one.status != NOT_APPLICABLE), MISSING, NOT_APPLICABLE)
        status[:, at] = np.where(answer.ok, OK, lacking)
        if line.item.tiers:
            status[~_among(units, "tier", line.item.tiers), at] = BY_PLAN
        if line.item.forms:
            status[~_among(units, "form", line.item.forms), at] = BY_PLAN
    return status


def _refuse(
    card: Scorecard, lines: list[Line], placed: list[Placed], status: npt.NDArray[np.int8], units: pd.DataFrame
) -> None:
    refused = []
    codes = units["unit_code"].to_numpy(dtype=object)
    for state, rule, code, why in (
        (MISSING, card.missing, "SCORE-MISSING", "missing"),
        (NOT_APPLICABLE, card.not_applicable, "SCORE-NOT-APPLICABLE", "not_applicable"),
    ):
        if rule != "refuse":
            continue
        for unit, item in np.argwhere(status == state):
            ((gaps,),) = Placed(placed[item].measure, placed[item].at[[unit]]).rows("missing")
            values = {"item": item_key(card, lines[item].item), "why": gaps or (Phrase(f"{__name__}:{why}"),)}
            refused.append(Refusal(str(codes[unit]), code, Phrase(f"{__name__}:refused", values)))
    if refused:
        raise NotScored(refused)


def _named(scoring: Scoring, repeat: int = 1) -> dict[str, Array]:
    rows = len(scoring.units) * repeat
    return {
        "scope": _all(scoring.card.scope, rows),
        "unit_code": np.repeat(scoring.units["unit_code"].to_numpy(dtype=object), repeat),
        "scorecard": _all(scoring.card.id, rows),
    }


def _totals(scoring: Scoring) -> dict[str, Array]:
    card, total = scoring.card, scoring.matrix.total.fractions(scoring.matrix.any_left)
    scored = sorted((value for value in total if value is not None), reverse=True)
    first = {value: at + 1 for at, value in reversed(list(enumerate(scored)))}
    grades = sorted(card.grades, key=lambda grade: grade.min, reverse=True)

    def grade(value: Fraction | None) -> str:
        return next((each.title for each in grades if value is not None and value >= each.min), "")

    return {
        **_named(scoring),
        "score": total,
        "grade": _objects([grade(value) for value in total]),
        "rank": _objects([first.get(value) for value in total]),
    }


def _scores(scoring: Scoring) -> dict[str, Array]:
    lines = scoring.lines

    def each(values: list[Any]) -> Array:
        return np.tile(_objects(values), len(scoring.units))

    value = np.stack([one.fractions for one in scoring.measures], axis=1)
    return {
        **_named(scoring, len(lines)),
        "dimension": each([line.dimension.id for line in lines]),
        "item": each([line.item.id for line in lines]),
        "value": value.ravel(),
        "target": each([line.aim for line in lines]),
        "full_marks": scoring.full.ravel(),
        "score": scoring.score.ravel(),
        "rule": each([line.item.rule or "" for line in lines]),
        "cite": each([line.cites for line in lines]),
        "status": np.array([*STATUS, "not_applicable"], dtype=object)[scoring.status].ravel(),
    }


def _objects(cells: list[Any]) -> Array:
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


def _all(value: object, rows: int) -> Array:
    return np.full(rows, value, dtype=object)
