"""Scorecards once more, one unit and one number after another in Fractions: what the columns of Ratios must agree with.

Nothing of `indicators` is used but the curves' params. A number is a Fraction, MISSING or NOT_APPLICABLE.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

MISSING, NOT_APPLICABLE = "missing", "not_applicable"
Cell = Fraction | str
ZERO, ONE = Fraction(0), Fraction(1)


def quotient(above: Cell, below: Cell, per: Fraction) -> Cell:
    """above / below × per; a zero denominator is not applicable, and the worse state of the two holds."""
    states = {side for side in (above, below) if isinstance(side, str)}
    if states:
        return NOT_APPLICABLE if NOT_APPLICABLE in states else MISSING
    return NOT_APPLICABLE if below == 0 else above * per / below  # type: ignore[operator]


def between(low: Fraction, value: Fraction, high: Fraction) -> Fraction:
    return max(low, min(value, high))


def attainment(x: Fraction, p: Any) -> Fraction:
    if p.band is not None:
        low, high = p.band
        outside = max(low - x, x - high, ZERO)
        if not p.tolerance:
            return ONE if outside == 0 else ZERO
        return between(ZERO, 1 - outside / p.tolerance, ONE)
    if p.form == "ratio":
        return p.cap if x <= 0 else min(p.cap, p.target / x)
    floor = p.floor or ZERO
    return between(ZERO, (x - floor) / (p.target - floor), p.cap)


def steps(x: Fraction, p: Any) -> Fraction:
    reached = [
        (step.min if step.min is not None else -step.max, step.share)
        for step in p.steps
        if (x >= step.min if step.min is not None else x <= step.max)
    ]
    return max(reached)[1] if reached else p.below


def efficacy(x: Fraction, p: Any) -> Fraction:
    mark = (x - p.unacceptable) / (p.satisfactory - p.unacceptable) * 40 + 60
    return (between(Fraction(60), mark, Fraction(100)) if p.clip else mark) / 100


def trend(change: Fraction, p: Any) -> Fraction:
    wanted = change if p.direction == "up" else -change
    if wanted < 0:
        return ZERO
    if wanted == 0:
        return p.unchanged
    return ONE if wanted >= p.min_change else p.partial


def milestone(x: Fraction, p: Any, as_of: date) -> Fraction | None:
    """None where the curve does not ask yet."""
    digits = int(x)
    day = date(digits // 10000, digits // 100 % 100, digits % 100) if digits else None
    if day is None or day > as_of:
        return ZERO if as_of >= p.by else None
    late = (day - p.by).days
    if late <= 0:
        return ONE
    return next((band.share for band in sorted(p.late, key=lambda one: one.days) if late <= band.days), ZERO)


def answer(
    use: str, p: Any, value: Cell, before: Cell, *, lines: Mapping[str, Cell], as_of: date, full: Fraction
) -> Cell:
    """The share of full marks of one unit, or the state of the item."""
    if use == "deduction" or (use == "checklist" and p.items):
        codes = p.items if use == "checklist" else [line.count for line in p.lines]
        counts = [lines[code] for code in codes]
        if any(isinstance(count, str) for count in counts):
            return NOT_APPLICABLE if value == NOT_APPLICABLE else MISSING
        if use == "checklist":
            done = sum(counts, ZERO)  # type: ignore[arg-type]
            return done / len(counts) if p.mode == "share" else Fraction(done == len(counts))
        lost = sum((count * line.points for count, line in zip(counts, p.lines, strict=True)), ZERO)  # type: ignore[operator]
        return max(ZERO, full - lost) / full
    if isinstance(value, str):
        return value
    if use == "trend":
        return MISSING if isinstance(before, str) else trend(value - before, p)
    if use == "milestone":
        share = milestone(value, p, as_of)
        return NOT_APPLICABLE if share is None else share
    if use == "checklist":
        return value / p.of if p.mode == "share" else Fraction(value == p.of)
    return {"attainment": attainment, "steps": steps, "efficacy": efficacy}[use](value, p)


def scored(
    answers: Sequence[Cell], points: Sequence[Fraction], dimension: Sequence[int], rules: Mapping[str, str]
) -> tuple[list[Fraction | None], list[Fraction | None], Fraction | None]:
    """Full marks and scores of one unit's items (None where left out) and their total (None where all are)."""
    share = [{"full": ONE}.get(rules[one], ZERO) if isinstance(one, str) else one for one in answers]
    kept = [not (isinstance(one, str) and rules[one] == "reweight") for one in answers]
    whole, left = [dict.fromkeys(set(dimension), ZERO) for _ in range(2)]
    for has, mark, group in zip(kept, points, dimension, strict=True):
        whole[group] += mark
        left[group] += mark if has else 0
    alive = sum((whole[group] for group in whole if left[group]), ZERO)
    full = [
        mark * whole[group] / left[group] * sum(points, ZERO) / alive if has else None
        for has, mark, group in zip(kept, points, dimension, strict=True)
    ]
    score = [None if mark is None else mark * part for mark, part in zip(full, share, strict=True)]
    return full, score, sum((one for one in score if one is not None), ZERO) if any(kept) else None
