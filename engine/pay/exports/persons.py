"""What one payer pays each person, column by column, so that every row adds up to what the payslip says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

from domain.money import factor_text
from engine.pay.exports.paid import POINTS, Paid, records
from engine.pay.kinds import WAGES

DEFERRED, RELEASED, UP, DOWN = "deferred", "released", "up", "down"
PARTS = (DEFERRED, RELEASED, UP, DOWN)
FORFEITED = "forfeited"
Key = tuple[str, str]
"""A column of pay: a pool and an item (`points` or an earmark's id)."""


@dataclass
class PersonRow:
    """One person of one payer and kind; amounts in fen, tax and net None where they are not known.

    due: by pool and item; parts: what is deferred (≤ 0), released, paid after (up), taken back (down ≤ 0).
    """

    code: str
    payable: int
    tax: int | None
    other: int
    net: int | None
    status: str
    due: dict[Key, int] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    teams: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    position: str = ""  # where all its posts have the same


@dataclass(frozen=True)
class PayerRows:
    """The persons of one payer and kind, as they are printed; columns: the pay there is, in the plan's order."""

    payer: str
    kind: str
    rows: Sequence[PersonRow]
    columns: Sequence[Key]
    parts: Sequence[str]
    batches: Sequence[str]


@dataclass(frozen=True)
class Post:
    """What the sheets say of a post."""

    person: str
    team: str
    category: str
    staffing: str
    grade: str
    position: str
    home: str


def posts_of(paid: Paid) -> dict[str, Post]:
    """The posts by their number."""
    found = {}
    for row in records(paid.people["posts"]):
        position = row["position"]
        said = _said(position) if isinstance(position, Fraction) else ""
        texts = {name: str(row[column] or "") for name, column in _OF_POST.items()}
        found[str(row["post_no"])] = Post(**texts, position=said)
    return found


_OF_POST = {
    "person": "person_code",
    "team": "team",
    "category": "category",
    "staffing": "staffing",
    "grade": "grade",
    "home": "home_unit",
}
_said = lru_cache(factor_text)
"""Coefficients as they are printed: there are few of them."""


def payer_rows(paid: Paid, posts: Mapping[str, Post]) -> list[PayerRows]:
    """Every payer's persons by kind: wages first. A line that no payslip knows is counted nowhere: the sums tell it."""
    found: dict[tuple[str, str], dict[str, PersonRow]] = defaultdict(dict)
    for row in paid.rows("payslips"):
        found[row["payer"], row["kind"]][row["person_code"]] = PersonRow(
            row["person_code"], row["payable"], row["tax"], row["other"] or 0, row["net"], row["status"]
        )
    shown: dict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
    corrected: dict[tuple[str, str, str, str, str], int] = defaultdict(int)
    for line in paid.rows("lines"):
        kind = line["kind"]
        person = found.get((line["paid_through"], kind), {}).get(line["person_code"])
        if person is None or line["component"] == FORFEITED:
            continue
        if line["case"]:
            key = line["paid_through"], kind, line["case"], line["person_code"], f"{line['post_no']}/{line['pool']}"
            corrected[key] += line["amount"]
        _add(person, line)
        shown[line["paid_through"], kind, line["person_code"]][line["post_no"]] = None
    for (payer, kind, _, code, _), fen in corrected.items():
        part = found[payer, kind][code].parts
        part[UP if fen >= 0 else DOWN] = part.get(UP if fen >= 0 else DOWN, 0) + fen
    made = []
    numbers = _batches(paid)
    for (payer, kind), persons in sorted(found.items(), key=lambda one: (one[0][0], one[0][1] != WAGES)):
        for code, person in persons.items():
            mine = [posts[number] for number in shown[payer, kind, code] if number in posts]
            person.teams = tuple(dict.fromkeys(one.team for one in mine if one.team))
            person.categories = tuple(dict.fromkeys(one.category for one in mine if one.category))
            positions = {one.position for one in mine}
            person.position = positions.pop() if len(positions) == 1 else ""
        rows = sorted(persons.values(), key=lambda one: (one.teams[:1], one.code))
        made.append(PayerRows(payer, kind, rows, _columns(paid, rows), _parts(rows), numbers.get((payer, kind), ())))
    return made


def _add(person: PersonRow, line: Mapping[str, Any]) -> None:
    amount, component = line["amount"], line["component"]
    if line["case"]:
        return  # a case's components go up or down together
    if component in PARTS:
        person.parts[component] = person.parts.get(component, 0) + amount
    else:
        key = line["pool"], line["item"]
        person.due[key] = person.due.get(key, 0) + amount


def _columns(paid: Paid, rows: Sequence[PersonRow]) -> list[Key]:
    there = {key for row in rows for key in row.due}
    pools = {pool: at for at, pool in enumerate(paid.order)}
    items = {item.id: at for at, item in enumerate(paid.pay.items)}
    return sorted(there, key=lambda key: (pools.get(key[0], 0), key[1] != POINTS, items.get(key[1], 0), key))


def _parts(rows: Sequence[PersonRow]) -> list[str]:
    return [part for part in PARTS if any(row.parts.get(part) for row in rows)]


def _batches(paid: Paid) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for row in paid.rows("batches"):
        found[row["payer"], row["kind"]][row["batch_no"]] = None
    return {key: tuple(numbers) for key, numbers in found.items()}


def column_title(paid: Paid, key: Key, columns: Sequence[Key]) -> str:
    """A column of pay in words; an item that stands in several pools says which."""
    pool, item = key
    if item == POINTS:
        return paid.pool(pool)
    twice = sum(one == item for _, one in columns) > 1
    return f"{paid.item(item)}（{paid.pool(pool)}）" if twice else paid.item(item)
