"""Two institutions and four people (示例), as a clerk hands them in: tables as CSV, a plan that only pays.

Institution U1 has 10,000.00 and three people, U2 5,000.00 and one. Points of U1 (position × attendance × score):

    P1  1.2 × 1     × 0.90 = 324/300        N1 also has three months of the GP allowance: 900.00, so 9,100.00 are left
    P2  1   × 11/12 × 1    = 275/300        11 of 66 days ill, each counted half
    P3  1   × 1     × 0.80 = 240/300        Σ = 839/300

    910,000 fen × 324/839 = 351,418.36; × 275/839 = 298,271.75; × 240/839 = 260,309.89: the two largest remainders go up
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

PERIOD, MONTH = "2026Q3", "2026-10"
PLAN = """\
id: hr
title: 示例卫生院绩效分配办法
region: "990101"
pay:
  source: local
  approval: {body: 职工代表大会, document: 示例院职〔2026〕3号, public_days: 5}
  labour_staffing: [返聘]
  leave: [{kind: 病假, counts: "0.5"}]
  items: [{id: gp, title: 全科医生津贴, rate: "300.00", per: 月, in_total: "yes", tax: wages, max: "3", across: person}]
  pools:
    bonus: {in_total: "yes", items: [gp], points: [position, time, score, hold]}
  order: [bonus]
  corrections: {funding: redivide, claw_back_max: "0.20"}
  tax: {mode: cumulative}
  codes: {wages: "30107", labour: "30226"}
"""
POINTS = {"P1": "3514.18", "P2": "2982.72", "P3": "2603.10", "P4": "5000.00"}
NAMES = ("示例人员甲", "示例人员乙", "示例人员丙", "示例人员丁")
ACCOUNTS = ("6222000000000000011", "6222000000000000029", "6222000000000000037", "6222000000000000045")
Rows = Sequence[Mapping[str, str]]


def id_number(serial: int, born: str = "19800101") -> str:
    """A valid ID number of the demonstration's region."""
    body = f"129901{born}{serial:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


IDS = tuple(id_number(serial) for serial in (11, 21, 31, 41))


def post(number: int, unit: str, **more: str) -> dict[str, str]:
    """A post of the person with the same number."""
    return {
        "post_no": f"P{number}", "person_code": f"N{number}", "unit_code": unit, "home_unit": unit,
        "paid_through": unit, "team": "门诊", "role": "member", "staffing": "在编", "category": "专技",
        "grade": "中级", "position": "1",
        "share": "1", "from": "2020-01-01", "to": "", "tax_kind": "wages", "document": "", **more,
    }  # fmt: skip


def tables() -> dict[str, list[dict[str, str]]]:
    """Every table as it is filled in, by name; to be changed at will."""
    of_posts = [("P1", "U1"), ("P2", "U1"), ("P3", "U1"), ("P4", "U2")]
    known = {"basic": "standard", "employed_from": "2020-01-01", "employed_to": "", "exempt": "0", "additional": "0",
             "other": "0", "relief": "0"}  # fmt: skip
    return {
        "people": [
            {"person_code": f"N{at}", "name": name, "id_type": "居民身份证", "id_number": IDS[at - 1], "note": ""}
            for at, name in enumerate(NAMES, start=1)
        ],
        "posts": [post(1, "U1", position="1.2"), post(2, "U1"), post(3, "U1"), post(4, "U2")],
        "attendance": [
            {"period": PERIOD, "post_no": one, "days_due": "66", "days_employed": "66"} for one, _ in of_posts
        ],
        "leave": [{"period": PERIOD, "post_no": "P2", "kind": "病假", "days": "11", "document": "示例假〔2026〕8号"}],
        "person_facts": [
            {"period": PERIOD, "post_no": one, "measure": "score", "value": value}
            for (one, _), value in zip(of_posts, ("90", "100", "80", "100"), strict=True)
        ],
        "earmarks": [
            {"period": PERIOD, "post_no": "P1", "item": "gp", "from": "2026-07-01", "quantity": "3", "to": "2026-09-30",
             "document": "示例津〔2026〕2号"}
        ],
        "pay_amounts": [
            {"period": PERIOD, "unit_code": unit, "pool": "bonus", "amount": amount, "document": "示例财社〔2026〕9号"}
            for unit, amount in (("U1", "10000.00"), ("U2", "5000.00"))
        ],
        # N1 has earned too little this year to pay tax. N2: 35,000 × 3% = 1,050.00 so far, 945.00 of it until
        # September; with 2,982.72 more 37,982.72 × 10% − 2,520 = 1,278.27, so 228.27 now. N3's payer told nothing.
        # N4 came in October.
        "tax_cumulative": [
            {"month": MONTH, "payer": "U1", "person_code": "N1", **known, "income": "54000.00", "special": "9000.00",
             "withheld_before": "0.00", "withheld_month": "0.00"},
            {"month": MONTH, "payer": "U1", "person_code": "N2", **known, "income": "100000.00", "special": "15000.00",
             "withheld_before": "945.00", "withheld_month": "105.00"},
            {"month": MONTH, "payer": "U2", "person_code": "N4", **known, "employed_from": "2026-10-01",
             "income": "0.00", "special": "0.00", "withheld_before": "0.00", "withheld_month": "0.00"},
        ],
        "accounts": [
            {"person_code": f"N{at}", "bank": "示例农商银行", "branch": "示例支行", "cnaps": "402000000000",
             "account": ACCOUNTS[at - 1], "account_name": NAMES[at - 1], "note": ""}
            for at in range(1, 5)
        ],
        "money": [
            {"period": period, "unit_code": unit, "item": item, "amount": amount, "document": document}
            for unit in ("U1", "U2")
            for period, item, amount, document in (
                ("2026", "quota_approved", "20000.00", "示例核定〔2026〕1号"),
                (PERIOD, "quota_paid", "0.00", ""),
            )
        ],
    }  # fmt: skip


def write(folder: Path, made: Mapping[str, Rows], plan: str = PLAN) -> tuple[Path, Path]:
    """The plan's file and the folder of tables."""
    people = folder / "people"
    people.mkdir(parents=True, exist_ok=True)
    for name, rows in made.items():
        if rows:
            with (people / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    path = folder / "hr.yaml"
    path.write_text(plan, encoding="utf-8")
    return path, people


def rows_of(folder: Path, table: str) -> list[dict[str, str]]:
    """A table of a pay folder."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
