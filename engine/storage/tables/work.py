"""What is done later: schedules, jobs, events, webhooks, working days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from engine.storage.columns import data, moment, ref, row_id, whole, words
from engine.storage.tables.base import Scoped, Table


class Schedule(Scoped, table=True):
    """What is due when. what: open, remind, evaluate, anchor or backup; seen: up to when it was looked at.

    period: the kind of period that it is about; empty for what has no plan.
    """

    __tablename__ = "schedule"
    covers: ClassVar[bool] = True

    id: int | None = row_id()
    what: str
    plan: str = ""
    period: str = ""
    rule: Any = data()
    enabled: bool = True
    catch_up: str = Field(default="latest")
    version: int = whole(1)
    seen: datetime = moment()
    by: int | None = ref("user.id", optional=True)


class Job(Scoped, table=True):
    """Something slow or later, once for its key. state: queued, running, done, failed or cancelled.

    attempt is the fence: whoever works under an older one may change nothing. lease: until when the owner is believed.
    """

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_waiting", "state", "due", "id"),)
    covers: ClassVar[bool] = True

    id: int | None = row_id()
    key: str = Field(unique=True)
    kind: str
    args: Any = data()
    state: str
    due: datetime = moment()
    attempt: int = whole()
    failures: int = whole()
    owner: str | None = None
    lease: datetime | None = moment(optional=True)
    done: int = whole()
    of: int = whole()
    title: str = ""
    result: Any = data()
    error: Any = data()
    by: int | None = ref("user.id", optional=True)
    actor: Any = data()
    at: datetime = moment()
    ended_at: datetime | None = moment(optional=True)


class Event(Scoped, table=True):
    """What happened, by ids alone; numbered in the order of the commits."""

    __tablename__ = "event"
    covers: ClassVar[bool] = True

    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    kind: str
    subject: str
    payload: Any = data()
    at: datetime = moment()


class Webhook(Scoped, table=True):
    """Where events are sent; the secrets lie encrypted (two while one is changed)."""

    __tablename__ = "webhook"

    id: int | None = row_id()
    url: str
    kinds: Any = data()
    secrets: Any = data()
    sent: int = whole()
    enabled: bool = True
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()


class Workday(Table, table=True):
    """A day of the imported calendar, before whatever the program knows."""

    __tablename__ = "workday"
    __table_args__ = (CheckConstraint("kind IN ('working', 'rest')", name="kind"),)

    day: date = Field(primary_key=True)
    kind: str
    source: str = words()
