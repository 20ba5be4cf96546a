"""Efficacy in five bands (功效系数法的五档变体): between two standards the share rises from the one's to the other's.

Source: domain/D_methods 4 [B], from the evaluation of state-owned enterprises; its use for alliances is to be checked
(口径待核), and the title says so.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from domain.facts import Strict
from domain.problems import Problems
from indicators.relative import Analysis, Array, Bars, Table, weighted

TITLE = "五档功效系数法 (口径待核)"
PICTURE = Bars("total", "得分", parts="score_")
COEFFICIENTS = tuple(Fraction(tenths, 10) for tenths in (10, 8, 6, 4, 2))
"""Of the five standards, best first: 优秀, 良好, 平均, 较低, 较差."""


class Params(Strict):
    """No settings of its own: the five `standards` stand with the columns."""


def analyse(table: Table, _params: Params) -> Analysis:
    """Columns share_NAME, score_NAME = weight · share, total = Σ score_NAME, rank; see `weighted`.

    From the best standard on the share is 1, short of the worst it is 0. Raises InputProblems for columns that do
    not have five standards, strictly from the best to the worst.
    """
    problems = Problems()
    for name, spec, place in zip(table.names, table.specs, table.places, strict=True):
        sign = 1 if spec.direction == "high" else -1
        ladder = [sign * bound for bound in spec.standards or ()]
        if len(ladder) != len(COEFFICIENTS) or any(upper <= lower for upper, lower in pairwise(ladder)):
            said = f"列 {name} 须有五个 standards (标准值), 由优到差, 互不相等"
            problems.add(
                place, "ANALYSE-STANDARDS", said, "依次写优秀、良好、平均、较低、较差值; 次序须与 direction 相符"
            )
    problems.raise_if_any()
    shares = np.empty(table.size, dtype=object)
    for column, spec in enumerate(table.specs):
        sign = 1 if spec.direction == "high" else -1
        shares[:, column] = bands(sign * table.values[:, column], [sign * bound for bound in spec.standards or ()])
    return weighted(table, shares)


def bands(values: Array, standards: list[Fraction]) -> Array:
    """Share of full marks of every value, (units,), exact; standards: five, larger is better, best first."""
    coefficients: tuple[Any, ...] = COEFFICIENTS  # numpy's types know of no fractions
    share: Array = np.where(values >= standards[-1], coefficients[-1], 0 * coefficients[-1])
    rungs = list(zip(standards, coefficients, strict=True))
    for (upper, top), (lower, bottom) in reversed(list(pairwise(rungs))):
        inside: Array = bottom + (values - lower) / (upper - lower) * (top - bottom)
        share = np.where(values >= lower, np.minimum(inside, top), share)
    return share
