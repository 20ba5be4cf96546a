"""A plain exact linear program: dense tableau, whole numbers only. Slow, but easy to check by eye."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import count
from math import lcm
from typing import NamedTuple


class Row(NamedTuple):
    """Σ coefficients · x (`>=` or `==`) bound; the variables are never negative."""

    coefficients: tuple[Fraction, ...]
    sense: str
    bound: Fraction


class Unbounded(ArithmeticError):
    """The objective grows without end."""


def _whole(row: Row) -> list[int]:
    """The row times the common denominator; the bound comes last."""
    values = [*row.coefficients, row.bound]
    scale = lcm(*{value.denominator for value in values})
    return [value.numerator * (scale // value.denominator) for value in values]


class _Tableau:
    """Rows of whole numbers over one common denominator (every basic column is that denominator, once)."""

    def __init__(self, rows: Sequence[Row], lines: Sequence[list[int]], width: int) -> None:
        surplus = [index for index, row in enumerate(rows) if row.sense == ">="]
        self.real = width + len(surplus)
        self.lines: list[list[int]] = []
        self.basis: list[int] = []
        artificial: list[int] = []
        for index, line in enumerate(lines):
            extra = [0] * len(surplus)
            if index in surplus:
                extra[surplus.index(index)] = -1
            values = [*line[:-1], *extra, line[-1]]
            if values[-1] < 0 or (values[-1] == 0 and index in surplus):
                values = [-value for value in values]
            if index in surplus and values[width + surplus.index(index)] == 1:
                self.basis.append(width + surplus.index(index))
            else:
                self.basis.append(self.real + len(artificial))
                artificial.append(index)
            self.lines.append(values)
        for index, values in enumerate(self.lines):
            values[-1:-1] = [int(index == owner) for owner in artificial]
        self.artificial = artificial
        self.denominator = 1

    def pivot(self, row: int, column: int, *others: list[int]) -> None:
        """Bring `column` into the basis at `row`; every division is without remainder (Edmonds)."""
        pivot = self.lines[row]
        value = pivot[column]
        for line in (*self.lines, *others):
            factor = line[column]
            if line is pivot or (not factor and value == self.denominator):
                continue
            line[:] = [(a * value - factor * b) // self.denominator for a, b in zip(line, pivot, strict=True)]
        self.denominator = value
        self.basis[row] = column

    def improve(self, cost: list[int], columns: int, *others: list[int]) -> None:
        """Pivot until no reduced cost among the first `columns` is negative.

        The steepest column first; by Bland's rule, which cannot circle, once that has taken long.
        """
        for step in count():
            open_columns = [j for j in range(columns) if cost[j] < 0]
            if not open_columns:
                return
            column = min(open_columns, key=lambda j: (cost[j], j)) if step < 2 * columns else open_columns[0]
            row = self._leaving(column)
            if row is None:
                raise Unbounded
            self.pivot(row, column, cost, *others)

    def _leaving(self, column: int) -> int | None:
        """The row of the smallest ratio, the first variable among equals; None where no row holds the column back."""
        best = None
        for i, line in enumerate(self.lines):
            if line[column] <= 0:
                continue
            if best is not None:
                nearer = self.lines[best][-1] * line[column] - line[-1] * self.lines[best][column]
                if nearer < 0 or (nearer == 0 and self.basis[i] > self.basis[best]):
                    continue
            best = i
        return best

    def expel_artificial(self, cost: list[int]) -> None:
        """Take artificial variables, all 0 by now, out of the basis; a row that only repeats others goes."""
        for row in reversed(range(len(self.lines))):
            if self.basis[row] < self.real:
                continue
            column = next((j for j in range(self.real) if self.lines[row][j]), None)
            if column is None:
                del self.lines[row], self.basis[row]
                continue
            if self.lines[row][column] < 0:
                self.lines[row][:] = [-value for value in self.lines[row]]
            self.pivot(row, column, cost)


def maximise(objective: Sequence[Fraction | int], rows: Sequence[Row]) -> tuple[Fraction, list[Fraction]] | None:
    """The greatest value and one point that reaches it; None where the rows contradict each other.

    objective: one number per variable; every row has as many coefficients. Raises Unbounded.
    """
    width = len(objective)
    scale = lcm(*(Fraction(value).denominator for value in objective))
    lines = [_whole(row) for row in rows]
    table = _Tableau(rows, lines, width)
    columns = len(table.lines[0]) if table.lines else width + 1
    cost = [-int(value * scale) for value in objective] + [0] * (columns - width)
    if table.artificial:
        missing = [-sum(table.lines[i][j] for i in table.artificial) for j in range(columns)]
        missing[table.real : -1] = [0] * len(table.artificial)
        table.improve(missing, table.real, cost)
        if missing[-1] != 0:
            return None
        table.expel_artificial(cost)
    table.improve(cost, table.real)
    point = [0] * width  # over the table's denominator
    for line, column in zip(table.lines, table.basis, strict=True):
        if column < width:
            point[column] = line[-1]
    for row, (*coefficients, bound) in zip(rows, lines, strict=True):
        over = sum(c * x for c, x in zip(coefficients, point, strict=True) if c) - bound * table.denominator
        if over < 0 or (row.sense == "==" and over) or min(point, default=0) < 0:
            raise AssertionError("the tableau lost a row")
    exact = [Fraction(x, table.denominator) for x in point]
    return sum((c * x for c, x in zip(objective, exact, strict=True) if c), Fraction(0)), exact
