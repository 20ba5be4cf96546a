"""What is known of every post and team in the period, each number with where it stands.

a = (days_employed − Σ (1 − counts)·days)/days_due, time = share·a. Source: contract of pay, From amount to person 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import compress
from typing import Any, NamedTuple

import pandas as pd

from domain.pay import Pay
from domain.period import Period
from engine.pay.people import People
from engine.pay.scheme import there


class Told(NamedTuple):
    """A number and where it stands."""

    value: Fraction
    source: str


class Amount(NamedTuple):
    """What an institution has of a pool, in fen, with its 指标文号 and where it stands."""

    fen: int
    document: str
    source: str


class Post(NamedTuple):
    """A post with a day of the period. start, end: 起, 止 (None: open)."""

    post_no: str
    person: str
    unit: str
    payer: str
    team: str
    role: str
    staffing: str
    category: str
    grade: str
    position: Fraction | None
    share: Fraction
    start: date | None
    end: date | None
    tax_kind: str
    source: str


class Away(NamedTuple):
    """Days of one kind of leave, and what a day of it counts."""

    kind: str
    days: Fraction
    counts: Fraction
    source: str


@dataclass(frozen=True)
class Attendance:
    """The attendance of a post: days due of the period and while it was held, and its leave."""

    due: Fraction
    employed: Fraction
    leave: tuple[Away, ...]
    source: str

    @property
    def part(self) -> Fraction:
        """What of the period it was there for."""
        return (self.employed - sum(((1 - one.counts) * one.days for one in self.leave), Fraction(0))) / self.due

    @property
    def cells(self) -> tuple[str, ...]:
        """Where its numbers stand."""
        return (self.source, *(one.source for one in self.leave))


@dataclass(frozen=True)
class Facts:
    """The tables of people of one period, by post and team.

    posts: those with a day of the period, by number; units: every unit with a post at whatever time; staying: (unit,
    person) with a post there after the period.
    """

    posts: tuple[Post, ...]
    units: frozenset[str]
    staying: frozenset[tuple[str, str]]
    attendance: Mapping[str, Attendance]
    measures: Mapping[tuple[str, str], Told]
    team_measures: Mapping[tuple[str, str, str], Told]
    holds: Mapping[str, Told]

    @classmethod
    def of(cls, pay: Pay, people: People, period: Period) -> Facts:
        """What the tables say of a period."""
        name = str(period)
        posts = [*map(_post, rows_of(people["posts"]))]
        here = there(people["posts"], period).tolist()
        counts = {rule.kind: rule.counts for rule in pay.leave}
        leave: dict[str, list[Away]] = {}
        for row in rows_of(people["leave"], name):
            away = Away(row["kind"], row["days"], counts[row["kind"]], row["source"])
            leave.setdefault(row["post_no"], []).append(away)
        return cls(
            tuple(sorted(compress(posts, here))),
            frozenset(one.unit for one in posts),
            frozenset((one.unit, one.person) for one in posts if one.end is None or one.end > period.end),
            {
                row["post_no"]: Attendance(
                    row["days_due"],
                    row["days_employed"],
                    tuple(sorted(leave.get(row["post_no"], ()))),
                    row["source"],
                )
                for row in rows_of(people["attendance"], name)
            },
            {(row["post_no"], row["measure"]): _told(row) for row in rows_of(people["person_facts"], name)},
            {
                (row["unit_code"], row["team"], row["measure"]): _told(row)
                for row in rows_of(people["team_facts"], name)
            },
            {row["post_no"]: Told(row["multiplier"], row["source"]) for row in rows_of(people["holds"], name)},
        )

    @cached_property
    def by_unit(self) -> Mapping[str, tuple[Post, ...]]:
        """The posts of the period by unit, by number."""
        found: dict[str, list[Post]] = {}
        for one in self.posts:
            found.setdefault(one.unit, []).append(one)
        return {unit: tuple(posts) for unit, posts in found.items()}

    @cached_property
    def times(self) -> Mapping[str, Fraction]:
        """Of posts whose attendance is told, their share of work times what they were there for."""
        told = self.attendance
        return {one.post_no: one.share * told[one.post_no].part for one in self.posts if one.post_no in told}

    def hold(self, post: Post) -> Fraction:
        """What a post is held to: 1 where nothing is told."""
        told = self.holds.get(post.post_no)
        return Fraction(1) if told is None else told.value

    def leaves(self, post: Post) -> bool:
        """Whether its person has no post in the unit after the period."""
        return (post.unit, post.person) not in self.staying


def rows_of(table: pd.DataFrame, period: str = "") -> Iterator[dict[str, Any]]:
    """The rows of a table, of one period where that is given."""
    columns = [str(name) for name in table.columns]
    for row in zip(*(table[name].tolist() for name in columns), strict=True):
        found = dict(zip(columns, row, strict=True))
        if not period or found["period"] == period:
            yield found


def _told(row: Mapping[str, Any]) -> Told:
    return Told(row["value"], row["source"])


def _post(row: Mapping[str, Any]) -> Post:
    return Post(
        row["post_no"],
        row["person_code"],
        row["unit_code"],
        row["paid_through"] or row["unit_code"],
        row["team"] or "",
        row["role"],
        row["staffing"] or "",
        row["category"] or "",
        row["grade"] or "",
        row["position"],
        row["share"],
        row["from"],
        row["to"],
        row["tax_kind"],
        row["source"],
    )
