"""One pool of all institutions at once: the rest to teams, a team's amount to its posts. Whole arrays, exact.

x_t = clamp(λ·w_t, Σ floors, Σ caps), Σ x_t = rest (`over_cap: keep`: no bounds); then inside each team
x_i = clamp(λ_t·p_i, floor_i, cap_i): the leximin of allocations with own caps and floors, by the same code. Source:
contract of pay, From amount to person 1, 4 to 6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from allocation.exact.groups import UNBOUNDED, Array, Divided, Mask, divide
from domain.money import format_yuan
from domain.pay import HOLD, POSITION, SCORE, SIZE, TIME
from domain.problems import Problem
from engine.pay.scheme import AMOUNT
from engine.pay.split.bounds import Bounds, Measured, bounds_of
from engine.pay.split.facts import Facts
from engine.pay.split.needed import Pool
from indicators.ratios import Ratios

FULL_SCORE = 100


@dataclass(frozen=True)
class Teams:
    """The teams of a pool, by unit and name: where each one's unit stands, its weight and size, and what it is given.

    low, high: Σ floors, Σ caps of their posts; given: what they are divided by, whose fen are then divided inside.
    """

    names: Sequence[tuple[str, str]]
    units: Array
    weights: Ratios
    sizes: Ratios | None
    bounds: Bounds
    given: Divided


@dataclass(frozen=True)
class Shares:
    """One pool divided. rest: fen per unit; places: of each post its unit's and (`groups`) its team's.

    teams: None where the pool has one step only, and groups are then the units'. given: per post.
    """

    pool: Pool
    rest: Array
    places: Array
    groups: Array
    factors: Mapping[str, Ratios]
    points: Ratios
    bounds: Bounds
    teams: Teams | None
    given: Divided

    @cached_property
    def sound(self) -> Mask:
        """Of each unit, whether what is divided can be: all bounds hold together."""
        found = np.ones(len(self.rest), dtype=bool)
        if self.teams is None:
            return found & self.given.sound
        found &= self.teams.given.sound
        found[self.teams.units[~self.given.sound]] = False
        return found

    @cached_property
    def paid(self) -> Array:
        """What the posts of each unit get, in fen."""
        return added(self.places, self.given.fen, len(self.rest))


def added(places: Array, fen: Array, size: int) -> Array:
    """Fen added up by place."""
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, places, fen.astype(np.int64))
    return total


def shares(pool: Pool, facts: Facts, rest: Sequence[int], *, assessed: bool = True) -> Shares:
    """Divide one pool, whose facts are all there. rest: fen per unit.

    assessed: False while people's own measures are not in: all are then taken for equal, which teams do not go by.
    """
    posts = pool.posts
    at = {unit: place for place, unit in enumerate(pool.units)}
    places = np.array([at[post.unit] for post in posts], dtype=np.int64)
    left = np.array(rest, dtype=np.int64)
    factors = _factors(pool, facts, assessed=assessed)
    points = product([factors[name] for name in pool.scheme.points], len(posts))
    hold = _column([facts.hold(post) for post in posts])
    timed = all(post.post_no in facts.times for post in posts)
    time = _column([facts.times[post.post_no] for post in posts]) if timed else None
    bounds = bounds_of(pool.scheme, Measured(pool.rows, places, time, hold, points, left))
    if pool.scheme.teams is None:
        given = divide(places, points.num, left, *bounds)
        return Shares(pool, left, places, places, factors, points, bounds, None, given)
    names = sorted({(post.unit, post.team) for post in posts})
    order = {name: place for place, name in enumerate(names)}
    groups = np.array([order[post.unit, post.team] for post in posts], dtype=np.int64)
    units = np.array([at[unit] for unit, _ in names], dtype=np.int64)
    sizes = _sizes(pool, time, hold).sums(groups, len(names)) if SIZE in pool.scheme.teams.weight else None
    weights = _weights(pool.scheme.teams.weight, names, facts, sizes)
    span = _added_bounds(bounds, groups, len(names))
    around = span if pool.scheme.over_cap == "share" else Bounds(np.zeros_like(span.low), _open(span.high))
    given = divide(units, weights.num, left, *around)
    teams = Teams(names, units, weights, sizes, span, given)
    inside = divide(groups, points.num, given.fen.astype(np.int64), *bounds)
    return Shares(pool, left, places, groups, factors, points, bounds, teams, inside)


def by_list(made: Shares, facts: Facts) -> tuple[Shares, list[Problem]]:
    """The pool divided as the departments' own lists say, and what is wrong with these: they must add up.

    Source: contract of pay, `inside: list`.
    """
    posts, problems = made.pool.posts, list[Problem]()
    fen = []
    for post, low, high in zip(posts, made.bounds.low.tolist(), made.bounds.high.tolist(), strict=True):
        told = facts.measures[post.post_no, AMOUNT]
        listed = told.value * 100
        fen.append(listed.numerator // listed.denominator)
        if listed.denominator != 1 or not low <= listed <= high:
            said = f"任职 {post.post_no} 的科室分配数不是到分的金额, 或超出封顶、低于保底"
            problems.append(Problem(told.source, "PAY-TEAM-SUM", said, "改科室的分配单"))
    paid = np.array(fen, dtype=np.int64)
    size = len(made.given.sound)
    wanted, listed_sums = added(made.groups, made.given.fen, size), added(made.groups, paid, size)
    for group in np.flatnonzero((wanted != listed_sums) & made.given.sound).tolist():
        post = posts[int(np.flatnonzero(made.groups == group)[0])]
        of = f"{post.unit} 的{post.team or '全部任职'}"
        said = f"{of}分配单合计 {format_yuan(int(listed_sums[group]))} 元, 应为 {format_yuan(int(wanted[group]))} 元"
        where = facts.measures[post.post_no, AMOUNT].source
        problems.append(Problem(where, "PAY-TEAM-SUM", said, "改分配单, 合计须等于科室的分配额"))
    low, high = made.bounds
    given = Divided(
        paid, paid, np.ones_like(paid), made.given.sound, paid == high, (low > 0) & (paid == low) & (paid != high)
    )
    return replace(made, given=given), problems


def _factors(pool: Pool, facts: Facts, *, assessed: bool) -> dict[str, Ratios]:
    """What points are multiplied of, per post."""
    of: dict[str, Callable[[int], Fraction]] = {
        POSITION: lambda i: pool.posts[i].position or Fraction(0),
        TIME: lambda i: facts.times[pool.posts[i].post_no],
        SCORE: lambda i: measure(i, SCORE) / FULL_SCORE if assessed else Fraction(1),
        HOLD: lambda i: facts.hold(pool.posts[i]),
    }

    def measure(i: int, name: str) -> Fraction:
        return facts.measures[pool.posts[i].post_no, name].value if assessed else Fraction(1)

    return {
        name: _column([of[name](i) if name in of else measure(i, name) for i in range(len(pool.posts))])
        for name in pool.scheme.points
    }


def _column(values: Sequence[Fraction]) -> Ratios:
    """Numbers of one column over one denominator, so that products stay short."""
    return Ratios.of(values).common()


def product(factors: Sequence[Ratios], size: int) -> Ratios:
    """The product of factors over one denominator; of none 1."""
    found = Ratios.full(size, 1)
    for one in factors:
        found = found * one
    return found.common()


def _sizes(pool: Pool, time: Ratios | None, hold: Ratios) -> Ratios:
    """Position times time times hold of each post."""
    if time is None:
        raise AssertionError("按科室分的资金池都要出勤")
    return product([_column([post.position or Fraction(0) for post in pool.posts]), time, hold], len(pool.posts))


def _weights(names: Sequence[str], teams: Sequence[tuple[str, str]], facts: Facts, sizes: Ratios | None) -> Ratios:
    """The weights of teams: the product of the plan's list."""

    def values(name: str) -> Iterator[Fraction]:
        for unit, team in teams:
            told = facts.team_measures[unit, team, name].value
            yield told / FULL_SCORE if name == SCORE else told

    factors = [sizes if name == SIZE and sizes is not None else _column([*values(name)]) for name in names]
    return product(factors, len(teams))


def _added_bounds(bounds: Bounds, groups: Array, size: int) -> Bounds:
    """Σ floors and Σ caps by team; UNBOUNDED where one of its posts has no cap."""
    free = np.zeros(size, dtype=bool)
    free[groups[bounds.high >= UNBOUNDED]] = True
    high = added(groups, np.where(bounds.high >= UNBOUNDED, 0, bounds.high), size)
    return Bounds(added(groups, bounds.low, size), np.where(free, UNBOUNDED, np.minimum(high, UNBOUNDED)))


def _open(high: Array) -> Array:
    return np.full_like(high, UNBOUNDED)
