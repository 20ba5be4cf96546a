"""A random year of a tiny county, kept by a careful clerk: what is handed in, and what was paid of it.

Two institutions, four to six persons, two pools; quarters 2026Q1 to Q4 and 2027Q1, whose payment releases what 2026
deferred. Whatever a clerk carries over comes from the product's own `carry` and is held against the clerk's own books.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
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
from engine.pay.template.carry import carry
from engine.policy.configs import Configs

from .countyfacts import facts
from .countyfolk import PLAN, QUARTERS, Person, year_s_tax
from .folder.making import id_number, post, write

Row = dict[str, str]
Key = tuple[str, str]
"""Payer and person; or institution and pool."""
RESERVE = "更正备用金"
DONE = ("ok", "no_payment")


@dataclass
class County:
    """The year as it goes. folders: every pay folder in the order of writing, its period's own quarter beside it."""

    r: random.Random
    configs: Configs
    place: Path
    people: list[Person]
    plan: str
    folders: list[Path] = field(default_factory=list)
    completes: dict[Path, Path] = field(default_factory=dict)
    opened: dict[Key, tuple[int, int]] = field(default_factory=dict)
    given: dict[int, dict[str, list[Row]]] = field(default_factory=dict)
    charged: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    deferred: dict[tuple[str, ...], int] = field(default_factory=lambda: defaultdict(int))
    income: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    withheld: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    last: dict[tuple[str, str, str], tuple[str, int]] = field(default_factory=dict)
    figures: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    recover: dict[Key, int] = field(default_factory=dict)
    reserve: int = 500_000_00

    def figure(self, person: Person, month: str, *, fresh: bool) -> Row:
        """What the payer knows of somebody who stands in no folder yet; fresh: nothing was paid before."""
        key = (person.payer, person.code)
        if key not in self.opened:
            income = 0 if fresh or person.since else self.r.choice([0, 1234567, 2000000, 9000001])
            taken = year_s_tax([(person, "2026-03", income)]) if income else 0
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
            found[key[:2]] = row
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

    def book(self, folder: Path) -> None:
        """Enter a folder that was written."""
        self.folders.append(folder)
        manifest_lines, slips = rows_of(frame_of(folder, "lines")), rows_of(frame_of(folder, "payslips"))
        if folder not in self.completes:
            for row in manifest_lines:
                fen, year = parse_yuan(row["amount"]), row["period"][:4]
                if row["component"] == "due" and row["in_total"] == "yes":
                    self.charged[row["charged_unit"], year] += fen
                if row["component"] == "deferred":
                    self.deferred[row["unit_code"], row["person_code"], row["pool"], year] -= fen
                if row["component"] in ("released", "forfeited"):
                    before = str(int(year) - 1)
                    self.deferred[row["unit_code"], row["person_code"], row["pool"], before] -= abs(fen)
        carried = {(row["payer"], row["person_code"]): row["carried"] for row in rows_of(frame_of(folder, "tax"))}
        for row in slips:
            if row["status"] == "ok":
                key = (row["payer"], row["person_code"], row["month"][:4])
                self.income[key] += parse_yuan(row["payable"])
                self.withheld[key] += parse_yuan(row["tax"])
                self.last[key] = row["month"], parse_yuan(carried[key[:2]])

    # ── steps ─────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, quarter: int) -> Path:
        """Pay a quarter; of some persons the payer's figures are not there yet."""
        period, month = QUARTERS[quarter]
        r, there = self.r, [one for one in self.people if one.months(quarter)]
        figures, deferred = self.known(period, month, [one for one in self.people if one.since is None or one in there])
        if not quarter:
            deferred = self._of_2025()
        lacking = {one.code for one in there if r.random() < 0.12}
        made = {"people": self.roster(), "posts": self.posts()}
        made |= facts(r, quarter, there, self.plan, self.charged)
        held = {row["post_no"] for row in made["holds"]}
        taken = [
            (one, self.recover.pop((one.payer, one.code)))
            for one in there
            if (one.payer, one.code) in self.recover and one.post not in held
        ]
        made |= {
            "tax_cumulative": [row for row in figures if row["person_code"] not in lacking],
            "deferred": deferred,
            "deductions": [
                {
                    "month": month,
                    "payer": one.payer,
                    "person_code": one.code,
                    "item": "扣回",
                    "amount": format_yuan(fen),
                }
                for one, fen in taken
            ],
        }
        self.given[quarter] = made
        out = self.out("run")
        against = Against(tuple(self.folders), first=not self.folders)
        pay_run(
            self.configs, *self.written(out, made), Asked(Period.parse(period), month), out, run=None, against=against
        )
        self.book(out)
        return out

    def correct(self, quarter: int, old: Path, month: str) -> Path:
        """One to two scores were wrong; the same money divided anew, or out of the reserve."""
        r, period = self.r, QUARTERS[quarter][0]
        scores = self.given[quarter]["person_facts"]
        cases = []
        for number, row in enumerate(r.sample(scores, min(len(scores), r.choice([1, 1, 2]))), start=1):
            person = next(one for one in self.people if one.post == row["post_no"])
            new = str(r.randint(60, 100))
            new = new if new != row["value"] else "59"
            cases.append(
                {
                    "case_no": str(number),
                    "level": "person",
                    "period": period,
                    "pool": "bonus",
                    "unit_code": person.unit,
                    "post_no": person.post,
                    "table": "person_facts",
                    "field": "score",
                    "old_value": row["value"],
                    "new_value": new,
                    "document": "示例院纪〔2026〕20号",
                    "decided_on": f"{month}-05",
                    "funding": r.choice(["", f"reserve: {RESERVE}"]),
                }
            )
            row["value"] = new
        figures, _ = self.known(period, month, self.people_known())
        made = {
            "people": self.roster(),
            "posts": self.posts(),
            "tax_cumulative": figures,
            "cases": cases,
            "reserves": [
                {
                    "reserve": RESERVE,
                    "unit_code": "U1",
                    "opening": format_yuan(self.reserve),
                    "document": "示例备〔2026〕1号",
                }
            ],
            "next_payments": [
                {"month": month, "unit_code": one.unit, "person_code": one.code, "payable": "500.00"}
                for one in self.people
                if r.random() < 0.8
            ],
        }
        out = self.out("correct")
        plan, people = self.written(out, made)
        pay_correct(self.configs, plan, people, Asked(Period.parse(period), month), out, before=old, run=None)
        self.book(out)
        owner = {one.code: one.payer for one in self.people}
        for row in rows_of(frame_of(out, "recovery")):
            if fen := -parse_yuan(row["recovered"]):
                assert fen <= 100_00, "more than 20% of the next 500.00"
                key = (owner[row["person_code"]], row["person_code"])
                self.recover[key] = self.recover.get(key, 0) + fen
        (reserve,) = rows_of(frame_of(out, "reserves"))
        assert parse_yuan(reserve["opening"]) == self.reserve
        self.reserve = parse_yuan(reserve["closing"])
        return out

    def complete(self, quarter: int, old: Path, month: str) -> Path:
        """The figures that were lacking are there now."""
        open_ = {
            (row["payer"], row["person_code"])
            for row in rows_of(frame_of(old, "payslips"))
            if row["status"] not in DONE
        }
        who = [one for one in self.people if (one.payer, one.code) in open_]
        period = QUARTERS[quarter][0]
        figures, _ = self.known(period, month, who)
        taken = [row for row in self.given[quarter]["deductions"] if (row["payer"], row["person_code"]) in open_]
        made = {"people": self.roster(), "posts": self.posts(), "tax_cumulative": figures, "deductions": taken}
        out = self.out("complete")
        _, people = self.written(out, made)
        earlier = [one for one in self.folders if one != old]
        pay_complete(old, people, out, earlier=earlier)
        self.completes[out] = old
        self.book(out)
        return out

    # ── what is handed in ─────────────────────────────────────────────────────────────────────────────────

    def people_known(self) -> list[Person]:
        """Who has been paid by anybody so far, and may be concerned by a correction."""
        seen = {row["person_code"] for folder in self.folders for row in rows_of(frame_of(folder, "payslips"))}
        return [one for one in self.people if one.code in seen]

    def roster(self) -> list[Row]:
        return [
            {
                "person_code": one.code,
                "name": f"示例人员{'甲乙丙丁戊己'[one.number - 1]}",
                "id_type": "居民身份证",
                "id_number": id_number(10 * one.number + 1),
                "note": "",
            }
            for one in self.people
        ]

    def posts(self) -> list[Row]:
        return [
            post(
                one.number,
                one.unit,
                team=one.team,
                position=one.position,
                paid_through=one.payer,
                to=one.ends,
                role="member" if one.unit == one.payer else "posted",
                document="示例派〔2026〕1号",
                **{"from": one.begins},
            )
            for one in self.people
        ]

    def out(self, kind: str) -> Path:
        return self.place / f"{len(self.folders) + 1:02d}-{kind}"

    def written(self, out: Path, made: Mapping[str, Sequence[Row]]) -> tuple[Path, Path]:
        return write(self.place / f"given-{out.name}", made, self.plan)

    def _of_2025(self) -> list[Row]:
        """Balances of the year before, which the first payment releases."""
        who = [one for one in self.people if one.since is None and self.r.random() < 0.4]
        rows = []
        for one in who:
            fen = self.r.randint(1, 500_000)
            self.deferred[one.unit, one.code, "bonus", "2025"] = fen
            rows.append(
                {
                    "accrual_year": "2025",
                    "unit_code": one.unit,
                    "person_code": one.code,
                    "pool": "bonus",
                    "balance": format_yuan(fen),
                }
            )
        return rows


def drawn(number: int, configs: Configs, place: Path) -> County:
    """A county by its number: who is there, and how the plan divides."""
    r = random.Random(number)
    people = []
    for at in range(1, r.randint(4, 6) + 1):
        unit = "U1" if at <= 2 else "U2" if at == 3 else r.choice(["U1", "U2"])
        other = "U2" if unit == "U1" else "U1"
        one = Person(
            at, unit, other if r.random() < 0.2 else unit, r.choice(["门诊", "公卫"]), r.choice(["1", "1.2", "0.85"])
        )
        if at > 3:  # the first three stay, so that both institutions always have somebody
            if r.random() < 0.35:
                one.since = r.randint(1, 3), r.choice([0, 1])
            if r.random() < 0.35:
                first = (one.since[0] + 1) if one.since else 0
                one.until = (r.randint(first, 3), r.choice([0, 1])) if first <= 3 else None
        people.append(one)
    more = "".join(
        f"      {line}\n"
        for line in (
            "teams: {weight: [coefficient, size]}",
            'caps: [{amount: "45000.00", time: true}]',
            f"over_cap: {r.choice(['keep', 'share'])}",
        )
        if r.random() < 0.5 or (line.startswith("over_cap"))
    )
    plan = PLAN.format(
        share=r.choice(["0.10", "0.07", "0.333"]),
        leaver=r.choice(["pay", "defer"]),
        release=r.choice(["1", "0.9", "0.85"]),
        more=more.rstrip("\n"),
    )
    return County(r, configs, place, people, plan)


def rows_of(table: pd.DataFrame) -> list[Row]:
    """The rows of a table, every cell text."""
    return [{str(name): str(value) for name, value in row.items()} for row in table.to_dict("records")]
