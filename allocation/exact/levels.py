"""Leximin by raising one common level: where a rule stops some classes they stay, and the rest go on.

At level t a member has t·merit, held between its bounds. A class's least total is then a piecewise linear function of
t; the tableau says how far t can rise, and which columns prove that it cannot rise further.
"""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from math import lcm
from operator import mul

from allocation.exact.model import Model
from allocation.exact.program import Class, Program


class _Rise:
    """A class's least total as a function of the level t: Σ clip(t·weight, low, high), in pieces A + B·t."""

    __slots__ = ("a", "b", "keys")

    def __init__(self, c: Class, model: Model, scale: int) -> None:
        events: list[tuple[int, int, int]] = []
        start = 0
        for i, low, high in c.bounds(model):
            weight = model.weights[i]
            start += low
            if weight and high > low:
                unit = scale // weight
                events.append((low * unit, -low, weight))
                events.append((high * unit, high, -weight))
        events.sort()
        self.keys: list[int] = []
        self.a, self.b = [start], [0]
        for key, a, b in events:
            if self.keys and self.keys[-1] == key:
                self.a[-1] += a
                self.b[-1] += b
            else:
                self.keys.append(key)
                self.a.append(self.a[-1] + a)
                self.b.append(self.b[-1] + b)

    def piece(self, key: int, n: int, d: int) -> int:
        """The total at level n/d on the piece that follows the event `key`, times d."""
        k = bisect_right(self.keys, key)
        return self.a[k] * d + self.b[k] * n

    def total(self, key: int, scale: int) -> int:
        """The total at the event `key`, times `scale`."""
        k = bisect_right(self.keys, key)
        return self.a[k] * scale + self.b[k] * key


class Filling:
    """The state of the rising level.

    level: the common level t, amounts are t·weight; keys: events (a member reaches a bound) as t·scale, ascending;
    open: classes not stopped yet.
    """

    def __init__(self, program: Program) -> None:
        model = program.frame.model
        free = {c.active.variable: c for c in program.frame.classes if c.active is not None}
        self.tableau = program.tableau
        self.scale = lcm(*(model.weights[i] for c in free.values() for i in c.members if model.weights[i]))
        self.rises = {v: _Rise(c, model, self.scale) for v, c in free.items()}
        self.keys = sorted({key for rise in self.rises.values() for key in rise.keys})
        self.level = Fraction(0)
        self.open: dict[int, Class] = free
        for c in free.values():
            c.level = self.level.as_integer_ratio()

    def run(self) -> None:
        """Raise the level until every class is stopped or full; sets each class's `level`."""
        while self.open:
            for variable in [v for v in self.open if v in self.tableau.fixed]:
                self.open.pop(variable).level = self.level.as_integer_ratio()
            if not self.open or self._position() == len(self.keys):
                break
            self._jump()
            position = self._position()
            if position == len(self.keys):
                break
            here = self._floor()
            slopes = {v: rise.b[bisect_right(rise.keys, here)] for v, rise in self.rises.items() if v in self.open}
            step = Fraction(self.keys[position], self.scale) - self.level
            raised = self._raise(slopes, step) if any(slopes.values()) else step
            self.level += raised
        for c in self.open.values():
            c.level = self.level.as_integer_ratio()

    def _floor(self) -> int:
        return self.level.numerator * self.scale // self.level.denominator

    def _position(self) -> int:
        """How many events are at or behind the level."""
        return bisect_right(self.keys, self._floor())

    def _jump(self) -> None:
        """Go to a late event that the present basis can bear as it is: the basis stays, only amounts move."""
        tableau, variables = self.tableau, list(self.open)
        n, d = self.level.numerator, self.level.denominator
        unit = self.scale * d
        where = {v: j for j, v in enumerate(tableau.cols)}
        lines = []
        for basic, row in zip(tableau.basis, tableau.rows, strict=True):
            coefs = [row[where[v]] if v in where else row[-1] if basic == v else 0 for v in variables]
            if max(coefs) > 0:  # totals only grow: no other row can be hurt
                lines.append((coefs, row[-2] * unit))
        here = self._floor()
        base = [self.rises[v].piece(here, n, d) * self.scale for v in variables]
        low, high, best = self._position(), len(self.keys) - 1, None
        while low <= high:
            middle = (low + high) // 2
            key = self.keys[middle]
            moved = [self.rises[v].total(key, self.scale) * d - b for v, b in zip(variables, base, strict=True)]
            for coefs, room in lines:
                if sum(map(mul, coefs, moved)) > room:
                    high = middle - 1
                    break
            else:
                best, low = (key, moved), middle + 1
        if best is None:
            return
        self.level = Fraction(best[0], self.scale)
        tableau.shift(dict(zip(variables, best[1], strict=True)), unit)

    def _raise(self, slopes: dict[int, int], step: Fraction) -> Fraction:
        """Raise the level by up to `step`; if rules stop it earlier, hold the columns that prove it.

        The rise is a column of its own (_THETA) with the room up to `step` (_ROOM); both are gone afterwards.
        """
        tableau = self.tableau
        where = {v: j for j, v in enumerate(tableau.cols)}
        for basic, row in zip(tableau.basis, tableau.rows, strict=True):
            slope = sum(s * row[where[v]] for v, s in slopes.items() if v in where)
            row[-2:-2] = [slope + slopes.get(basic, 0) * row[-1]]
        tableau.cols.append(_THETA)
        tableau.rows.append([0] * (len(tableau.cols) - 1) + [step.denominator, step.numerator, step.denominator])
        tableau.basis.append(_ROOM)
        raised = tableau.maximize({_THETA: 1})
        if raised is None:
            raise AssertionError("水平每步有上界")
        at = tableau.basis.index(_THETA)
        if _ROOM in tableau.cols:  # reached the next event: nothing stopped it
            j = tableau.cols.index(_ROOM)
            tableau.drop_row(at)
        else:
            stopped = self.level + raised
            tableau.hold(tableau.rows[at], "level", {}, stopped.as_integer_ratio())
            tableau.shift({_THETA: raised.numerator}, raised.denominator)
            # θ leaves for a column just proved to be 0, so that the identities of later steps stay exact
            j = next(k for k, v in enumerate(tableau.cols) if tableau.rows[at][k] and v in tableau.fixed)
            tableau.pivot(at, j)
            tableau.drop_row(tableau.basis.index(_ROOM))
        tableau.drop_column(j)
        return raised


_THETA, _ROOM = -2, -3
