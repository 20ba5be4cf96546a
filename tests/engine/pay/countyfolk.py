"""Who lives in the tiny county (`county`), by which plan they are paid, and what tax a year's sums come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

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

    number: int
    unit: str
    payer: str
    team: str
    position: str
    since: tuple[int, int] | None = None
    until: tuple[int, int] | None = None

    @property
    def code(self) -> str:
        return f"N{self.number}"

    @property
    def post(self) -> str:
        return f"P{self.number}"

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


def year_s_tax(paid: Sequence[tuple[Person, str, int]], ends: str = "") -> int:
    """The tax, in fen, of sums that payers paid, each as one payment of its month."""
    rows: list[dict[str, object]] = [
        dict[str, object](dict.fromkeys(PAYMENTS, 0))
        | {
            "payer": one.payer,
            "person_code": one.code,
            "month": month,
            "seq": 1,
            "kind": "wages",
            "income": fen,
            "basic": "standard",
            "employed_from": date.fromisoformat(one.begins),
            "employed_to": date.fromisoformat(ends) if ends else None,
            "elect": "",
            "note": "",
        }
        for one, month, fen in paid
    ]
    return int(tax(pd.DataFrame(rows, columns=list(PAYMENTS), dtype=object))["tax"].sum())
