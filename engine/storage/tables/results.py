"""The index of results; the run folder is what holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field

from engine.storage.columns import data, exact, fen, moment, ref, row_id, words
from engine.storage.tables.base import Scoped, Table


class Run(Scoped, table=True):
    """A run folder. kind: score, allocation, preview or whatif; official: of a locked dataset.

    folder: digest of its manifest, under which the folder lies; job: which asked for it (once).
    """

    __tablename__ = "run"
    covers: ClassVar[bool] = True

    id: int | None = row_id()
    batch: int | None = ref("batch.id", optional=True)
    kind: str
    plan: str = Field(index=True)
    period: str
    dataset: str = ""
    policy: str
    folder: str = Field(index=True)
    program: str
    official: bool = False
    job: int = Field(foreign_key="job.id", unique=True)
    warnings: Any = data()
    contradictions: Any = data()
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()


class Score(Scoped, table=True):
    """A unit's total of a scorecard."""

    __tablename__ = "score"

    id: int | None = row_id()
    run: int = ref("run.id")
    scope: str
    scorecard: str
    score: Any = exact(optional=True)
    grade: str = ""


class Pool(Scoped, table=True):
    """A pool of an alliance (unit)."""

    __tablename__ = "pool"

    id: int | None = row_id()
    run: int = ref("run.id")
    pool: str
    amount: int = fen()
    distributed: int = fen()
    undistributed: int = fen()


class Amount(Scoped, table=True):
    """What a unit gets of a pool."""

    __tablename__ = "amount"

    id: int | None = row_id()
    run: int = ref("run.id")
    alliance: str
    pool: str
    amount: int = fen()


class PayLine(Scoped, table=True):
    """What is to be paid to a unit after what was prepaid, held back or given back; negative: to be taken back."""

    __tablename__ = "pay_line"

    id: int | None = row_id()
    run: int = ref("run.id")
    alliance: str
    pool: str
    amount: int = fen()
    payer: str = ""


class Delta(Scoped, table=True):
    """What a correction changes of a unit's amount."""

    __tablename__ = "delta"

    id: int | None = row_id()
    run: int = ref("run.id")
    base_run: int = ref("run.id")
    alliance: str
    pool: str
    old: int = fen()
    new: int = fen()


class Hold(Table, table=True):
    """An alliance of a batch is held back while the others go on."""

    __tablename__ = "hold"

    batch: int = ref("batch.id", primary=True)
    alliance: str = Field(primary_key=True)
    reason: str = words()
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()
