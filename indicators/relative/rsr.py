"""Rank-sum ratio (秩和比法, 田凤调 1988), with its distribution, regression and grades.

Source: domain/D_methods 7; the limits of the grades there are [B] (口径待核), and what is shown of them says so unless
the spec gives its own. Ranks and RSR are exact, so that equal RSR values are found to be equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from math import fsum, isnan, sqrt
from statistics import NormalDist
from typing import Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from domain.facts import Strict
from domain.problems import Problems
from domain.values import Exact
from indicators.relative import UNCHECKED, Analysis, Array, RankLine, Table, floats, need_units, numbers, ranking

TITLE = "秩和比法"
PICTURE = RankLine()
GRADES: dict[int, tuple[tuple[float, ...], tuple[str, ...]]] = {
    3: ((4.0, 6.0), ("差", "中", "优")),
    4: ((3.5, 5.0, 6.5), ("差", "中", "良", "优")),
    5: ((3.2, 4.4, 5.6, 6.8), ("差", "较差", "中", "良", "优")),
}
"""Lower limits of the grades in probits (included), and their names, worst first; no document at hand states them."""


class Params(Strict):
    """ranks: `integer` (ties share the mean rank) or `linear`, 1 + (n − 1)(x − min) / (max − min).

    weights: `given` uses the columns' weights, where there are any; `none` leaves them out. probit_decimals: probits
    are rounded to so many places before the regression, or not at all. grades: how many (3, 4 or 5). limits: the
    grades' own limits in probits, rising, one fewer than the grades.
    """

    ranks: Literal["integer", "linear"] = "integer"
    weights: Literal["none", "given"] = "given"
    probit_decimals: Literal[2] | None = None
    grades: Literal[3, 4, 5] = 3
    limits: Annotated[tuple[Exact, ...], Field(min_length=2, max_length=4)] | None = None

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if self.limits is None:
            return self
        if any(upper <= lower for lower, upper in pairwise(self.limits)):
            raise ValueError("limits (分档界限) 须由小到大, 互不相等")
        if "grades" in self.model_fields_set and len(self.limits) != self.grades - 1:
            raise ValueError(f"limits 有 {len(self.limits)} 个界限, 而 grades 写 {self.grades} 档, 界限须比档数少 1")
        return self

    @property
    def cuts(self) -> tuple[tuple[float, ...], tuple[str, ...]]:
        """Lower limits of the grades, included, and the grades' names, worst first."""
        if self.limits is None:
            return GRADES[self.grades]
        return tuple(float(limit) for limit in self.limits), GRADES[len(self.limits) + 1][1]

    @property
    def basis(self) -> str:
        """Where the limits come from, for people."""
        return UNCHECKED if self.limits is None else "参数给定"


@dataclass(frozen=True)
class Regression:
    """RSR = a + b · probit over the distinct values, unweighted; r the correlation, f the F statistic.

    NaN where it is undefined: a, b and r for a single value, f for fewer than three or a perfect fit.
    """

    a: float
    b: float
    r: float
    f: float


def integer_ranks(values: Array) -> Array:
    """Rank of every value in its column, 1 for the smallest, the mean rank for ties; (units, columns), exact."""
    ranks = np.empty(values.shape, dtype=object)
    for column in range(values.shape[1]):
        _, at, counts = np.unique(values[:, column], return_inverse=True, return_counts=True)
        doubled = 2 * counts.cumsum() - counts + 1
        ranks[:, column] = np.frompyfunc(lambda twice: Fraction(int(twice), 2), 1, 1)(doubled)[at]
    return ranks


def linear_ranks(values: Array) -> Array:
    """1 + (n − 1)(x − min) / (max − min) of every value in its column; (units, columns), exact.

    A constant column, where that is undefined, has the mean rank (n + 1) / 2 that integer ranks give it.
    """
    units = len(values)
    low, width = values.min(axis=0), values.max(axis=0) - values.min(axis=0)
    constant = np.asarray(width == 0)
    width[constant] = Fraction(1)
    ranks = np.asarray(1 + (units - 1) * (values - low) / width, dtype=object)
    ranks[:, constant] = Fraction(units + 1, 2)
    return ranks


def probit(share: Fraction, decimals: int | None) -> float:
    """5 + Φ⁻¹(share), rounded half-up to `decimals` if told."""
    value = 5 + NormalDist().inv_cdf(float(share))
    if decimals is None:
        return value
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def regression(probits: Array, rsr: Array) -> Regression:
    """The least-squares line of RSR on probits, both float64 (values,)."""
    nothing = float("nan")
    if len(rsr) < 2:
        return Regression(nothing, nothing, nothing, nothing)
    middle, height = fsum(probits) / len(probits), fsum(rsr) / len(rsr)
    x, y = probits - middle, rsr - height
    sxx, sxy, syy = fsum(x * x), fsum(x * y), fsum(y * y)
    if sxx == 0:  # rounding has made all probits equal
        return Regression(nothing, nothing, nothing, nothing)
    slope = sxy / sxx
    r = sxy / sqrt(sxx * syy)
    left = syy - slope * sxy
    undefined = len(rsr) < 3 or left <= 1e-12 * syy
    f = nothing if undefined else slope * sxy / (left / (len(rsr) - 2))
    return Regression(height - slope * middle, slope, r, f)


def distribution(units: tuple[str, ...], rsr: Array, params: Params) -> pd.DataFrame:
    """The distribution table, one row per distinct RSR, smallest first.

    units (names joined by 、), rsr, f, cumulative_f, mean_rank, p (of the last: 1 − 1/(4n)), probit, fitted, grade, and
    on every row the line's a, b, r and f_statistic. Grades are read off the probits; a
    single RSR value has none.
    """
    n = len(rsr)
    distinct, inverse, counts = np.unique(rsr, return_inverse=True, return_counts=True)
    cumulative = counts.cumsum()
    mean_rank = cumulative - (counts - 1) / 2
    shares = [Fraction(int(2 * c - f + 1), 2 * n) for c, f in zip(cumulative, counts, strict=True)]
    shares[-1] = 1 - Fraction(1, 4 * n)
    probits = np.array([probit(share, params.probit_decimals) for share in shares])
    line = regression(probits, floats(distinct))
    limits, titles = params.cuts
    grades = [titles[at] for at in np.searchsorted(limits, probits, side="right")]
    if len(distinct) == 1:
        grades = [""]  # nobody differs from anybody: the probit says how many units there are, and nothing of them
    names = pd.Series(units, dtype=object).groupby(inverse).agg("、".join).to_numpy()
    return pd.DataFrame(
        {
            "units": names,
            "rsr": floats(distinct),
            "f": counts,
            "cumulative_f": cumulative,
            "mean_rank": mean_rank,
            "p": [float(share) for share in shares],
            "probit": probits,
            "fitted": line.a + line.b * probits,
            "grade": grades,
            "a": line.a,
            "b": line.b,
            "r": line.r,
            "f_statistic": line.f,
        }
    )


def analyse(table: Table, params: Params) -> Analysis:
    """Columns rank_NAME (larger is better), rsr, rank (1 for the largest RSR), probit, fitted, grade.

    RSR = Σ R / (columns · n), or Σ w·R / n with weights as shares of their sum. Further table: `distribution`.
    Raises InputProblems for fewer than two units.
    """
    problems = Problems()
    need_units(table, problems)
    problems.raise_if_any()
    better: Any = np.where(table.low, -table.values, table.values)
    ranks = integer_ranks(better) if params.ranks == "integer" else linear_ranks(better)
    n, m = table.size
    shares = table.shares if params.weights == "given" else np.full(m, Fraction(1, m), dtype=object)
    rsr = (ranks * shares).sum(axis=1) / n
    spread = distribution(table.units, rsr, params)
    at = np.unique(rsr, return_inverse=True)[1]
    columns: dict[str, Array] = {f"rank_{name}": floats(ranks[:, j]) for j, name in enumerate(table.names)}
    columns |= {"rsr": floats(rsr), "rank": ranking(rsr)}
    columns |= {name: spread[name].to_numpy()[at] for name in ("probit", "fitted", "grade")}
    a, b, r, f = (float(spread[name].iloc[0]) for name in ("a", "b", "r", "f_statistic"))
    line = f"RSR = {_signed(a)} {'−' if b < 0 else '+'} {abs(b):.4f} Y"
    said = "只有一个 RSR 值, 没有回归线, 不分档" if isnan(b) else line
    said += "" if isnan(f) else f", r = {r:.4f}, F = {f:.2f}"
    cuts = params.cuts if len(spread) > 1 else ((), ())
    if cuts[0]:
        said += f"; 分档界限 {'、'.join(f'{limit:g}' for limit in cuts[0])} ({params.basis})"
    return Analysis(numbers(table, columns), {"distribution": spread}, says=said, cuts=cuts, basis=params.basis)


def _signed(number: float) -> str:
    return f"{number:.4f}".replace("-", "−")
