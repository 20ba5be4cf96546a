"""A pay folder opened for an export: what it holds, whole and unchanged, and the roster that says whose codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from domain.money import parse_yuan
from domain.period import Period
from domain.problems import InputProblems, Problem
from engine.folder.intact import intact
from engine.folder.output import INPUTS, PAYMENT, frame_of, read_manifest
from engine.folder.saved_inputs import saved_plan
from engine.pay.exports.back import is_repay, read_repay
from engine.pay.exports.paid import COMPLETES, CORRECTS, SIGNATURES, Lineage, Paid
from engine.pay.exports.roster import Roster, roster
from engine.pay.folder.from_run import RUN
from engine.pay.folder.gather import BEFORE, first_inputs, people_in
from engine.pay.folder.key import pay_key
from engine.pay.people import People
from engine.pay.read.whose import read_whose
from engine.pay.result import TABLES, frame
from engine.pay.scheme import scheme_of

_MONEY = frozenset(
    {"amount", "earmarks", "shared", "kept", "outside", "gross", "deferred", "released", "up", "down",
     "payable", "tax", "other", "net", "income", "cumulative_income", "basic_deduction", "taxable", "quick_deduction",
     "cumulative_tax", "withheld_before", "carried", "approved", "used_before", "used_now", "left", "moved_in",
     "moved_out", "opening", "added", "forfeited", "closing", "payable_delta", "recovered", "receivable",
     "next_payment", "drawn", "returned", "difference"}
)  # fmt: skip
"""Columns of money in every table of a pay folder; `in_total` is money in `units` alone."""


def opened(folder: Path) -> Paid:
    """A pay folder, or one of `pay back`, as the exports read it. Raises InputProblems if it is none or changed."""
    if is_repay(folder):
        return read_repay(folder)
    manifest = intact(folder, PAYMENT)
    if manifest.get("teams"):
        said = "这是 pay teams 写出的, 没有分到人"
        raise InputProblems([Problem(str(folder), "NOT-A-RUN", said, "给出 pay run 写出的文件夹")])
    inputs = folder / INPUTS
    period = Period.parse(str(manifest["period"]))
    first = first_inputs(inputs)
    _, loaded = saved_plan(first, period)
    plan, pay = loaded.plan, scheme_of(loaded.plan)
    run = next((one for one in (inputs / RUN, first / RUN) if one.is_dir()), None)
    return Paid(
        name=folder.name,
        digest=str(manifest["digest"]),
        plan_id=plan.id,
        plan_title=plan.title,
        period=str(period),
        period_title=period.title,
        month=str(manifest["month"]),
        pay=pay,
        tables={name: _typed(name, _table(folder, name)) for name in TABLES},
        people=people_in(inputs),
        key=str(manifest.get("key", "")),
        first=bool(manifest.get("first")),
        follows=str(manifest.get("completes") or manifest.get("before") or ""),
        why=COMPLETES if manifest.get("completes") else CORRECTS if manifest.get("before") else "",
        lineage=_lineage(folder, manifest),
        names=_names(run),
        pools={pool.id: pool.title for pool in plan.pools},
        signatures=tuple(one.title for one in plan.signatures) or SIGNATURES,
    )


def _lineage(folder: Path, manifest: Mapping[str, Any]) -> Lineage:
    before = folder / INPUTS / BEFORE
    if not before.is_dir():
        return Lineage()
    inner = _lineage(before, read_manifest(before, PAYMENT))
    if manifest.get("completes"):
        return inner
    return Lineage(str(int(inner.level) + 1), str(manifest["digest"]), str(manifest["before"]))


def _table(folder: Path, name: str) -> pd.DataFrame:
    return frame_of(folder, name) if (folder / f"{name}.csv").exists() else frame(name, [])


def _typed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Texts as values: money whole fen, None where a cell is empty."""
    money = {"difference"} if name == "reconciliation" else _MONEY | ({"in_total"} if name == "units" else frozenset())
    made: Mapping[str, Any] = {
        column: [parse_yuan(cell) if cell else None for cell in table[column]]
        if column in money
        else list(table[column])
        for column in TABLES[name]
    }
    return pd.DataFrame(made, columns=list(TABLES[name]), dtype=object)


def _names(run: Path | None) -> Mapping[str, str]:
    """What institutions are called, where the amounts came from a run that says it."""
    if run is None:
        return {}
    table = frame_of(run, "allocations")
    return dict(zip(table["unit_code"], table["unit_name"], strict=True))


def people_of(paid: Paid, path: Path) -> People:
    """Who people are and where they are paid, as PEOPLE says it now. Raises InputProblems."""
    return read_whose(path, paid.pay, Period.parse(paid.period), paid.month)


def joined(paid: Paid, people: People, path: Path, codes: Iterable[str]) -> Roster:
    """Whose codes they are. Raises InputProblems and Refused as `roster`."""
    key = pay_key()
    return roster(paid, people, path.name, key.token, key.fingerprint, codes)


def of_units(paid: Paid, units: Iterable[str]) -> Paid:
    """What concerns these institutions alone: paid by them or earned there; all where none is named."""
    asked = set(units)
    if not asked:
        return paid
    known = {str(one) for name, column in (("units", "unit_code"), ("payslips", "payer")) for one in paid[name][column]}
    if unknown := sorted(asked - known):
        raise InputProblems(
            Problem("--unit", "UNIT-UNKNOWN", f"发放结果里没有机构 {one}", "核对编码") for one in unknown
        )
    by = {"units": ("unit_code",), "teams": ("unit_code",), "lines": ("unit_code", "paid_through"),
          "payslips": ("payer",), "tax": ("payer",), "batches": ("payer",), "current_account": ("from_unit", "to_unit"),
          "deferred": ("unit_code",), "quota": ("unit_code",)}  # fmt: skip
    tables = {
        name: table[table[list(by[name])].isin(asked).any(axis=1)].reset_index(drop=True) if name in by else table
        for name, table in paid.tables.items()
    }
    return replace(paid, tables=tables)
