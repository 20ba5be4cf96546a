"""What a payment was made of, kept in its folder: plan, catalogue, tax tables, people by codes, the run's tables.

inputs/plan/ID.yaml, inputs/plan/packs/*, inputs/metrics.yaml
inputs/tax/*.yaml         the tables and dates that tax went by
inputs/people/*.csv       every table by codes alone: no name, ID number, account; id_token in their place
inputs/run/               engine.pay.folder.from_run
inputs/before/            the folder that is corrected or completed, whole
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from engine.folder.intact import intact
from engine.folder.output import INPUTS, MANIFEST, PAYMENT, write_csv
from engine.pay.folder.key import PayKey
from engine.pay.people import People
from engine.pay.read.kept import from_tables, to_tables

PEOPLE, BEFORE = "people", "before"
_FREE = frozenset({"document", "reason", "note", "old_value", "new_value"})
"""Columns of anybody's words: a name in them is written as its person's code."""


def keep_people(people: People, key: PayKey, inputs: Path) -> None:
    """The tables of people by codes alone."""
    folder = inputs / PEOPLE
    folder.mkdir()
    roster = people["people"]
    names = {str(name): str(code) for code, name in zip(roster["person_code"], roster["name"], strict=True) if name}
    for name, table in to_tables(people, key.token).items():
        if len(table):
            write_csv(_nameless(table, names), folder / f"{name}.csv")


def _nameless(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The table with names in free words written as codes, the longest name first."""
    known = sorted(names, key=lambda name: (-len(name), name))

    def without(text: str) -> str:
        for name in known:
            if name in text:
                text = text.replace(name, names[name])
        return text

    return table.assign(**{column: table[column].map(without) for column in table.columns if column in _FREE})


def keep_before(old: Path, inputs: Path) -> None:
    """The pay folder that is corrected or completed. Raises InputProblems as `intact`."""
    manifest = intact(old, PAYMENT)
    part = inputs / BEFORE
    for name in (MANIFEST, *manifest["files"]):
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(old / name, part / name)


def first_inputs(inputs: Path) -> Path:
    """The inputs of the payment that was made first: what corrects or completes a folder lies around it."""
    while (inputs / BEFORE).is_dir():
        inputs = inputs / BEFORE / INPUTS
    return inputs


def people_in(inputs: Path) -> People:
    """The tables of people that inputs keep; who stands only in those of the folder corrected or completed too."""
    people, before = from_tables(inputs / PEOPLE), inputs / BEFORE / INPUTS
    if not before.is_dir():
        return people
    earlier = people_in(before)
    made = dict(people.tables)
    for table, key in (("people", "person_code"), ("posts", "post_no")):
        mine, theirs = people[table], earlier[table]
        made[table] = pd.concat([mine, theirs[~theirs[key].isin(mine[key])]], ignore_index=True).astype(object)
    return People(made)
