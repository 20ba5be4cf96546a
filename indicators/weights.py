"""The arithmetic of a scorecard: shares of full marks, by unit and item, to scores and totals.

Works alike on object arrays of Fraction (what decides pay) and on float64 (large tables where nobody is paid).
No unit's score looks at another unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.plan import Missing
from indicators.curves import Array, Column, Readings, curves, like

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Matrix:
    """Scores of all units, (units, items).

    full: the full marks of each item after re-weighting, 0 where it is left out; score: share · full; total: (units,)
    the sum of the scores; any_left: (units,) whether an item was left to score.
    """

    full: Array
    score: Array
    total: Array
    any_left: Mask


def weigh(share: Array, kept: Mask, points: Array, dimension: npt.NDArray[np.int64]) -> Matrix:
    """Full marks and scores when the items that are not `kept` give theirs to the others.

    share, kept: (units, items), share 0 where not kept; points: (items,) of the arithmetic of `share`; dimension:
    (items,) number of each item's dimension, from 0. Points of an item left out go to the other items of its dimension
    in proportion; those of a dimension without any item go to the other dimensions in proportion. The total of the
    full marks stays Σ points as long as one item is left.
    """
    exact = share.dtype.kind != "f"
    groups = int(dimension.max()) + 1 if dimension.size else 0
    zero: Any = points[:0].sum()
    belongs = (dimension[:, None] == np.arange(groups)[None, :]) * 1
    if kept.all():  # the usual case of a complete table
        full = np.broadcast_to(points, share.shape)
        score = share * full
        return Matrix(full, score, score.sum(axis=1), np.full(len(share), points.size > 0))
    here = np.where(kept, points[None, :], zero)
    whole = points @ belongs
    left = here @ (belongs.astype(object) if exact else belongs.astype(np.float64))
    alive = left > 0
    counted = np.where(alive, whole[None, :], zero)
    remaining = counted.sum(axis=1)
    one = points.sum() * 0 + 1
    grow = np.where(alive, counted, zero) / np.where(alive, left, one)
    spread = points.sum() / np.where(remaining > 0, remaining, one)
    full = here * (grow * spread[:, None])[:, dimension]
    score = share * full
    return Matrix(full, score, score.sum(axis=1), remaining > 0)


def score_matrix(
    values: Array,
    ok: Mask,
    uses: Sequence[tuple[str, Any]],
    points: Array,
    dimension: npt.NDArray[np.int64],
    *,
    missing: Missing = "reweight",
) -> Matrix:
    """Scores of a table of values, (units, items), each item with its curve and that curve's validated params.

    values: float64 or object array of Fraction; ok: False where there is no value; points, dimension: as `weigh`.
    missing: `reweight` or `zero`; with `refuse` a gap raises ValueError.
    """
    if missing == "refuse" and not ok.all():
        raise ValueError("有缺失值, 方案不允许评分")
    share = np.empty_like(values)
    kept = np.empty(ok.shape, dtype=bool)
    for item, (use, params) in enumerate(uses):
        given = curves()[use].score(Readings(Column(values[:, item], ok[:, item]), full_marks=points[item]), params)
        kept[:, item] = given.ok
        share[:, item] = given.share
    share[~kept] = like(values, points[:0].sum())
    return weigh(share, kept if missing == "reweight" else np.ones_like(kept), points, dimension)
