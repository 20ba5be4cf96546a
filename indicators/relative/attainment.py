"""Target attainment (达标得分) of a table: a share per column, and their weighted sum.

Source: domain/D_methods 1, the same formulas as the curve of that name. A low column without `floor` takes the simple
form target / value; a column with `band` has full marks inside it; nobody earns more than full marks unless a column's
`cap` says so.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from domain.facts import Strict
from domain.problems import Problems
from indicators.curves import attainment as curve
from indicators.ratios import Ratios
from indicators.relative import Analysis, Array, Bars, ColumnSpec, Table, weighted

TITLE = "达标得分"
PICTURE = Bars("total", "得分", parts="score_")


class Params(Strict):
    """No settings of its own: targets and floors stand with the columns."""


def analyse(table: Table, _params: Params) -> Analysis:
    """Columns share_NAME, score_NAME = weight · share, total = Σ score_NAME, rank; see `weighted`.

    Shares lie in [0, cap], cap 1 unless a column's `cap` allows more. Every column has a `target`, or a `band` with
    its `tolerance`. Raises InputProblems where a target is missing, equals the floor, or lies on the wrong side of it,
    where a band is turned round, and where a column has both.
    """
    problems = Problems()
    for name, spec, place in zip(table.names, table.specs, table.places, strict=True):
        _check(name, spec, place, problems)
    problems.raise_if_any()
    shares = np.empty(table.size, dtype=object)
    for column, spec in enumerate(table.specs):
        shares[:, column] = _shares(table.values[:, column], spec)
    return weighted(table, shares)


def _check(name: str, spec: ColumnSpec, place: str, problems: Problems) -> None:
    if spec.cap is not None and spec.cap <= 0:
        problems.add(place, "ANALYSE-TARGET", f"列 {name} 的 cap (封顶) 不大于 0", "改为大于 0 的数, 不加分时删去")
    if spec.band is not None:
        if spec.target is not None or spec.floor is not None or spec.cap is not None:
            problems.add(place, "ANALYSE-TARGET", f"列 {name} 的 band (区间) 与 target、floor、cap 同写", "只留一种")
        if spec.band[0] > spec.band[1] or (spec.tolerance or 0) < 0:
            problems.add(place, "ANALYSE-TARGET", f"列 {name} 的 band 下限大于上限, 或 tolerance 为负", "核对")
        return
    if spec.tolerance is not None:
        problems.add(place, "ANALYSE-TARGET", f"列 {name} 有 tolerance (容差) 而没有 band (区间)", "补写 band 或删去")
    floor = Fraction(0) if spec.floor is None and spec.direction == "high" else spec.floor
    if spec.target is None:
        problems.add(place, "ANALYSE-TARGET", f"列 {name} 没有 target (目标值)", "补写")
    elif floor is None:
        if spec.target <= 0:
            problems.add(place, "ANALYSE-TARGET", f"列 {name} 的 target 不大于 0", "补写 floor (零分值)")
    elif floor == spec.target or (floor > spec.target) != (spec.direction == "low"):
        problems.add(
            place,
            "ANALYSE-TARGET",
            f"列 {name} 的 target 与 floor 相等, 或与 direction 不符",
            "越大越好时 floor 小于 target, 越小越好时大于",
        )


def _shares(values: Array, spec: ColumnSpec) -> Array:
    value, target, cap = Ratios.of(values), spec.target or Fraction(0), Fraction(1) if spec.cap is None else spec.cap
    if spec.band is not None:
        return curve.band(value, *spec.band, spec.tolerance or Fraction(0)).fractions()
    if spec.direction == "low" and spec.floor is None:
        return curve.ratio(value, target, cap=cap).fractions()
    return curve.attainment(value, target, spec.floor or Fraction(0), cap=cap).fractions()
