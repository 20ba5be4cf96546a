"""The arithmetic of a scorecard: shares of full marks, by unit and item, to scores and totals, exact.

No unit's score looks at another unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from indicators.ratios import Mask, Ratios, total


@dataclass(frozen=True)
class Matrix:
    """Scores of all units.

    score: per item share · full marks, each (units,); total: (units,) their sum, in lowest terms; pattern: (units,)
    which pattern of gaps a unit has; full: (patterns, items) the full marks of each item after re-weighting, 0 where it
    is left out; any_left: (units,) whether an item was left to score.
    """

    score: tuple[Ratios, ...]
    total: Ratios
    pattern: npt.NDArray[np.intp]
    full: Ratios
    any_left: Mask


def weigh(share: Sequence[Ratios], kept: Mask, points: Sequence[Fraction], dimension: npt.NDArray[np.int64]) -> Matrix:
    """Full marks and scores when the items that are not `kept` give theirs to the others.

    share: per item, each (units,), 0 where not kept; kept: (units, items); points: (items,); dimension: (items,) number
    of each item's dimension, from 0. Points of an item left out go to the other items of its dimension in proportion;
    those of a dimension without any item go to the other dimensions in proportion. The total of the full marks stays
    Σ points as long as one item is left.
    """
    first, at = patterns(kept)
    found = kept[first]
    full = full_marks(found, Ratios.of(points), dimension)
    score = tuple(one * full[at, item] for item, one in enumerate(share))
    left = (full.num != 0).any(axis=1) | found.all(axis=1)
    return Matrix(score, total(score), at, full, left[at])


def patterns(kept: Mask) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The first unit of each distinct row, (patterns,), and which pattern each unit has, (units,)."""
    packed = np.packbits(kept, axis=1)
    words = np.ascontiguousarray(np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8)))).view(np.uint64)
    at = np.zeros(len(kept), dtype=np.intp)
    for word in words.T:  # 64 items each
        at = np.unique(at * len(kept) + np.unique(word, return_inverse=True)[1], return_inverse=True)[1]
    first = np.unique(at, return_index=True)[1]
    return first, at


def full_marks(kept: Mask, points: Ratios, dimension: npt.NDArray[np.int64]) -> Ratios:
    """The full marks of each item, (patterns, items), as `weigh` says; kept: (patterns, items)."""
    marks = points.common()
    number = marks.num if marks.bounds[0] * len(marks) < 2**62 else marks.num.astype(object)
    belongs = dimension[:, None] == np.arange(dimension.max(initial=-1) + 1)[None, :]
    share = number[:, None] * belongs
    whole = share.sum(axis=0)
    left = kept.astype(np.int64) @ share
    counted = np.where(left > 0, whole[None, :], 0)
    remaining = counted.sum(axis=1)
    here = Ratios(np.where(kept, number[None, :], 0), np.broadcast_to(marks.den, kept.shape))
    grow = Ratios(counted, np.where(left > 0, left, 1))
    spread = Ratios(np.repeat(number.sum(), len(kept)), np.where(remaining > 0, remaining, 1))
    return ((here * grow[:, dimension]).lowest() * spread[:, None]).lowest()
