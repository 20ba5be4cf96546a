"""The tests' own linear program against the corners of small polyhedra, listed one by one."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.allocation.exact_lp import Row, Unbounded, maximise

SMALL = st.integers(-3, 3).map(Fraction)


def solve_square(lines: list[tuple[tuple[Fraction, ...], Fraction]]) -> list[Fraction] | None:
    """The one point where three planes meet, by Cramer's rule."""
    matrix = [line[0] for line in lines]
    whole = determinant(matrix)
    if not whole:
        return None
    point = []
    for column in range(3):
        changed = [(*row[:column], bound, *row[column + 1 :]) for row, (_, bound) in zip(matrix, lines, strict=True)]
        point.append(determinant(changed) / whole)
    return point


def determinant(m: list[tuple[Fraction, ...]]) -> Fraction:
    """Of three rows of three."""
    (a, b, c), (d, e, f), (g, h, i) = m
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


@settings(max_examples=400)
@given(
    st.tuples(SMALL, SMALL, SMALL),
    st.lists(st.tuples(st.tuples(SMALL, SMALL, SMALL), st.sampled_from((">=", ">=", "==")), SMALL), max_size=5),
)
def test_best_corner(objective: tuple[Fraction, ...], drawn: list[tuple[tuple[Fraction, ...], str, Fraction]]) -> None:
    box = Row((Fraction(-1),) * 3, ">=", Fraction(-5))
    rows = [box, *(Row(*one) for one in drawn)]
    axes = [(tuple(Fraction(int(i == j)) for j in range(3)), Fraction(0)) for i in range(3)]
    planes = [*axes, *((row.coefficients, row.bound) for row in rows)]
    corners = []
    for chosen in combinations(planes, 3):
        point = solve_square(list(chosen))
        if point is None or min(point) < 0:
            continue
        reached = [sum(c * x for c, x in zip(row.coefficients, point, strict=True)) for row in rows]
        if all(r == row.bound if row.sense == "==" else r >= row.bound for r, row in zip(reached, rows, strict=True)):
            corners.append(point)
    found = maximise(objective, rows)
    if not corners:
        assert found is None
    else:
        assert found is not None
        assert found[0] == max(sum(c * x for c, x in zip(objective, point, strict=True)) for point in corners)


def test_without_end() -> None:
    with pytest.raises(Unbounded):
        maximise([Fraction(1)], [Row((Fraction(1),), ">=", Fraction(2))])
