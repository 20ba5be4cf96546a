"""The level at which a sum is reached: t with Σ factor·clip(t·weight, low, high) = target, exactly.

Floats only guess who stands at which bound: of ratios to the largest weight and to the target, so that no number is too
long for one. Whole numbers then give the level that follows and the amounts at it. The sum rises with the level: where
these amounts add up to the target they are the ones, whatever the guess was.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from operator import gt, mul
from typing import NamedTuple

from allocation.exact.tableau import Ratio

_TRIES = 6

class Filled(NamedTuple):
    """Amounts in 1/level[1] of what the bounds are counted in, and the level that they stand at."""

    amounts: list[int]
    level: Ratio


def fill(
    weights: Sequence[int],
    rates: Sequence[float],
    low: Sequence[int],
    high: Sequence[int],
    target: Ratio,
    factors: Sequence[int] = (),
) -> Filled | None:
    """Members that rise together until they have `target`, None where no guess was right or all stand at their bounds.

    rates: the weights in proportion, as floats above 0; 0 ≤ low ≤ high, equal where the weight is 0; factors > 0:
    how much a unit of each counts (1 unless given).
    """
    whole, unit = target
    if whole <= 0:
        return None if whole or any(low) else Filled([0] * len(low), (0, 1))
    pulls = list(map(mul, factors, weights)) if factors else weights
    try:
        capped, risen = _guess(rates, low, high, target, factors)
    except OverflowError:
        return None
    for _ in range(_TRIES):
        rest, slope = 0, 0
        for pull, lo, hi, over, up, factor in zip(
            pulls, low, high, capped, risen, factors or repeat(1), strict=False
        ):
            if over:
                rest += factor * hi
            elif up:
                slope += pull
            elif lo:
                rest += factor * lo
        if not slope:
            return None
        n, d = max(0, whole - unit * rest), unit * slope
        free, tops = [n * weight for weight in weights], [d * hi for hi in high]
        amounts = list(map(min, free, tops))
        bottoms = [d * lo for lo in low] if any(low) else []
        if bottoms:
            amounts = list(map(max, amounts, bottoms))
        if (sum(map(mul, factors, amounts)) if factors else sum(amounts)) * unit == whole * d:
            return Filled(amounts, (n, d))
        capped = [x >= most for x, most in zip(free, tops, strict=True)]
        risen = list(map(gt, free, bottoms)) if bottoms else risen
    return None


def _guess(
    rates: Sequence[float], low: Sequence[int], high: Sequence[int], target: Ratio, factors: Sequence[int]
) -> tuple[list[bool], list[bool]]:
    """Who stands at the high bound and who above the low one, by floats of what each has of the target.

    Events are where members leave their low and reach their high bound: between them the sum rises evenly.
    """
    whole, unit = target
    most = max(factors, default=1)
    unit *= most
    ends = [hi * unit / whole / rate for hi, rate in zip(high, rates, strict=True)]
    slopes = [rate * (factor / most) for rate, factor in zip(rates, factors, strict=True)] if factors else rates
    total = at = slope = 0.0
    if any(low):
        starts = [lo * unit / whole / rate for lo, rate in zip(low, rates, strict=True)]
        events = sorted([*zip(ends, [-one for one in slopes], strict=True), *zip(starts, slopes, strict=True)])
        total = sum(map(mul, slopes, starts))
    else:
        starts = []
        events = sorted(zip(ends, [-one for one in slopes], strict=True))
        slope = sum(slopes)
    for place, change in events:
        there = total + slope * (place - at)
        if there >= 1.0:
            break
        total, at = there, place
        slope += change
    if slope > 0.0:
        at += (1.0 - total) / slope
    return [end <= at for end in ends], [start < at for start in starts] or [True] * len(ends)
