"""The level at which a sum is reached: t with Σ clip(t·weight, low, high) = target, exactly.

Floats only guess who stands at which bound. Whole numbers then give the level that follows and the amounts at it. The
sum rises with the level: where these amounts add up to the target they are the ones, whatever the guess was.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from allocation.exact.tableau import Ratio

_TRIES = 4  # exact ones, after the guesses by floats
_OFF, _RATE = 1e-9, 1e-18
"""By so much of a level floats may be wrong, and by far less where no rate is below _RATE."""


class Filled(NamedTuple):
    """Amounts in 1/level[1] of what the bounds are counted in, the level they stand at, and whether they add up."""

    amounts: list[int]
    level: Ratio
    right: bool


class Rising(NamedTuple):
    """Members that rise together: 0 ≤ low ≤ high, equal where the weight is 0, in 1/unit fen.

    rates: the weights over `top`, as floats above 0; ends: what of them is the high bound in fen, ascending.
    """

    weights: Sequence[int]
    low: Sequence[int]
    high: Sequence[int]
    rates: Sequence[float]
    ends: Sequence[float]
    unit: int
    top: int

    def at(self, level: Ratio) -> list[int]:
        """Amounts at a level n/d, in 1/d of what the bounds are counted in.

        Floats tell who is full, low or between; whole numbers, of who is nearly at a bound.
        """
        n, d = level
        below, above = self._about(level)
        whole = zip(self.weights, self.high, self.ends, strict=True)
        if not any(self.low):
            return [d * hi if end < below else n * w if end > above else min(n * w, d * hi) for w, hi, end in whole]
        starts = self.starts()
        return [
            d * hi
            if end < below
            else d * lo
            if start > above
            else n * w
            if start < below and end > above
            else max(d * lo, min(n * w, d * hi))
            for (w, hi, end), lo, start in zip(whole, self.low, starts, strict=True)
        ]

    def _about(self, level: Ratio) -> tuple[float, float]:
        """A level beside the ends: surely above the first, surely below the second."""
        n, d = level
        if min(self.rates, default=1.0) > _RATE:
            try:
                about = n * self.top / (d * self.unit)
            except OverflowError:
                return -inf, inf
            return about * (1.0 - _OFF), about * (1.0 + _OFF)
        return -inf, inf

    def starts(self) -> list[float]:
        """The levels at which members begin to rise, beside the ends."""
        unit = self.unit
        return [lo / unit / rate if lo else 0.0 for lo, rate in zip(self.low, self.rates, strict=True)]


def fill(some: Rising, target: Ratio) -> Filled | None:
    """Members at the level at which they have `target`; None where no guess was right or all stand at their bounds."""
    whole, unit = target
    floored = any(some.low)
    if whole <= 0:
        return None if whole or floored else Filled([0] * len(some.low), (0, 1), right=True)
    try:
        about = whole / (unit * some.unit)
    except OverflowError:
        return None
    full = guess(some.rates, some.ends, about)[1]
    found = _placed(some, target, sum(some.high[:full]), sum(some.weights[full:]))
    if floored and not (found and found.right):
        capped, lowered = _between(some, about)
        found = _standing(some, target, capped, lowered)
    for _ in range(_TRIES):
        if found is None or found.right:
            return found
        n, d = found.level
        capped = [n * w >= d * hi for w, hi in zip(some.weights, some.high, strict=True)]
        lowered = [n * w <= d * lo for w, lo in zip(some.weights, some.low, strict=True)]
        found = _standing(some, target, capped, lowered)
    return found if found and found.right else None


def guess(rates: Sequence[float], ends: Sequence[float], target: float) -> tuple[float, int]:
    """At which level, as floats, a target in fen is reached if nobody has a low bound, and how many are full there."""
    left, slope, full, level = target, sum(rates), 0, 0.0
    for level, rate in zip(ends, rates, strict=True):
        if slope * level >= left:
            return left / slope, full
        left -= level * rate
        slope -= rate
        full += 1
    return level, full


def _between(some: Rising, target: float) -> tuple[list[bool], list[bool]]:
    """Who is full and who still low: between levels at which members begin or end to rise, the sum rises evenly."""
    ends, rates, starts = some.ends, some.rates, some.starts()
    total = sum([start * rate for start, rate in zip(starts, rates, strict=True)])
    begin, end = zip(starts, rates, strict=True), zip(ends, [-rate for rate in rates], strict=True)
    at = slope = 0.0
    for place, change in sorted([*begin, *end]):
        if total + slope * (place - at) >= target:
            break
        total += slope * (place - at)
        at = place
        slope += change
    if slope > 0.0:
        at += (target - total) / slope
    return [end <= at for end in ends], [start >= at for start in starts]


def _standing(some: Rising, target: Ratio, capped: Sequence[bool], lowered: Sequence[bool]) -> Filled | None:
    """Members at the level that who stands at which bound makes of the target."""
    rest = slope = 0
    for weight, lo, hi, full, low in zip(some.weights, some.low, some.high, capped, lowered, strict=True):
        if full:
            rest += hi
        elif low:
            rest += lo
        else:
            slope += weight
    return _placed(some, target, rest, slope)


def _placed(some: Rising, target: Ratio, rest: int, slope: int) -> Filled | None:
    """Members where `rest` stands at bounds and weights of `slope` between them; None where nobody does."""
    if not slope:
        return None
    whole, unit = target
    level = max(0, whole - unit * rest), unit * slope
    amounts = some.at(level)
    return Filled(amounts, level, sum(amounts) == whole * slope)
