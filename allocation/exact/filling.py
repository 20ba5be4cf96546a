"""The level at which a sum is reached: t with Σ factor·clip(t·weight, low, high) = target, exactly.

Floats only guess who stands at which bound: of ratios to the largest weight and to the target, so that no number is too
long for one. Whole numbers then give the level and say whether the guess was right.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import repeat

_TRIES = 4
_BETWEEN = 1  # 0: at the low bound, 2: at the high one


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
    starts = [x * most / target for x in low]
    ends = [x * most / target for x in high]
    if not all(rates):
        return None  # too small beside the largest for a float
    at = _guess(rates, starts, ends, [factor / most for factor in factors])
    for _ in range(_TRIES):
        standing = [(at * r > s) + (at * r >= e) for r, s, e in zip(rates, starts, ends, strict=True)]
        rest, slope = target, 0
        for weight, lo, hi, place, factor in zip(weights, low, high, standing, factors or repeat(1), strict=False):
            if place == _BETWEEN:
                slope += factor * weight
            else:
                rest -= factor * (hi if place else lo)
        if slope == 0:
            return None
        if all(map(_stands, weights, low, high, standing, repeat(rest), repeat(slope))):
            return Fraction(rest, slope)
        at = rest * top * most / (slope * target)
    return None


def _stands(weight: int, low: int, high: int, place: int, rest: int, slope: int) -> bool:
    """Whether a member stands at the level rest/slope as guessed: at its low bound, between, or at its high bound."""
    x = rest * weight
    if place == _BETWEEN:
        return low * slope <= x <= high * slope
    return x >= high * slope if place else x <= low * slope


def _guess(rates: Sequence[float], starts: Sequence[float], ends: Sequence[float], shares: Sequence[float]) -> float:
    """The level at which the sum is 1, by the events at which members leave their low and reach their high bound."""
    events: list[tuple[float, float]] = []
    total = 0.0
    for rate, start, end, share in zip(rates, starts, ends, shares or repeat(1.0, len(rates)), strict=True):
        total += share * start
        events.append((start / rate, share * rate))
        events.append((end / rate, -share * rate))
    events.sort()
    slope = at = 0.0
    for place, change in events:
        if total + slope * (place - at) >= 1.0:
            break
        total += slope * (place - at)
        at = place
        slope += change
    return at + (1.0 - total) / slope if slope > 0 else at
