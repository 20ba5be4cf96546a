"""One URL → one database: SQLite in a file (WAL, writers one after the other) or PostgreSQL.

SQLite's driver begins a transaction at the first write, when what was read may be old already (573 of 800
read-then-write updates were lost): what writes begins IMMEDIATE here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg.errors import UniqueViolation
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from domain.problems import Refused

BUSY_SECONDS = 15
STILL_SECONDS = 60
"""How long a transaction may stand still on PostgreSQL, holding what others wait for: its process may be suspended."""
_UNIQUE = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
WRITE = "write"
"""The execution option of a connection that is going to write."""


class Busy(Exception):
    """The database did not let this transaction through in time; asked again, it may."""


def open_database(url: str) -> Engine:
    """An engine for `sqlite:///file` or `postgresql+psycopg://…`. Raises Refused for any other."""
    try:
        made = make_url(url)
    except ArgumentError:
        raise Refused("数据库地址不对: 写 sqlite:///文件 或 postgresql+psycopg://… (DATABASE-URL)") from None
    if made.drivername in {"sqlite", "sqlite+pysqlite"}:
        engine = create_engine(made, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if made.drivername == "postgresql+psycopg":
        return create_engine(
            made, pool_pre_ping=True, pool_size=10, max_overflow=20, connect_args={"options": _patience()}
        )
    raise Refused("数据库只能是 SQLite 或 PostgreSQL: 写 sqlite:///文件 或 postgresql+psycopg://… (DATABASE-URL)")


def _patience() -> str:
    """PostgreSQL waits for a lock without end unless it is told otherwise."""
    still, busy = STILL_SECONDS * 1000, BUSY_SECONDS * 1000
    return f"-c lock_timeout={busy} -c idle_in_transaction_session_timeout={still}"


def is_sqlite(engine: Engine) -> bool:
    """Whether the database is a file."""
    return engine.dialect.name == "sqlite"


class Taken(Exception):
    """There is a row like this already: whoever was first has it. table: whose key it is."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(table)


@contextmanager
def taken_is_told() -> Iterator[None]:
    """A key that somebody else took becomes Taken."""
    try:
        yield
    except IntegrityError as error:
        table = _taken(error.orig)
        if table is None:
            raise
        raise Taken(table) from error


def _taken(error: object) -> str | None:
    """The table of a UNIQUE or PRIMARY KEY that was not kept; None of any other fault."""
    if isinstance(error, UniqueViolation):
        return error.diag.table_name
    if isinstance(error, sqlite3.IntegrityError) and error.sqlite_errorcode in _UNIQUE:
        return str(error).rpartition(": ")[2].partition(".")[0]  # the driver has it nowhere else
    return None


@contextmanager
def busy_is_told() -> Iterator[None]:
    """A lock that was not to be had, a deadlock or a lost connection becomes Busy."""
    try:
        yield
    except OperationalError as error:
        raise Busy(type(error.orig).__name__) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Busy(type(error.orig).__name__) from error
        raise


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the begin below is ours
    for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
