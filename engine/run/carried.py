"""What pools gave so far: rows of the tables, stories, and what a member takes along from alliance to alliance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from allocation.answer import Conflicting
from domain.trace import Trace
from engine.run.result import Allocation, frame

Row = dict[str, Any]
TABLES = ("pools", "permits", "allocations", "overspend", "settlements")


@dataclass
class Paid:
    """What the pools gave: rows of the tables, traces, problems with their answers, contradictions by alliance."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in TABLES})
    traces: list[Trace] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    contradictions: dict[str, tuple[Conflicting, ...]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def frame(self, name: str) -> pd.DataFrame:
        """The rows of one table."""
        return frame(name, self.rows[name])

    def add(self, other: Paid) -> None:
        """Take over what another alliance's pools gave."""
        for name, rows in other.rows.items():
            self.rows[name] += rows
        self.traces += other.traces
        self.allocations += other.allocations
        self.contradictions |= other.contradictions
        self.warnings += other.warnings


@dataclass
class Carried:
    """What a member that changes alliance within the period takes along: there is only one headroom, one a and one R.

    home: the alliance that states its two permits and is charged what it was paid (`domain.selection.home`);
    taken: of its headroom; allotted: income; drawn: paid out of R, both by unit and pool. Fen, so far.
    """

    home: Mapping[str, str]
    taken: dict[str, int] = field(default_factory=dict)
    allotted: dict[str, dict[str, int]] = field(default_factory=dict)
    drawn: dict[str, dict[str, int]] = field(default_factory=dict)
