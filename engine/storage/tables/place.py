"""Where things happen: units and who belonged to which alliance when."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from engine.storage.columns import data, row_id
from engine.storage.tables.base import Scoped, Table


class Unit(Scoped, table=True):
    """A unit of the register. code = unit; kind: alliance, institution, bureau or district.

    more: the other columns of run.md's institutions, as text by their names.
    """

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("unit"),)

    id: int | None = row_id()
    kind: str
    name: str
    tier: str = ""
    ownership: str = ""
    managing_unit: str = ""
    credit_code: str = ""
    more: Any = data()


class Membership(Scoped, table=True):
    """A unit was a member of an alliance in these days (to: empty while it is)."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("unit", "alliance", "since"),)

    id: int | None = row_id()
    alliance: str = Field(index=True)
    since: date | None = None
    until: date | None = None


class Reporter(Table, table=True):
    """Which unit files what a reporting body (公共卫生系统, 医保部门 …) of a region knows."""

    __tablename__ = "reporter"

    region: str = Field(primary_key=True)
    reporter: str = Field(primary_key=True)
    unit: str
