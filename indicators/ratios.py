"""Exact ratios of whole columns: numerators and denominators as two arrays of whole numbers.

They are int64 while a bound proves that every product fits, and Python ints (object arrays) from there on, by the same
code. Fractions are made of them only where a cell is written or a number is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Mask: TypeAlias = npt.NDArray[np.bool_]
Number: TypeAlias = "Ratios | Fraction | int"

_FITS = 2**62  # a sum of two such products still is an int64
_PYTHON = np.dtype(object)


def whole(numbers: Sequence[int]) -> Array:
    """Whole numbers as int64 where all of them fit, else as Python ints."""
    fits = max(map(abs, numbers), default=0) < _FITS
    return np.array(numbers, dtype=np.int64 if fits else object)


def _highest(numbers: Array) -> int:
    """A number that no absolute value exceeds; beyond `_FITS` for Python ints, never 0."""
    if numbers.dtype == object:
        return _FITS
    return max(int(numbers.max()), -int(numbers.min()), 1) if numbers.size else 1


@dataclass(frozen=True, eq=False)
class Ratios:
    """num / den, two arrays of one shape of int64 or Python ints, den > 0; in lowest terms only after `lowest`.

    Arithmetic and comparisons go with Ratios of the same shape (or one that broadcasts to it) and with a Fraction or
    int for all.
    """

    num: Array
    den: Array

    @classmethod
    def of(cls, values: Iterable[Fraction | int | None]) -> Ratios:
        """One per value; 0 where there is None. Raises ValueError for a float: what is scored is exact."""
        given = [0 if value is None else value for value in values]
        if any(isinstance(value, float) for value in given):
            raise ValueError("比例和分值须为精确的数, 不能为二进制小数")
        return cls(whole([value.numerator for value in given]), whole([value.denominator for value in given]))

    @classmethod
    def full(cls, size: int, value: Fraction | int) -> Ratios:
        """The same number `size` times."""
        one = cls.of([value])
        return cls(np.repeat(one.num, size), np.repeat(one.den, size))

    @classmethod
    def where(cls, mask: Mask, these: Number, others: Number) -> Ratios:
        """`these` where the mask is set, else `others`."""
        a, b = _ratios(these), _ratios(others)
        return cls(np.where(mask, a.num, b.num), np.where(mask, a.den, b.den))

    def __len__(self) -> int:
        return len(self.num)

    def __getitem__(self, which: Any) -> Ratios:
        return Ratios(self.num[which], self.den[which])

    def __neg__(self) -> Ratios:
        return Ratios(-self.num, self.den)

    def __add__(self, other: Number) -> Ratios:
        other = _ratios(other)
        if np.array_equal(self.den, other.den):  # counts and money: the denominators stay small
            above = [one.num if _highest(one.num) < _FITS else one.num.astype(object) for one in (self, other)]
            return Ratios(above[0] + above[1], self.den)
        a, b = _crossed(self, other)
        return Ratios(a.num * b.den + b.num * a.den, a.den * b.den)

    def __sub__(self, other: Number) -> Ratios:
        return self + -_ratios(other)

    def __mul__(self, other: Number) -> Ratios:
        a, b = self, _ratios(other)
        if not _straight(a, b):
            a, b = a.shortened, b.shortened
            if not _straight(a, b):
                a, b = a.unbounded, b.unbounded
        return Ratios(a.num * b.num, a.den * b.den)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Ratios:
        """Raises ZeroDivisionError if any divisor is 0."""
        divisor = _ratios(other)
        if (divisor.num == 0).any():
            raise ZeroDivisionError
        over = Ratios(np.where(divisor.num < 0, -divisor.den, divisor.den), abs(divisor.num))
        return self * over

    def __rtruediv__(self, number: Fraction | int) -> Ratios:
        return _ratios(number) / self

    def __ge__(self, other: Number) -> Mask:
        a, b = _crossed(self, _ratios(other))
        return np.asarray(a.num * b.den >= b.num * a.den, dtype=bool)

    def __le__(self, other: Number) -> Mask:
        return -self >= -_ratios(other)

    def __gt__(self, other: Number) -> Mask:
        return ~(self <= other)

    def __lt__(self, other: Number) -> Mask:
        return ~(self >= other)

    def same(self, other: Number) -> Mask:
        """Where the two are equal."""
        a, b = _crossed(self, _ratios(other))
        return np.asarray(a.num * b.den == b.num * a.den, dtype=bool)

    def clip(self, low: Fraction | int, high: Fraction | int) -> Ratios:
        """Kept between two numbers."""
        return Ratios.where(self >= high, high, Ratios.where(self <= low, low, self))

    def smaller(self, other: Number) -> Ratios:
        """The smaller of two, one by one."""
        return Ratios.where(self <= other, self, other)

    def lowest(self) -> Ratios:
        """In lowest terms, as int64 again where all of them fit."""
        common = np.gcd(self.num, self.den)
        num, den = self.num // common, self.den // common
        if _PYTHON in {num.dtype, den.dtype}:
            num, den = whole(num.ravel().tolist()).reshape(num.shape), whole(den.ravel().tolist()).reshape(den.shape)
        return Ratios(num, den)

    def common(self) -> Ratios:
        """The same with one denominator for all, so that sums only add numerators."""
        if not len(self) or (self.den == self.den[0]).all():
            return self
        shared = lcm(*np.unique(self.den).tolist())
        times = shared // self.den if shared < _FITS else shared // self.den.astype(object)
        num = self.num if _highest(self.num) * shared < _FITS else self.num.astype(object)
        return Ratios(num * times, np.repeat(whole([shared]), len(self)))

    def sums(self, at: Array, size: int) -> Ratios:
        """Added up by position, (size,): `at` says where each one goes."""
        one = self.common()
        num = np.zeros(size, dtype=np.int64 if _highest(one.num) * len(at) < _FITS else object)
        np.add.at(num, at, one.num)
        return Ratios(num, np.repeat(one.den[:1] if len(at) else whole([1]), size))

    def least(self, at: Array, size: int) -> Ratios:
        """The smallest by position, (size,); 0 where there is none."""
        one = self.common()
        num = np.zeros(size, dtype=one.num.dtype)
        num[at] = one.num
        np.minimum.at(num, at, one.num)
        return Ratios(num, np.repeat(one.den[:1] if len(at) else whole([1]), size))

    @cached_property
    def shortened(self) -> Ratios:
        """In lowest terms where that is quick: Python ints stay as they are."""
        return self if _PYTHON in {self.num.dtype, self.den.dtype} else self.lowest()

    @cached_property
    def unbounded(self) -> Ratios:
        """The same as Python ints."""
        return Ratios(self.num.astype(object), self.den.astype(object))

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """What no numerator and no denominator exceeds; beyond every int64 product for Python ints."""
        return _highest(self.num), _highest(self.den)

    def fractions(self, there: Mask | None = None) -> Array:
        """As an object array of Fraction, None where nothing is `there`."""
        found = np.full(self.num.shape, None, dtype=object)
        known = np.ones(self.num.shape, dtype=bool) if there is None else there
        pairs = zip(self.num[known].tolist(), self.den[known].tolist(), strict=True)
        made = np.empty(int(known.sum()), dtype=object)
        made[:] = [Fraction(above, below) for above, below in pairs]
        found[known] = made
        return found


@dataclass(frozen=True)
class Column:
    """A column of numbers, (units,): `ok` False where there is none, and `value` is then 0 or without meaning."""

    value: Ratios
    ok: Mask

    @classmethod
    def of(cls, values: Sequence[Fraction | int | None]) -> Column:
        """One per value, None where there is none."""
        return cls(Ratios.of(values), np.array([value is not None for value in values], dtype=bool))

    @property
    def filled(self) -> Ratios:
        """The values with 0 where there is none, so that formulas run over the whole column."""
        return self.value if self.ok.all() else Ratios.where(self.ok, self.value, 0)

    def take(self, at: Array) -> Column:
        """The rows at these positions; none where the position is negative."""
        if not len(self.ok):
            return Column(Ratios.full(len(at), 0), np.zeros(len(at), dtype=bool))
        return Column(self.value[at], self.ok[at] & (at >= 0))

    @cached_property
    def fractions(self) -> Array:
        """As an object array of Fraction, None where there is none."""
        return self.value.fractions(self.ok)


def total(parts: Sequence[Ratios]) -> Ratios:
    """The sum of many columns, in lowest terms: added in a tree, so that what fits int64 is added there."""
    left = list(parts)
    while len(left) > 1:
        pairs = [left[at] + left[at + 1] for at in range(0, len(left) - 1, 2)]
        left = pairs + left[len(left) - len(left) % 2 :]
    return left[0].lowest()


def _ratios(number: Number) -> Ratios:
    return number if isinstance(number, Ratios) else Ratios.of([number])


def _straight(a: Ratios, b: Ratios) -> bool:
    """Whether the products of numerators and of denominators fit."""
    return a.bounds[0] * b.bounds[0] < _FITS and a.bounds[1] * b.bounds[1] < _FITS


def _crossed(a: Ratios, b: Ratios) -> tuple[Ratios, Ratios]:
    """The two so that every product with the other's denominator, and the sum of two, fits."""

    def fits() -> bool:
        (above, below), (over, under) = a.bounds, b.bounds
        return max(above * under, over * below, below * under) < _FITS // 2

    if not fits():
        a, b = a.shortened, b.shortened
        if not fits():
            a, b = a.unbounded, b.unbounded
    return a, b
