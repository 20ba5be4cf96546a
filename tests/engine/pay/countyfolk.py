"""Who lives in a tiny county (`county`), by which plan they are paid, and what tax a year's sums come to."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from domain.period import Period
from engine.pay.tax.payments import PAYMENTS
from engine.pay.tax.withhold import tax

QUARTERS = (
    ("2026Q1", "2026-04"),
    ("2026Q2", "2026-07"),
    ("2026Q3", "2026-10"),
    ("2026Q4", "2026-12"),
    ("2027Q1", "2027-04"),
)
PLAN = """\
id: hr
title: 示例县绩效分配办法
region: "990101"
pay:
  source: local
  approval: {{body: 职工代表大会, document: 示例院职〔2026〕3号, public_days: 5}}
  labour_staffing: [返聘]
  leave: [{{kind: 病假, counts: "0.5"}}]
  items:
    - {{id: gp, title: 全科医生津贴, rate: "312.34", per: 月, in_total: "yes", tax: wages, max: "3", across: person}}
  pools:
    bonus:
      in_total: "yes"
      items: [gp]
      points: [position, time, score, hold]
      defer: {{share: "{share}", leaver: {leaver}, release: "{release}"}}
{more}
    extra: {{in_total: "no", document: 示例人社〔2026〕5号, points: [position, time, hold]}}
  order: [bonus, extra]
  corrections: {{funding: redivide, claw_back_max: "0.20"}}
  tax: {{mode: cumulative}}
  codes: {{wages: "30107", labour: "30226"}}
"""


@dataclass
class Person:
    """Somebody with one post. since, until: the quarter and its month (0 to 2) of joining and of leaving."""

    county: int
    number: int
    unit: str
    payer: str
    team: str
    position: str
    since: tuple[int, int] | None = None
    until: tuple[int, int] | None = None

    @property
    def code(self) -> str:
        return f"N{10 * self.county + self.number}"

    @property
    def post(self) -> str:
        return f"P{10 * self.county + self.number}"

    def day(self, at: tuple[int, int], *, last: bool) -> str:
        """The first or last day of a month of a quarter."""
        start = Period.parse(QUARTERS[at[0]][0]).start
        month = Period.parse(f"{start.year}-{start.month + at[1]:02d}")
        return str(month.end if last else month.start)

    @property
    def begins(self) -> str:
        return self.day(self.since, last=False) if self.since else "2020-01-01"

    @property
    def ends(self) -> str:
        return self.day(self.until, last=True) if self.until else ""

    def months(self, quarter: int) -> list[int]:
        """The months of a quarter (0 to 2) in which the person is there."""
        return [
            month
            for month in range(3)
            if (self.since is None or (quarter, month) >= self.since)
            and (self.until is None or (quarter, month) <= self.until)
        ]


def drawn_plan(r: random.Random) -> str:
    """How institutions divide."""
    more = "".join(
        f"      {line}\n"
        for line in (
            "teams: {weight: [coefficient, size]}",
            'caps: [{amount: "45000.00", time: true}]',
            f"over_cap: {r.choice(['keep', 'share'])}",
        )
        if r.random() < 0.5 or (line.startswith("over_cap"))
    )
    return PLAN.format(
        share=r.choice(["0.10", "0.07", "0.333"]),
        leaver=r.choice(["pay", "defer"]),
        release=r.choice(["1", "0.9", "0.85"]),
        more=more.rstrip("\n"),
    )


def drawn_people(r: random.Random, county: int, units: tuple[str, str]) -> list[Person]:
    """Four to six persons of a county's two institutions, some of them posted, some coming or leaving in the year."""
    people = []
    for at in range(1, r.randint(4, 6) + 1):
        unit = units[0] if at <= 2 else units[1] if at == 3 else r.choice(units)
        other = units[1] if unit == units[0] else units[0]
        payer, team = other if r.random() < 0.2 else unit, r.choice(["门诊", "公卫"])
        one = Person(county, at, unit, payer, team, r.choice(["1", "1.2", "0.85"]))
        if at > 3:  # the first three stay, so that both institutions always have somebody
            if r.random() < 0.35:
                one.since = r.randint(1, 3), r.choice([0, 1])
            if r.random() < 0.35:
                first = (one.since[0] + 1) if one.since else 0
                one.until = (r.randint(first, 3), r.choice([0, 1])) if first <= 3 else None
        people.append(one)
    return people


@lru_cache
def tax_of(income: int, month: str, begins: str, ends: str) -> int:
    """The tax, in fen, of a sum that a payer pays as one payment of a month, to somebody employed for these days."""
    return year_s_tax([Whole("U1", "N1", month, income, begins, ends)])["U1", "N1", month] if income else 0


class Whole(NamedTuple):
    """What a payer paid a person in a year, in fen, as one payment of its last month; begins, ends: the employment."""

    payer: str
    code: str
    month: str
    income: int
    begins: str
    ends: str


def year_s_tax(paid: Sequence[Whole]) -> dict[tuple[str, str, str], int]:
    """The tax, in fen, of each, by payer, person and month."""
    rows: list[dict[str, object]] = [
        dict[str, object](dict.fromkeys(PAYMENTS, 0))
        | {
            "payer": one.payer,
            "person_code": one.code,
            "month": one.month,
            "seq": 1,
            "kind": "wages",
            "income": one.income,
            "basic": "standard",
            "employed_from": date.fromisoformat(one.begins),
            "employed_to": date.fromisoformat(one.ends) if one.ends else None,
            "elect": "",
            "note": "",
        }
        for one in paid
    ]
    taxed = tax(pd.DataFrame(rows, columns=list(PAYMENTS), dtype=object))
    columns = (taxed[name] for name in ("payer", "person_code", "month", "tax"))
    return {(payer, code, month): int(fen) for payer, code, month, fen in zip(*columns, strict=True)}
