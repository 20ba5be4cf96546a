"""What one payer pays each person, column by column, so that every row adds up to what the payslip says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from domain.money import factor_text
from engine.pay.exports.paid import POINTS, Paid
from engine.pay.kinds import WAGES

DUE, DEFERRED, RELEASED, UP, DOWN = "due", "deferred", "released", "up", "down"
PARTS = (DEFERRED, RELEASED, UP, DOWN)
FORFEITED = "forfeited"
Key = tuple[str, str]
"""A column of pay: a pool and an item (`points` or an earmark's id)."""


@dataclass(slots=True)
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


@dataclass(slots=True)
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
    posts = paid.people["posts"]
    names = ("post_no", "person_code", "team", "category", "staffing", "grade", "position", "home_unit")
    found = {}
    for number, person, team, category, staffing, grade, position, home in zip(
        *(posts[name].tolist() for name in names), strict=True
    ):
        said = _said(position) if isinstance(position, Fraction) else ""
        found[number] = Post(person, team or "", category or "", staffing or "", grade or "", said, home or "")
    return found


_said = lru_cache(factor_text)
"""Coefficients as they are printed: there are few of them."""


def payer_rows(paid: Paid, posts: Mapping[str, Post]) -> list[PayerRows]:
    """Every payer's persons by kind: wages first. A line that no payslip knows is counted nowhere: the sums tell it."""
    found: dict[tuple[str, str, str], PersonRow] = {}
    names = ("payer", "kind", "person_code", "payable", "tax", "other", "net", "status")
    for payer, kind, code, payable, tax, other, net, status in paid.columns("payslips", *names):
        found[payer, kind, code] = PersonRow(code, payable, tax, other or 0, net, status)
    shown: dict[tuple[str, str, str], dict[str, None]] = {whose: {} for whose in found}
    corrected: dict[tuple[str, str, str, str, str, str], int] = defaultdict(int)
    of_line = ("paid_through", "kind", "person_code", "post_no", "pool", "item", "component", "amount", "case")
    for payer, kind, code, post, pool, item, component, amount, case in paid.columns("lines", *of_line):
        whose = payer, kind, code
        person = found.get(whose)
        if person is None or component == FORFEITED:
            continue
        if case:  # its components go up or down together
            corrected[payer, kind, case, code, post, pool] += amount
        elif component in PARTS:
            person.parts[component] = person.parts.get(component, 0) + amount
        else:
            key = pool, item
            person.due[key] = person.due.get(key, 0) + amount
        shown[whose][post] = None
    for (payer, kind, _, code, _, _), fen in corrected.items():
        part = found[payer, kind, code].parts
        part[UP if fen >= 0 else DOWN] = part.get(UP if fen >= 0 else DOWN, 0) + fen
    persons: dict[tuple[str, str], list[PersonRow]] = defaultdict(list)
    for (payer, kind, code), person in found.items():
        mine = [posts[number] for number in shown[payer, kind, code] if number in posts]
        person.teams = tuple({one.team: None for one in mine if one.team})
        person.categories = tuple({one.category: None for one in mine if one.category})
        positions = {one.position for one in mine}
        person.position = positions.pop() if len(positions) == 1 else ""
        persons[payer, kind].append(person)
    made = []
    numbers = _batches(paid)
    for (payer, kind), rows in sorted(persons.items(), key=lambda one: (one[0][0], one[0][1] != WAGES)):
        rows.sort(key=lambda one: (one.teams[:1], one.code))
        made.append(PayerRows(payer, kind, rows, _columns(paid, rows), _parts(rows), numbers.get((payer, kind), ())))
    return made


def _columns(paid: Paid, rows: Sequence[PersonRow]) -> list[Key]:
    there = {key for row in rows for key in row.due}
    pools = {pool: at for at, pool in enumerate(paid.order)}
    items = {item.id: at for at, item in enumerate(paid.pay.items)}
    return sorted(there, key=lambda key: (pools.get(key[0], 0), key[1] != POINTS, items.get(key[1], 0), key))


def _parts(rows: Sequence[PersonRow]) -> list[str]:
    return [part for part in PARTS if any(row.parts.get(part) for row in rows)]


def _batches(paid: Paid) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for payer, kind, number in paid.columns("batches", "payer", "kind", "batch_no"):
        found[payer, kind][number] = None
    return {key: tuple(numbers) for key, numbers in found.items()}


def column_title(paid: Paid, key: Key, columns: Sequence[Key]) -> str:
    """A column of pay in words; an item that stands in several pools says which."""
    pool, item = key
    if item == POINTS:
        return paid.pool(pool)
    twice = sum(one == item for _, one in columns) > 1
    return f"{paid.item(item)}（{paid.pool(pool)}）" if twice else paid.item(item)
