"""Many small divisions at once: of each group its amount, by weights and everybody's own bounds. Whole tables, exact.

x_i = clip(λ·w_i, low_i, high_i) at the level λ of the group at which its amount is spent: the leximin of the contract
with own caps and floors only. Where no bound can bind that is the share by weight, taken for all such groups together
in int64 where every product is seen to fit, in Python's whole numbers else; the groups where one does go through the
optimum that every allocation goes through. Whole fen are those of `whole_fen.settle` without group rows: ⌊x⌋ or ⌈x⌉,
larger remainders first, ties by place in the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from allocation.exact.closed_form import solve_closed
from allocation.exact.model import Model
from allocation.exact.optimum import solve_model
from allocation.statement import Problem
from allocation.terms import Member

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

UNBOUNDED = 2**61
"""A high bound that stands for none, in fen."""
_FITS = 2**62


@dataclass(frozen=True)
class Divided:
    """Of every member whole fen, and x* = above / below in fen; of every group whether its bounds can hold together.

    Members of a group that fails (sound False) have 0. capped, floored: x* is at the high bound, or at a low one above
    0; capped goes before.
    """

    fen: Array
    above: Array
    below: Array
    sound: Mask
    capped: Mask
    floored: Mask

    def exact(self, i: int) -> Fraction:
        """x* of a member in fen."""
        return Fraction(int(self.above[i]), int(self.below[i]))


def divide(
    groups: Array, weights: Array, amounts: Array, low: Array | None = None, high: Array | None = None
) -> Divided:
    """Divide the amount of each group among its members.

    groups: (members,) the place of each one's group among the amounts, ascending; weights: (members,) whole numbers
    ≥ 0, int64 or Python's, of any scale within a group; amounts: (groups,) fen ≥ 0; low, high: (members,) fen, None
    for no bounds, UNBOUNDED for no cap. Who has weight 0 is held at its low bound.
    """
    size = len(amounts)
    weights = _small(groups, weights, amounts)
    low = np.zeros(len(groups), dtype=np.int64) if low is None else low
    high = np.full(len(groups), UNBOUNDED) if high is None else high
    most = np.where(weights == 0, np.minimum(low, high), high)
    total = _sums(groups, weights, size)
    below = np.where(total == 0, 1, total)[groups]
    above = amounts[groups] * weights
    fen, rest = above // below, above % below
    floors = _sums(groups, low, size)
    sound = floors <= amounts
    sound[groups[low > most]] = False
    bound = np.zeros(size, dtype=bool)
    bound[groups[(fen < low) | (fen > most) | ((fen == most) & (rest > 0))]] = True
    if bound.any():
        above, below = _bounded(groups, weights, amounts, (low, most), (above, below), bound & sound)
    if not sound.all():
        above = np.where(sound[groups], above, 0)
    if bound.any() or not sound.all():
        fen, rest = above // below, above % below
    fen = _settled(groups, fen, rest, below, size)
    high, low = (one.astype(below.dtype) for one in (high, low))
    capped = (fen >= high) & (above >= np.where(fen >= high, high, 0) * below)
    floored = ~capped & (low > 0) & (above <= np.where(fen <= low + 1, low, 0) * below)
    return Divided(fen, above, below, sound, capped & sound[groups], floored & sound[groups])


def _small(groups: Array, weights: Array, amounts: Array) -> Array:
    """The weights, made smaller where products with the amounts would not fit, or as Python's whole numbers."""
    most = int(amounts.max(initial=0)) + 1
    count = max(1, len(weights))
    if weights.dtype != object and int(weights.max(initial=0)) * max(most, count) < _FITS:
        return weights
    if not len(weights):
        return weights
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    common = np.gcd.reduceat(weights, starts)
    sizes = np.diff(np.append(starts, len(groups)))
    smaller = weights // np.repeat(np.where(common == 0, 1, common), sizes)
    fits = int(smaller.max()) * max(most, count) < _FITS
    made: Array = smaller.astype(np.int64 if fits else object)
    return made


def _sums(groups: Array, numbers: Array, size: int) -> Array:
    """Added up by group."""
    found = np.zeros(size, dtype=numbers.dtype)
    if len(groups):
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        found[groups[starts]] = np.add.reduceat(numbers, starts)
    return found


def _settled(groups: Array, fen: Array, rest: Array, below: Array, size: int) -> Array:
    """Whole fen: the larger remainders of each group get those that ⌊x⌋ leave, ties by place."""
    if not rest.any():
        return fen
    left = _sums(groups, rest, size)
    order = np.lexsort((-rest, groups))
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    up = np.zeros(size, dtype=np.int64)
    up[groups[starts]] = left[groups[starts]] // below[starts]
    sizes = np.diff(np.append(starts, len(groups)))
    place = np.arange(len(groups)) - np.repeat(starts, sizes)
    paid = fen.copy()
    paid[order[place < up[groups]]] += 1
    return paid


def _bounded(
    groups: Array, weights: Array, amounts: Array, bounds: tuple[Array, Array], shares: tuple[Array, Array], which: Mask
) -> tuple[Array, Array]:
    """x* with that of some groups found one by one."""
    above, below = (one.astype(object) for one in shares)
    low, high = bounds
    first = np.searchsorted(groups, np.arange(len(amounts)))
    last = np.searchsorted(groups, np.arange(len(amounts)), side="right")
    for g in np.flatnonzero(which).tolist():
        part = slice(first[g], last[g])
        found, unit = optimum(weights[part].tolist(), low[part].tolist(), high[part].tolist(), int(amounts[g]))
        above[part], below[part] = found, unit
    fits = max(map(abs, above), default=0) < _FITS and max(below, default=0) < _FITS
    return (above.astype(np.int64), below.astype(np.int64)) if fits else (above, below)


def optimum(weights: list[int], low: list[int], high: list[int], amount: int) -> tuple[list[int], int]:
    """x* of one group whose bounds can hold together, in 1/unit fen, and the unit; as `divide`."""
    most = [min(hi, amount) for hi in high]
    if sum(most) <= amount:
        return most, 1
    members = tuple(
        Member(str(i), "", grassroots=False, signing=False, merit=Fraction(weight)) for i, weight in enumerate(weights)
    )
    problem = Problem("", "staff_reward", amount, members, ())
    model = Model(problem, low, [*most], [()] * len(low), [], [], amount, 1, problem.weights)
    closed = solve_closed(model)
    solved = closed.solved if closed else solve_model(model)
    if solved is None:
        raise AssertionError("上下限各自成立, 合计也容得下, 必有解")
    return solved.amounts, solved.unit
