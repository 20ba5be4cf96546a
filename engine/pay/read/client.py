"""The tax client's own list as `tax_cumulative`: which columns are which, and which are added up, says a YAML.

Source: `configs/tax/client.yaml`, an example that a place makes its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any, Literal

import pandas as pd
from pydantic import Field

import configs
from domain.facts import Strict
from domain.period import Period
from domain.problems import Problems
from domain.values import Source
from engine.read import cells, words
from engine.read.cells import Bad
from engine.read.files import Sheet
from engine.yaml.document import read_yaml
from engine.yaml.schema import validate

_SEARCHED = 8
_FILE = "tax/client.yaml"
_ADDED = ("payer", "basic", "employed_from", "employed_to")


class ClientList(Strict):
    """How such a list is read. heading: what its heading holds; sums: column → headings that are added up."""

    id: str
    title: str
    status: Literal["example", "checked"]
    source: Source
    heading: list[str] = Field(min_length=1)
    person: list[str] = Field(min_length=1)
    kind: str
    kinds: list[str]
    until: str
    before: list[str] = Field(min_length=1)
    now: list[str] = Field(min_length=1)
    sums: Mapping[str, list[str]]


@cache
def client_list() -> ClientList:
    """The list that the program ships. Raises InputProblems."""
    document = read_yaml(configs.folder() / _FILE, name=f"configs/{_FILE}")
    made = validate(ClientList, document, document.data)
    document.raise_if_any()
    if made is None:
        raise ValueError(f"{_FILE}: no list was made, and nothing is wrong with it")
    return made


def as_cumulative(sheet: Sheet, month: str, headings: Mapping[str, Sequence[str]], problems: Problems) -> Sheet:
    """A sheet of the client's as one of `tax_cumulative`, each cell where it stands; any other sheet as it is.

    month: of payment; headings: what columns of `tax_cumulative` may be called, for those that were added. Sums stand
    in the first of their columns; whatever else the list has, such as names, is left out.
    """
    read = client_list()
    for row, line in enumerate(sheet.cells.head(_SEARCHED).to_numpy(), start=1):
        places = {words.key(cell): at for at, cell in reversed(list(enumerate(line))) if isinstance(cell, str)}
        if all(words.key(one) in places for one in read.heading):
            return _made(sheet, row, places, Period.parse(month), headings, problems)
    return sheet


def _made(
    sheet: Sheet,
    heading: int,
    places: Mapping[str, int],
    month: Period,
    headings: Mapping[str, Sequence[str]],
    problems: Problems,
) -> Sheet:
    read = client_list()
    made = pd.DataFrame(index=sheet.cells.index, columns=sheet.cells.columns, dtype=object)
    made = made.where(made.notna(), None)
    taken = {role: _of(headings[role], places)[:1] for role in _ADDED} | {"person_code": _of(read.person, places)[:1]}
    for role, at in taken.items():
        for one in at:
            made[one] = sheet.cells[one]
            made.at[heading, one] = role
    money = {role: _of(several, places) for role, several in read.sums.items()}
    money |= {"withheld_before": _of(read.before, places), "withheld_month": _of(read.now, places)}
    for role, at in money.items():
        if at:
            made.at[heading, at[0]] = role
    until = places[words.key(read.until)]
    made.at[heading, until] = "month"
    of_kind = places.get(words.key(read.kind))
    kinds = frozenset(map(words.key, read.kinds))
    for row in range(heading + 1, len(made) + 1):
        if of_kind is not None and words.key(str(sheet.cells.at[row, of_kind])) not in kinds:
            made.loc[row] = None  # another kind of income, a total, a signature
            continue
        made.at[row, until], past = _month(sheet.cells.at[row, until], month)
        fen = {role: sum(_amounts(sheet, row, at, problems)) for role, at in money.items()}
        if past:
            fen["withheld_before"] += fen["withheld_month"]
            fen["withheld_month"] = 0
        for role, at in money.items():
            if at:
                yuan: Any = Decimal(fen[role]) / 100
                made.at[row, at[0]] = yuan
    made.loc[: heading - 1] = None
    return replace(sheet, cells=made, merges=())


def _of(several: Sequence[str], places: Mapping[str, int]) -> list[int]:
    """The columns of these headings, those that are there."""
    return list(dict.fromkeys(places[words.key(one)] for one in several if words.key(one) in places))


def _month(cell: Any, month: Period) -> tuple[Any, bool]:
    """The month that figures are for, and whether they end with the one before; of another month it stays as it is."""
    day = cells.day(cell, last=True)
    if day is None or isinstance(day, Bad):
        return cell, False
    own = Period.of(day, "month")
    return (str(month), True) if own == month.previous else (str(own), False)


def _amounts(sheet: Sheet, row: int, columns: list[int], problems: Problems) -> Iterator[int]:
    for at in columns:
        read = cells.yuan(sheet.cells.at[row, at])
        if isinstance(read, Bad):
            problems.add(sheet.cell(row, at), *read)
        else:
            yield read or 0
