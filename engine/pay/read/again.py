"""Tables that were not read but made, such as by the cases of a correction: judged by the checks of those that are."""

from __future__ import annotations

import pandas as pd

from domain.pay import Pay
from domain.period import Period
from domain.problems import Problem, Problems
from engine.pay.people import COLUMNS, People
from engine.pay.read import earmark_checks, fact_checks, post_checks
from engine.pay.read.given import Given
from engine.pay.read.rows import Part, Row
from engine.pay.split.facts import rows_of


def judged(pay: Pay, people: People, amounts: pd.DataFrame, period: Period, month: str) -> list[Problem]:
    """What cannot be right about posts and what is told of them, each at `source` of its row, once.

    amounts: of the institutions and pools that are paid.
    """
    parts = {kind: Part(_rows(people[kind], str(period))) for kind in COLUMNS if kind not in {"people", "accounts"}}
    paid = frozenset(amounts[["unit_code", "pool"]].itertuples(index=False, name=None))
    given = Given(pay, period, month, parts, Problems(), paid)
    for check in (post_checks.check, fact_checks.check, earmark_checks.check):
        check(given)
    return sorted(set(given.problems.found))


def _rows(table: pd.DataFrame, period: str) -> list[Row]:
    return [*rows_of(table, period if "period" in table else "")]
