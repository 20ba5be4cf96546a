"""Which rows speak for a period, and who is a member when."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import FACTS, INSTITUTIONS, MONEY, Facts
from domain.period import Period
from domain.selection import Spans, choose, contradicting, homes, memberships, needed_months, say_months

YEAR = Period.parse("2026")


def chosen(kind: str, texts: list[str], period: str = "2026", *, around: bool = False) -> tuple[list[str], int]:
    """The periods of the rows that count, and the months they cover, of one unit."""
    spans = Spans.of(pd.Series(texts))
    made = choose(kind, spans, np.zeros(len(texts), np.int64), 1, Period.parse(period), around=around)
    return [texts[row] for row in made.rows], int(made.covered[0])


@pytest.mark.parametrize(
    ("texts", "rows", "covered"),
    [
        (["2026"], ["2026"], 0b111111111111),
        (["2026Q1"], ["2026Q1"], 0b000000000111),
        (["2026Q2", "2026-01", "2026-04"], ["2026Q2", "2026-01"], 0b000000111001),
        (["2026H1", "2026", "2025"], ["2026"], 0b111111111111),
        (["2025Q4", "2027-01"], [], 0),
    ],
)
def test_a_flow_is_the_coarsest_rows_inside(texts: list[str], rows: list[str], covered: int) -> None:
    assert chosen("flow", texts) == (rows, covered)


@pytest.mark.parametrize(
    ("kind", "texts", "around", "rows"),
    [
        ("stock", ["2026Q1", "2026Q2", "2026Q4", "2025Q3"], False, []),  # an earlier quarter stands for none
        ("stock", ["2026Q2", "2026Q3"], False, ["2026Q3"]),
        ("stock", ["2026-08", "2026-09"], False, ["2026-09"]),  # the same last day
        ("stock", ["2026-09", "2026H2"], True, ["2026H2"]),  # an opening is that of the period or of one around it
        ("stock", ["2026", "2026H2"], True, ["2026H2"]),
        ("stock", ["2026"], False, []),
        ("to_date", ["2026Q2", "2026"], True, []),
        ("to_date", ["2026Q2", "2026Q3"], False, ["2026Q3"]),
    ],
)
def test_a_snapshot_of_the_third_quarter(kind: str, texts: list[str], around: bool, rows: list[str]) -> None:
    assert chosen(kind, texts, "2026Q3", around=around)[0] == rows


@pytest.mark.parametrize(
    ("texts", "values", "wrong"),
    [
        (["2026", "2026Q1", "2026Q2", "2026Q3", "2026Q4"], [10, 1, 2, 3, 4], []),
        (["2026", "2026Q1", "2026Q2", "2026Q3", "2026Q4"], [11, 1, 2, 3, 4], [1, 2, 3, 4]),
        (["2026", "2026Q1"], [10, 9], []),  # the other quarters may be 1
        (["2026", "2026Q1"], [10, 11], [1]),
        (["2026", "2026Q1"], [10, 10], []),  # and they may be 0
        (["2026", "2026Q1", "2026Q2"], [10, 15, -4], []),  # where one is negative, the others may be so too
        (["2026Q1", "2026-01", "2026"], [1, 2, 10], []),  # only what the year's row hides at its own level is compared
    ],
)
def test_parts_that_contradict_the_whole(texts: list[str], values: list[int], wrong: list[int]) -> None:
    spans, group = Spans.of(pd.Series(texts)), np.zeros(len(texts), np.int64)
    made = choose("flow", spans, group, 1, YEAR)
    assert contradicting(spans, group, values, made, YEAR).tolist() == wrong


@given(st.lists(st.sampled_from(["2026", "2026H1", "2026Q2", "2026Q3", "2026-01", "2026-05", "2026-09"]), unique=True))
def test_chosen_rows_of_a_flow_never_overlap(texts: list[str]) -> None:
    rows, covered = chosen("flow", texts) if texts else ([], 0)
    assert sum(Period.parse(text).months for text in rows) == covered.bit_count()


def test_months_in_words() -> None:
    assert say_months(0b111111111000, YEAR) == "2026年4至12月"
    assert say_months(0b101, Period.parse("2026Q3")) == "2026年7月、9月"


def people(*rows: tuple[str, str, date, date | None]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["unit_code", "alliance_code", "from", "to"])


def test_a_member_owes_the_months_that_begin_while_it_is_one() -> None:
    table = people(
        ("T1", "A1", date(2020, 1, 1), date(2026, 3, 31)),
        ("T1", "A2", date(2026, 10, 1), None),
        ("T2", "A1", date(2026, 8, 16), None),
        ("T3", "A1", date(2020, 1, 1), date(2025, 12, 31)),
        ("T4", "A1", date(2020, 1, 1), date(2026, 1, 1)),  # its last day is the year's first: January begins then
        ("T5", "A1", date(2026, 12, 1), None),
        ("T6", "A1", date(2026, 12, 2), None),  # a member of the year, but no month of it begins from then on
    )
    assert needed_months(table, YEAR) == {"T1": 0b111000000111, "T2": 0b111100000000, "T4": 1, "T5": 1 << 11, "T6": 0}


def test_whole_months_of_membership() -> None:
    table = people(
        ("T1", "A1", date(2026, 7, 1), None),
        ("T2", "A1", date(2026, 7, 2), date(2026, 9, 30)),
        ("T3", "A1", date(2020, 1, 1), date(2026, 9, 29)),
        ("T4", "A1", date(2020, 1, 1), date(2026, 7, 1)),  # of the period by a day, and for no month
        ("T5", "A1", date(2020, 1, 1), date(2026, 7, 31)),  # July, and back for September
        ("T5", "A1", date(2026, 9, 1), None),
        ("T6", "A1", date(2020, 1, 1), date(2026, 6, 30)),
        ("T7", "A1", date(2026, 8, 1), date.max),  # how some programs write that there is no end
        ("T8", "A1", date(2026, 8, 16), None),  # one membership in two rows, the later one first
        ("T8", "A1", date(2020, 1, 1), date(2026, 8, 15)),
        ("T9", "A1", date(2020, 1, 1), date(2026, 8, 14)),  # away for a day of August
        ("T9", "A1", date(2026, 8, 16), date(2026, 9, 30)),
        ("U1", "A1", date(2020, 1, 1), None),  # rows that overlap: the months are there once
        ("U1", "A1", date(2026, 7, 1), date(2026, 8, 15)),
        ("U1", "A1", date(2026, 9, 1), None),
    )
    units = [(f"T{n}", f"T{n}院", "township", "public", "330102", "", True, "", "", "in") for n in range(1, 10)]
    units.append(("U1", "U1院", "township", "public", "330102", "", True, "", "", "in"))
    empty = (pd.DataFrame(columns=list(columns)) for columns in (FACTS, MONEY))
    facts = Facts(pd.DataFrame(units, columns=list(INSTITUTIONS)), table, *empty)
    found = memberships(facts, Period.parse("2026Q3"))
    assert dict(zip(found["unit_code"], found["months"], strict=True)) == {
        "T1": 3,
        "T2": 2,
        "T3": 2,
        "T4": 0,
        "T5": 2,
        "T7": 2,
        "T8": 3,
        "T9": 2,
        "U1": 3,
    }


def test_the_alliance_that_speaks_for_a_member() -> None:
    table = people(
        ("T1", "A2", date(2026, 1, 1), date(2026, 8, 15)),
        ("T1", "A1", date(2026, 8, 16), None),
        ("T2", "A2", date(2026, 1, 1), date(2026, 5, 31)),
        ("T2", "A1", date(2025, 1, 1), date(2025, 12, 31)),
        ("T3", "A2", date(2024, 1, 1), None),
        ("T3", "A1", date(2024, 1, 1), None),
        ("T3", "A3", date(2023, 1, 1), None),
        ("T4", "A2", date(2020, 1, 1), date(2026, 1, 1)),  # of the year by its first day
        ("T5", "A1", date(2020, 1, 1), date(2026, 12, 30)),
        ("T5", "A2", date(2026, 12, 31), None),  # and by its last
        ("T6", "A2", date(2020, 1, 1), date(2025, 12, 31)),
        ("T7", "A2", date(2027, 1, 1), None),
    )
    every = {"T1": "A1", "T2": "A2", "T3": "A1", "T4": "A2", "T5": "A2"}
    found = homes(table, YEAR, ["A1", "A2", "A3"])
    assert found.of == every
    assert found.doubtful == {"T3": ("A1", "A2", "A3")}
    ranked = homes(table, YEAR, ["A1", "A2", "A3"], {"A3": 0, "A2": 1})
    assert ranked.of["T3"] == "A3"
    assert not ranked.doubtful
    assert homes(table, YEAR, ["A2"]).of == dict.fromkeys(every, "A2")
