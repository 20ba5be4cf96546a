"""Efficacy coefficient (功效系数法) of a table: 60 at the floor, 100 at the target, never clipped.

Source: domain/D_methods 4. `target` is the satisfactory value (满意值), `floor` the unacceptable one (不允许值); what a
column does not give is taken from the table: its best and its worst value.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np

from domain.facts import Strict
from domain.problems import Problems
from indicators.curves import efficacy as curve
from indicators.ratios import Ratios
from indicators.relative import DIGITS, Analysis, Array, Bars, Table, decimal, floats, numbers, ranking

TITLE = "功效系数法"
PICTURE = Bars("total", "总功效系数", marked={"total_geometric": "几何平均"})


class Params(Strict):
    """No settings of its own: the two values stand with the columns."""


def analyse(table: Table, _params: Params) -> Analysis:
    """Columns score_NAME, total = Σ w·d / Σ w, total_geometric = exp(Σ w·ln d / Σ w), rank (by total).

    total_geometric is empty for a unit with a coefficient that is not positive. Raises InputProblems where the two
    values of a column are equal (a constant column without them), or lie the wrong way round.
    """
    problems = Problems()
    highest, lowest = table.values.max(axis=0), table.values.min(axis=0)
    best, worst = np.where(table.low, lowest, highest), np.where(table.low, highest, lowest)
    for column, (name, spec) in enumerate(zip(table.names, table.specs, strict=True)):
        best[column] = best[column] if spec.target is None else spec.target
        worst[column] = worst[column] if spec.floor is None else spec.floor
        if best[column] == worst[column] or (worst[column] > best[column]) != (spec.direction == "low"):
            problems.add(
                table.heading(column),
                "ANALYSE-EFFICACY",
                f"列 {name} 的满意值与不允许值相等, 或与 direction 不符",
                "在 target、floor 写明; 全列相同的列不能用表内最大最小值",
            )
    problems.raise_if_any()
    columns = [
        curve.efficacy(Ratios.of(each), *marks) for each, *marks in zip(table.values.T, best, worst, strict=True)
    ]
    scores = np.stack([column.fractions() for column in columns], axis=1)
    total = (scores * table.shares).sum(axis=1)
    positive = np.asarray(scores > 0).all(axis=1)
    geometric = np.full(len(table.units), np.nan)
    geometric[positive] = [_geometric(row, table.shares) for row in scores[positive]]
    written: dict[str, Array] = {f"score_{name}": floats(scores[:, column]) for column, name in enumerate(table.names)}
    written |= {"total": floats(total), "total_geometric": geometric, "rank": ranking(total)}
    says = f"不允许值 60 分, 满意值 100 分, 不截断; 各单位平均 {float(total.sum() / len(total)):.2f}"
    if not positive.all():
        says += f"; {int((~positive).sum())} 个单位有不大于 0 的系数, 几何平均无定义, 空着"
    return Analysis(numbers(table, written), says=says)


def _geometric(scores: Array, shares: Array) -> float:
    """exp(Σ share · ln score) of one unit's positive scores, exact but for the last rounding."""
    with localcontext(prec=DIGITS):
        logs = (decimal(share) * decimal(score).ln() for score, share in zip(scores, shares, strict=True))
        return float(sum(logs, Decimal(0)).exp())
