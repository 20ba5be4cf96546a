"""A year of tiny counties side by side (`county`), kept by a careful clerk: what is handed in, and what was paid of it.

All are paid by one plan, each step in one pay folder; what one county has is nothing to another, so a year in a
district is a year of each of them. Quarters 2026Q1 to Q4 and 2027Q1, whose payment releases what 2026 deferred.
Whatever a clerk carries over comes from the product's own `carry` and is held against the clerk's own books.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from domain.money import format_yuan, parse_yuan
from domain.period import Period
from engine.folder.output import frame_of
from engine.pay.folder.complete import pay_complete
from engine.pay.folder.compute import Asked
from engine.pay.folder.correct import pay_correct
from engine.pay.folder.execute import Against, pay_run
from engine.pay.folder.key import pay_key
from engine.pay.read.kept import to_tables
from engine.pay.result import TABLES
from engine.pay.template.carry import carry
from engine.policy.configs import Configs

from .county import County, Row, Tables, drawn_county
from .countyfolk import QUARTERS, Person, drawn_plan, tax_of
from .folder.making import write

Key = tuple[str, str]
"""Payer and person; or institution and pool."""
DONE = ("ok", "no_payment")
LAST_CASE = 10_000
MOST = 100_00
"""What is kept back of anybody in a quarter, in fen: a fifth of the next 500.00."""


@dataclass
class District:
    """The year as it goes. folders: every pay folder in the order of writing; completes: which of them ends another.

    r: what is drawn for all counties together; given: what was handed in for each quarter's payment.
    """

    r: random.Random
    configs: Configs
    place: Path
    counties: list[County]
    plan: str
    folders: list[Path] = field(default_factory=list)
    completes: dict[Path, Path] = field(default_factory=dict)
    opened: dict[Key, tuple[int, int]] = field(default_factory=dict)
    given: dict[int, Tables] = field(default_factory=dict)
    charged: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    deferred: dict[tuple[str, ...], int] = field(default_factory=lambda: defaultdict(int))
    income: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    withheld: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    last: dict[tuple[str, str, str], tuple[str, int]] = field(default_factory=dict)
    figures: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    recover: dict[Key, int] = field(default_factory=dict)
    _frames: dict[tuple[Path, str], pd.DataFrame] = field(default_factory=dict)
    _rows: dict[tuple[Path, str], list[Row]] = field(default_factory=dict)

    @property
    def people(self) -> list[Person]:
        return [one for county in self.counties for one in county.people]

    def county_of(self, unit: str) -> County:
        """Whose institution it is."""
        return next(one for one in self.counties if unit in one.units)

    # ── what was written ──────────────────────────────────────────────────────────────────────────────────

    def frames(self, folder: Path) -> Mapping[str, pd.DataFrame]:
        """Every table of a pay folder, each read once."""
        for name in TABLES:
            if (folder, name) not in self._frames:
                self._frames[folder, name] = frame_of(folder, name)
        return {name: self._frames[folder, name] for name in TABLES}

    def rows(self, folder: Path, table: str) -> list[Row]:
        """The rows of a table of a pay folder, every cell text."""
        if (folder, table) not in self._rows:
            self._rows[folder, table] = rows_of(self.frames(folder)[table])
        return self._rows[folder, table]

    # ── what the payers know ──────────────────────────────────────────────────────────────────────────────

    def figure(self, person: Person, month: str, *, fresh: bool) -> Row:
        """What the payer knows of somebody who stands in no folder yet; fresh: nothing was paid before."""
        key, r = (person.payer, person.code), self.counties_by_number[person.county].r
        if key not in self.opened:
            income = 0 if fresh or person.since else r.choice([0, 1234567, 2000000, 9000001])
            ends = person.ends if person.ends[:7] <= "2026-03" else ""
            taken = tax_of(income, "2026-03", person.begins, ends)
            self.opened[key] = income, taken
            self.income[(*key, "2026")] += income
            self.withheld[(*key, "2026")] += taken
        income, taken = (self.income[(*key, month[:4])], self.withheld[(*key, month[:4])])
        return {
            "month": month,
            "payer": person.payer,
            "person_code": person.code,
            "basic": "standard",
            "employed_from": person.begins,
            "employed_to": "",
            "income": format_yuan(income),
            "exempt": "0",
            "special": "0",
            "additional": "0",
            "other": "0",
            "relief": "0",
            "withheld_before": format_yuan(taken),
            "withheld_month": "0.00",
        }

    @property
    def counties_by_number(self) -> dict[int, County]:
        return {one.number: one for one in self.counties}

    def carried(self, period: str, month: str) -> tuple[dict[Key, Row], list[Row]]:
        """The payers' figures and the deferred balances that the product carries over, held against these books."""
        made = carry(None, self.folders, Period.parse(period), month).people
        tables = to_tables(made, pay_key().token)
        found: dict[Key, Row] = {}
        for row in rows_of(tables["tax_cumulative"]):
            key = (row["payer"], row["person_code"], month[:4])
            assert parse_yuan(row["income"]) == self.income[key], (key, row)
            taken = parse_yuan(row["withheld_before"]) + parse_yuan(row["withheld_month"])
            assert taken == self.withheld[key], (key, row)
            found[key[:2]] = {name: cell for name, cell in row.items() if name != "source"}
        rows = rows_of(tables["deferred"])
        stood = {tuple(row[one] for one in ("unit_code", "person_code", "pool", "accrual_year")): row for row in rows}
        assert {key: parse_yuan(row["balance"]) for key, row in stood.items()} == {
            key: fen for key, fen in self.deferred.items() if fen
        }
        return found, rows

    def known(self, period: str, month: str, who: Sequence[Person]) -> tuple[list[Row], list[Row]]:
        """Figures of these persons at a month, and the deferred balances."""
        found, deferred = self.carried(period, month) if self.folders else ({}, [])
        rows = [found.get((one.payer, one.code)) or self.figure(one, month, fresh=bool(self.folders)) for one in who]
        for one, row in zip(who, rows, strict=True):
            if one.ends and one.ends[:7] <= month and one.ends[:4] == month[:4]:
                row["employed_to"] = one.ends
            self.figures[one.payer, one.code, month[:4]] = row
        return rows, deferred

    def book(self, folder: Path) -> Path:
        """Enter a folder that was written."""
        self.folders.append(folder)
        if folder not in self.completes:
            for row in self.rows(folder, "lines"):
                fen, year = parse_yuan(row["amount"]), row["period"][:4]
                if row["component"] == "due" and row["in_total"] == "yes":
                    self.charged[row["charged_unit"], year] += fen
                if row["component"] == "deferred":
                    self.deferred[row["unit_code"], row["person_code"], row["pool"], year] -= fen
                if row["component"] in ("released", "forfeited"):
                    before = str(int(year) - 1)
                    self.deferred[row["unit_code"], row["person_code"], row["pool"], before] -= abs(fen)
        carried = {(row["payer"], row["person_code"]): row["carried"] for row in self.rows(folder, "tax")}
        for row in self.rows(folder, "payslips"):
            if row["status"] == "ok":
                key = (row["payer"], row["person_code"], row["month"][:4])
                self.income[key] += parse_yuan(row["payable"])
                self.withheld[key] += parse_yuan(row["tax"])
                self.last[key] = row["month"], parse_yuan(carried[key[:2]])
        return folder

    # ── steps ─────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, quarter: int) -> Path:
        """Pay a quarter; of some persons the payer's figures are not there yet."""
        period, month = QUARTERS[quarter]
        who = [one for one in self.people if one.since is None or one.months(quarter)]
        figures, deferred = self.known(period, month, who)
        if not quarter:
            deferred = [row for county in self.counties for row in county.of_2025()]
            for row in deferred:
                key = (row["unit_code"], row["person_code"], row["pool"], row["accrual_year"])
                self.deferred[key] = parse_yuan(row["balance"])
        teams, lacking = "teams:" in self.plan, set().union(*(one.lacking(quarter) for one in self.counties))
        made = self.roster() | _merged(one.quarter(quarter, self.charged, teams=teams) for one in self.counties)
        made |= {
            "tax_cumulative": [row for row in figures if row["person_code"] not in lacking],
            "deferred": deferred,
            "deductions": self._kept_back(quarter, {row["post_no"] for row in made["holds"]}),
        }
        self.given[quarter] = made
        out = self.out("run")
        against = Against(tuple(self.folders), first=not self.folders)
        asked = Asked(Period.parse(period), month)
        pay_run(self.configs, *self.written(out, made), asked, out, run=None, against=against)
        return self.book(out)

    def _kept_back(self, quarter: int, held: set[str]) -> list[Row]:
        """What comes off this payment of what was paid too much, of whom has enough of it."""
        rows = []
        for one in (one for one in self.people if one.months(quarter) and one.post not in held):
            if fen := min(self.recover.get((one.payer, one.code), 0), MOST):
                self.recover[one.payer, one.code] -= fen
                row = {"month": QUARTERS[quarter][1], "payer": one.payer, "person_code": one.code}
                rows.append({**row, "item": "扣回", "amount": format_yuan(fen)})
        return rows

    def correct(self, quarter: int, old: Path, month: str) -> Path | None:
        """Scores of some counties were wrong; None: of none."""
        scores = self.given[quarter]["person_facts"]
        return self._correct(
            quarter, old, month, [c for one in self.counties for c in one.cases(quarter, scores, month)]
        )

    def take_back(self, quarter: int, old: Path, month: str) -> Path:
        """The cases of the correction `old` were wrong themselves: each is reversed, the last one first."""
        cases = rows_of(frame_of(old / "inputs" / "people", "cases"))
        turned = [
            {
                **{name: cell for name, cell in row.items() if name != "source"},
                "case_no": str(LAST_CASE - int(row["case_no"])),
                "old_value": row["new_value"],
                "new_value": row["old_value"],
            }
            for row in reversed(cases)
        ]
        return self._correct(quarter, old, month, turned)

    def _correct(self, quarter: int, old: Path, month: str, cases: list[Row]) -> Path:
        period = QUARTERS[quarter][0]
        values = {row["post_no"]: row for row in self.given[quarter]["person_facts"]}
        for row in cases:
            assert values[row["post_no"]]["value"] == row["old_value"]
            values[row["post_no"]]["value"] = row["new_value"]
        figures, _ = self.known(period, month, self.people_known())
        made = self.roster() | {
            "tax_cumulative": figures,
            "cases": cases,
            "reserves": [one.reserve_row() for one in self.counties],
            "next_payments": [row for one in self.counties for row in one.next_payments(month)],
        }
        out = self.out("correct")
        plan, people = self.written(out, made)
        pay_correct(self.configs, plan, people, Asked(Period.parse(period), month), out, before=old, run=None)
        owner = {one.code: one.payer for one in self.people}
        for row in self.rows(out, "recovery"):
            if fen := -parse_yuan(row["recovered"]):
                assert fen <= MOST
                key = (owner[row["person_code"]], row["person_code"])
                self.recover[key] = self.recover.get(key, 0) + fen
        reserves = {row["reserve"]: row for row in self.rows(out, "reserves")}
        for one in self.counties:
            assert parse_yuan(reserves[one.reserve_name]["opening"]) == one.reserve
            one.reserve = parse_yuan(reserves[one.reserve_name]["closing"])
        return self.book(out)

    def complete(self, quarter: int, old: Path, month: str) -> Path:
        """The figures that were lacking are there now."""
        left = {(row["payer"], row["person_code"]) for row in self.rows(old, "payslips") if row["status"] not in DONE}
        who = [one for one in self.people if (one.payer, one.code) in left]
        figures, _ = self.known(QUARTERS[quarter][0], month, who)
        taken = [row for row in self.given[quarter]["deductions"] if (row["payer"], row["person_code"]) in left]
        out = self.out("complete")
        _, people = self.written(out, self.roster() | {"tax_cumulative": figures, "deductions": taken})
        pay_complete(old, people, out, earlier=[one for one in self.folders if one != old])
        self.completes[out] = old
        return self.book(out)

    # ── what is handed in ─────────────────────────────────────────────────────────────────────────────────

    def people_known(self) -> list[Person]:
        """Who has been paid by anybody so far, and may be concerned by a correction."""
        seen = {row["person_code"] for folder in self.folders for row in self.rows(folder, "payslips")}
        return [one for one in self.people if one.code in seen]

    def roster(self) -> Tables:
        """Who there is."""
        return _merged({"people": one.roster(), "posts": one.posts()} for one in self.counties)

    def out(self, kind: str) -> Path:
        return self.place / f"{len(self.folders) + 1:02d}-{kind}"

    def written(self, out: Path, made: Mapping[str, Sequence[Row]]) -> tuple[Path, Path]:
        return write(self.place / f"given-{out.name}", made, self.plan)


def _merged(several: Iterable[Tables]) -> Tables:
    """The tables of several counties one below the other."""
    made: Tables = {}
    for one in several:
        for name, rows in one.items():
            made.setdefault(name, []).extend(rows)
    return made


def drawn(number: int, counties: Sequence[int], configs: Configs, place: Path) -> District:
    """A district by its number, with these of its counties."""
    r = random.Random(number)
    plan = drawn_plan(r)
    return District(r, configs, place, [drawn_county(one, str(number)) for one in counties], plan)


def rows_of(table: pd.DataFrame) -> list[Row]:
    """The rows of a table, every cell text."""
    names = [str(name) for name in table.columns]
    return [dict(zip(names, map(str, row), strict=True)) for row in table.itertuples(index=False, name=None)]
