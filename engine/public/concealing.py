"""Which amounts may be published, and which only together: behind every published one stand at least FEWEST people.

    lines = publish(parts, people, few, 3)    # of one alliance; a part is what one institution got out of one pool

Every part goes into one line at most, and every sum is the sum of the published cells: whatever can be had from the
published numbers by adding and subtracting is made of whole cells, and so of the amounts of FEWEST people or more.

    alone      an institution of FEWEST people or more
    together   the others, as one line; while it, or a cell of it, is of fewer, the smallest institution (that has an
               amount in the same column) joins them
    apart      pay of certain people of an institution (its head, its general practitioners) who are fewer or of whom
               nobody knows how many they are: one line, and no part of their institution's

What is still of fewer people is withheld: in no cell and in no sum. Two pools may pay the same people of an
institution, so its largest number counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

FEWEST = 3  # people behind any published amount


@dataclass(frozen=True)
class Part:
    """What one institution got out of one pool: its column (what for), fen, and the people behind it, at least.

    apart: what certain people of it get, in words; "" where it is for the institution or its staff as a whole.
    """

    unit: str
    column: int
    fen: int
    people: Fraction
    apart: str = ""


@dataclass(frozen=True)
class PublicLine:
    """One line: fen by column, None where it is withheld; units: whose, by code; people: behind each amount, at least.

    titles: what people get, of the kind apart.
    """

    kind: Literal["alone", "together", "apart"]
    units: tuple[str, ...]
    cells: tuple[int | None, ...]
    people: Fraction
    titles: tuple[str, ...] = ()

    @property
    def sums(self) -> list[int]:
        """What it adds to the sums, by column."""
        return [fen or 0 for fen in self.cells]

    @property
    def withheld(self) -> bool:
        """Whether nothing of it is published."""
        return None in self.cells and not any(self.cells)


def publish(
    parts: Sequence[Part], people: Mapping[str, Fraction], few: Collection[str], columns: int
) -> list[PublicLine]:
    """The lines of one alliance; institutions without an amount stand in one too.

    people: of every institution, at least; few: those that never stand alone, besides those of fewer than FEWEST.
    """
    whole = [part for part in parts if not part.apart]
    units = sorted({part.unit for part in whole})
    joined = [unit for unit in units if unit in few or people[unit] < FEWEST]
    alone = [unit for unit in units if unit not in joined]
    while one := _next(joined, alone, whole, people, columns):
        alone.remove(one)
        joined.append(one)
    lines = [PublicLine("alone", (unit,), tuple(_sums(whole, {unit}, columns)), people[unit]) for unit in alone]
    if joined:
        lines.append(_together(joined, whole, people, columns))
    pay = [part for part in parts if part.apart and part.fen]
    return [*lines, _apart(pay, columns)] if pay else lines


def _sums(parts: Iterable[Part], units: Iterable[str], columns: int) -> list[int]:
    sums, wanted = [0] * columns, set(units)
    for part in parts:
        if part.unit in wanted:
            sums[part.column] += part.fen
    return sums


def _behind(parts: Iterable[Part], units: Iterable[str], column: int) -> Fraction:
    """The people behind the amounts of these institutions in one column, at least."""
    most: dict[str, Fraction] = {}
    wanted = set(units)
    for part in parts:
        if part.unit in wanted and part.column == column and part.fen:
            # whoever got money is one person at least, whatever number was reported
            most[part.unit] = max(part.people, most.get(part.unit, Fraction(0)), Fraction(1))
    return sum(most.values(), Fraction(0))


def _short(behind: Fraction) -> bool:
    """Whether an amount is of too few people; nobody is behind no amount."""
    return 0 < behind < FEWEST


def _next(
    joined: Sequence[str], alone: Sequence[str], parts: Sequence[Part], people: Mapping[str, Fraction], columns: int
) -> str | None:
    """The next institution to join those that are published together; None if none helps or none is needed."""
    if joined and alone and sum(people[unit] for unit in joined) < FEWEST:
        return min(alone, key=lambda unit: (people[unit], unit))
    for at in range(columns):
        if _short(_behind(parts, joined, at)):
            paid = {part.unit for part in parts if part.column == at and part.fen}
            if helping := [unit for unit in alone if unit in paid]:
                return min(helping, key=lambda unit: (people[unit], unit))
    return None


def _together(units: Sequence[str], parts: Sequence[Part], people: Mapping[str, Fraction], columns: int) -> PublicLine:
    sums, behind = _sums(parts, units, columns), sum((people[unit] for unit in units), Fraction(0))
    cells = [None if behind < FEWEST or _short(_behind(parts, units, at)) else sums[at] for at in range(columns)]
    return PublicLine("together", tuple(sorted(units)), tuple(cells), behind)


def _apart(pay: Sequence[Part], columns: int) -> PublicLine:
    units = sorted({part.unit for part in pay})
    behind, sums = [_behind(pay, units, at) for at in range(columns)], _sums(pay, units, columns)
    cells = tuple(None if _short(behind[at]) else sums[at] for at in range(columns))
    people = min((one for one in behind if one >= FEWEST), default=Fraction(0))
    return PublicLine("apart", tuple(units), cells, people, tuple(dict.fromkeys(part.apart for part in pay)))
