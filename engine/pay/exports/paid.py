"""A payment as the exports read it: the tables of its folder, typed, and what its codes are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from domain.pay import Pay
from domain.sheets import letters
from engine.pay.kinds import LABOUR, WAGES, kinds_of
from engine.pay.people import People

OK = "ok"
COMPLETES, CORRECTS = "completes", "corrects"
POINTS = "points"
KINDS = {WAGES: "绩效工资", LABOUR: "劳务费"}
SIGNATURES = ("制表", "复核", "审核（人事）", "财务负责人", "单位负责人")
"""Who signs a sheet where the plan does not say it. Source: domain/E_sheets E.1."""


@dataclass(frozen=True)
class Lineage:
    """What a payment puts right or completes, over all that lies between it and the first.

    level: 0 of a payment and of what completes it, 1 of its correction, 2 of that one's correction …; of a repay batch,
    which batch it pays again. root: digest of the correction, also of what completes it; corrects: of what it corrects.
    """

    level: str = "0"
    root: str = ""
    corrects: str = ""


@dataclass(frozen=True)
class Paid:
    """A pay folder, read.

    name: how the folder is called in problems; digest: of its manifest; first: it was compared with no earlier folder.
    tables: by name, in the columns of `engine.pay.result.TABLES`, amounts int fen or None. people: as kept in the
    folder, `people` with id_token. names: of units, pools: titles; a code that has none is called by itself.
    key: the fingerprint of the key that the tokens were made with. follows: the digest of the folder that this one
    completes or corrects, "" for none; why: which of the two; lineage: all of those.
    """

    name: str
    digest: str
    plan_id: str
    plan_title: str
    period: str
    period_title: str
    month: str
    pay: Pay
    tables: Mapping[str, pd.DataFrame]
    people: People
    key: str = ""
    first: bool = False
    follows: str = ""
    why: str = ""
    lineage: Lineage = field(default_factory=Lineage)
    names: Mapping[str, str] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)
    signatures: Sequence[str] = SIGNATURES
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """One table by its name in the contract."""
        return self.tables[table]

    def columns(self, table: str, *names: str) -> Iterator[tuple[Any, ...]]:
        """Some columns of a table, row by row: where there are many rows this is the quick way."""
        frame = self._with_kind(table)
        return zip(*(frame[name].tolist() for name in names), strict=True)

    def _with_kind(self, table: str) -> pd.DataFrame:
        """A table; `lines` with `kind`, found once."""
        if table not in self._frames:
            frame = self.tables[table]
            if table == "lines":
                frame = frame.assign(kind=kinds_of(self.pay, self.people["posts"], frame) if len(frame) else "")
            self._frames[table] = frame
        return self._frames[table]

    def rows(self, table: str) -> Sequence[Mapping[str, Any]]:
        """The rows of a table, in their order, made once; of `lines` with `kind`, wages or labour."""
        if table not in self._rows:
            self._rows[table] = records(self._with_kind(table))
        return self._rows[table]

    @property
    def checked(self) -> set[str]:
        """The persons whose ID number was known when they were paid."""
        people = self.people["people"]
        return {str(row["person_code"]) for row in records(people) if row.get("id_token")}

    def unit(self, code: str) -> str:
        """A unit's name."""
        return self.names.get(code, code)

    def pool(self, code: str) -> str:
        """A pool's title."""
        return self.pools.get(code, code)

    def item(self, code: str) -> str:
        """An item's title; that of `points` is said by whoever names its pool."""
        item = self.pay.item(code)
        return item.title if item else code

    @property
    def short(self) -> str:
        """The digest as it is printed: its first 32 digits in groups."""
        return " ".join(self.digest[at : at + 4] for at in range(0, 32, 4))

    @property
    def order(self) -> list[str]:
        """The pools in the order of the scheme, those of the folder alone at the end."""
        there = dict.fromkeys(str(one) for one in self.tables["lines"]["pool"])
        said = [*self.pay.order, *self.pay.pools]
        return [*(one for one in dict.fromkeys(said) if one in there), *(one for one in there if one not in said)]

    @property
    def month_title(self) -> str:
        """The month of payment in words."""
        return f"{self.month[:4]}年{int(self.month[5:])}月"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of an object frame as they are, nothing boxed anew."""
    names = list(frame.columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*(frame[name].tolist() for name in names), strict=True)]


def cell(paid: Paid, table: str, at: int, column: str) -> str:
    """Where a cell of a table of the folder stands: row `at`, from 0."""
    return f"{paid.name}/{table}.csv!{letters(list(paid[table].columns).index(column))}{at + 2}"
