"""Steps (台阶、分档) of a table: every column has thresholds, each with its share of full marks.

Source: domain/D_methods 3, the same formula as the curve of that name: 以上 and 以下 include the number itself.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from domain.facts import Strict
from domain.problems import Problems
from indicators.curves import steps as curve
from indicators.ratios import Ratios
from indicators.relative import Analysis, Array, Bars, ColumnSpec, Table, weighted

TITLE = "分档得分"
PICTURE = Bars("total", "得分", parts="score_")


class Params(Strict):
    """No settings of its own: `steps` and `below` stand with the columns."""


def analyse(table: Table, _params: Params) -> Analysis:
    """Columns share_NAME, score_NAME = weight · share, total = Σ score_NAME, rank; see `weighted`.

    A high column's steps have `min`, a low one's `max`. Raises InputProblems for columns without steps, steps of the
    other direction, two with the same threshold, and shares outside 0 … 1.
    """
    problems = Problems()
    for name, spec, place in zip(table.names, table.specs, table.places, strict=True):
        if wrong := _wrong(spec):
            problems.add(place, "ANALYSE-STEPS", f"列 {name} {wrong[0]}", wrong[1])
    problems.raise_if_any()
    shares = np.empty(table.size, dtype=object)
    for column, spec in enumerate(table.specs):
        shares[:, column] = _shares(table.values[:, column], spec)
    return weighted(table, shares)


def _wrong(spec: ColumnSpec) -> tuple[str, str] | None:
    if not spec.steps:
        return "没有 steps (分档)", "补写"
    wanted = "min" if spec.direction == "high" else "max"
    if any((step.min is not None, step.max is not None) != (wanted == "min", wanted == "max") for step in spec.steps):
        return f"的各档须只写 {wanted}", "越大越好写 min (以上), 越小越好写 max (以下)"
    if len({getattr(step, wanted) for step in spec.steps}) < len(spec.steps):
        return "有两档的界限相同", "合并"
    if any(not 0 <= share <= 1 for share in (spec.below, *(step.share for step in spec.steps))):
        return "的 share 或 below 不在 0 至 1 之间", "写满分的比例, 如 0.9"
    return None


def _shares(values: Array, spec: ColumnSpec) -> Array:
    sign = 1 if spec.direction == "high" else -1
    rungs = spec.steps or ()
    bounds = [sign * ((step.min if step.max is None else step.max) or Fraction(0)) for step in rungs]
    return curve.steps(Ratios.of(sign * values), bounds, [step.share for step in rungs], spec.below).fractions()
