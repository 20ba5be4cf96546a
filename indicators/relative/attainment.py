"""Target attainment (达标得分) of a table: a share per column, and their weighted sum.

Source: domain/D_methods 1, the same formulas as the curve of that name. A low column without `floor` takes the simple
form target / value.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from domain.facts import Strict
from domain.problems import Problems
from indicators.curves import attainment as curve
from indicators.relative import Analysis, Table, floats, numbers, ranking

TITLE = "达标得分"


class Params(Strict):
    """No settings of its own: targets and floors stand with the columns."""


def analyse(table: Table, params: Params) -> Analysis:  # noqa: ARG001  (every method has params)
    """Columns share_NAME in [0, 1], score_NAME = weight · share, total = Σ score_NAME, rank.

    Weights are taken as full marks, as given; without any, each column has 1/columns. Needs `target` everywhere.
    Raises InputProblems where a target is missing, equals the floor, or lies on the wrong side of it.
    """
    problems = Problems()
    for name, spec, place in zip(table.names, table.specs, table.places, strict=True):
        floor = Fraction(0) if spec.floor is None and spec.direction == "high" else spec.floor
        if spec.target is None:
            problems.add(place, "ANALYSE-TARGET", f"列 {name} 没有 target (目标值)", "补写")
        elif floor is None:
            if spec.target <= 0:
                problems.add(place, "ANALYSE-TARGET", f"列 {name} 的 target 不大于 0", "补写 floor (零分值)")
        elif floor == spec.target or (floor > spec.target) != (spec.direction == "low"):
            problems.add(
                place, "ANALYSE-TARGET", f"列 {name} 的 target 与 floor 相等, 或与 direction 不符",
                "越大越好时 floor 小于 target, 越小越好时大于",
            )  # fmt: skip
    problems.raise_if_any()
    shares = np.empty(table.size, dtype=object)
    for column, spec in enumerate(table.specs):
        values, target = table.values[:, column], spec.target
        if spec.direction == "low" and spec.floor is None:
            shares[:, column] = curve.ratio(values, target)
        else:
            shares[:, column] = curve.attainment(values, target, spec.floor or Fraction(0))
    weights = table.shares if table.weights is None else table.weights
    scores = shares * weights
    total = scores.sum(axis=1)
    columns = {f"share_{name}": floats(shares[:, column]) for column, name in enumerate(table.names)}
    columns |= {f"score_{name}": floats(scores[:, column]) for column, name in enumerate(table.names)}
    return Analysis(numbers(table, columns | {"total": floats(total), "rank": ranking(total)}))
