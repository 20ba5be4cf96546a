"""What a payment comes to, typed: the tables of a pay folder with their columns. Source: contract of pay, DIR.

Amounts are int fen, weights and rates Fraction, codes and documents str; "" where the contract leaves a cell empty,
None for an amount that is not known (tax and net of a line whose figures nobody gave). Rows are sorted by their keys.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from domain.problems import Problem
from domain.step import RunWarning, Step

TABLES: Mapping[str, tuple[str, ...]] = {
    "units": (
        "period", "unit_code", "pool", "amount", "earmarks", "shared", "kept", "in_total", "outside", "document",
        "case",
    ),
    "teams": ("period", "unit_code", "pool", "team", "weight", "amount", "held_by", "case"),
    "lines": (
        "period", "unit_code", "post_no", "person_code", "pool", "item", "component", "amount", "charged_unit",
        "paid_through", "in_total", "document", "held_by", "case",
    ),
    "payslips": (
        "month", "payer", "person_code", "kind", "gross", "deferred", "released", "up", "down", "payable", "tax",
        "other", "net", "status",
    ),
    "tax": (
        "payer", "person_code", "month", "seq", "kind", "income", "cumulative_income", "basic_deduction", "taxable",
        "rate", "quick_deduction", "cumulative_tax", "withheld_before", "tax", "carried", "status",
    ),
    "quota": (
        "document", "scope", "unit_code", "pool", "approved", "used_before", "used_now", "left", "moved_in",
        "moved_out", "exempt",
    ),
    "current_account": ("from_unit", "to_unit", "pool", "amount"),
    "deferred": ("unit_code", "person_code", "pool", "accrual_year", "opening", "added", "released", "forfeited",
                 "closing"),
    "recovery": ("person_code", "payable_delta", "recovered", "carried", "receivable", "next_payment"),
    "reserves": ("reserve", "opening", "drawn", "returned", "closing"),
    "batches": ("batch_no", "pool", "document", "payer", "kind", "person_code", "amount"),
    "reconciliation": ("check", "key", "left", "right", "difference"),
}  # fmt: skip


def frame(table: str, rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    """A table of these rows, in object columns, so that no amount is ever a float."""
    return pd.DataFrame(list(rows), columns=list(TABLES[table]), dtype=object)


@dataclass(frozen=True)
class Split:
    """How institutions' amounts are divided: `units`, `teams`, `lines` (TABLES), each with its story.

    unmet: of institutions whose amount cannot be divided (exit 3), what stands against it, by unit code; they have no
    rows.
    """

    units: pd.DataFrame
    teams: pd.DataFrame
    lines: pd.DataFrame
    steps: tuple[Step, ...] = ()
    warnings: tuple[RunWarning, ...] = ()
    unmet: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)

    def only(self, units: Collection[str]) -> Split:
        """What it has of these institutions."""
        return self._parts(lambda one: one in units)

    def keeping(self, before: Split, units: Collection[str]) -> Split:
        """With what `before` has of all institutions but these, and of those of them that cannot be divided now.

        units: the institutions that were divided; what the others, and these, were paid stands.
        """
        there = before._parts(lambda one: one not in units or one in self.unmet)
        unmet = {unit: told for unit, told in before.unmet.items() if unit not in units} | dict(self.unmet)

        def both(now: pd.DataFrame, old: pd.DataFrame) -> pd.DataFrame:
            return pd.concat([now, old], ignore_index=True).astype(object)

        return replace(
            self,
            units=both(self.units, there.units),
            teams=both(self.teams, there.teams),
            lines=both(self.lines, there.lines),
            steps=(*self.steps, *there.steps),
            unmet=unmet,
        )

    def _parts(self, wanted: Callable[[str], bool]) -> Split:
        """The rows and stories of some institutions."""

        def of(table: pd.DataFrame) -> pd.DataFrame:
            rows = [at for at, unit in enumerate(table["unit_code"]) if wanted(unit)]
            return table.iloc[rows].reset_index(drop=True)

        steps = tuple(step for step in self.steps if step.place.unit and wanted(step.place.unit))
        return replace(self, units=of(self.units), teams=of(self.teams), lines=of(self.lines), steps=steps)


@dataclass(frozen=True)
class Slips:
    """What each payer pays each person: `payslips`, `tax`, `current_account`, `batches` (TABLES)."""

    payslips: pd.DataFrame
    tax: pd.DataFrame
    current_account: pd.DataFrame
    batches: pd.DataFrame
    steps: tuple[Step, ...] = ()
    warnings: tuple[RunWarning, ...] = ()


@dataclass(frozen=True)
class Payment:
    """All that one pay folder says: its tables by name, stories, warnings, and what could not be divided."""

    plan_id: str
    period: str
    month: str
    tables: Mapping[str, pd.DataFrame]
    steps: tuple[Step, ...]
    warnings: tuple[RunWarning, ...]
    unmet: Mapping[str, tuple[Problem, ...]]
