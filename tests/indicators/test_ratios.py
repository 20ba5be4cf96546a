"""Columns of exact ratios: the same as Fractions one by one, within int64, on its edge and beyond it."""

from __future__ import annotations

import operator
from fractions import Fraction
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.ratios import Column, Ratios, total

WHOLE = st.one_of(st.integers(-50, 50), st.integers(-(2**31), 2**31), st.integers(2**61, 2**65), st.just(-(2**63)))
NUMBER = st.builds(Fraction, WHOLE, WHOLE.filter(bool))
PAIRS = st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=6)


@given(PAIRS, NUMBER)
def test_arithmetic_is_that_of_fractions(pairs: list[tuple[Fraction, Fraction]], one: Fraction) -> None:
    left, right = (list(side) for side in zip(*pairs, strict=True))
    a, b = Ratios.of(left), Ratios.of(right)
    for way in (operator.add, operator.sub, operator.mul):
        assert way(a, b).fractions().tolist() == list(map(way, left, right))
        assert way(a, one).fractions().tolist() == [way(x, one) for x in left]
    assert (-a).fractions().tolist() == [-x for x in left]
    assert total([a, b, a, b, b]).fractions().tolist() == [2 * x + 3 * y for x, y in pairs]
    if all(right):
        found = a / b
        assert (np.asarray(found.den) > 0).all()
        assert found.fractions().tolist() == [x / y for x, y in pairs]
    assert a.lowest().num.tolist() == [x.numerator for x in left]


@given(PAIRS, NUMBER)
def test_comparisons_are_exact(pairs: list[tuple[Fraction, Fraction]], one: Fraction) -> None:
    left, right = (list(side) for side in zip(*pairs, strict=True))
    hair = [x + Fraction(1, 10**30) for x in left]
    a = Ratios.of(left)
    for other in (right, left, hair):
        b = Ratios.of(other)
        for way in (operator.ge, operator.gt, operator.le, operator.lt):
            assert way(a, b).tolist() == list(map(way, left, other))
        assert a.same(b).tolist() == list(map(operator.eq, left, other))
        assert a.smaller(b).fractions().tolist() == list(map(min, left, other))
    low, high = sorted((one, right[0]))
    assert a.clip(low, high).fractions().tolist() == [max(low, min(x, high)) for x in left]


@given(st.lists(st.tuples(NUMBER, st.integers(0, 3)), max_size=8))
def test_sums_and_smallest_by_position(given_rows: list[tuple[Fraction, int]]) -> None:
    values, at = Ratios.of([value for value, _ in given_rows]), np.array([to for _, to in given_rows], dtype=np.int64)
    groups = [[value for value, to in given_rows if to == group] for group in range(4)]
    assert values.sums(at, 4).fractions().tolist() == [reduce(operator.add, group, Fraction(0)) for group in groups]
    assert values.least(at, 4).fractions().tolist() == [min(group, default=Fraction(0)) for group in groups]


def test_int64_stays_as_long_as_it_fits() -> None:
    small = Ratios.of([1, Fraction(2, 3)])
    assert small.num.dtype == (small * small + small).num.dtype == np.int64
    big = small * 2**40 * 2**40
    assert big.num.dtype == object
    assert (big / 2**40 / 2**40).lowest().num.dtype == np.int64


def test_nothing_is_divided_by_zero_and_no_float_is_taken() -> None:
    with pytest.raises(ZeroDivisionError):
        Ratios.of([1, 2]) / Ratios.of([1, 0])
    with pytest.raises(ValueError, match="二进制小数"):
        Ratios.of([1.5])  # type: ignore[list-item]


def test_a_column_gives_nothing_where_there_is_none() -> None:
    column = Column.of([Fraction(1, 2), None, 3])
    assert column.fractions.tolist() == [Fraction(1, 2), None, 3]
    assert column.filled.fractions().tolist() == [Fraction(1, 2), 0, 3]
    assert column.take(np.array([2, -1, 0])).fractions.tolist() == [3, None, Fraction(1, 2)]
    assert Column.of([]).take(np.array([-1])).fractions.tolist() == [None]
