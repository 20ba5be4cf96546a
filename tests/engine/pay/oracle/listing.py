"""`pay tax`: lists of payments drawn at random, and their tax by the contract."""

from __future__ import annotations

import random
from collections import defaultdict

from .exact import fen, yuan
from .reading import Row
from .taxing import SUMS, Taxed, basic_of, bonus_apart, labour, withheld_so_far

Place = tuple[str, str, str, int]
"""Payer, person, month, seq."""
COLUMNS = (
    *("payer", "person_code", "month", "seq", "kind", "income", "exempt", "special", "additional", "other", "relief"),
    *("basic", "employed_from", "employed_to", "withheld", "elect", "note"),
)


def draw(seed: int, persons: int) -> list[Row]:
    """A year's payments of some persons by one or two payers, in no order."""
    r = random.Random(f"{seed} list")
    rows: list[Row] = []
    for number in range(persons):
        for payer in r.sample(["U1", "U2"], r.choice([1, 1, 2])):
            rows += _of_one(r, payer, f"N{number}")
    r.shuffle(rows)
    return rows


def _of_one(r: random.Random, payer: str, person: str) -> list[Row]:
    basic = r.choice(["standard"] * 3 + ["first_job", "annual_60000"])
    first = r.randint(1, 9)
    joined = "2026-01-01" if basic == "first_job" else "2019-03-01"
    if basic == "standard":
        joined = r.choice(["2019-03-01", f"2026-{first:02d}-15"])
    left = f"2026-{r.randint(first, 12):02d}-20" if basic == "standard" and r.random() < 0.3 else ""
    known = {"payer": payer, "person_code": person, "basic": basic, "employed_from": joined, "employed_to": left}
    blank = {**dict.fromkeys(COLUMNS, ""), **known, **dict.fromkeys(SUMS, "0")}
    rows = []
    if first > 1 and joined < "2026-01-02" and r.random() < 0.6:
        sums = {
            "income": yuan(r.randrange(30000000)),
            "special": yuan(r.randrange(2000000)),
            "relief": r.choice(["0", "300.00"]),
        }
        rows.append({**blank, "month": f"2026-{first - 1:02d}", "seq": "1", "kind": "opening", **sums,
                     "withheld": yuan(r.choice([0, 100000, 3000000]))})  # fmt: skip
    apart = False
    for month in sorted(r.sample(range(first, 13), r.randint(1, 13 - first))):
        for seq in range(1, r.choice([1, 1, 2, 3]) + 1):
            kind = r.choice(["wages"] * 5 + ["labour", "annual_bonus"])
            elect = ""
            if kind == "annual_bonus":
                elect = (
                    "combined" if apart or person + payer[1:] in (person + "2",) else r.choice(["separate", "combined"])
                )
                apart = apart or elect == "separate"
            edge = r.choice([80000, 400000, 400001, 2500000, 3600000, 14400000, 43200000, r.randrange(1, 5000000)])
            own = {"income": yuan(edge)}
            if kind == "wages":
                own |= {"exempt": r.choice(["0", "100.01"]), "special": r.choice(["0", "1500.00"]),
                        "additional": r.choice(["0", "2000.00"]), "other": r.choice(["0", "33.33"]),
                        "relief": r.choice(["0", "0", "0", "55.55"])}  # fmt: skip
            rows.append({**blank, "month": f"2026-{month:02d}", "seq": str(seq), "kind": kind, "elect": elect, **own})
    return rows


def taxed(rows: list[Row]) -> dict[Place, Taxed]:
    """The tax of every payment, those of one person by one payer in their order."""
    by: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by[row["payer"], row["person_code"]].append(row)
    made: dict[Place, Taxed] = {}
    for (payer, person), own in by.items():
        _of_a_year(sorted(own, key=lambda row: (row["month"], int(row["seq"]))), (payer, person), made)
    return made


def _of_a_year(rows: list[Row], who: tuple[str, str], made: dict[Place, Taxed]) -> None:
    sums = dict.fromkeys(SUMS, 0)
    withheld: dict[str, int] = defaultdict(int)
    fees: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        month, payment = row["month"], fen(row["income"])
        place = (*who, month, int(row["seq"]))
        if row["kind"] == "opening":
            sums = {name: fen(row[name]) for name in SUMS}
            withheld[month] = fen(row["withheld"])
        elif row["kind"] == "labour":
            total, taken = fees[month]
            made[place] = labour(total + payment, payment, taken)
            fees[month] = total + payment, taken + made[place].tax
        elif row["elect"] == "separate":
            made[place] = bonus_apart(payment)
        else:
            sums = {name: sums[name] + fen(row[name]) for name in SUMS}
            before = sum(tax for when, tax in withheld.items() if when < month)
            basic = basic_of(row, month)
            taxable, rate, quick, tax, month_s, carried = withheld_so_far(sums, basic, before)
            now = month_s - withheld[month]
            withheld[month] += now
            made[place] = Taxed(payment, sums["income"], basic, taxable, rate, quick, tax, before, now, carried)
