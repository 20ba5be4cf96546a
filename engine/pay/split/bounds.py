"""Caps and floors of every post of a pool, in whole fen: caps round down, floors up.

Source: contract of pay, From amount to person 5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pandas as pd

from allocation.exact.groups import UNBOUNDED, Array
from domain.pay import Bound, PoolScheme
from domain.problems import Problem
from engine.pay.scheme import meant, untimed
from engine.pay.split.facts import Post
from indicators.ratios import Ratios


class Bounds(NamedTuple):
    """Per post the least and the most it has, in fen; UNBOUNDED where there is no cap."""

    low: Array
    high: Array


class Measured(NamedTuple):
    """What bounds go by, per post: its row of `posts`, its unit's place, time, hold and points; and per unit the rest.

    time: None where the pool needs no attendance.
    """

    rows: pd.DataFrame
    units: Array
    time: Ratios | None
    hold: Ratios
    points: Ratios
    rest: Array


def bounds_of(scheme: PoolScheme, of: Measured) -> Bounds:
    """The lowest cap and the highest floor of each post; without points both are 0."""
    size = len(of.rows)
    low, high = np.zeros(size, dtype=np.int64), np.full(size, UNBOUNDED)
    means = _means(of)
    for bound in scheme.caps:
        high = np.minimum(high, _whole(bound, of, means, lambda one: one.num // one.den, UNBOUNDED))
    for bound in scheme.floors:
        low = np.maximum(low, _whole(bound, of, means, lambda one: -(-one.num // one.den), 0, held=True))
    low = np.minimum(low, of.rest[of.units] + 1)  # no more than can be seen to be too much, so that sums fit
    none = np.asarray(of.points.num == 0, dtype=bool)
    low[none] = high[none] = 0
    return Bounds(low, high)


def _means(of: Measured) -> list[Fraction | None]:
    """The mean of each unit's rest by time; None where nobody has any time."""
    if of.time is None:
        return [None] * len(of.rest)
    total = of.time.sums(of.units, len(of.rest)).fractions().tolist()
    return [Fraction(int(rest)) / time if time else None for rest, time in zip(of.rest.tolist(), total, strict=True)]


def _whole(
    bound: Bound,
    of: Measured,
    means: Sequence[Fraction | None],
    fen: Callable[[Ratios], Array],
    none: int,
    *,
    held: bool = False,
) -> Array:
    """A bound of each post in whole fen; `none` for posts that it is not for."""
    here = meant(bound.of, of.rows).to_numpy(dtype=bool)
    if bound.times_mean is None:
        value = Ratios.full(len(here), Fraction(bound.amount or 0))
    else:
        here = here & np.array([mean is not None for mean in means], dtype=bool)[of.units]
        value = Ratios.of([bound.times_mean * (mean or 0) for mean in means])[of.units]
    if bound.time and of.time is not None:
        value = value * of.time
    if held:
        value = value * of.hold
    found = np.minimum(fen(value), UNBOUNDED)
    whole: Array = np.where(here, found, none).astype(np.int64)
    return whole


def several_posts(scheme: PoolScheme, posts: Sequence[Post], rows: pd.DataFrame) -> Iterator[Problem]:
    """Second posts of one person in one pool of a unit under a bound that does not go by time."""
    for bound in untimed(scheme):
        seen: Counter[tuple[str, str]] = Counter()
        for post, here in zip(posts, meant(bound.of, rows).tolist(), strict=True):
            if here:
                seen[post.unit, post.person] += 1
                if seen[post.unit, post.person] > 1:
                    said = (
                        f"人员 {post.person} 在 {post.unit} 的一个资金池有几个任职 ({post.post_no} 等), "
                        "封顶或保底不按时间折算"
                    )
                    yield Problem(post.source, "PAY-CAP-POSTS", said, "在方案的 caps/floors 写 time: true, 或合并任职")
