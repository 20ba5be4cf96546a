"""Deduction (扣分法) of a table: full marks less so many points per occurrence, never below 0.

Source: domain/D_methods 2. A cell is the number of occurrences; the points of every line are written beside the score,
so that each can be shown beside its evidence.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field

from domain.facts import Strict
from domain.money import format_exact
from domain.problems import Problems
from domain.values import Exact
from indicators.relative import Analysis, Array, Bars, Table, floats, numbers, ranking

TITLE = "扣分法"
PICTURE = Bars("deducted", "扣分", parts="points_", written=("score", "得分"))


class Params(Strict):
    """full_marks: what a unit without any occurrence has."""

    full_marks: Annotated[Exact, Field(gt=0)] = Fraction(100)


def analyse(table: Table, params: Params) -> Analysis:
    """Columns points_NAME = points · count, deducted = Σ, score = max(0, full marks − deducted), rank.

    Raises InputProblems for columns without `points` > 0 and for negative counts.
    """
    problems = Problems()
    for name, spec, place in zip(table.names, table.specs, table.places, strict=True):
        if spec.points is None or spec.points <= 0:
            problems.add(place, "ANALYSE-POINTS", f"列 {name} 没有大于 0 的 points (每次扣分)", "补写")
    for unit, column in np.argwhere(table.values < 0):
        said = f"次数 {format_exact(table.values[unit, column])} 为负"
        problems.add(table.cell(int(unit), int(column)), "ANALYSE-NEGATIVE", said, "核对")
    problems.raise_if_any()
    points = table.values * np.array([spec.points for spec in table.specs], dtype=object)
    deducted = points.sum(axis=1)
    left = params.full_marks - deducted
    score: Array = np.where(left > 0, left, 0 * left)
    columns: dict[str, Array] = {f"points_{name}": floats(points[:, j]) for j, name in enumerate(table.names)}
    columns |= {"deducted": floats(deducted), "score": floats(score), "rank": ranking(score)}
    says = f"满分 {format_exact(params.full_marks)}, 扣完为止"
    return Analysis(numbers(table, columns), says=says)
