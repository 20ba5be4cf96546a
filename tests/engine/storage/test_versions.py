"""The schema down and up with data in it, on both databases."""

from __future__ import annotations

import pytest
from alembic.script import ScriptDirectory

from engine.storage import migrate
from engine.storage.rows import snapshot, sums_of, tables_of
from tests.engine.storage.filled import fill


def revisions():
    scripts = ScriptDirectory.from_config(migrate._config(None)).walk_revisions()
    return [script.down_revision or "base" for script in scripts]


def stand(engine):
    with snapshot(engine) as connection:
        return {name: sums_of(connection, table).sha256 for name, table in tables_of(connection).items()}


@pytest.mark.parametrize("down", revisions())
def test_down_and_up_with_data(store, down):
    fill(store)
    before = stand(store.engine)
    migrate.downgrade(store.engine, down)
    assert migrate.current(store.engine) == (None if down == "base" else down)
    older = stand(store.engine)
    assert older.keys() <= before.keys()
    assert down != "base" or not older
    migrate.upgrade(store.engine)
    assert migrate.drift(store.engine) == []
    after = stand(store.engine)
    assert after.keys() == before.keys()
    kept = [name for name in older if older[name] == before[name]]
    assert kept or down == "base"
    assert [name for name in kept if after[name] != before[name]] == []
    if down == "base":
        fill(store)
