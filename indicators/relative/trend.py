"""Trend (趋势) of a table: full marks for moving the wanted way since the column of the period before.

Source: domain/D_methods 1, the same formula as the curve of that name. A scored column names its `previous` column,
which stands in the same table.
"""

from __future__ import annotations

import numpy as np

from domain.facts import Strict
from domain.problems import Problems
from indicators.curves import trend as curve
from indicators.ratios import Ratios
from indicators.relative import Analysis, Bars, Table, weighted

TITLE = "趋势得分"
PICTURE = Bars("total", "得分", parts="score_")


class Params(Strict):
    """No settings of its own: `previous`, `min_change`, `partial` and `unchanged` stand with the columns."""


def analyse(table: Table, _params: Params) -> Analysis:
    """Columns share_NAME, score_NAME, total, rank for the columns that name a `previous` one; see `weighted`.

    Raises InputProblems for a `previous` that is not in the table or scored itself, columns that are neither scored
    nor anybody's previous, a negative `min_change`, and shares outside 0 … 1.
    """
    problems = Problems()
    scored = [j for j, spec in enumerate(table.specs) if spec.previous is not None]
    before = {spec.previous for spec in table.specs}
    for column, (name, spec, place) in enumerate(zip(table.names, table.specs, table.places, strict=True)):
        if spec.previous is None:
            if name not in before:
                said = f"列 {name} 没有 previous (上期的列), 也不是别列的上期"
                problems.add(place, "ANALYSE-PREVIOUS", said, "补写, 或从表中删去该列")
        elif spec.previous not in table.names:
            problems.add(place, "ANALYSE-PREVIOUS", f"表中没有上期的列 {spec.previous}", "改为表中一列的表头")
        elif table.names.index(spec.previous) in scored:
            problems.add(place, "ANALYSE-PREVIOUS", f"上期的列 {spec.previous} 自己也有 previous", "核对")
        if column in scored and (spec.min_change < 0 or not (0 <= spec.partial <= 1 and 0 <= spec.unchanged <= 1)):
            said = f"列 {name} 的 min_change 为负, 或 partial、unchanged 不在 0 至 1 之间"
            problems.add(place, "ANALYSE-PREVIOUS", said, "改正")
    problems.raise_if_any()
    shares = np.empty((len(table.units), len(scored)), dtype=object)
    for at, column in enumerate(scored):
        spec = table.specs[column]
        change = Ratios.of(table.values[:, column] - table.values[:, table.names.index(spec.previous or "")])
        wanted = change if spec.direction == "high" else -change
        shares[:, at] = curve.trend(wanted, spec.min_change, spec.partial, spec.unchanged).fractions()
    return weighted(table, shares, scored)
