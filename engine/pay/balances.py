"""Deferred pay by person, pool and year of accrual: opening + added − released − forfeited = closing.

What a payment defers is added in the year of its period, where it counted in the total; balances of former years are
released and forfeited as the scheme says (`engine.pay.split.released`), else carried on. Source: contract of pay, DIR.
"""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from domain.pay import Pay
from domain.period import Period
from engine.pay.people import People
from engine.pay.result import frame
from engine.pay.split.facts import rows_of
from engine.pay.split.lines import DEFERRED, FORFEITED, RELEASED
from engine.pay.split.released import releases

Key = tuple[str, str, str, str]
"""A unit, a person, a pool and the year of accrual."""


def balances(pay: Pay, people: People, lines: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The table `deferred` after a payment: every balance brought in, and what its lines add, release and forfeit."""
    moved: defaultdict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows_of(people["deferred"]):
        moved[row["unit_code"], row["person_code"], row["pool"], str(row["accrual_year"])][0] += row["balance"]
    settled = set[tuple[str, str, str]]()
    rows = lines[["unit_code", "person_code", "pool", "component", "amount"]].itertuples(index=False, name=None)
    for unit, person, pool, component, fen in rows:
        if component == DEFERRED:
            moved[unit, person, pool, str(period.year)][1] -= fen
        elif component in (RELEASED, FORFEITED):
            settled.add((unit, person, pool))
    for one in releases(pay, people, period, {(unit, pool) for unit, _, pool in settled}):
        if (one.unit, one.person, one.pool) in settled:
            moved[one.unit, one.person, one.pool, str(one.year)][2:] = one.released, one.forfeited
    return frame(
        "deferred",
        [
            (*key, opening, added, released, forfeited, opening + added - released - forfeited)
            for key, (opening, added, released, forfeited) in sorted(moved.items())
        ],
    )
