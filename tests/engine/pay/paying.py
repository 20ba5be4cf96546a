"""Divisions written briefly, as in tests/spec/pay: who has which post, what is known of it, what is to be divided.

posts: number → its columns; what is left out: person A-number, unit U1, 在编, position 1, share 1, the whole period,
attendance 66 of 66 days (`days`: [due, employed]; null: not told), a score of 100 (`score`: null: not told).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd

from domain.money import format_yuan, parse_yuan
from domain.pay import Pay
from domain.period import Period
from engine.pay.people import COLUMNS, People
from engine.pay.result import TABLES, Split
from engine.pay.split.split import split

Json = dict[str, Any]
PERIOD = "2026Q3"
BASE: Json = {
    "approval": {"body": "职工代表大会", "document": "示例院职〔2026〕3号", "public_days": 5, "source": "local"},
    "labour_staffing": ["返聘"],
    "leave": [{"kind": "病假", "counts": "0.5"}, {"kind": "事假", "counts": "0"}, {"kind": "产假", "counts": "1"}],
    "items": [],
    "tax": {"mode": "cumulative"},
    "source": "local",
}
POINTS = ["position", "time", "score", "hold"]


def scheme(pools: Json, **more: Any) -> Pay:
    """A scheme of these pools; what a pool leaves out is in the total, by the usual points."""
    known = {name: {"in_total": "yes", "points": POINTS, **one} for name, one in pools.items()}
    return Pay.model_validate({**BASE, **more, "pools": known})


def table(name: str, rows: Iterable[Json]) -> pd.DataFrame:
    """A table of people; a row's source is where it stands among them."""
    columns = [*COLUMNS[name], "source"]
    filled = [{"source": f"人员.xlsx {name}!A{at}", **row} for at, row in enumerate(rows, start=2)]
    return pd.DataFrame([[row.get(column) for column in columns] for row in filled], columns=columns, dtype=object)


def people(case: Json) -> People:
    """The tables of a case."""
    posts: Json = {number: one or {} for number, one in case.get("posts", {}).items()}
    days = {number: one.get("days", ["66", "66"]) for number, one in posts.items()}
    facts = [
        {"period": PERIOD, "post_no": number, "measure": measure, "value": Fraction(str(value))}
        for number, one in posts.items()
        for measure, value in {"score": "100", **one.get("facts", {})}.items()
        if value is not None
    ]
    tables: dict[str, list[Json]] = {
        "posts": [_post(number, one) for number, one in posts.items()],
        "attendance": [
            {"period": PERIOD, "post_no": number, "days_due": Fraction(due), "days_employed": Fraction(employed)}
            for number, (due, employed) in ((number, told) for number, told in days.items() if told)
        ],
        "leave": [
            {"period": PERIOD, "post_no": number, "kind": kind, "days": Fraction(count)}
            for number, one in posts.items()
            for kind, count in one.get("leave", {}).items()
        ],
        "person_facts": facts,
        "team_facts": [
            {"period": PERIOD, "unit_code": unit, "team": team, "measure": measure, "value": Fraction(str(value))}
            for unit, teams in case.get("teams", {}).items()
            for team, known in teams.items()
            for measure, value in known.items()
        ],
        "holds": [
            {"period": PERIOD, "post_no": number, "multiplier": Fraction(str(one["hold"])), "reason": "处分"}
            for number, one in posts.items()
            if "hold" in one
        ],
        "earmarks": [
            {"period": PERIOD, "post_no": number, "item": item, "quantity": Fraction(str(quantity)), "from": day}
            for number, item, quantity, *more in case.get("earmarks", [])
            for day in [date.fromisoformat(more[0] if more else "2026-07-01")]
        ],
        "deferred": [
            {"accrual_year": year, "unit_code": unit, "person_code": person, "pool": pool, "balance": parse_yuan(fen)}
            for year, unit, person, pool, fen in case.get("deferred", [])
        ],
        "money": [
            {"period": period, "unit_code": unit, "item": item, "amount": parse_yuan(fen), "document": document}
            for unit, item, fen, document, period in case.get("money", [])
        ],
    }
    return People({name: table(name, tables.get(name, [])) for name in COLUMNS})


def _post(number: str, one: Json) -> Json:
    return {
        "post_no": number,
        "person_code": one.get("person", f"A-{number}"),
        "unit_code": one.get("unit", "U1"),
        "home_unit": one.get("unit", "U1"),
        "paid_through": one.get("payer", ""),
        "team": one.get("team", ""),
        "role": one.get("role", "member"),
        "staffing": one.get("staffing", "在编"),
        "category": one.get("category", ""),
        "grade": one.get("grade", ""),
        "position": Fraction(str(one.get("position", 1))),
        "share": Fraction(str(one.get("share", 1))),
        "from": date.fromisoformat(one["from"]) if "from" in one else None,
        "to": date.fromisoformat(one["to"]) if "to" in one else None,
        "tax_kind": one.get("tax_kind", "wages"),
        "document": "",
    }


def amounts(rows: Iterable[list[str]]) -> pd.DataFrame:
    """Rows of [unit, pool, yuan] as the table of institutions' amounts."""
    return table(
        "pay_amounts",
        [
            {
                "period": PERIOD,
                "unit_code": unit,
                "pool": pool,
                "amount": parse_yuan(fen),
                "document": "指标〔2026〕1号",
            }
            for unit, pool, fen in rows
        ],
    )


def divided(case: Json, **options: Any) -> Split:
    """A case, divided."""
    pay = scheme(case["pools"], **case.get("scheme", {}))
    counts = {name: one.in_total or "yes" for name, one in pay.pools.items()}
    return split(pay, people(case), amounts(case["amounts"]), Period.parse(PERIOD), counts, **options)


def yuan(frame: pd.DataFrame, *keys: str, of: str = "amount") -> dict[str, str]:
    """Amounts of a table by its keys, in yuan."""
    names = ("/".join(row) for row in frame[list(keys)].itertuples(index=False, name=None))
    return dict(zip(names, map(format_yuan, frame[of]), strict=True))


def of(made: Split, component: str, *, item: bool = False) -> pd.DataFrame:
    """Lines of one component, of points or of earmarks."""
    lines = made.lines
    return lines[(lines["component"] == component) & ((lines["item"] != "points") == item)]


def adds_up(made: Split) -> None:
    """Nothing is lost: pool, teams, posts."""
    due, marks = of(made, "due"), of(made, "due", item=True)
    for row in made.units.itertuples():
        assert row.amount == row.earmarks + row.shared + row.kept
        assert row.in_total + row.outside == row.earmarks + row.shared

        def own(lines: pd.DataFrame, unit: str = row.unit_code, pool: str = row.pool) -> int:
            return int(lines.loc[(lines["unit_code"] == unit) & (lines["pool"] == pool), "amount"].sum())

        assert row.earmarks == own(marks)
        assert row.shared == own(due)
        if own(made.teams):
            assert row.shared == own(made.teams)
    for name in ("units", "teams", "lines"):
        assert tuple(getattr(made, name).columns) == TABLES[name]
