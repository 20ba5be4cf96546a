"""What is collected: who files what, what came, and what was locked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from engine.storage.columns import data, moment, ref, row_id, words
from engine.storage.tables.base import Scoped, Table


class Assignment(Scoped, table=True):
    """What one filer has to hand in for a batch; `*`: one workbook for everything, by a data checker. unit = filer."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("batch", "filer"),)

    id: int | None = row_id()
    batch: int = ref("batch.id")
    filer: str
    due: datetime | None = moment(optional=True)
    waived_reason: str | None = None


class Part(Table, table=True):
    """One unit's facts of one reporting body, in the workbook of an assignment."""

    __tablename__ = "part"
    __table_args__ = (UniqueConstraint("batch", "unit", "reporter"),)

    id: int | None = row_id()
    assignment: int = ref("assignment.id")
    batch: int = ref("batch.id")
    unit: str
    reporter: str


class Submission(Scoped, table=True):
    """What came in for an assignment. state: checked, faulty, accepted, returned or superseded.

    files: [{sha, name}]; problems: as the reader told them; via: upload, api or console.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("assignment", "number"),
        Index(
            "uq_submission_accepted",
            "assignment",
            unique=True,
            sqlite_where=text("state = 'accepted'"),
            postgresql_where=text("state = 'accepted'"),
        ),
    )

    id: int | None = row_id()
    batch: int = ref("batch.id")
    assignment: int = ref("assignment.id")
    number: int
    files: Any = data()
    via: str
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()
    reason: str = words()
    state: str
    problems: Any = data()
    taken_from: int | None = ref("submission.id", optional=True)
    checked_by: int | None = ref("user.id", optional=True)
    checked_at: datetime | None = moment(optional=True)
    returned_reason: str = words()


class Fact(Table, table=True):
    """A cell of a submission. table: of run.md (`facts` …); place: file, sheet and cell of who filled it in."""

    __tablename__ = "fact"

    id: int | None = row_id()
    submission: int = ref("submission.id")
    table: str
    unit: str
    period: str
    code: str
    value: str = words()
    document: str = ""
    word: str = ""
    note: str = words()
    place: str = ""


class Dataset(Scoped, table=True):
    """What was locked: a folder of tables by its digest, and the submissions in it."""

    __tablename__ = "dataset"

    sha: str = Field(primary_key=True)
    batch: int = ref("batch.id")
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()
    members: Any = data()
