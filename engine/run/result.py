"""What one run produced: the tables of the run folder, as frames, and the story of every number."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from allocation.answer import Answer, Conflicting
from allocation.statement import Problem
from domain.trace import Trace

COLUMNS: dict[str, tuple[str, ...]] = {
    "indicators": ("period", "scope", "unit_code", "unit_name", "indicator", "numerator", "denominator", "value",
                   "previous", "status"),
    "scores": ("period", "scope", "unit_code", "unit_name", "dimension", "indicator", "value", "target",
               "full_marks", "score", "rule", "cite"),
    "totals": ("period", "scope", "unit_code", "unit_name", "scorecard", "score", "grade", "rank"),
    "pools": ("period", "alliance_code", "pool", "amount", "distributed", "undistributed", "formula"),
    "permits": ("period", "unit_code", "line", "amount", "formula", "cite"),
    "allocations": ("period", "alliance_code", "pool", "unit_code", "unit_name", "tier", "merit", "amount",
                    "held_by"),
}  # fmt: skip
EXTRA: dict[str, tuple[str, ...]] = {
    "overspend": ("period", "alliance_code", "unit_code", "unit_name", "line", "amount", "formula", "cite", "decision"),
    "settlements": ("period", "alliance_code", "pool", "unit_code", "unit_name", "line", "amount"),
}
"""Tables that only runs of plans with that part have."""
ORDER: dict[str, tuple[str, ...]] = {
    "indicators": ("period", "scope", "unit_code", "indicator"),
    "scores": ("period", "scope", "unit_code"),
    "totals": ("period", "scope", "unit_code", "scorecard"),
    "pools": ("period", "alliance_code", "pool"),
    "permits": ("period", "unit_code"),
    "allocations": ("period", "alliance_code", "pool", "unit_code"),
    "overspend": ("period", "alliance_code"),
    "settlements": ("period", "alliance_code", "pool", "unit_code"),
}
"""What rows are sorted by; the lines of a scorecard and the steps of a statement keep their order within a unit."""


@dataclass(frozen=True)
class Allocation:
    """One pool of one alliance: the problem put and the answer given."""

    alliance_code: str
    pool: str
    title: str
    problem: Problem
    answer: Answer


@dataclass(frozen=True)
class RunResult:
    """One run.

    tables: one frame per name in COLUMNS and, where the plan has that part, EXTRA, exactly those columns, every cell
    the text that the CSV carries (amounts in yuan with two decimals, exact decimals for values and scores), sorted by
    the code columns.
    traces: sorted by key. meta: plan_id, plan_title, period, period_title, region, warnings, signatures, funds,
    items (scorecard/item → indicator), measured (scope/indicator → the items of each of a unit's rows in `indicators`).
    contradictions: alliance code → the conflict of the allocation answer, where rules could not hold.
    allocations: every problem put to the optimizer, in the order of alliance and pool.
    """

    tables: dict[str, pd.DataFrame]
    traces: tuple[Trace, ...]
    meta: dict[str, object]
    contradictions: dict[str, tuple[Conflicting, ...]] = field(default_factory=dict)
    allocations: tuple[Allocation, ...] = ()


def table(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` as the table `name`: its columns, in order, every cell text, sorted as ORDER says.

    Raises KeyError if a column is missing.
    """
    columns = list((COLUMNS | EXTRA)[name])
    text = rows[columns].astype("object").where(rows[columns].notna(), "").astype(str)
    return text.sort_values(list(ORDER[name]), kind="stable", ignore_index=True)
