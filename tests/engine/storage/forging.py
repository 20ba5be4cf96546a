"""What somebody does to the chain who owns the database."""

from __future__ import annotations

from sqlalchemy import Engine, text

_DROP = {
    "sqlite": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"],
    "postgresql": ["DROP TRIGGER audit_no_update ON audit"],
}


def without_triggers(engine: Engine, *statements: str) -> None:
    """Take the triggers off and run these."""
    with engine.execution_options(write=True).connect() as connection, connection.begin():
        for statement in [*_DROP[engine.dialect.name], *statements]:
            connection.execute(text(statement))
