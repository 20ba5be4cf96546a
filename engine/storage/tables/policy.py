"""Policies as versions: plans, packs and the catalogue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text

from engine.storage.columns import data, moment, ref, row_id
from engine.storage.tables.base import Table


class Policy(Table, table=True):
    """One version. kind: plan, pack, catalogue, or of a layout (engine.workflow.pay_layouts).

    state: draft, published or withdrawn. Published never changes.

    sha: of the YAML file in the store. bundle: of a published plan, the digest of the folder that holds it with its
    packs and the catalogue as they were then: a run stands on that folder and on nothing else.
    """

    __tablename__ = "policy"
    __table_args__ = (
        UniqueConstraint("kind", "policy_id", "number"),
        Index(
            "uq_policy_draft",
            "kind",
            "policy_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: int | None = row_id()
    kind: str
    policy_id: str
    number: int
    title: str = ""
    region: str = ""
    state: str
    sha: str
    bundle: str | None = None
    problems: Any = data()
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()
    published_by: int | None = ref("user.id", optional=True)
    published_at: datetime | None = moment(optional=True)
