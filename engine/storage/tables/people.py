"""Who may come in: users, grants, sessions, tokens; only hashes of what they show."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from engine.storage.columns import data, moment, ref, row_id, whole, words
from engine.storage.tables.base import Scoped, Table


class User(Table, table=True):
    """A login of a natural person (`person`; of a system: none). hashes: of the password now and the five before."""

    __tablename__ = "user"
    __table_args__ = (
        Index(
            "uq_user_person",
            "person",
            unique=True,
            sqlite_where=text("disabled = false"),
            postgresql_where=text("disabled = false"),
        ),
    )

    id: int | None = row_id()
    login: str = Field(unique=True)
    name: str
    person: str
    hash: str
    earlier: Any = data()
    must_change: bool = True
    totp: str | None = None
    totp_used: int = whole()
    mail: str = ""
    failed: int = whole()
    locked_until: datetime | None = moment(optional=True)
    disabled: bool = False
    at: datetime = moment()


class Grant(Table, table=True):
    """A role for a unit (it and what belongs to it), a region, or everywhere (unit empty), between dates.

    pending: a reviewer, approver or payer that the security administrator has not confirmed yet.
    """

    __tablename__ = "grant"
    __table_args__ = (UniqueConstraint("user", "role", "unit", "since"),)

    id: int | None = row_id()
    user: int = ref("user.id")
    role: str
    unit: str = ""
    since: date
    until: date | None = None
    pending: bool = False
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()


class SignIn(Table, table=True):
    """A session, by the hash of its secret."""

    __tablename__ = "session"

    sha: str = Field(primary_key=True)
    user: int = ref("user.id")
    at: datetime = moment()
    seen: datetime = moment()
    expires: datetime = moment()


class Token(Table, table=True):
    """A token for other systems, by its hash."""

    __tablename__ = "token"

    sha: str = Field(primary_key=True)
    user: int = ref("user.id")
    at: datetime = moment()
    expires: datetime = moment()
    revoked: bool = False


class Idempotency(Table, table=True):
    """The first answer to a POST that may come twice; status 0 while it is under way."""

    __tablename__ = "idempotency"

    client: int = ref("user.id", primary=True)
    key: str = Field(primary_key=True)
    request: str
    status: int = 0
    headers: Any = data()
    body: str = words()
    at: datetime = moment(index=True)


class Notice(Scoped, table=True):
    """What a job told a person or a unit's filer: a reminder, a mail that went out."""

    __tablename__ = "notice"
    covers: ClassVar[bool] = False

    id: int | None = row_id()
    user: int | None = ref("user.id", optional=True)
    kind: str
    subject: str
    payload: Any = data()
    at: datetime = moment()
