"""What a quarter of a tiny county (`county`) brings, as its clerk fills it in."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from domain.money import format_yuan

from .countyfolk import QUARTERS, Person

Row = dict[str, str]


def facts(
    r: random.Random,
    quarter: int,
    there: Sequence[Person],
    approved: tuple[str, str],
    charged: Mapping[tuple[str, str], int],
    *,
    teams: bool,
) -> dict[str, list[Row]]:
    """What a quarter brings: attendance, scores, leave, holds, earmarks, amounts, the approvals of these institutions.

    teams: whether the plan divides among teams first.
    """
    period = QUARTERS[quarter][0]
    year = period[:4]
    marks = [one for one in there if r.random() < 0.3]
    units = sorted({one.unit for one in there})
    departments = sorted({(one.unit, one.team) for one in there}) if teams else []
    amounts = (("bonus", 20_000_00, 160_000_00), ("extra", 0, 20_000_00))
    return {
        "attendance": [
            {
                "period": period,
                "post_no": one.post,
                "days_due": "66",
                "days_employed": str(22 * len(one.months(quarter))),
            }
            for one in there
        ],
        "leave": [
            {
                "period": period,
                "post_no": one.post,
                "kind": "病假",
                "days": str(r.randint(1, 15)),
                "document": "假条",
            }
            for one in there
            if r.random() < 0.2
        ],
        "person_facts": [
            {"period": period, "post_no": one.post, "measure": "score", "value": str(r.randint(60, 100))}
            for one in there
        ],
        "team_facts": [
            {
                "period": period,
                "unit_code": unit,
                "team": team,
                "measure": "coefficient",
                "value": r.choice(["1", "0.8", "1.35"]),
            }
            for unit, team in departments
        ],
        "holds": [
            {
                "period": period,
                "post_no": one.post,
                "multiplier": r.choice(["0", "0.5"]),
                "reason": "处分期",
                "document": "示例纪〔2026〕1号",
            }
            for one in there
            if r.random() < 0.08
        ],
        "earmarks": [
            {
                "period": period,
                "post_no": one.post,
                "item": "gp",
                "from": one.day((quarter, months[0]), last=False),
                "quantity": str(len(months)),
                "to": one.day((quarter, months[-1]), last=True),
                "document": "示例津〔2026〕2号",
            }
            for one in marks
            for months in [one.months(quarter)]
        ],
        "pay_amounts": [
            {
                "period": period,
                "unit_code": unit,
                "pool": pool,
                "amount": format_yuan(r.randint(low, high)),
                "document": "示例财社〔2026〕9号",
            }
            for unit in units
            for pool, low, high in amounts
        ],
        "money": [
            {"period": at, "unit_code": unit, "item": item, "amount": amount, "document": document}
            for unit in approved
            for at, item, amount, document in (
                (year, "quota_approved", "2000000.00", f"示例核定〔{year}〕1号"),
                (period, "quota_paid", format_yuan(charged[unit, year]), ""),
            )
        ],
    }
