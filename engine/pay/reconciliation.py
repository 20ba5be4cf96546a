"""What must agree in every pay folder: both sides of each check, and their difference. Source: contract of pay, DIR."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import pandas as pd

from engine.pay.result import frame

Row: TypeAlias = tuple[str, str, int, int]
"""A check, whose it is, and both sides in fen."""
Sums: TypeAlias = Mapping[tuple[str, ...], int]
Tables: TypeAlias = Mapping[str, pd.DataFrame]


def reconcile(tables: Tables) -> pd.DataFrame:
    """The table `reconciliation` of the typed tables of a payment, in the order of checks and keys."""
    rows = [row for check in (_payslips, _batches, _blank, _accounts) for row in check(tables)]
    return frame("reconciliation", [(check, key, left, right, left - right) for check, key, left, right in rows])


def sums(table: pd.DataFrame, keys: tuple[str, ...], column: str) -> Sums:
    """The sums of a column by keys; None counts as nothing."""
    found: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for *key, fen in table[[*keys, column]].itertuples(index=False, name=None):
        found[tuple(map(str, key))] += 0 if fen is None else int(fen)
    return found


def both(check: str, left: Sums, right: Sums) -> Iterator[Row]:
    """A row for every key that either side has."""
    for key in sorted(left.keys() | right.keys()):
        yield check, "/".join(key), left.get(key, 0), right.get(key, 0)


def _payslips(tables: Tables) -> Iterator[Row]:
    """Σ lines of a person = payslip."""
    lines = tables["lines"]
    paid = lines[lines["component"] != "forfeited"]
    of_lines = sums(paid, ("paid_through", "person_code"), "amount")
    yield from both("lines_payslip", of_lines, sums(tables["payslips"], ("payer", "person_code"), "payable"))


def _batches(tables: Tables) -> Iterator[Row]:
    """Σ payslips ok = Σ batches + no_payment, by payer and kind."""
    slips, keys = tables["payslips"], ("payer", "kind")
    done = slips[slips["status"].isin(["ok", "no_payment"])]
    nothing = sums(slips[slips["status"] == "no_payment"], keys, "net")
    batches = sums(tables["batches"], keys, "amount")
    right = {key: batches.get(key, 0) + nothing.get(key, 0) for key in batches.keys() | nothing.keys()}
    yield from both("payslips_batches", sums(done, keys, "net"), right)


def _blank(tables: Tables) -> Iterator[Row]:
    """Payslips whose net is not known, each with its payable."""
    slips = tables["payslips"]
    blank = slips[~slips["status"].isin(["ok", "no_payment"])]
    found = sums(blank, ("payer", "person_code", "kind", "status"), "payable")
    yield from both("payslips_blank", found, found)


def _accounts(tables: Tables) -> Iterator[Row]:
    """Charged ≠ payer = current account."""
    lines = tables["lines"]
    away = lines[(lines["component"] != "forfeited") & (lines["charged_unit"] != lines["paid_through"])]
    of_lines = sums(away, ("charged_unit", "paid_through", "pool"), "amount")
    yield from both(
        "charged_elsewhere", of_lines, sums(tables["current_account"], ("from_unit", "to_unit", "pool"), "amount")
    )
