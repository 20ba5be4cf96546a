"""The tables of people, typed: what `pay` reads, keeps and computes from. Source: contract of pay, Tables.

Every frame has the columns named here and `source`, where the row stands ("file sheet!row" or the cell of its number).
Amounts are int fen, other numbers Fraction, days date, texts str; None where nothing was filled in. Object columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "people": ("person_code", "name", "id_type", "id_number", "note"),
    "posts": (
        "post_no", "person_code", "unit_code", "home_unit", "paid_through", "team", "role", "staffing", "category",
        "grade", "position", "share", "from", "to", "tax_kind", "document",
    ),
    "attendance": ("period", "post_no", "days_due", "days_employed"),
    "leave": ("period", "post_no", "kind", "days", "document"),
    "person_facts": ("period", "post_no", "measure", "value"),
    "team_facts": ("period", "unit_code", "team", "measure", "value"),
    "earmarks": ("period", "post_no", "item", "from", "quantity", "to", "document"),
    "holds": ("period", "post_no", "multiplier", "reason", "document"),
    "pay_amounts": ("period", "unit_code", "pool", "amount", "document"),
    "tax_cumulative": (
        "month", "payer", "person_code", "basic", "employed_from", "employed_to", "income", "exempt", "special",
        "additional", "other", "relief", "withheld_before", "withheld_month",
    ),
    "deductions": ("month", "payer", "person_code", "item", "amount"),
    "deferred": ("accrual_year", "unit_code", "person_code", "pool", "balance"),
    "accounts": ("person_code", "bank", "branch", "cnaps", "account", "account_name", "note"),
    "cases": (
        "case_no", "level", "period", "pool", "unit_code", "post_no", "table", "field", "old_value", "new_value",
        "document", "decided_on", "funding",
    ),
    "reserves": ("reserve", "unit_code", "opening", "document"),
    "next_payments": ("month", "unit_code", "person_code", "payable"),
    "money": ("period", "unit_code", "item", "amount", "document", "word", "note"),
}  # fmt: skip
KEYS: Mapping[str, tuple[str, ...]] = {
    "people": ("person_code",),
    "posts": ("post_no",),
    "attendance": ("period", "post_no"),
    "leave": ("period", "post_no", "kind"),
    "person_facts": ("period", "post_no", "measure"),
    "team_facts": ("period", "unit_code", "team", "measure"),
    "earmarks": ("period", "post_no", "item", "from"),
    "holds": ("period", "post_no"),
    "pay_amounts": ("period", "unit_code", "pool"),
    "tax_cumulative": ("month", "payer", "person_code"),
    "deductions": ("month", "payer", "person_code", "item"),
    "deferred": ("accrual_year", "unit_code", "person_code", "pool"),
    "accounts": ("person_code",),
    "cases": ("case_no",),
    "reserves": ("reserve",),
    "next_payments": ("month", "unit_code", "person_code"),
}
FEN = frozenset(
    {"amount", "income", "exempt", "special", "additional", "other", "relief", "withheld_before",
     "withheld_month", "balance", "opening", "payable"}
)  # fmt: skip
"""Columns of money; of `cases`, values stay texts, as their table's field is read."""
NUMBERS = frozenset({"position", "share", "days_due", "days_employed", "days", "value", "quantity", "multiplier"})
DAYS = frozenset({"from", "to", "employed_from", "employed_to", "decided_on"})


def empty(table: str) -> pd.DataFrame:
    """A table without a row."""
    return pd.DataFrame(columns=[*COLUMNS[table], "source"], dtype=object)


@dataclass(frozen=True)
class People:
    """The tables of one payment, by name (every name of COLUMNS is there, empty where nobody filled it in).

    In a pay folder `people` has `id_token` in the place of name and id_number, and `accounts` is empty.
    """

    tables: Mapping[str, pd.DataFrame]

    def __getitem__(self, table: str) -> pd.DataFrame:
        """One table by its name in the contract."""
        return self.tables[table]
