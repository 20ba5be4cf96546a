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
    """The table `recovery`: of everybody whose payable changes; no payer's 补发 sets off what another takes back.

    share: `claw_back_max`; month: of payment, whose first day tells who has left.
    """
    parts: defaultdict[tuple[str, str], int] = defaultdict(int)
    columns = ["person_code", "paid_through", "component", "amount"]
    for person, payer, component, fen in lines[columns].itertuples(index=False, name=None):
        if component != "forfeited":
            parts[person, payer] += fen
    ahead = _ahead(people["next_payments"], month)
    gone = _gone(people, date.fromisoformat(f"{month}-01"))
    rows = []
    for person in sorted({person for person, _ in parts}):
        several = [fen for (one, _), fen in parts.items() if one == person]
        more, less = sum(fen for fen in several if fen > 0), sum(fen for fen in several if fen < 0)
        payable = ahead.get(person)
        if not less:
            rows.append((person, more, 0, 0, 0, (payable or 0) + more))
        elif payable is None or payable <= 0 or person in gone:
            rows.append((person, more + less, 0, 0, -less, (payable or 0) + more))
        else:
            taken = min(-less, floor_fen(share * payable))
            rows.append((person, more + less, -taken, less + taken, 0, payable - taken + more))
    return frame("recovery", [row for row in rows if any(row[1:5])])


def _ahead(upcoming: pd.DataFrame, month: str) -> dict[str, int]:
    """What each person is paid in the first month from the correction's on, by whomever."""
    first: dict[str, str] = {}
    found: defaultdict[str, int] = defaultdict(int)
    for when, person, fen in (
        upcoming[["month", "person_code", "payable"]].sort_values("month").itertuples(index=False, name=None)
    ):
        if when >= month and first.setdefault(person, when) == when:
            found[person] += fen
    return found


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
