"""What is published, together or not at all: nothing printed tells what fewer than three people got."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.public.concealing import FEWEST, Part, PublicLine, publish

COLUMNS = 3
PEOPLE = {"T1": Fraction(20), "T2": Fraction(9), "P1": Fraction(2), "P2": Fraction(1), "V1": Fraction(5)}


def part(unit: str, column: int = 0, fen: int = 100, people: int | None = None, apart: str = "") -> Part:
    return Part(unit, column, fen, PEOPLE[unit] if people is None else Fraction(people), apart)


def made(*parts: Part, few: str = "V1") -> list[tuple[str, tuple[str, ...], tuple[int | None, ...]]]:
    return [(line.kind, line.units, line.cells) for line in publish(parts, PEOPLE, {few}, COLUMNS)]


@pytest.mark.parametrize(
    ("units", "together"),
    [
        (["T1", "T2"], ()),
        # an institution with two people cannot stand alone: the smallest of the others joins it
        (["T1", "T2", "P1"], ("P1", "T2")),
        # three people together are enough
        (["T1", "P1", "P2"], ("P1", "P2")),
        # some never stand alone, however many they are
        (["T1", "V1"], ("V1",)),
        (["P1"], ("P1",)),
    ],
)
def test_who_is_published_together(units: list[str], together: tuple[str, ...]) -> None:
    lines = publish([part(unit) for unit in units], PEOPLE, {"V1"}, COLUMNS)
    assert [line.units for line in lines if line.kind == "together"] == ([together] if together else [])
    assert sorted(unit for line in lines for unit in line.units) == sorted(units)


def test_a_column_of_fewer_people_is_joined_by_one_who_has_an_amount_in_it() -> None:
    # P1 and P2 are three people, but only P2 has a subsidy; of the others only T1 has one
    lines = made(part("P1"), part("P2"), part("P2", 2, 7), part("T1"), part("T1", 2, 50), part("T2"))
    assert lines == [("alone", ("T2",), (100, 0, 0)), ("together", ("P1", "P2", "T1"), (300, 0, 57))]


def test_a_column_that_nobody_can_join_is_withheld() -> None:
    assert made(part("P1"), part("P2"), part("P2", 2, 7)) == [("together", ("P1", "P2"), (200, 0, None))]


def test_pay_of_certain_people_stands_apart() -> None:
    salary = [part(unit, 1, 40, 1, "年薪") for unit in ("T1", "T2", "P1")]
    assert made(part("T1"), part("T2"), *salary, part("T1", 2, 9, 2, "津贴")) == [
        ("alone", ("T1",), (100, 0, 0)),
        ("alone", ("T2",), (100, 0, 0)),
        ("apart", ("P1", "T1", "T2"), (0, 120, None)),
    ]


def test_two_pools_may_pay_the_same_people() -> None:
    pay = [part("T1", 1, 40, 1, "年薪"), part("T1", 1, 30, 1, "津贴"), part("T2", 1, 20, 1, "津贴")]
    assert made(*pay) == [("apart", ("T1", "T2"), (0, None, 0))]  # a head may be a general practitioner


# ── nothing can be had by subtraction ─────────────────────────────────────────────────────────────────────


@st.composite
def alliances(draw: st.DrawFn) -> tuple[list[Part], dict[str, Fraction], set[str]]:
    """Institutions of 0 (as reported) to 4 people with amounts of several pools, some for one or two of them."""
    people = {f"U{at}": Fraction(draw(st.integers(0, 4))) for at in range(draw(st.integers(1, 5)))}
    parts = []
    for unit, number in people.items():
        for column in range(COLUMNS):
            if draw(st.booleans()):
                parts.append(Part(unit, column, draw(st.integers(0, 2)), number))
            if draw(st.booleans()):
                parts.append(Part(unit, column, draw(st.integers(0, 2)), Fraction(draw(st.integers(1, 2))), "津贴"))
    return parts, people, {unit for unit in people if draw(st.integers(0, 4)) == 0}


def printed(lines: Sequence[PublicLine], parts: Sequence[Part]) -> Iterator[list[Fraction]]:
    """Every number of the sheet (cells, sums of lines, of columns, of all) as the parts it is the sum of."""
    cells = {
        (at, column): [Fraction(_inside(one, line, column)) for one in parts]
        for at, line in enumerate(lines)
        for column, fen in enumerate(line.cells)
        if fen is not None
    }
    yield from cells.values()
    for which in (0, 1):
        for number in {key[which] for key in cells}:
            yield [
                sum(column) for column in zip(*(row for key, row in cells.items() if key[which] == number), strict=True)
            ]
    if cells:
        yield [sum(column) for column in zip(*cells.values(), strict=True)]


def _inside(one: Part, line: PublicLine, column: int) -> bool:
    return one.unit in line.units and one.column == column and bool(one.apart) == (line.kind == "apart")


def rank(rows: Sequence[Sequence[Fraction]]) -> int:
    """By exact elimination."""
    left, found = [list(row) for row in rows], 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left[found:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(found, pivot)
        for at in range(found + 1, len(left)):
            factor = left[at][column] / pivot[column]
            left[at] = [one - factor * other for one, other in zip(left[at], pivot, strict=True)]
        found += 1
    return found


def tiny(parts: Sequence[Part], people: dict[str, Fraction]) -> Iterator[set[int]]:
    """Every set of amounts that are of fewer than FEWEST people together: single ones, and all of the same people."""
    paid = [at for at, one in enumerate(parts) if one.fen]
    groups: dict[tuple[str, ...], set[int]] = {(str(at),): {at} for at in paid}
    for at in paid:
        groups.setdefault((parts[at].unit, parts[at].apart), set()).add(at)
    number = {  # who was paid is one at least, whatever was reported
        key: max(1, *(parts[at].people if parts[at].apart else people[parts[at].unit] for at in group))
        for key, group in groups.items()
    }
    for count in (1, 2):
        for chosen in combinations(groups, count):
            if sum(number[key] for key in chosen) < FEWEST:
                yield set().union(*(groups[key] for key in chosen))


@given(alliances())
def test_no_sum_or_difference_of_printed_numbers_is_of_fewer_than_three_people(
    case: tuple[list[Part], dict[str, Fraction], set[str]],
) -> None:
    parts, people, few = case
    lines = publish(parts, people, few, COLUMNS)
    rows = [
        [one if part.fen else Fraction(0) for one, part in zip(row, parts, strict=True)]
        for row in printed(lines, parts)
    ]
    for hidden in tiny(parts, people):
        # a combination of the rows that is 0 everywhere outside `hidden` would tell something of those amounts alone
        outside = [[one for at, one in enumerate(row) if at not in hidden] for row in rows]
        assert rank(outside) == rank(rows)


@given(alliances())
def test_every_amount_is_in_one_cell_at_most_and_every_cell_is_their_sum(
    case: tuple[list[Part], dict[str, Fraction], set[str]],
) -> None:
    parts, people, few = case
    lines = publish(parts, people, few, COLUMNS)
    seen = [0] * len(parts)
    for line in lines:
        for column, fen in enumerate(line.cells):
            inside = [at for at, one in enumerate(parts) if _inside(one, line, column)]
            for at in inside:
                seen[at] += 1
            assert fen is None or fen == sum(parts[at].fen for at in inside)
    assert all(count == 1 for count, one in zip(seen, parts, strict=True) if one.fen)
    assert not [line for line in lines if line.kind == "alone" and set(line.units) & few]


@given(alliances(), st.data())
def test_who_is_hidden_may_have_got_anything_else(
    case: tuple[list[Part], dict[str, Fraction], set[str]], data: st.DataObject
) -> None:
    parts, people, few = case
    lines = publish(parts, people, few, COLUMNS)
    withheld = [
        at
        for at, one in enumerate(parts)
        for line in lines
        if one.fen and _inside(one, line, one.column) and line.cells[one.column] is None
    ]
    if not withheld:
        return
    at = data.draw(st.sampled_from(withheld))
    other = [Part(one.unit, one.column, 999, one.people, one.apart) if n == at else one for n, one in enumerate(parts)]
    assert publish(other, people, few, COLUMNS) == lines
