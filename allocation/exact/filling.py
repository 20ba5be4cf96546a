"""The level at which a sum is reached: t with Σ clip(t·weight, low, high) = target, exactly.

Floats only guess who stands at which bound. Whole numbers then give the level that follows and the amounts at it. The
sum rises with the level: where these amounts add up to the target they are the ones, whatever the guess was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from allocation.exact.tableau import Ratio

_TRIES = 4  # exact ones, after the guesses by floats
_Standing = tuple[list[bool], list[bool]]
"""Who is at the high bound, who at the low one ([]: nobody)."""


class Filled(NamedTuple):
    """Amounts in 1/level[1] of what the bounds are counted in, and the level that they stand at."""

    amounts: list[int]
    level: Ratio


class Rising(NamedTuple):
    """Members that rise together: 0 ≤ low ≤ high, equal where the weight is 0, in 1/unit fen.

    rates: the weights in proportion, as floats above 0; ends: what of them is the high bound in fen.
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
        return None if whole or floored else Filled([0] * len(some.low), (0, 1))
    try:
        about = whole / (unit * some.unit)
        found = _placed(some, target, _below_ends(some, about))
        if floored and not (found and _adds_up(found, target)):
            found = _placed(some, target, _between_ends(some, about))
    except OverflowError:
        return None
    for _ in range(_TRIES):
        if found is None or _adds_up(found, target):
            break
        found = _placed(some, target, _standing(some, found.level))
    return found if found and _adds_up(found, target) else None


def _adds_up(found: Filled, target: Ratio) -> bool:
    return sum(found.amounts) * target[1] == target[0] * found.level[1]


def _placed(some: Rising, target: Ratio, standing: _Standing) -> Filled | None:
    """Members at the level that who stands where makes of the target; None where nobody stands between bounds."""
    weights, low, high, *_ = some
    capped, lowered = standing
    rest = sum([hi for hi, here in zip(high, capped, strict=True) if here])
    if lowered:
        rest += sum([lo for lo, here in zip(low, lowered, strict=True) if here])
        slope = sum([w for w, *here in zip(weights, capped, lowered, strict=True) if not any(here)])
    else:
        slope = sum([w for w, here in zip(weights, capped, strict=True) if not here])
    if not slope:
        return None
    n, d = max(0, target[0] - target[1] * rest), target[1] * slope
    amounts = [x if (x := n * w) < (most := d * hi) else most for w, hi in zip(weights, high, strict=True)]
    if any(low):
        amounts = [x if x > (least := d * lo) else least for x, lo in zip(amounts, low, strict=True)]
    return Filled(amounts, (n, d))


def _standing(some: Rising, level: Ratio) -> _Standing:
    """Who stands where at a level."""
    n, d = level
    capped = [n * w >= d * hi for w, hi in zip(some.weights, some.high, strict=True)]
    return capped, [n * w <= d * lo for w, lo in zip(some.weights, some.low, strict=True)] if any(some.low) else []


def _below_ends(some: Rising, target: float) -> _Standing:
    """Who is full, as if nobody had a low bound: the others share what is left."""
    ends, rates = some.ends, some.rates
    left, slope, at = target, sum(rates), 0.0
    for i in sorted(range(len(ends)), key=ends.__getitem__):
        at, rate = ends[i], rates[i]
        if slope * at >= left:
            at = left / slope
            break
        left -= at * rate
        slope -= rate
    return [end <= at for end in ends], []


def _between_ends(some: Rising, target: float) -> _Standing:
    """Who is full and who still low: between the levels at which members begin and end to rise, the sum rises evenly."""
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
