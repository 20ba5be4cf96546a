"""Periods and their batches: one run through a quarter from collecting to paid."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from engine.storage.columns import data, fen, loose, moment, ref, row_id, whole
from engine.storage.tables.base import Scoped, Table

_OPEN = "state NOT IN ('payable', 'paid', 'closed', 'abandoned') AND kind <> 'correction'"


class PeriodRow(Table, table=True):
    """A period of a plan in a region."""

    __tablename__ = "period"
    __table_args__ = (UniqueConstraint("region", "plan", "code"),)

    id: int | None = row_id()
    region: str
    plan: str
    code: str


class Batch(Scoped, table=True):
    """A batch; `engine.workflow.batch` has its states. unit: the region's code (of pay: the institution's).

    version counts every change (`If-Match`). policy: digest of the bundle pinned at the lock; dataset, score_run and
    run: what was locked, scored and allocated. seen: digest to approve; approvals: what `submit` fixed.
    """

    __tablename__ = "batch"
    __table_args__ = (
        UniqueConstraint("period", "number"),
        Index(
            "uq_batch_open",
            "period",
            "kind",
            "unit",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
    )
    covers: ClassVar[bool] = True
    apart: ClassVar[tuple[str, str] | None] = ("kind", "pay")

    id: int | None = row_id()
    period: int = ref("period.id")
    number: int
    kind: str
    parent: int | None = ref("batch.id", optional=True)
    corrects: int | None = ref("batch.id", optional=True)
    state: str = Field(index=True)
    version: int = whole(1)
    policy: str = ""
    dataset: str | None = None
    score_run: int | None = loose()
    run: int | None = loose()
    seen: str | None = None
    round: int = whole(1)
    approvals: Any = data()
    job: int | None = loose()
    deadline: datetime | None = moment(optional=True)
    posted: Any = data()
    restored: bool = False
    opened_by: int | None = ref("user.id", optional=True)
    opened_at: datetime = moment()


class Due(Table, table=True):
    """A pool of an alliance and period was released, by this batch: once, whatever comes."""

    __tablename__ = "due"

    period: int = ref("period.id", primary=True)
    alliance: str = Field(primary_key=True)
    pool: str = Field(primary_key=True)
    batch: int = ref("batch.id")
    amount: int = fen()
