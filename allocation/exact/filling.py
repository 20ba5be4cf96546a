"""The level at which a sum is reached: t with Σ factor·clip(t·weight, low, high) = target, exactly.

Floats only guess who stands at which bound: of ratios to the largest weight and to the target, so that no number is too
long for one. Whole numbers then give the level and say whether the guess was right.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import repeat
from operator import mul

_TRIES = 4
_BETWEEN, _ABOVE = 1, 2  # between the bounds, at the high one; 0: at the low one


def common_level(
    weights: Sequence[int], low: Sequence[int], high: Sequence[int], target: int, factors: Sequence[int] = ()
) -> Fraction | None:
    """The level of members that rise together, None where there is none or no guess was right.

    weights > 0; 0 ≤ low < high; factors > 0: how much a unit of each counts (1 unless given).
    """
    if target <= 0 or not weights:
        return Fraction(0) if target == 0 and not any(low) else None
    top, most = max(weights), max(factors, default=1)
    rates = [weight / top for weight in weights]
    starts = [x * most / target for x in low] if any(low) else [0.0] * len(low)
    ends = [x * most / target for x in high]
    if not all(rates):
        return None  # too small beside the largest for a float
    at = _guess(rates, starts, ends, [factor / most for factor in factors] if factors else [1.0] * len(rates))
    for _ in range(_TRIES):
        standing = [(at * r > s) + (at * r >= e) for r, s, e in zip(rates, starts, ends, strict=True)]
        rest, slope = target, 0
        for weight, lo, hi, place, factor in zip(weights, low, high, standing, factors or repeat(1), strict=False):
            if place == _BETWEEN:
                slope += factor * weight
            elif place or lo:
                rest -= factor * (hi if place else lo)
        if slope == 0:
            return None
        for weight, lo, hi, place in zip(weights, low, high, standing, strict=True):
            x = rest * weight
            if (place and x < (lo if place == _BETWEEN else hi) * slope) or (place < _ABOVE and x > hi * slope):
                break
            if not place and x > lo * slope:
                break
        else:
            return Fraction(rest, slope)
        at = rest * top * most / (slope * target)
    return None


def _guess(rates: Sequence[float], starts: Sequence[float], ends: Sequence[float], shares: Sequence[float]) -> float:
    """The level at which the sum is 1, by the events at which members leave their low and reach their high bound."""
    slopes = [share * rate for share, rate in zip(shares, rates, strict=True)]
    events = [(end / rate, -slope) for end, rate, slope in zip(ends, rates, slopes, strict=True)]
    total = at = slope = 0.0
    if any(starts):
        events += [(start / rate, slope) for start, rate, slope in zip(starts, rates, slopes, strict=True)]
        total = sum(map(mul, shares, starts))
    else:
        slope = sum(slopes)
    events.sort()
    for place, change in events:
        if total + slope * (place - at) >= 1.0:
            break
        total += slope * (place - at)
        at = place
        slope += change
    return at + (1.0 - total) / slope if slope > 0 else at
