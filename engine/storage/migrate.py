"""The schema's version: bring it up to date, take it back, look whether it is what the tables say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from engine.storage import migrations
from engine.storage.connect import WRITE, busy_is_told, is_sqlite
from engine.storage.schema import METADATA


def newest() -> str:
    """The version that this program needs."""
    return str(ScriptDirectory.from_config(_config(None)).get_current_head())


def current(engine: Engine) -> str | None:
    """The version that the database has; None where it has none."""
    with busy_is_told(), engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """The version that the database has, as this connection sees it; None where it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(revision: str | None) -> bool:
    """Whether a version is one of this program's (None is: before the first)."""
    known = {script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()}
    return revision is None or revision in known


def is_empty(engine: Engine) -> bool:
    """Whether there is no table at all."""
    with busy_is_told(), engine.connect() as connection:
        return not inspect(connection).get_table_names()


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the schema to a version, in one transaction."""
    with changing(engine) as connection:
        raise_to(connection, to)


def downgrade(engine: Engine, to: str) -> None:
    """Take the schema back to a version (`base`: no table)."""
    with changing(engine) as connection:
        lower_to(connection, to)


def raise_to(connection: Connection, to: str = "head") -> None:
    """Bring the schema to a version, within the transaction of `changing`."""
    command.upgrade(_config(connection), to)


def lower_to(connection: Connection, to: str) -> None:
    """Take the schema back to a version, within the transaction of `changing`."""
    command.downgrade(_config(connection), to)


def drift(engine: Engine) -> list[object]:
    """What the tables of this program and those of the database differ in: nothing, where the migrations are whole."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """A connection whose one transaction may change the schema: all of it stays, or nothing."""
    with busy_is_told(), engine.execution_options(**{WRITE: True}).connect() as connection:
        if is_sqlite(engine):  # tables are made anew and take the place of the old: no key may be looked at meanwhile
            connection.exec_driver_sql("pragma foreign_keys=off")
            connection.commit()
        with connection.begin():
            yield connection
        if is_sqlite(engine):
            connection.exec_driver_sql("pragma foreign_keys=on")
            connection.commit()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config
