"""What was read of the tables of people, before it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from domain.pay import Pay, PoolScheme
from domain.period import Period
from domain.problems import Problems
from engine.pay.people import COLUMNS
from engine.pay.read.rows import Part, Row
from engine.pay.scheme import first_quantity, sharing

Pair = tuple[str, str]
"""An institution and a pool."""


def at(row: Row, column: str) -> str:
    """Where a value of a row stands; of a column that its table has not, the row."""
    return str(row.get(f"{column}_at") or row["source"])


@dataclass(frozen=True)
class Given:
    """The rows that could be read, and what they are judged by.

    paid: institutions and pools that are paid (None: every pool to every institution). correcting: the rows stand
    beside those of an earlier payment: nothing is asked of what is not there. teams_only: nobody is paid yet. of_month:
    whether what the payer knows must be of the month of payment.
    """

    pay: Pay
    period: Period
    month: str
    parts: Mapping[str, Part]
    problems: Problems
    paid: AbstractSet[Pair] | None
    correcting: bool = False
    teams_only: bool = False
    of_month: bool = True

    def rows(self, table: str) -> list[Row]:
        """The rows of a table."""
        return self.parts[table].rows

    @cached_property
    def posts(self) -> pd.DataFrame:
        """The posts, with where each value stands."""
        return pd.DataFrame(self.rows("posts"), columns=self._columns, dtype=object)

    @property
    def _columns(self) -> list[str]:
        names = COLUMNS["posts"]
        return [*names, *(f"{name}_at" for name in names), "source"]

    @cached_property
    def by_number(self) -> dict[str, Row]:
        """The posts by their number; of several of one number, the first."""
        found: dict[str, Row] = {}
        for row in self.rows("posts"):
            found.setdefault(row["post_no"], row)
        return found

    @cached_property
    def values(self) -> dict[Pair, Row]:
        """What was measured of posts, by post and measure."""
        return {(row["post_no"], row["measure"]): row for row in self.rows("person_facts")}

    def pays(self, unit: str, pool: str) -> bool:
        """Whether an institution's pool is paid."""
        return self.paid is None or (unit, pool) in self.paid

    @cached_property
    def _sharers(self) -> dict[str, list[Row]]:
        return {pool: self._sharing(pool, scheme) for pool, scheme in self.pay.pools.items()}

    def sharers(self, pool: str) -> list[Row]:
        """The posts that share in a pool, of the institutions that pay it."""
        return self._sharers[pool]

    def _sharing(self, pool: str, scheme: PoolScheme) -> list[Row]:
        if self.posts.empty:
            return []
        there = sharing(self.pay, scheme, self.posts, self.period)
        found = [row for row, yes in zip(self.rows("posts"), there, strict=True) if yes]
        first = first_quantity(scheme) if scheme.who == "rows" else None
        return [
            row
            for row in found
            if self.pays(row["unit_code"], pool) and (first is None or (row["post_no"], first) in self.values)
        ]

    def days(self, post: Row) -> int:
        """Calendar days of a post within the period."""
        first, last = max(post["from"], self.period.start), min(post["to"] or self.period.end, self.period.end)
        return max(0, int((last - first).days) + 1)
