"""What one run produced, as data: typed frames, the story of every number, warnings, and what codes are called.

Amounts are int fen (int64 columns), values, scores and merits exact (Fraction, None where there is none), everything
else codes. Words are made elsewhere (`engine.run.tables` for the CSV tables, `engine.run.say` for steps and warnings).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from allocation.answer import Answer, Conflicting
from allocation.statement import Problem
from domain.period import Period
from domain.selection import Array
from domain.step import Phrase, RunWarning, Step
from engine.run.labels import Labels

Kind = Literal["code", "fen", "exact", "count", "codes", "cites", "phrase", "text"]
"""code: a text; fen: int64; exact: Fraction or None; count: int or None; codes: tuple of codes; cites: tuple of what a
step cites (`domain.step.Basis`); phrase: a Phrase, or "" for nothing; text: of the input."""
FRAMES: dict[str, dict[str, Kind]] = {
    "indicators": {
        "scope": "code",
        "unit_code": "code",
        "indicator": "code",
        "numerator": "exact",
        "denominator": "exact",
        "value": "exact",
        "previous": "exact",
        "status": "code",
    },
    "scores": {
        "scope": "code",
        "unit_code": "code",
        "scorecard": "code",
        "dimension": "code",
        "item": "code",
        "value": "exact",
        "target": "exact",
        "full_marks": "exact",
        "score": "exact",
        "rule": "code",
        "cite": "cites",
    },
    "totals": {
        "scope": "code",
        "unit_code": "code",
        "scorecard": "code",
        "score": "exact",
        "grade": "text",
        "rank": "count",
    },
    "pools": {
        "alliance_code": "code",
        "pool": "code",
        "amount": "fen",
        "distributed": "fen",
        "undistributed": "fen",
    },
    "permits": {
        "alliance_code": "code",
        "unit_code": "code",
        "line": "code",
        "amount": "fen",
    },
    "allocations": {
        "alliance_code": "code",
        "pool": "code",
        "unit_code": "code",
        "tier": "code",
        "merit": "exact",
        "amount": "fen",
        "held_by": "codes",
    },
    "quota": {
        "document": "text",
        "scope": "code",
        "unit_code": "code",
        "pool": "code",
        "approved": "fen",
        "used_before": "fen",
        "used_now": "fen",
        "left": "fen",
        "moved_in": "fen",
        "moved_out": "fen",
        "exempt": "text",
    },
    "overspend": {
        "alliance_code": "code",
        "unit_code": "code",
        "line": "code",
        "amount": "fen",
        "decision": "text",
    },
    "deposits": {
        "alliance_code": "code",
        "unit_code": "code",
        "pool": "code",
        "opening": "fen",
        "held": "fen",
        "released": "fen",
        "forfeited": "fen",
        "closing": "fen",
    },
    "settlements": {
        "alliance_code": "code",
        "pool": "code",
        "unit_code": "code",
        "line": "code",
        "of": "code",
        "amount": "fen",
    },
    "checks": {
        "cell": "text",
        "unit_code": "code",
        "what": "phrase",
        "value": "exact",
        "expected": "phrase",
        "rule": "code",
        "severity": "code",
        "answer": "text",
    },
    "deltas": {
        "alliance_code": "code",
        "code": "code",
        "kind": "code",
        "pool": "code",
        "line": "code",
        "of": "code",
        "unit_code": "code",
        "old": "fen",
        "new": "fen",
        "delta": "fen",
        "funding": "text",
    },
}
ALWAYS = ("indicators", "scores", "totals", "pools", "permits", "allocations", "quota", "checks")
"""Frames of every run; the others only of plans with that part, `deltas` of a run that corrects another."""
ORDER: dict[str, tuple[str, ...]] = {
    "indicators": ("scope", "unit_code", "indicator"),
    "scores": ("scope", "unit_code"),
    "totals": ("scope", "unit_code", "scorecard"),
    "pools": ("alliance_code", "pool"),
    "permits": ("unit_code",),
    "allocations": ("alliance_code", "pool", "unit_code"),
    "quota": ("unit_code", "pool"),
    "overspend": ("alliance_code",),
    "settlements": ("alliance_code", "pool", "unit_code"),
    "checks": ("unit_code", "cell", "rule"),
    "deltas": ("alliance_code", "code", "unit_code"),
    "deposits": ("unit_code", "pool"),
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
class Formation:
    """How one pool of one alliance came to its amount: its steps in order.

    notes: why it is 0, why not all of it is distributed.
    """

    alliance_code: str
    pool: str
    steps: tuple[Step, ...]
    notes: tuple[Phrase, ...] = ()


@dataclass(frozen=True)
class Result:
    """One run.

    frames: one per name in ALWAYS and, where the plan has that part, of the others in FRAMES: those columns, sorted as
    ORDER says. steps: in the order of the run; of scores and of members' amounts only where stories were asked for.
    formations: of every row of `pools`; their steps are among the steps. measured: by "scope/indicator" the items
    ("scorecard/item") that each of a unit's rows in `indicators` is the value of; indicators: by "scorecard/item" its
    indicator. contradictions: by alliance the conflict of the allocation answer, where rules could not hold.
    allocations: every problem put to the optimizer, by alliance and pool; solver: by whom. before: digest of the run
    that this one corrects; earlier: digests of the runs of shorter periods whose figures it took.
    """

    plan_id: str
    plan_title: str
    period: Period
    region: str
    labels: Labels
    frames: Mapping[str, pd.DataFrame]
    steps: tuple[Step, ...] = ()
    warnings: tuple[RunWarning, ...] = ()
    formations: tuple[Formation, ...] = ()
    signatures: tuple[str, ...] = ()
    indicators: Mapping[str, str] = field(default_factory=dict)
    measured: Mapping[str, list[list[str]]] = field(default_factory=dict)
    contradictions: Mapping[str, tuple[Conflicting, ...]] = field(default_factory=dict)
    allocations: tuple[Allocation, ...] = ()
    solver: str = "auto"
    before: str = ""
    earlier: tuple[str, ...] = ()


def frame(name: str, rows: Iterable[Mapping[str, object] | tuple[object, ...]]) -> pd.DataFrame:
    """`rows` as the frame `name`: its columns with their types, sorted as ORDER says.

    Raises KeyError if a column is missing.
    """
    kinds = FRAMES[name]
    found = [tuple(row[column] for column in kinds) if isinstance(row, Mapping) else row for row in rows]
    block = {}
    for at, column in enumerate(kinds):
        block[column] = np.empty(len(found), dtype=object)
        block[column][:] = [row[at] for row in found]
    return framed(name, [block])


def framed(name: str, blocks: Sequence[Mapping[str, Array]]) -> pd.DataFrame:
    """The frame `name` of blocks of rows, each given by its columns. Raises KeyError if a column is missing."""
    nothing = np.zeros(0, dtype=object)
    columns = {column: np.concatenate([nothing, *(block[column] for block in blocks)]) for column in FRAMES[name]}
    keys = list(zip(*(columns[column].tolist() for column in ORDER[name]), strict=True))
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)
    kinds = FRAMES[name]
    return pd.DataFrame({column: _typed(columns[column][order], kinds[column]) for column in kinds}, copy=False)


def _typed(cells: Array, kind: Kind) -> Array | pd.Index[Any]:
    if kind == "fen":
        return cells.astype(np.int64)
    return pd.Index(cells, dtype=object, copy=False)  # what is no index pandas would make texts of
