"""A tiny county: two institutions, four to six persons, and what chance brings them in a year.

What is drawn of a county comes from its own numbers alone, whatever counties lie beside it in a district.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.money import format_yuan

from .countyfacts import facts
from .countyfolk import QUARTERS, Person, drawn_people
from .folder.making import id_number, post

Row = dict[str, str]
Tables = dict[str, list[Row]]


@dataclass
class County:
    """number: its place in the district, by which units, persons and posts are called; reserve: what it holds, fen."""

    number: int
    r: random.Random
    people: list[Person]
    reserve: int = 500_000_00

    @property
    def units(self) -> tuple[str, str]:
        return units_of(self.number)

    @property
    def reserve_name(self) -> str:
        return f"更正备用金{self.number}"

    def there(self, quarter: int) -> list[Person]:
        """Who has a post in a quarter."""
        return [one for one in self.people if one.months(quarter)]

    def quarter(self, quarter: int, charged: Mapping[tuple[str, str], int], *, teams: bool) -> Tables:
        """What a quarter brings."""
        return facts(self.r, quarter, self.there(quarter), self.units, charged, teams=teams)

    def lacking(self, quarter: int) -> set[str]:
        """Whose figures the payer does not have yet, by code."""
        return {one.code for one in self.there(quarter) if self.r.random() < 0.12}

    def of_2025(self) -> list[Row]:
        """Balances of the year before, which the first payment releases."""
        return [
            {
                "accrual_year": "2025",
                "unit_code": one.unit,
                "person_code": one.code,
                "pool": "bonus",
                "balance": format_yuan(self.r.randint(1, 500_000)),
            }
            for one in [one for one in self.people if one.since is None and self.r.random() < 0.4]
        ]

    def cases(self, quarter: int, scores: Sequence[Row], month: str) -> list[Row]:
        """None, one or two scores that were wrong; the same money divided anew, or out of the reserve."""
        by_post = {one.post: one for one in self.people}
        mine = [row for row in scores if row["post_no"] in by_post]
        made = []
        for number, row in enumerate(self.r.sample(mine, min(len(mine), self.r.choice([0, 0, 1, 2]))), start=1):
            new = str(self.r.randint(60, 100))
            made.append(
                {
                    "case_no": str(10 * self.number + number),
                    "level": "person",
                    "period": QUARTERS[quarter][0],
                    "pool": "bonus",
                    "unit_code": by_post[row["post_no"]].unit,
                    "post_no": row["post_no"],
                    "table": "person_facts",
                    "field": "score",
                    "old_value": row["value"],
                    "new_value": new if new != row["value"] else "59",
                    "document": "示例院纪〔2026〕20号",
                    "decided_on": f"{month}-05",
                    "funding": self.r.choice(["", f"reserve: {self.reserve_name}"]),
                }
            )
        return made

    def reserve_row(self) -> Row:
        """The reserve as it stands."""
        return {
            "reserve": self.reserve_name,
            "unit_code": self.units[0],
            "opening": format_yuan(self.reserve),
            "document": "示例备〔2026〕1号",
        }

    def next_payments(self, month: str) -> list[Row]:
        """What most people will have with the next payment."""
        return [
            {"month": month, "unit_code": one.unit, "person_code": one.code, "payable": "500.00"}
            for one in self.people
            if self.r.random() < 0.8
        ]

    def roster(self) -> list[Row]:
        born = f"{date(1980, 1, 1) + timedelta(days=self.number):%Y%m%d}"
        return [
            {
                "person_code": one.code,
                "name": f"示例{self.number}县{'甲乙丙丁戊己'[one.number - 1]}",
                "id_type": "居民身份证",
                "id_number": id_number(10 * one.number + 1, born),
                "note": "",
            }
            for one in self.people
        ]

    def posts(self) -> list[Row]:
        return [
            post(
                10 * self.number + one.number,
                one.unit,
                team=one.team,
                position=one.position,
                paid_through=one.payer,
                to=one.ends,
                role="member" if one.unit == one.payer else "posted",
                document="示例派〔2026〕1号",
                **{"from": one.begins},
            )
            for one in self.people
        ]


def units_of(county: int) -> tuple[str, str]:
    """What a county's institutions are called."""
    return f"U{2 * county - 1}", f"U{2 * county}"


def drawn_county(number: int, seed: str) -> County:
    """A county by its place and by the year's number."""
    r = random.Random(f"{seed}/{number}")
    return County(number, r, drawn_people(r, number, units_of(number)))
