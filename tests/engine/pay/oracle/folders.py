"""A pay folder as it was written, in the form of `reckoning.Table`."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

from .reckoning import Table

COLUMNS = {
    "units": ("unit_code pool case", "amount earmarks shared kept in_total outside document"),
    "teams": ("unit_code pool team case", "weight amount held_by"),
    "lines": (
        "unit_code post_no person_code pool item component case",
        "amount charged_unit paid_through in_total document held_by",
    ),
    "payslips": ("payer person_code kind", "gross deferred released up down payable tax other net status"),
    "tax": (
        "payer person_code kind",
        """income cumulative_income basic_deduction taxable rate quick_deduction cumulative_tax withheld_before tax
        carried""",
    ),
    "batches": ("pool document payer kind person_code", "amount"),
    "current_account": ("from_unit to_unit pool", "amount"),
    "deferred": ("unit_code person_code pool accrual_year", "opening added released forfeited closing"),
    "recovery": ("person_code", "payable_delta recovered carried receivable next_payment"),
    "reserves": ("reserve", "opening drawn returned closing"),
    "quota": ("unit_code pool", "document approved used_before used_now left"),
}


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a table of a folder."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table_of(folder: Path, name: str) -> Table:
    """A table; two rows of one key would be a fault of the folder."""
    names, values = (text.split() for text in COLUMNS[name])
    rows = rows_of(folder, name)
    made = {tuple(row[one] for one in names): tuple(row[one] for one in values) for row in rows}
    assert len(made) == len(rows), (name, "two rows of one key")
    if name == "quota":  # of an institution that charges nothing the contract asks no row
        assert all(Fraction(approved) == Fraction(before) + Fraction(now) + Fraction(left)
                   for _, approved, before, now, left in made.values())  # fmt: skip
        return {key: row for key, row in made.items() if row[3] != "0.00"}
    return made
