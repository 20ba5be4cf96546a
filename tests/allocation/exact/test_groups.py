"""Many small divisions at once against each one by itself: by steps from bound to bound, and by whole_fen.settle.

Groups are drawn to where the corners are: no member, no weight, weights of 90 bits, bounds that meet,
nothing to divide.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest

from allocation.exact.groups import UNBOUNDED, divide
from allocation.exact.whole_fen import settle


class Group(NamedTuple):
    """One group: an amount, and per member a weight and bounds."""

    amount: int
    weights: list[int]
    low: list[int]
    high: list[int]


def drawn(r: random.Random, *, big: bool, bounded: bool) -> Group:
    """One group of up to six members."""
    count, amount = r.randint(0, 6), r.choice([0, 1, r.randint(0, 100), r.randint(0, 10**7)])
    weights = [
        r.choice([0, 1, 2, 3, r.randint(0, 1000)]) * (r.getrandbits(90) if big and r.random() < 0.5 else 1)
        for _ in range(count)
    ]
    if not bounded:
        return Group(amount, weights, [0] * count, [UNBOUNDED] * count)
    low = [r.choice([0, 0, 0, amount // count, amount // (2 * count), r.randint(0, amount + 1)]) for _ in weights]
    high = [
        r.choice([UNBOUNDED, UNBOUNDED, amount // count, least, amount // count + 1, r.randint(0, amount + 1)])
        for least in low
    ]
    return Group(amount, weights, low, high)


def by_steps(group: Group) -> list[Fraction] | None:
    """x*: the level at which the sum is reached lies between two bounds; None where the bounds cannot hold."""
    high = [h if w else min(lo, h) for w, lo, h in zip(group.weights, group.low, group.high, strict=True)]
    if sum(group.low) > group.amount or any(lo > h for lo, h in zip(group.low, high, strict=True)):
        return None
    if sum(high) <= group.amount:
        return [Fraction(h) for h in high]
    members = list(zip(group.weights, group.low, high, strict=True))

    def at(level: Fraction) -> list[Fraction]:
        return [max(Fraction(lo), min(level * w, Fraction(h))) for w, lo, h in members]

    ends = sorted({Fraction(0), *(Fraction(end, w) for w, lo, h in members if w for end in (lo, h))})
    over = next(k for k, end in enumerate(ends) if sum(at(end)) >= group.amount)
    before, after = ends[max(0, over - 1)], ends[over]
    rise = sum(at(after), Fraction(0)) - sum(at(before), Fraction(0))
    part = (group.amount - sum(at(before), Fraction(0))) / rise if rise else Fraction(0)
    return at(before + part * (after - before))


@pytest.mark.parametrize("seed", range(16))
def test_every_group_as_by_itself(seed: int) -> None:
    r = random.Random(seed)
    for _ in range(25):
        big, bounded = r.random() < 0.3, r.random() < 0.7
        some = [drawn(r, big=big, bounded=bounded) for _ in range(r.randint(1, 6))]
        weights = [w for one in some for w in one.weights]
        low = np.array([b for one in some for b in one.low], dtype=np.int64)
        high = np.array([b for one in some for b in one.high], dtype=np.int64)
        made = divide(
            np.array([g for g, one in enumerate(some) for _ in one.weights], dtype=np.int64),
            np.array(weights, dtype=object if big else np.int64),
            np.array([one.amount for one in some], dtype=np.int64),
            *([low, high] if bounded else []),
        )
        at = 0
        for g, one in enumerate(some):
            members = range(at, at + len(one.weights))
            at += len(one.weights)
            wanted = by_steps(one)
            assert bool(made.sound[g]) == (wanted is not None)
            fen = [int(made.fen[i]) for i in members]
            if wanted is None:
                assert not any(fen)
                continue
            assert [made.exact(i) for i in members] == wanted
            unit = int(np.lcm.reduce([x.denominator for x in wanted], dtype=object)) if wanted else 1
            assert fen == settle([], [int(x * unit) for x in wanted], unit).paid
            capped = [x == h for x, h in zip(wanted, one.high, strict=True)]
            assert [bool(made.capped[i]) for i in members] == capped
            floored = [x == lo and lo > 0 and not cap for x, lo, cap in zip(wanted, one.low, capped, strict=True)]
            assert [bool(made.floored[i]) for i in members] == floored


def test_ties_go_by_place() -> None:
    made = divide(np.zeros(3, dtype=np.int64), np.array([1, 1, 1]), np.array([100]))
    assert made.fen.tolist() == [34, 33, 33]


def test_weights_that_do_not_fit_are_made_smaller_or_left_to_python() -> None:
    groups, amounts = np.array([0, 0, 1, 1]), np.array([100, 10**9])
    for times in (2**40, 2**90 + 1):
        weights = np.array([1 * times, 3 * times, 1, 2], dtype=object)
        made = divide(groups, weights, amounts)
        assert made.fen.tolist() == [25, 75, 333333333, 666666667]
        assert made.fen.dtype == np.int64
    long = divide(groups, np.array([2**90, 2**90 + 1, 1, 2], dtype=object), amounts)
    assert long.fen.dtype == object
    assert long.fen.tolist() == [50, 50, 333333333, 666666667]


def test_nobody_and_nothing() -> None:
    none = np.array([], dtype=np.int64)
    assert divide(none, none, np.array([5, 0])).sound.tolist() == [True, True]
    assert divide(none, none, none).fen.tolist() == []
    assert divide(np.array([0, 0]), np.array([0, 0]), np.array([5])).fen.tolist() == [0, 0]
