"""The level at which a sum is reached: t with Σ clip(t·weight, low, high) = target, exactly.

Floats only guess who stands at which bound. Whole numbers then give the level that follows and the amounts at it. The
sum rises with the level: where these amounts add up to the target they are the ones, whatever the guess was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from allocation.exact.tableau import Ratio

_TRIES = 4  # exact ones, after the guesses by floats


class Filled(NamedTuple):
    """Amounts in 1/level[1] of what the bounds are counted in, the level they stand at, and whether they add up."""

    amounts: list[int]
    level: Ratio
    right: bool


class Rising(NamedTuple):
    """Members that rise together: 0 ≤ low ≤ high, equal where the weight is 0, in 1/unit fen.

    rates: the weights in proportion, as floats above 0; ends: what of them is the high bound in fen, ascending.
    """

    weights: Sequence[int]
    low: Sequence[int]
    high: Sequence[int]
    rates: Sequence[float]
    ends: Sequence[float]
    unit: int


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
    full = guess(some, about)[1]
    found = _placed(some, target, sum(some.high[:full]), sum(some.weights[full:]), floored=floored)
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


def guess(some: Rising, target: float) -> tuple[float, int]:
    """At which level, as floats, a target in fen is reached if nobody has a low bound, and how many are full there."""
    left, slope, full, level = target, sum(some.rates), 0, 0.0
    for level, rate in zip(some.ends, some.rates, strict=True):
        if slope * level >= left:
            return left / slope, full
        left -= level * rate
        slope -= rate
        full += 1
    return level, full


def _between(some: Rising, target: float) -> tuple[list[bool], list[bool]]:
    """Who is full and who still low: between levels at which members begin or end to rise, the sum rises evenly."""
    ends, rates = some.ends, some.rates
    starts = [lo / some.unit / rate for lo, rate in zip(some.low, rates, strict=True)]
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
    return _placed(some, target, rest, slope, floored=True)


def _placed(some: Rising, target: Ratio, rest: int, slope: int, *, floored: bool) -> Filled | None:
    """Members where `rest` stands at bounds and weights of `slope` between them; None where nobody does."""
    if not slope:
        return None
    whole, unit = target
    n, d = max(0, whole - unit * rest), unit * slope
    amounts = [x if (x := n * w) < (most := d * hi) else most for w, hi in zip(some.weights, some.high, strict=True)]
    if floored:
        amounts = [x if x > (least := d * lo) else least for x, lo in zip(amounts, some.low, strict=True)]
    return Filled(amounts, (n, d), sum(amounts) * unit == whole * d)
