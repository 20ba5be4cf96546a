"""How what was paid too much comes back: off the next payment, within the plan's share, or as a debt.

Who has left or has no next payment owes it to the institution, which bears it meanwhile; no colleague does.
Source: contract of pay, Corrections.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

import pandas as pd

from domain.money import floor_fen
from engine.pay.people import People
from engine.pay.result import frame


def recovery_of(lines: pd.DataFrame, people: People, share: Fraction, month: str) -> pd.DataFrame:
    """The table `recovery`: of everybody whose payable changes.

    share: `claw_back_max`; month: of payment, whose first day tells who has left.
    """
    deltas: defaultdict[str, int] = defaultdict(int)
    for person, component, fen in lines[["person_code", "component", "amount"]].itertuples(index=False, name=None):
        if component != "forfeited":
            deltas[person] += fen
    upcoming = people["next_payments"]
    ahead: defaultdict[str, int] = defaultdict(int)
    for person, fen in upcoming.loc[upcoming["month"] >= month, ["person_code", "payable"]].itertuples(
        index=False, name=None
    ):
        ahead[person] += fen
    gone = _gone(people, date.fromisoformat(f"{month}-01"))
    rows = []
    for person in sorted(deltas):
        delta, payable = deltas[person], ahead.get(person)
        if delta >= 0:
            rows.append((person, delta, 0, 0, 0, (payable or 0) + delta))
        elif payable is None or payable <= 0 or person in gone:
            rows.append((person, delta, 0, 0, -delta, payable or 0))
        else:
            taken = min(-delta, floor_fen(share * payable))
            rows.append((person, delta, -taken, delta + taken, 0, payable - taken))
    return frame("recovery", [row for row in rows if row[1]])


def _gone(people: People, day: date) -> set[str]:
    """Persons all of whose posts ended before a day."""
    last: dict[str, date | None] = {}
    for person, until in people["posts"][["person_code", "to"]].itertuples(index=False, name=None):
        if person in last and (last[person] is None or until is None):
            last[person] = None
        else:
            known = last.get(person)
            last[person] = until if known is None or until is None else max(known, until)
    return {person for person, until in last.items() if until is not None and until < day}
