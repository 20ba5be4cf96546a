"""What a pay folder keeps of the tables of people reads back equal, and names nobody."""

from __future__ import annotations

import string
from datetime import date
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.folder.output import write_csv
from engine.pay.people import COLUMNS, DAYS, FEN, NUMBERS, People
from engine.pay.read.kept import from_tables, to_tables
from tests.engine.pay.read.making import CLEAN
from tests.sheets import write_xlsx

CODES = st.text(string.ascii_letters + string.digits + "内科儿", min_size=1, max_size=6)
TEXTS = st.text(string.printable.replace("\r", "") + "，内外科〔〕㈠𠮷", max_size=12).filter(
    lambda text: text[:1] != "'"
)
DECIMALS = st.builds(lambda n, e: Fraction(n, 10**e), st.integers(0, 10**9), st.integers(0, 12))


def cells(column: str) -> st.SearchStrategy[object]:
    if column in FEN:
        return st.none() | st.integers(-(10**13), 10**13)
    if column in NUMBERS:
        return st.none() | DECIMALS | st.fractions(min_value=0, max_denominator=99)
    if column in DAYS:
        return st.none() | st.dates(date(1950, 1, 1), date(2099, 12, 31))
    return CODES if column in {"person_code", "id_number"} else TEXTS


def tables(name: str) -> st.SearchStrategy[pd.DataFrame]:
    columns = [*COLUMNS[name], "source"]
    row = st.tuples(*(cells(column) for column in columns))
    return st.lists(row, max_size=3).map(lambda rows: pd.DataFrame(rows, columns=columns, dtype=object))


def token(number: str) -> str:
    return sha256(number.encode()).hexdigest()


def kept(people: People) -> People:
    with TemporaryDirectory() as folder:
        for name, table in to_tables(people, token).items():
            if len(table):
                write_csv(table, Path(folder) / f"{name}.csv")
        return from_tables(Path(folder))


@settings(max_examples=30, deadline=None)
@given(st.fixed_dictionaries({name: tables(name) for name in COLUMNS}))
def test_what_is_kept_reads_back_equal(made):
    people = kept(People(made))
    for name in COLUMNS:
        if name == "people":
            roster = made[name]
            wanted = roster.assign(id_token=roster["id_number"].map(token))
            wanted = wanted[["person_code", "id_type", "id_token", "source"]]
        else:
            wanted = made[name].iloc[:0] if name == "accounts" else made[name]
        pd.testing.assert_frame_equal(people[name], wanted.astype(object), check_dtype=False)


def test_nobody_is_named(load, tmp_path):
    people = load(write_xlsx(CLEAN, tmp_path / "input.xlsx")).people
    told = "\n".join(table.to_csv() for table in to_tables(people, token).values())
    accounts = [*people["people"]["name"], *people["people"]["id_number"], *people["accounts"]["account"]]
    assert not [one for one in accounts if one in told]
    assert "accounts" not in to_tables(people, token)
    assert kept(people)["posts"]["position"].tolist() == people["posts"]["position"].tolist()
