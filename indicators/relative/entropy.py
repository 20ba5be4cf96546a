"""Entropy weights (熵权法): a column weighs the more, the more its values differ between the units.

Source: domain/D_methods 5. Low columns are turned round first. The proportions are those of the values themselves: a
min-max transformation first would give other weights. One column of shares of money can take most of the weight.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pandas as pd

from domain.facts import Strict
from domain.money import format_exact
from domain.problems import Problems
from indicators.relative import DIGITS, Analysis, Array, Table, WeightBars, decimal, floats, need_units, same_direction

TITLE = "熵权法"
PICTURE = WeightBars(("entropy", "熵"))


class Params(Strict):
    """No settings of its own: a low column's `low_to_high` is `complement` to base 100 unless it says otherwise."""


def analyse(table: Table, _params: Params) -> Analysis:
    """One row per column: column, weight, entropy, divergence (1 − entropy).

    0·ln 0 counts as 0; a constant column has entropy 1 and weight 0, exactly. Raises InputProblems for fewer than two
    units, negative values, a column of zeros, and a table in which every column is constant.
    """
    problems = Problems()
    need_units(table, problems)
    values = same_direction(table, problems, "complement", Fraction(100))
    for unit, column in np.argwhere(values < 0):
        problems.add(
            table.cell(int(unit), int(column)),
            "ANALYSE-NEGATIVE",
            f"{format_exact(values[unit, column])} 为负, 熵权法不能用",
            "先平移或删去该列",
        )
    totals = values.sum(axis=0)
    for column in np.flatnonzero((values == 0).all(axis=0)):
        problems.add(table.heading(int(column)), "ANALYSE-ZERO-COLUMN", "全列为 0, 没有比重", "删去该列")
    problems.raise_if_any()
    constant = (values == values[0]).all(axis=0)
    if constant.all():
        problems.add(table.file, "ANALYSE-CONSTANT", "各列都没有差异, 熵权无定义", "检查数据")
        problems.raise_if_any()
    with localcontext(prec=DIGITS):
        one, scale = Decimal(1), Decimal(len(table.units)).ln()
        columns = [
            one if same else _uncertainty(column) / scale
            for same, column in zip(constant, (values / totals).T, strict=True)
        ]
        lacking = [max(one - each, 0 * one) for each in columns]
        exact = [each / sum(lacking) for each in lacking]
    entropy, divergence, weight = (floats(np.array(row, dtype=object)) for row in (columns, lacking, exact))
    heaviest = int(weight.argmax())
    result = pd.DataFrame({"column": list(table.names), "weight": weight, "entropy": entropy, "divergence": divergence})
    return Analysis(result, says=f"权重最大的一列是 {table.names[heaviest]}, 占 {weight[heaviest]:.1%}")


def _uncertainty(shares: Array) -> Decimal:
    """−Σ p·ln p of a column's shares, exact, in the digits of the current context."""
    held = [decimal(share) for share in shares if share > 0]
    return -sum((share * share.ln() for share in held), Decimal(0))
