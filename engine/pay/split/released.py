"""Deferred balances of earlier years: what the plan releases now, the rest is forfeited. Source: contract of pay 7.

A pool whose scheme says no `release` carries them on. What is released was charged in the year it accrued.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from domain.money import half_up_fen
from domain.pay import Pay
from domain.period import Period
from engine.pay.people import People
from engine.pay.split.facts import rows_of


@dataclass(frozen=True)
class Release:
    """A balance of one earlier year: of it released and forfeited, in fen; share: what of it is released."""

    unit: str
    person: str
    pool: str
    year: int
    balance: int
    share: Fraction
    source: str

    @property
    def released(self) -> int:
        """What is paid of it now, in fen."""
        return half_up_fen(self.share * self.balance)

    @property
    def forfeited(self) -> int:
        """What nobody gets of it any more, in fen."""
        return self.balance - self.released


def releases(pay: Pay, people: People, period: Period, paid: Collection[tuple[str, str]]) -> list[Release]:
    """The balances that this payment settles: of institutions' pools that it pays, of years before the period's."""
    found = []
    for row in rows_of(people["deferred"]):
        unit, pool, year = row["unit_code"], row["pool"], int(row["accrual_year"])
        scheme = pay.pools.get(pool)
        share = scheme.defer.release if scheme and scheme.defer else None
        if share is not None and (unit, pool) in paid and year < period.year:
            found.append(Release(unit, row["person_code"], pool, year, row["balance"], share, row["source"]))
    return sorted(found, key=lambda one: (one.unit, one.person, one.pool, one.year))
