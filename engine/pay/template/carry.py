"""What of an earlier payment holds for the next one: who there is, what the payer has paid since, what is deferred.

What is carried forward of tax is what these folders paid, no more: every row is marked to be checked with the payer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from domain.money import parse_yuan
from domain.period import Period
from engine.folder.output import INPUTS, PAYMENT, frame_of, read_manifest
from engine.pay.folder.gather import PEOPLE
from engine.pay.people import COLUMNS, People, empty
from engine.pay.read.kept import from_tables

Key = tuple[str, str]
"""Payer and person."""
_SUMS = ("income", "exempt", "special", "additional", "other", "relief", "withheld_before", "withheld_month")


_OF_NEXT_YEAR = {"first_job": "standard"}  # a first employment is of one year


@dataclass(frozen=True)
class Carried:
    """The tables to be written, and of which payer and person the figures stand to be checked, with why."""

    people: People
    to_check: Mapping[Key, str] = field(default_factory=dict)


@dataclass
class _Figures:
    """What a payer knows of a person at a month, and what has been paid since."""

    row: dict[str, Any]
    told: str

    @property
    def month(self) -> str:
        return str(self.row["month"])


def carry(people: People | None, earlier: Iterable[Path], period: Period, month: str) -> Carried:
    """The tables for a payment of `period` in `month`, of those before it.

    people: the tables that are carried over (None: the form is blank); rows of the period itself stay. earlier: pay
    folders, as they were written.
    """
    folders = sorted(earlier, key=lambda folder: (_month(folder), folder.name))
    tables = {name: empty(name) if people is None else people[name] for name in COLUMNS}
    own = {name: table[table["period"] == str(period)] for name, table in tables.items() if "period" in table.columns}
    tables |= {name: table.reset_index(drop=True) for name, table in own.items() if name != "money"}
    tables["deductions"] = _of_month(tables["deductions"], month)
    tables["tax_cumulative"], to_check = _figures(tables["tax_cumulative"], folders, month)
    tables["deferred"] = _balances(tables["deferred"], folders)
    return Carried(People(tables), to_check)


def _month(folder: Path) -> str:
    """The month of payment, of a folder that pays nobody too."""
    return str(read_manifest(folder, PAYMENT)["month"])


def _at(row: Mapping[str, Any]) -> tuple[str, int]:
    """How far a payer's figures go."""
    return str(row["month"]), int(row["income"])


def _of_month(table: pd.DataFrame, month: str) -> pd.DataFrame:
    return table[table["month"] == month].reset_index(drop=True)


def _figures(stated: pd.DataFrame, folders: list[Path], month: str) -> tuple[pd.DataFrame, dict[Key, str]]:
    """The payer's figures at a month: the last that are known, and what the folders paid on top of them."""
    known: dict[Key, _Figures] = {}
    used: list[dict[Key, tuple[str, int]]] = []
    for folder in folders:
        rows = {
            (row["payer"], row["person_code"]): row
            for row in _rows(from_tables(folder / INPUTS / PEOPLE, ["tax_cumulative"])["tax_cumulative"])
        }
        used.append({key: _at(row) for key, row in rows.items()})
        for key, row in rows.items():
            if key not in known or _at(known[key].row) < _at(row):
                known[key] = _Figures(row, f"{folder.name} 用的 {row['month']} 的数")
    last = {key: _at(one.row) for key, one in known.items()}
    for folder, own in zip(folders, used, strict=True):
        for payer, person, paid_in, income, tax in _paid(folder):
            # what was paid on older figures stands in the newest ones, whatever the folders are called
            if (payer, person) in last and own.get((payer, person)) == last[payer, person]:
                known[payer, person] = _later(known[payer, person], paid_in, income, tax, folder.name)
    for row in _rows(stated):
        key, since = (row["payer"], row["person_code"]), known.get((row["payer"], row["person_code"]))
        # what was handed in last stands, unless a folder has paid on top of the same figures
        if since is None or row["month"] > since.month or row["income"] >= since.row["income"]:
            known[key] = _Figures(row, "")
    moved = {key: _moved(one, month) for key, one in known.items() if one.month <= month and _there(one.row, month)}
    to_check = {key: f"待核: {one.told}" for key, one in moved.items() if one.told}
    made = [moved[key].row for key in sorted(moved)]
    return pd.DataFrame(made, columns=[*COLUMNS["tax_cumulative"], "source"], dtype=object), to_check


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _paid(folder: Path) -> Iterable[tuple[str, str, str, int, int]]:
    """Payer, person, month, income and tax of every wage that a folder paid."""
    lines = frame_of(folder, "tax")
    wages = lines[(lines["kind"] == "wages") & (lines["tax"] != "")]
    for payer, person, month, income, tax in wages[["payer", "person_code", "month", "income", "tax"]].itertuples(
        index=False, name=None
    ):
        yield str(payer), str(person), str(month), parse_yuan(income), parse_yuan(tax)


def _later(figures: _Figures, month: str, income: int, tax: int, folder: str) -> _Figures:
    """The figures with one payment more."""
    row = _moved(figures, month).row
    row = {**row, "income": row["income"] + income, "withheld_month": row["withheld_month"] + tax}
    return _Figures(row, "; ".join(filter(None, (figures.told, f"加 {folder} {month} 所发"))))


def _there(row: Mapping[str, Any], month: str) -> bool:
    """Whether somebody was with the payer in the year of a month: who left before has no figures there."""
    return row["employed_to"] is None or str(row["employed_to"].year) >= month[:4]


def _moved(figures: _Figures, month: str) -> _Figures:
    """The same figures as a later month has them: what was withheld is of months before; a new year begins at 0."""
    row = figures.row
    if row["month"] == month:
        return figures
    if str(row["month"])[:4] != month[:4]:
        fresh = {
            **row,
            **dict.fromkeys(_SUMS, 0),
            "month": month,
            "basic": _OF_NEXT_YEAR.get(row["basic"], row["basic"]),
        }
        return _Figures(fresh, f"由 {row['month']} 转入新的纳税年度, 各项从 0 起")
    withheld = row["withheld_before"] + row["withheld_month"]
    told = figures.told or f"{row['month']} 的数"
    moved = {**row, "month": month, "withheld_before": withheld, "withheld_month": 0}
    return _Figures(moved, f"{told}, 转入 {month}, 其他发放和扣除未加")


def _balances(stated: pd.DataFrame, folders: list[Path]) -> pd.DataFrame:
    """The deferred balances: as the last folder closed them, of others as they were stated."""
    keys = ["accrual_year", "unit_code", "person_code", "pool"]
    found = {tuple(row[key] for key in keys): row for row in _rows(stated)}
    for folder in folders:
        for row in _rows(frame_of(folder, "deferred")):
            of = tuple(row[key] for key in keys)
            balance = parse_yuan(row["closing"])
            found[of] = {
                **dict(zip(keys, of, strict=True)),
                "balance": balance,
                "source": f"{folder.name}/deferred.csv",
            }
    rows = [found[of] for of in sorted(found) if found[of]["balance"]]
    return pd.DataFrame(rows, columns=[*COLUMNS["deferred"], "source"], dtype=object)
