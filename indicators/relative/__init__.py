"""Relative methods: analysis of a whole table of units. They never decide pay.

Every result here depends on who else is in the table, so a member's standing may change because another one joins.
One file per method. A file holds a docstring, `TITLE`, `PICTURE` (what is drawn of its result), a `Params` model (the
mapping under its name in the spec) and `analyse(table, params)`; it is found by looking into this folder, and its name
is the METHOD of `liangyun analyse`.

Values are read exactly; ranks, ties and conversions are exact, and what is written is float64, unrounded. Sums of
floats are taken with `total`, logarithms and powers with decimal numbers: numpy's own may differ in the last digit
from one processor to another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import fsum
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.facts import Strict
from domain.modules import modules
from domain.money import format_exact
from domain.problems import InputProblems, Problem, Problems
from domain.sheets import letters
from domain.values import Exact
from indicators.curves.steps import Step

Array: TypeAlias = npt.NDArray[Any]
Conversion = Literal["complement", "reciprocal"]
NOTICE = "仅供分析, 不作为分配依据"
"""What stands on every picture, and what people and programs are told beside every result."""
UNCHECKED = "口径待核"
"""Of numbers and formulas that no document at hand states."""
DIGITS = 50
"""Of the decimal numbers that logarithms are taken of; three times what float64 holds."""


class ColumnSpec(Strict):
    """What the spec says of one column; a method takes what it needs of it.

    direction: `low` where smaller is better; weight ≥ 0; target, floor: for `attainment` and `efficacy`; cap, band,
    tolerance: for `attainment`; low_to_high, base: how a low column is turned round (`entropy`, `topsis`), before the
    method's own setting; points: `deduction`; steps, below: `steps`; previous (another column's name), min_change,
    partial, unchanged: `trend`; standards (five, best first): `bands`; standard, group: `index`; minutes, difficulty,
    risk, value: `workload`.
    """

    direction: Literal["high", "low"] = "high"
    weight: Exact | None = None
    target: Exact | None = None
    floor: Exact | None = None
    cap: Exact | None = None
    band: tuple[Exact, Exact] | None = None
    tolerance: Exact | None = None
    low_to_high: Conversion | None = None
    base: Exact | None = None
    points: Exact | None = None
    steps: tuple[Step, ...] | None = None
    below: Exact = Fraction(0)
    previous: str | None = None
    min_change: Exact = Fraction(0)
    partial: Exact = Fraction(0)
    unchanged: Exact = Fraction(0)
    standards: tuple[Exact, ...] | None = None
    standard: Exact | None = None
    group: str | None = None
    minutes: Exact | None = None
    difficulty: Exact | None = None
    risk: Exact | None = None
    value: Exact = Fraction(1)


@dataclass(frozen=True)
class Table:
    """A table of numbers: `values` (units, columns), object array of Fraction; specs: one per column.

    header: of the first column; file: the name that problems show; places: file:line of the settings of each column;
    rows: the row of the file that each unit stands in (left out: one after another from row 2).
    """

    header: str
    units: tuple[str, ...]
    names: tuple[str, ...]
    values: Array
    specs: tuple[ColumnSpec, ...]
    file: str
    places: tuple[str, ...]
    rows: tuple[int, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Number of units and of columns."""
        return len(self.units), len(self.names)

    @property
    def low(self) -> npt.NDArray[np.bool_]:
        """Which columns are better the smaller they are, (columns,)."""
        return np.array([spec.direction == "low" for spec in self.specs], dtype=bool)

    @property
    def weights(self) -> Array | None:
        """The weights as given, (columns,), exact; None where none are given."""
        if self.specs[0].weight is None:
            return None
        return np.array([spec.weight for spec in self.specs], dtype=object)

    @property
    def shares(self) -> Array:
        """The weights as shares that add up to 1, (columns,), exact; equal where none are given."""
        weights = self.weights
        if weights is None:
            weights = np.full(len(self.names), Fraction(1), dtype=object)
        return np.asarray(weights / weights.sum(), dtype=object)

    def cell(self, unit: int, column: int) -> str:
        """Where a value stands: file!C5 (the heading is row 1, the units' names are column A)."""
        return f"{self.file}!{letters(column + 1)}{self.rows[unit] if self.rows else unit + 2}"

    def heading(self, column: int) -> str:
        """Where a column's heading stands."""
        return f"{self.file}!{letters(column + 1)}1"


@dataclass(frozen=True)
class Bars:
    """A picture: a bar per unit, best first, as long as its `total`, a column of the result.

    axis: what is measured, in Chinese; parts: the beginning of the names of the columns that add up to the total and
    are stacked, "" for none; written: the column whose number stands at the bar's end, and its Chinese name; marked:
    columns drawn as signs on the bars' own axis, beside: as signs in a panel of their own, both with their Chinese
    names; places: decimals shown.
    """

    total: str
    axis: str
    parts: str = ""
    written: tuple[str, str] | None = None
    marked: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    places: int = 2


@dataclass(frozen=True)
class WeightBars:
    """A picture: a bar per column of the table, heaviest first; written: a further column and its Chinese name."""

    written: tuple[str, str] | None = None


@dataclass(frozen=True)
class RankLine:
    """A picture: RSR over probits with its line and the limits of the grades, from the distribution table."""


@dataclass(frozen=True)
class Analysis:
    """What a method writes: `result`, and further tables by the name that goes into the file's (`distribution`).

    says: the finding in one line of Chinese, shown to people and never written into the tables; cuts: the limits of
    the grades and the grades' names, worst first, where the method has them, and basis: where they come from; headline:
    what belongs into the picture's title.
    """

    result: pd.DataFrame
    further: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    says: str = ""
    cuts: tuple[tuple[float, ...], tuple[str, ...]] = ((), ())
    basis: str = ""
    headline: str = ""


@dataclass(frozen=True)
class Method:
    """One method. `analyse(table, params)` raises InputProblems with every cell it cannot take."""

    name: str
    title: str
    picture: Bars | WeightBars | RankLine
    params: type[Strict]
    analyse: Callable[[Table, Any], Analysis]


def floats(values: Array) -> npt.NDArray[np.float64]:
    """Exact numbers as the nearest float64, same shape."""
    return values.astype(np.float64)


def decimal(value: Fraction) -> Decimal:
    """An exact number in the digits of the current decimal context, correctly rounded."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def total(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The sum along every row, correctly rounded; (rows, columns) → (rows,)."""
    return np.array([fsum(row) for row in values])


def numbers(table: Table, scores: Mapping[str, Array]) -> pd.DataFrame:
    """A result with one row per unit: the names first, then the columns given.

    Raises InputProblems if the heading of the names is also one of the columns.
    """
    if table.header in scores:
        message = f"首列表头 {table.header} 与结果的列重名"
        raise InputProblems([Problem(f"{table.file}!A1", "ANALYSE-HEADING", message, "改用别的表头")])
    return pd.DataFrame({table.header: list(table.units), **scores})


def weighted(table: Table, shares: Array, columns: Sequence[int] | None = None) -> Analysis:
    """Columns share_NAME, score_NAME = weight · share, total = Σ score_NAME, rank.

    shares: exact, one column per column of the table, or per one of `columns`. Weights are full marks, as given;
    without any, each has 1/columns.
    """
    kept = list(range(len(table.names)) if columns is None else columns)
    weights = table.weights
    marks = np.full(len(kept), Fraction(1, len(kept)), dtype=object) if weights is None else weights[kept]
    scores = shares * marks
    total = scores.sum(axis=1)
    found: dict[str, Array] = {f"share_{table.names[at]}": floats(shares[:, j]) for j, at in enumerate(kept)}
    found |= {f"score_{table.names[at]}": floats(scores[:, j]) for j, at in enumerate(kept)}
    found |= {"total": floats(total), "rank": ranking(total)}
    mean = float(total.sum() / len(total))
    says = f"满分 {format_exact(marks.sum())}, 各单位平均 {mean:.2f}"
    return Analysis(numbers(table, found), says=says)


def ranking(scores: Array) -> npt.NDArray[np.int64]:
    """Place of every score, (units,), 1 for the largest; equal scores share the better place."""
    ordered, inverse = np.unique(scores, return_inverse=True)
    above = len(scores) - np.cumsum(np.bincount(inverse, minlength=len(ordered)))
    return np.asarray(above[inverse] + 1, dtype=np.int64)


def need_units(table: Table, problems: Problems, least: int = 2) -> None:
    """Note a table with too few units for a comparison."""
    if len(table.units) < least:
        problems.add(table.file, "ANALYSE-UNITS", f"只有 {len(table.units)} 个单位", f"此法至少要 {least} 个")


def same_direction(table: Table, problems: Problems, low_to_high: Conversion, base: Fraction) -> Array:
    """The values with every low column turned round, (units, columns), exact.

    complement: base − x (rates); reciprocal: base / x (absolute numbers). A column's own setting goes first.
    Notes cells where base − x is negative or x is not positive, and a base of reciprocals that is not positive.
    Source: domain/D_methods 6.
    """
    converted = table.values.copy()
    for column in np.flatnonzero(table.low):
        spec = table.specs[column]
        how, against = spec.low_to_high or low_to_high, base if spec.base is None else spec.base
        values = table.values[:, column]
        if how == "reciprocal" and against <= 0:
            problems.add(
                table.heading(int(column)),
                "ANALYSE-BASE",
                f"倒数法的 base 是 {format_exact(against)}, 不大于 0",
                "写大于 0 的 base (如 100), 或改用 complement",
            )
            continue
        wrong = values > against if how == "complement" else values <= 0
        for unit in np.flatnonzero(wrong):
            where = table.cell(int(unit), int(column))
            if how == "complement":
                problems.add(
                    where,
                    "ANALYSE-COMPLEMENT",
                    f"低优指标 {format_exact(values[unit])} 大于底数 {format_exact(against)}, 余数为负",
                    "改 base (百分率 100, 千分率 1000), 绝对数改用 low_to_high: reciprocal",
                )
            else:
                problems.add(
                    where,
                    "ANALYSE-RECIPROCAL",
                    f"低优指标 {format_exact(values[unit])} 不大于 0, 不能取倒数",
                    "改用 complement",
                )
        if not wrong.any():
            converted[:, column] = against - values if how == "complement" else against / values
    return converted


@cache
def methods() -> dict[str, Method]:
    """Every method of this folder by its name (the file's)."""
    return {
        name: Method(name, code.TITLE, code.PICTURE, code.Params, code.analyse)
        for name, code in modules(__name__).items()
    }
