"""A million posts in 200,000 teams, factors to whole fen, by the functions that `pay run` calls for one pool.

Beside it plain numpy floats: the same points, shares and largest remainders, by the same sort. Amounts and factors are
as tables give them: coefficients of two decimals, half days of a quarter, scores of two decimals, holds of tenths.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from allocation.exact.groups import Array, divide
from benchmarks import clock
from engine.pay.split.shares import product
from indicators.ratios import Ratios

POSTS, TEAMS, GOAL = 1_000_000, 200_000, 4.0
DAYS = 66
DENOMINATORS = (100, 2 * DAYS, 100 * 100, 10)
"""Of coefficients, of attendance in half days, of scores by a hundred, of holds."""


class Stated(NamedTuple):
    """Posts by team: the place of each one's team among the amounts (fen), and numerators of its factors."""

    teams: Array
    amounts: Array
    factors: tuple[Array, ...]


def stated(posts: int = POSTS, teams: int = TEAMS) -> Stated:
    """Teams of one post and more, somebody away in one of ten, held in one of fifty."""
    source = np.random.default_rng(20260930)
    of = np.sort(np.concatenate([np.arange(teams), source.integers(0, teams, posts - teams)]))
    days = np.where(source.random(posts) < 0.1, source.integers(0, 2 * DAYS, posts), 2 * DAYS)
    hold = np.where(source.random(posts) < 0.02, source.integers(0, 10, posts), 10)
    position, score = source.integers(50, 300, posts), source.integers(6_000, 10_001, posts)
    amounts = np.bincount(of, minlength=teams) * source.integers(1_000_00, 15_000_00, teams)
    return Stated(of, amounts, (position, days, score, hold))


def ours(given: Stated) -> Array:
    """Whole fen of every post, exact."""
    posts = len(given.teams)
    columns = zip(given.factors, DENOMINATORS, strict=True)
    points = product([Ratios(num, np.repeat(den, posts)) for num, den in columns], posts)
    return divide(given.teams, points.num, given.amounts).fen


def floats(given: Stated) -> Array:
    """The same in floats, right where no remainder is too near to another."""
    points = np.ones(len(given.teams))
    for num, den in zip(given.factors, DENOMINATORS, strict=True):
        points *= num / den
    starts = np.flatnonzero(np.diff(given.teams, prepend=-1))
    whole = np.add.reduceat(points, starts)[given.teams]
    exact = given.amounts[given.teams] * points / np.where(whole == 0, 1, whole)
    fen = np.floor(exact)
    rest = exact - fen
    up = np.rint(np.add.reduceat(rest, starts)).astype(np.int64)
    order = np.lexsort((-rest, given.teams))
    place = np.arange(len(fen)) - starts[given.teams]
    fen[order[place < up[given.teams]]] += 1
    return fen.astype(np.int64)


def measure(posts: int = POSTS, teams: int = TEAMS, runs: int = clock.RUNS) -> dict[str, Any]:
    """CPU seconds of both over the same posts, in turns, and the median of the ratios."""
    given = stated(posts, teams)
    own, theirs = clock.turns([lambda: ours(given), lambda: floats(given)], runs)
    return clock.against(
        f"{posts} 个任职、{teams} 个科室, 各因素到整分, 单进程 CPU 时间, 轮流各 {runs} 次取中位",
        ("engine.pay.split 的积分与 allocation.exact.groups.divide, 精确分数", own),
        ("同样积分、占比和最大余数的 numpy 浮点, 同样的排序", theirs),
        clock.times(own, theirs),
        f"ratio <= {GOAL:.0f}",
    )
