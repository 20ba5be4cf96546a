"""The tables of people as a pay folder keeps them: by codes alone, a token in the place of each ID number."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from domain.money import factor_text, format_yuan, parse_yuan
from domain.sheets import formula_like
from engine.pay.people import COLUMNS, DAYS, FEN, NUMBERS, People, empty

PEOPLE = ("person_code", "id_type", "id_token")
"""The columns of `people` that a pay folder keeps."""


def to_tables(people: People, token: Callable[[str], str]) -> dict[str, pd.DataFrame]:
    """Every table as texts, without names, ID numbers, remarks about people and accounts.

    token: what stands for an ID number. `source` is kept.
    """
    made = {name: _texts(people[name]) for name in COLUMNS if name not in {"people", "accounts"}}
    roster = people["people"]
    tokens = roster.assign(id_token=[token(number) for number in roster["id_number"]])
    return {"people": _texts(tokens[[*PEOPLE, "source"]]), **made}


def from_tables(folder: Path, names: Iterable[str] = COLUMNS) -> People:
    """The tables of a folder that `to_tables` made, written as CSV; a file that is not there is an empty table.

    names: of the tables that are asked for; there are no others.
    """
    columns = {**COLUMNS, "people": PEOPLE}
    return People({name: _read(folder / f"{name}.csv", name, columns[name]) for name in names})


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    made = {name: [_text(str(name), value) for value in column] for name, column in frame.items()}
    return pd.DataFrame(made, columns=frame.columns, dtype="str")


def _text(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column in FEN:
        return format_yuan(value)
    if column in NUMBERS:
        return factor_text(value)
    return value.isoformat() if column in DAYS else str(value)


def _read(path: Path, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    if not path.is_file():
        return empty(name) if name != "people" else pd.DataFrame(columns=[*PEOPLE, "source"], dtype=object)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    made = {one: [_value(one, row[one]) for row in rows] for one in (*columns, "source")}
    return pd.DataFrame(made, dtype=object)


def _value(column: str, text: str) -> object:
    if column in FEN | NUMBERS | DAYS:
        if not text:
            return None
        if column in FEN:
            return parse_yuan(text)
        return Fraction(text) if column in NUMBERS else date.fromisoformat(text)
    # what a spreadsheet could take for a formula stands in the file behind an apostrophe
    return text[1:] if text.startswith("'") and formula_like(text[1:]) else text
