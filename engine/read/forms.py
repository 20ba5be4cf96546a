"""The tables that a reader knows: by what sheets and headings are called, and which columns each table must have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from domain.problems import Problems
from engine.read import words

Headings = Mapping[str, tuple[str, ...]]
"""Role → what its column may be called."""
Entry = tuple[str, str | None]
"""What a heading of a column of its own names: its code, and the measure in brackets behind it."""


@dataclass(frozen=True)
class Forms:
    """The tables of one reader.

    tables: kind → Chinese name; sheet_names: kind → what sheets of it are called; headings: kind → role → headings;
    wide: the same of kinds that have a column per entry besides; required: kind → groups of roles, of each of which
    one must be there; titles: role → Chinese name. named_only: kinds known by their sheet's name alone. numbers, money:
    roles that hold them; told: roles of anybody's words. beside: kinds beside whose codes names may stand unread;
    names: how those are headed.
    """

    tables: Mapping[str, str]
    sheet_names: Headings
    headings: Mapping[str, Headings]
    wide: Mapping[str, Headings]
    required: Mapping[str, tuple[tuple[str, ...], ...]]
    titles: Mapping[str, str]
    numbers: tuple[str, ...]
    money: frozenset[str]
    told: tuple[str, ...]
    beside: frozenset[str]
    names: frozenset[str]
    named_only: frozenset[str] = frozenset()

    @cached_property
    def roles(self) -> Mapping[str, Mapping[str, str]]:
        """By kind: heading as it is compared → role."""
        return {
            kind: {words.key(heading): role for role, headings in table.items() for heading in headings}
            for kind, table in {**self.headings, **self.wide}.items()
        }

    def kind_by_name(self, title: str) -> str:
        """The kind of table that a sheet's name says ("" if none)."""
        name = words.key(title)
        return next((kind for kind, names in self.sheet_names.items() if any(one in name for one in names)), "")

    def role(self, kind: str, name: str) -> str | None:
        """The role a heading has in a kind of table, by its key; a bracket behind it may name a measure (万元)."""
        name, roles = words.starless(name), self.roles[kind]
        if name in roles:
            return roles[name]
        base, measure = words.split_heading(name)
        return roles.get(base) if measure is not None else None


class Known(Protocol):
    """What the headings and cells of a reader's tables may name besides their roles."""

    @property
    def forms(self) -> Forms:
        """The tables there are."""

    def entry(self, name: str) -> Entry | None:
        """What a heading of a wide table names besides its roles."""

    def wide(self, headings: Sequence[str], named: str) -> tuple[str, int] | None:
        """The wide kind that a row of headings makes, and how many of them are known; named: by the sheet's name."""

    def factor(self, where: str, heading: str, entry: Entry, problems: Problems) -> int | None:
        """What one of an entry's column is worth in yuan (None: no money, or as the sheet says)."""


_NAMES = frozenset({*map(words.key, (*words.HEADINGS["institutions"]["name"], "层级"))})
RUN = Forms(
    words.TABLES,
    words.SHEET_NAMES,
    words.HEADINGS,
    {"wide": words.WIDE},
    words.REQUIRED,
    words.ROLE_TITLES,
    numbers=("value", "amount", "outbound", "cases"),
    money=frozenset({"amount"}),
    told=("note", "document", "title", "progress", "evidence"),
    beside=frozenset({*words.HEADINGS, "wide"} - {"institutions"}),
    names=_NAMES,
    named_only=words.NAMED_ONLY,
)
"""The tables of a run."""


def money_factor(where: str, heading: str, measure: str | None, problems: Problems) -> int | None:
    """How many yuan the measure behind a heading of money is (None: none is written)."""
    if not measure:
        return None
    if measure not in words.MEASURES:
        problems.add(where, "MEASURE", f"{heading}: 金额单位 {measure} 不认识", "写 元、千元、万元、百万元 或 亿元")
    return words.MEASURES.get(measure)
