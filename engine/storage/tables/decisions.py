"""Who decided what: hands, decisions, gates, confirmations, objections, answers, vouchers, files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from engine.storage.columns import data, fen, moment, ref, row_id, whole, words
from engine.storage.tables.base import Scoped, Table


class Hand(Table, table=True):
    """One natural person, one duty of a batch: checked, made, reviewed, approved or paid."""

    __tablename__ = "hand"

    batch: int = ref("batch.id", primary=True)
    person: str = Field(primary_key=True)
    duty: str
    at: datetime = moment()


class Decision(Table, table=True):
    """A step that was taken, with what was seen. via: http, console, paper, command or worker."""

    __tablename__ = "decision"

    id: int | None = row_id()
    batch: int = ref("batch.id")
    round: int = whole(1)
    step: str
    stage: str = ""
    from_state: str
    to_state: str
    reason: str = words()
    seen: str = ""
    more: Any = data()
    via: str
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()


class Gate(Table, table=True):
    """The document that opens a gate of the plan: minutes, a clearing confirmation."""

    __tablename__ = "gate"

    id: int | None = row_id()
    batch: int = ref("batch.id")
    kind: str
    file: str = Field(foreign_key="file.sha")
    doc_no: str
    dated: date
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()


class Confirmation(Scoped, table=True):
    """A member's word on its scores; it stands while the digest of the scores is this one."""

    __tablename__ = "confirmation"
    __table_args__ = (UniqueConstraint("batch", "unit", "digest"),)

    id: int | None = row_id()
    batch: int = ref("batch.id")
    digest: str
    file: str | None = Field(default=None, foreign_key="file.sha")
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()


class Objection(Scoped, table=True):
    """An objection. kind: score (a member's) or disclosure (anybody's); state: open, upheld or dismissed."""

    __tablename__ = "objection"

    id: int | None = row_id()
    batch: int = ref("batch.id")
    kind: str
    about: str
    text: str = words()
    due: datetime | None = moment(optional=True)
    state: str
    answer: str = words()
    file: str | None = Field(default=None, foreign_key="file.sha")
    minutes: str | None = Field(default=None, foreign_key="file.sha")
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()
    answered_by: int | None = ref("user.id", optional=True)
    answered_at: datetime | None = moment(optional=True)


class Answer(Table, table=True):
    """The reason given for a finding of `checks.csv`, of the cell and value it was given for."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("batch", "finding"),)

    id: int | None = row_id()
    batch: int = ref("batch.id")
    finding: str
    reason: str = words()
    file: str | None = Field(default=None, foreign_key="file.sha")
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()


class Signed(Table, table=True):
    """A signed sheet that was uploaded: it is the hand of its signer."""

    __tablename__ = "signed"

    id: int | None = row_id()
    batch: int = ref("batch.id")
    round: int = whole(1)
    sheet: str
    file: str = Field(foreign_key="file.sha")
    signer: int = ref("user.id")
    dated: date
    digest: str
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()


class Voucher(Scoped, table=True):
    """A payment line's latest state: ordered, paid, returned or held, with voucher and date. unit: who is paid."""

    __tablename__ = "voucher"
    __table_args__ = (
        Index(
            "uq_voucher_current",
            "batch",
            "alliance",
            "pool",
            "unit",
            unique=True,
            sqlite_where=text("superseded = false"),
            postgresql_where=text("superseded = false"),
        ),
    )

    id: int | None = row_id()
    batch: int = ref("batch.id")
    alliance: str
    pool: str
    amount: int = fen()
    state: str
    voucher: str = ""
    dated: date | None = None
    reason: str = words()
    superseded: bool = False
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()


class File(Scoped, table=True):
    """A file of the store by its hash. kind: plain, or personal (lies encrypted)."""

    __tablename__ = "file"
    covers: ClassVar[bool] = True
    apart: ClassVar[tuple[str, str] | None] = ("kind", "personal")

    sha: str = Field(primary_key=True)
    name: str
    type: str
    size: int = whole()
    kind: str = Field(default="plain")
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()
