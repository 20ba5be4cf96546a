"""Analytic hierarchy process (AHP, 层次分析法): weights from a matrix of pairwise judgements.

Source: domain/D_methods 8: principal eigenvector, CI = (λmax − n) / (n − 1), CR = CI / RI, acceptable below 0.10.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.facts import Strict
from domain.money import format_exact
from domain.problems import Problems
from indicators.relative import Analysis, Table, WeightBars, floats

TITLE = "层次分析法"
PICTURE = WeightBars()
LIMIT = 0.10
"""CR from which the judgements are not consistent enough."""
RANDOM_INDEX = {
    "saaty": (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
    "alternative": (0.0, 0.0, 0.52, 0.89, 1.12, 1.26, 1.36, 1.41, 1.46, 1.49),
}
"""RI for n = 1 … 10: Saaty's, and the other table in use in Chinese programs."""


class Params(Strict):
    """ri: which table of random indices; the result names it."""

    ri: Literal["saaty", "alternative"] = "saaty"


def reciprocal(left: Fraction, right: Fraction) -> bool:
    """Whether each is the other's reciprocal, as far as a decimal shows it: 3 and 0.33 (or 0.333) are."""
    return any(_shows(one, 1 / other) for one, other in ((left, right), (right, left)))


def _shows(written: Fraction, value: Fraction) -> bool:
    """Whether a decimal is `value`, rounded or cut off at the places it is written with."""
    places = next((places for places in range(1, 13) if (written * 10**places).denominator == 1), None)
    if written == value or places is None or written.denominator == 1:
        return written == value
    scaled, cut = written * 10**places, value * 10**places
    return scaled in {Fraction(int(cut)), Fraction(int(cut + Fraction(1, 2)))}


def principal(matrix: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], float]:
    """The eigenvector of a positive matrix, adding up to 1, and its eigenvalue (power iteration)."""
    weights = np.full(len(matrix), 1 / len(matrix))
    for _ in range(5000):  # a positive matrix converges, the faster the more consistent it is
        image = (matrix * weights).sum(axis=1)
        following = image / image.sum()
        if np.abs(following - weights).max() <= 1e-17:
            break
        weights = following
    image = (matrix * weights).sum(axis=1)
    return weights, float(image.sum())


def analyse(table: Table, params: Params) -> Analysis:
    """One row per criterion: column, weight, and beside it lambda_max, ci, cr, ri and ri_table.

    The table is the judgement matrix, its rows named as its columns, in their order. For n ≤ 2 CR is 0: such a matrix
    is always consistent. Raises InputProblems for a matrix that is not square, not positive, without ones on the
    diagonal, not reciprocal, or larger than the table of random indices.
    """
    problems = Problems()
    n = len(table.names)
    if table.units != table.names:
        problems.add(table.file, "ANALYSE-AHP-SQUARE", "判断矩阵的行名与列名不一致", "首列从上到下须与表头从左到右相同")
    elif n > len(RANDOM_INDEX[params.ri]):
        problems.add(table.file, "ANALYSE-AHP-SIZE", f"{n} 个指标没有对应的 RI", "至多 10 个, 更多时分层判断")
    problems.raise_if_any()
    for row in range(n):
        for column in range(row, n):
            left, right = table.values[row, column], table.values[column, row]
            if left <= 0 or right <= 0:
                problems.add(table.cell(row, column), "ANALYSE-AHP-POSITIVE", "判断值须大于 0", "核对矩阵")
            elif row == column and left != 1:
                problems.add(
                    table.cell(row, column), "ANALYSE-AHP-DIAGONAL", f"对角线上是 {format_exact(left)}", "改为 1"
                )
            elif not reciprocal(left, right):
                problems.add(
                    table.cell(row, column), "ANALYSE-AHP-RECIPROCAL",
                    f"{format_exact(left)} 与 {table.cell(column, row)} 的 {format_exact(right)} 不互为倒数",
                    "核对两处判断",
                )  # fmt: skip
    problems.raise_if_any()
    weights, largest = principal(floats(table.values))
    index = RANDOM_INDEX[params.ri][n - 1]
    ci = (largest - n) / (n - 1) if n > 1 else 0.0
    cr = ci / index if index else 0.0
    result = pd.DataFrame(
        {
            "column": list(table.names), "weight": weights, "lambda_max": largest, "ci": ci, "cr": cr, "ri": index,
            "ri_table": params.ri,
        }
    )  # fmt: skip
    headline = f" (CR = {shown(cr)}, {'一致性通过' if cr < LIMIT else '一致性未通过'})"
    return Analysis(result, says=verdict(largest, ci, cr), headline=headline)


def verdict(largest: float, ci: float, cr: float) -> str:
    """The consistency check in words."""
    said = "< 0.10, 通过一致性检验" if cr < LIMIT else "≥ 0.10, 未通过一致性检验, 须修正判断矩阵"
    return f"λmax = {largest:.4f}, CI = {max(ci, 0.0):.4f}, CR = {shown(cr)} {said}"


def shown(cr: float) -> str:
    """CR with four decimals; one just below the limit is not shown as on it, and rounding noise not as below 0."""
    return f"{max(min(cr, LIMIT - 1e-4) if cr < LIMIT else cr, 0.0):.4f}"
