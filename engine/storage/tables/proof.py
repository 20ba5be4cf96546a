"""The audit chain. Only `audit_detail` may ever lose a row, and only after its retention."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field

from engine.storage.columns import data, moment
from engine.storage.tables.base import Table


class Audit(Table, table=True):
    """One record: hash = sha256(prev ‖ JCS of the others). The database refuses UPDATE and DELETE.

    region, unit: where it happened, so that an auditor finds the records of its units; within the hash.
    """

    __tablename__ = "audit"

    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    prev: str = Field(unique=True)
    hash: str
    at: datetime = moment(index=True)
    actor: str = Field(index=True)
    via: str
    action: str = Field(index=True)
    subject: str = Field(index=True)
    outcome: str
    region: str = ""
    unit: str = ""
    detail_sha: str


class AuditDetail(Table, table=True):
    """What a record says in full, by its hash."""

    __tablename__ = "audit_detail"

    sha: str = Field(primary_key=True)
    detail: Any = data()
    at: datetime = moment()


class AuditHead(Table, table=True):
    """The one row that whoever writes locks: the last record's number and hash, and the last event's number."""

    __tablename__ = "audit_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(sa_type=BigInteger)
    hash: str
    event: int = Field(sa_type=BigInteger)


class Setting(Table, table=True):
    """What belongs to this installation: its origin (random), which keys it expects (their fingerprints)."""

    __tablename__ = "setting"

    name: str = Field(primary_key=True)
    value: Any = data()
