"""A small world for payslips: posts, lines and figures, said by what differs from the usual."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from domain.money import format_yuan, parse_yuan
from domain.pay import Pay
from engine.pay.people import COLUMNS, FEN, People, empty
from engine.pay.reconciliation import reconcile
from engine.pay.result import TABLES, Slips
from engine.pay.slips import slips
from engine.pay.tax.tables import tax_tables

MONTH = "2026-10"
POOL = {"in_total": "yes"}
PAY: dict[str, Any] = {
    "items": [
        {"id": "gp", "title": "津贴", "rate": "1.00", "per": "月", "in_total": "yes", "tax": "wages", "max": "9",
         "across": "person"},
        {"id": "talk", "title": "讲课", "rate": "1.00", "per": "次", "in_total": "no", "tax": "labour", "max": "9",
         "across": "person"},
    ],
    "pools": {"performance": POOL, "signing": POOL, "r": POOL},
    "order": ["signing", "performance"],
    "tax": {"mode": "cumulative"},
}  # fmt: skip
USUAL: dict[str, dict[str, Any]] = {
    "people": {"id_type": "居民身份证"},
    "posts": {"unit_code": "U01", "paid_through": "U01", "tax_kind": "wages"},
    "tax_cumulative": {
        "month": MONTH, "payer": "U01", "basic": "standard", "employed_from": date(2020, 1, 1), "employed_to": None,
        "withheld_before": 0, "withheld_month": 0,
    },
    "deductions": {"month": MONTH, "payer": "U01", "item": "公积金"},
    "lines": {
        "period": "2026Q3", "unit_code": "U01", "pool": "performance", "item": "points", "component": "due",
        "charged_unit": "U01", "paid_through": "U01", "in_total": "yes", "document": "文1", "held_by": "", "case": "",
    },
}  # fmt: skip


def pay(**changes: Any) -> Pay:
    return Pay.model_validate(PAY | changes)


def table(name: str, rows: list[dict[str, Any]], columns: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Rows with amounts as fen; source: the table and the number of the row."""
    made = []
    for at, row in enumerate(rows, start=1):
        full = USUAL.get(name, {}) | {"source": f"{name}!{at}"} | row
        fen = {key: parse_yuan(each) for key, each in full.items() if key in FEN and isinstance(each, str)}
        made.append(full | fen)
    return pd.DataFrame(made, columns=[*(columns or (*COLUMNS[name], "source"))], dtype=object)


def people(**tables: list[dict[str, Any]]) -> People:
    given = {name: table(name, rows) for name, rows in tables.items()}
    return People({name: given.get(name, empty(name)) for name in COLUMNS})


def lines(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return table("lines", rows, TABLES["lines"])


def slipped(case: dict[str, Any]) -> Slips:
    """The slips of a case: who there is by code, with lines, figures and deductions."""
    persons = sorted({line["person_code"] for line in case["lines"]})
    posts = {
        line["post_no"]: {"post_no": line["post_no"], "person_code": line["person_code"]} for line in case["lines"]
    }
    for post, changes in case.get("posts", {}).items():
        posts[post] |= changes
    given = people(
        people=[{"person_code": one} | case.get("people", {}).get(one, {}) for one in persons],
        posts=list(posts.values()),
        tax_cumulative=case.get("figures", []),
        deductions=case.get("deductions", []),
    )
    return slips(pay(**case.get("pay", {})), given, lines(case["lines"]), MONTH, tax_tables())


def checked(case: dict[str, Any], made: Slips) -> pd.DataFrame:
    """The reconciliation of a case, of its lines and slips alone."""
    slips_of = {name: getattr(made, name) for name in ("payslips", "batches", "current_account")}
    none = {name: pd.DataFrame(columns=list(columns), dtype=object) for name, columns in TABLES.items()}
    checks = reconcile({**none, "lines": lines(case["lines"]), **slips_of}, table("posts", []))
    return checks[checks["check"].isin(["lines_payslip", "payslips_batches", "payslips_blank", "charged_elsewhere"])]


def said(frame: pd.DataFrame, column: str) -> list[str]:
    """A column as the folder writes it."""
    return ["" if each is None else each if isinstance(each, str) else format_yuan(int(each)) for each in frame[column]]
