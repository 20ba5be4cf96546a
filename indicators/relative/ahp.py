"""Analytic hierarchy process (AHP, 层次分析法): weights from a matrix of pairwise judgements.

Source: domain/D_methods 8: principal eigenvector, CI = (λmax − n) / (n − 1), CR = CI / RI, acceptable below 0.10.
The table is the judgement matrix: what stands in it is calculated with, a fraction (1/3) exactly and a decimal as it is
written. Two judgements must be reciprocal as far as their decimals show it (3 and 0.33).
"""

from __future__ import annotations

from fractions import Fraction
from math import fsum
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.facts import Strict
from domain.money import format_exact
from domain.problems import Problems
from indicators.relative import Analysis, Table, WeightBars, floats, total

TITLE = "层次分析法"
PICTURE = WeightBars()
LIMIT = 0.10
"""CR from which the judgements are not consistent enough."""
RANDOM_INDEX = {
    "saaty": (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
    "alternative": (0.0, 0.0, 0.52, 0.89, 1.12, 1.26, 1.36, 1.41, 1.46, 1.49),
}
"""RI for n = 1 … 10: Saaty's, and the other table in use in Chinese programs."""

_NOISE = Fraction(1, 10**14)  # of a reciprocal that a program has written with all digits of a float64


class Params(Strict):
    """ri: which table of random indices; the result names it."""

    ri: Literal["saaty", "alternative"] = "saaty"


def reciprocal(left: Fraction, right: Fraction) -> bool:
    """Whether two judgements are each other's reciprocal as far as decimals show it: 3 and 1/3, 0.33 or 0.333."""
    return _shows(left, 1 / right) or _shows(right, 1 / left)


def _places(written: Fraction) -> int:
    """Decimal places a number is written with, 41 (more than a table may hold) for a fraction such as 1/3."""
    return next((places for places in range(41) if (written * 10**places).denominator == 1), 41)


def _shows(written: Fraction, value: Fraction) -> bool:
    """Whether a decimal is `value`: exactly, rounded or cut off at its places, or as near as float64 holds it."""
    places = _places(written)
    if written == value or places in {0, 41}:
        return written == value
    scaled, cut = written * 10**places, value * 10**places
    near = abs(written - value) <= _NOISE * value
    return near or scaled in {Fraction(int(cut)), Fraction(int(cut + Fraction(1, 2)))}


def principal(matrix: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], float]:
    """The eigenvector of a positive matrix, adding up to 1, and its eigenvalue (power iteration)."""
    weights = np.full(len(matrix), 1 / len(matrix))
    for _ in range(5000):  # a positive matrix converges, the faster the more consistent it is
        image = total(matrix * weights)
        following = image / fsum(image)
        if np.abs(following - weights).max() <= 1e-17:
            break
        weights = following
    return weights, fsum(total(matrix * weights))


def analyse(table: Table, params: Params) -> Analysis:
    """One row per criterion: column, weight, and beside it lambda_max, ci, cr, ri and ri_table.

    The table is the judgement matrix, its rows named as its columns, in their order. For n ≤ 2 CR is 0: such a matrix
    is always consistent. Raises InputProblems for a matrix that is not square, not positive, without ones on the
    diagonal, not reciprocal, or larger than the table of random indices.
    """
    problems = Problems()
    n = len(table.names)
    if len(table.units) != n:
        said = f"判断矩阵不是方阵 ({len(table.units)} 行 {n} 列)"
        problems.add(table.file, "ANALYSE-AHP-SQUARE", said, "每个指标一行一列, 次序相同")
    elif table.units != table.names:
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
                    table.cell(row, column),
                    "ANALYSE-AHP-RECIPROCAL",
                    f"{format_exact(left)} 与 {table.cell(column, row)} 的 {format_exact(right)} 不互为倒数",
                    "核对两处判断",
                )
    problems.raise_if_any()
    weights, largest = principal(floats(table.values))
    if (table.values * table.values.T == 1).all():
        largest = max(largest, float(n))  # of exact reciprocals never below n: the last digit is noise
    index = RANDOM_INDEX[params.ri][n - 1]
    ci = (largest - n) / (n - 1) if n > 1 else 0.0
    cr = ci / index if index else 0.0
    result = pd.DataFrame(
        {
            "column": list(table.names),
            "weight": weights,
            "lambda_max": largest,
            "ci": ci,
            "cr": cr,
            "ri": index,
            "ri_table": params.ri,
        }
    )
    headline = f" (CR = {shown(cr)}, {'一致性通过' if cr < LIMIT else '一致性未通过'})"
    return Analysis(result, says=verdict(largest, ci, cr), headline=headline)


def verdict(largest: float, ci: float, cr: float) -> str:
    """The consistency check in words."""
    said = "< 0.10, 通过一致性检验" if cr < LIMIT else "≥ 0.10, 未通过一致性检验, 须修正判断矩阵"
    return f"λmax = {largest:.4f}, CI = {ci:.4f}, CR = {shown(cr)} {said}"


def shown(cr: float) -> str:
    """CR with four decimals; one just below the limit is not shown as on it, and rounding noise not as below 0."""
    return f"{max(min(cr, LIMIT - 1e-4) if cr < LIMIT else cr, 0.0):.4f}"
