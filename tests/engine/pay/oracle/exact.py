"""Exact figures: the rounding that the contract names, and levels raised step by step (its leximin)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def half_up(value: Fraction) -> int:
    """Whole fen, half a fen goes up."""
    return floor(value + Fraction(1, 2))


def fen(text: str) -> int:
    """Yuan as text in fen."""
    value = Fraction(text or "0") * 100
    assert value.denominator == 1, text
    return int(value)


def yuan(amount: int) -> str:
    """Fen as yuan with two decimals."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def levels(
    total: Fraction, weights: Sequence[Fraction], lows: Sequence[Fraction], highs: Sequence[Fraction | None]
) -> list[Fraction] | None:
    """What each gets: whoever has least by weight is raised until a cap, the next one's level or the end of the money.

    None: the floors are more than there is. Whoever weighs nothing stays at the floor.
    """
    got, left = list(lows), total - sum(lows)
    if left < 0 or any(high is not None and high < low for low, high in zip(lows, highs, strict=True)):
        return None
    while left > 0:
        open_ = [
            at
            for at, (weight, high) in enumerate(zip(weights, highs, strict=True))
            if weight and (high is None or got[at] < high)
        ]
        if not open_:
            break
        lowest = min(got[at] / weights[at] for at in open_)
        rising = [at for at in open_ if got[at] / weights[at] == lowest]
        weight = sum((weights[at] for at in rising), Fraction(0))
        ends = [lowest + left / weight]
        ends += [high / weights[at] for at in rising if (high := highs[at]) is not None]
        ends += [got[at] / weights[at] for at in open_ if at not in rising]
        upto = min(ends)
        for at in rising:
            got[at] = upto * weights[at]
        left -= weight * (upto - lowest)
    return got


def whole(exact: Sequence[Fraction], keys: Sequence[str]) -> list[int]:
    """Each down or up to a whole fen: the larger remainder goes up first, of equal ones the earlier key."""
    out = [floor(one) for one in exact]
    spare = floor(sum(exact)) - sum(out)
    order = sorted(range(len(out)), key=lambda at: (out[at] - exact[at], keys[at]))
    for at in order[:spare]:
        out[at] += 1
    return out


def written(value: Fraction) -> str:
    """A decimal that ends, else a fraction in lowest terms."""
    rest, places = value.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    for prime in (2, 5):
        while rest % prime == 0:
            rest, places = rest // prime, places + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    text = f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".") if places else digits
    return f"{'-' if value < 0 else ''}{text}"
