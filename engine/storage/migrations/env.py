"""How Alembic reaches the database: by the connection that `engine.storage.schema_version` hands over."""

from __future__ import annotations

from alembic import context

from engine.storage.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
