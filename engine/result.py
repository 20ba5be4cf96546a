"""What one run produced: the tables of the run folder, as frames, and the story of every number."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

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


@dataclass(frozen=True)
class RunResult:
    """One run.

    tables: one frame per name in COLUMNS, exactly those columns, every cell the text that the CSV carries (amounts
    in yuan with two decimals, exact decimals for values and scores), sorted by the code columns.
    traces: sorted by key. meta: plan_id, plan_title, period, period_title, region, warnings, signatures, funds.
    contradictions: alliance code → the `conflict` list of the allocation answer, where rules could not hold.
    """

    tables: dict[str, pd.DataFrame]
    traces: tuple[Trace, ...]
    meta: dict[str, object]
    contradictions: dict[str, list[dict[str, object]]] = field(default_factory=dict)
