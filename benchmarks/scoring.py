"""Scoring a nation: 10,000 alliances of 12 members by 20 indicators, against the same arithmetic in plain numpy."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from indicators.curves import Array, curves
from indicators.weights import score_matrix

ALLIANCES, MEMBERS, INDICATORS, DIMENSIONS = 10_000, 12, 20, 5
MISSING_SHARE, GOAL, ROUNDS = 0.03, 3.0, 3
TARGET, FLOOR, BAND, TOLERANCE = 0.75, 0.25, (0.25, 0.5), 0.25
STEPS = ((0.75, 1.0), (0.5, 0.75), (0.25, 0.5))
KINDS = ("attainment", "attainment_down", "band", "steps")


def _uses() -> list[tuple[str, Any]]:
    """The curves of the items: each kind in turn."""

    def params(use: str, given: dict[str, Any]) -> tuple[str, Any]:
        return use, curves()[use].params.model_validate(given)

    steps = [{"min": str(bound), "share": str(share)} for bound, share in STEPS]
    kinds = [
        params("attainment", {"target": str(TARGET), "floor": str(FLOOR)}),
        params("attainment", {"target": str(FLOOR), "floor": str(TARGET)}),
        params("attainment", {"band": [str(end) for end in BAND], "tolerance": str(TOLERANCE)}),
        params("steps", {"steps": steps}),
    ]
    return [kinds[item % len(kinds)] for item in range(INDICATORS)]


def plain(values: Array, ok: Array, points: Array, dimension: Array) -> Array:
    """Totals of all units, written down directly: four curves, points of gaps to the rest of the dimension, then on."""
    share = np.empty_like(values)
    up, down, band, steps = (slice(kind, None, len(KINDS)) for kind in range(len(KINDS)))
    share[:, up] = np.clip((values[:, up] - FLOOR) / (TARGET - FLOOR), 0, 1)
    share[:, down] = np.clip((values[:, down] - TARGET) / (FLOOR - TARGET), 0, 1)
    outside = np.maximum(np.maximum(BAND[0] - values[:, band], values[:, band] - BAND[1]), 0)
    share[:, band] = np.clip(1 - outside / TOLERANCE, 0, 1)
    bounds, shares = [bound for bound, _ in STEPS], [earned for _, earned in STEPS]
    share[:, steps] = np.select([values[:, steps] >= bound for bound in bounds], shares, 0.0)
    share[~ok] = 0
    here = np.where(ok, points, 0.0)
    belongs = (dimension[:, None] == np.arange(DIMENSIONS)).astype(np.float64)
    whole, left = points @ belongs, here @ belongs
    counted = np.where(left > 0, whole, 0.0)
    grow = counted / np.where(left > 0, left, 1.0)
    spread = points.sum() / np.maximum(counted.sum(axis=1), 1e-300)
    total: Array = (share * here * (grow * spread[:, None])[:, dimension]).sum(axis=1)
    return total


def _fastest(work: Callable[[], Any]) -> tuple[float, Any]:
    best, answer = float("inf"), None
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer = work()
        best = min(best, time.perf_counter() - start)
    return best, answer


def measure(alliances: int = ALLIANCES) -> dict[str, Any]:
    """Seconds of both and their ratio. Raises if the totals differ."""
    units = alliances * MEMBERS
    source = np.random.default_rng(20260701)
    values = source.random((units, INDICATORS))
    ok = source.random((units, INDICATORS)) >= MISSING_SHARE
    points = np.full(INDICATORS, float(Fraction(100, INDICATORS)))
    dimension = np.arange(INDICATORS) * DIMENSIONS // INDICATORS
    uses = _uses()
    ours, matrix = _fastest(lambda: score_matrix(values, ok, uses, points, dimension))
    theirs, total = _fastest(lambda: plain(values, ok, points, dimension))
    np.testing.assert_allclose(matrix.total, total, atol=1e-9)
    return {
        "what": f"{alliances} 个医联体 × {MEMBERS} 个成员 × {INDICATORS} 项指标, 缺数 {MISSING_SHARE:.0%}, 三次取最快",
        "ours": "indicators.weights.score_matrix", "ours_seconds": round(ours, 3),
        "baseline": "numpy 直接写的同样曲线和缺数规则", "baseline_seconds": round(theirs, 3),
        "ratio": round(ours / theirs, 2), "goal": f"ratio <= {GOAL:g}",
    }  # fmt: skip
