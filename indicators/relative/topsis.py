"""TOPSIS, in the form of the Chinese textbooks of health statistics: closeness to the best values in the table.

Source: domain/D_methods 6: z = x / √Σx², D+ = √Σ(z⁺ − z)², D− = √Σ(z⁻ − z)², C = D− / (D+ + D−). Weights on the
coordinates (w·z) and on the squared distances (Σ w(z⁺ − z)²) give different results; the spec says which.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import numpy as np

from domain.facts import Strict
from domain.problems import Problems
from domain.values import Exact
from indicators.relative import (
    Analysis,
    Array,
    Bars,
    Conversion,
    Table,
    floats,
    need_units,
    numbers,
    ranking,
    same_direction,
    total,
)

TITLE = "TOPSIS 法"
PICTURE = Bars("closeness", "接近度 C", beside={"d_plus": "D+ (距最优)", "d_minus": "D− (距最劣)"}, places=4)


class Params(Strict):
    """low_to_high, base: how low columns are turned round, unless a column says; weighting: what weights apply to."""

    low_to_high: Conversion = "complement"
    base: Exact = Fraction(100)
    weighting: Literal["coordinates", "distances"] = "coordinates"


def analyse(table: Table, params: Params) -> Analysis:
    """Columns z_NAME (normalised, before weights), d_plus, d_minus, closeness, rank.

    Given weights are used as shares of their sum; without any every column counts 1, as the textbook prints it.
    Raises InputProblems for fewer than two units, a column of zeros, cells that cannot be turned round, and units that
    are all equal in the columns that count.
    """
    problems = Problems()
    need_units(table, problems)
    values = same_direction(table, problems, params.low_to_high, params.base)
    for column in np.flatnonzero((values == 0).all(axis=0)):
        problems.add(table.heading(int(column)), "ANALYSE-ZERO-COLUMN", "全列为 0, 不能归一化", "删去该列")
    problems.raise_if_any()
    normalised = floats(values) / np.sqrt(floats((values * values).sum(axis=0)))
    weights = np.ones(len(table.names)) if table.weights is None else floats(table.shares)
    on_coordinates = params.weighting == "coordinates"
    points = normalised * weights if on_coordinates else normalised
    factor = np.ones(len(table.names)) if on_coordinates else weights
    plus = np.sqrt(total(factor * (points.max(axis=0) - points) ** 2))
    minus = np.sqrt(total(factor * (points.min(axis=0) - points) ** 2))
    if not (plus + minus).all():
        problems.add(table.file, "ANALYSE-CONSTANT", "各单位在有权重的列上完全相同, 接近度无定义", "检查数据")
        problems.raise_if_any()
    closeness = minus / (plus + minus)
    columns: dict[str, Array] = {f"z_{name}": normalised[:, column] for column, name in enumerate(table.names)}
    columns |= {"d_plus": plus, "d_minus": minus, "closeness": closeness, "rank": ranking(closeness)}
    told = {"coordinates": "权重乘坐标 (w·z)", "distances": "权重乘距离平方"}[params.weighting]
    says = f"C = D− ÷ (D+ + D−); {'各列等权' if table.weights is None else told}"
    return Analysis(numbers(table, columns), says=says)
