"""All tables together: what the migrations must come to (`alembic check` finds no drift)."""

from __future__ import annotations

from sqlalchemy import MetaData

from engine.storage.tables import decisions, facts, pay, people, period, place, policy, proof, results, work
from engine.storage.tables.base import Scoped, Table

MODULES = (decisions, facts, pay, people, period, place, policy, proof, results, work)
METADATA: MetaData = Table.metadata


def scoped_tables() -> tuple[type[Scoped], ...]:
    """Every table whose rows belong to a place."""
    return tuple(Scoped.__subclasses__())
