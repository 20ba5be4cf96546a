"""Rows as text that is the same for both databases, out and in.

A table is lines of JSON in the order of its primary key, each an object with sorted names: whole numbers as they are,
exact numbers and JSON as the text they are kept as, moments in UTC, days as ISO. What a table has is asked of the
database itself, so that an older schema is read as it stands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, TypeAlias

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    collate,
    select,
    text,
)

from engine.storage.connect import busy_is_told, is_sqlite

VERSIONS = "alembic_version"
_PAGE = 1000
Turn: TypeAlias = Callable[[Any], Any]


class Sums:
    """What a table comes to: rows, sha256 of its lines, and sums of its whole numbers that are no references."""

    def __init__(self, table: Table) -> None:
        self.rows = 0
        self._sha = sha256()
        self.sums: dict[str, int] = {column.name: 0 for column in table.columns if _is_counted(column)}

    def add(self, line: str, row: dict[str, Any]) -> None:
        """One more row."""
        self.rows += 1
        self._sha.update(line.encode())
        for name in self.sums:
            self.sums[name] += row[name] or 0

    @property
    def sha256(self) -> str:
        """Of all lines."""
        return self._sha.hexdigest()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment of the database, whatever others write meanwhile."""
    with busy_is_told(), engine.connect() as connection:
        if not is_sqlite(engine):
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def tables_of(connection: Connection) -> dict[str, Table]:
    """Every table as the database has it, those first that others refer to."""
    held = MetaData()
    held.reflect(connection)
    return {table.name: table for table in held.sorted_tables if table.name != VERSIONS}


def lines_of(connection: Connection, table: Table, sums: Sums) -> Iterator[str]:
    """The lines of a table, counted as they pass."""
    ways = {column.name: _out(column) for column in table.columns}
    asked = select(*table.columns).order_by(*(_ordered(column, connection) for column in table.primary_key))
    for found in connection.execute(asked.execution_options(yield_per=_PAGE)).mappings():
        row = {name: None if found[name] is None else way(found[name]) for name, way in ways.items()}
        line = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
        sums.add(line, row)
        yield line


def sums_of(connection: Connection, table: Table) -> Sums:
    """What a table comes to now."""
    sums = Sums(table)
    for _ in lines_of(connection, table, sums):
        pass
    return sums


def load(connection: Connection, table: Table, lines: Iterable[str]) -> None:
    """Insert lines. Raises ValueError or KeyError for one that is not of this table."""
    ways = {column.name: _in(column, connection) for column in table.columns}
    page: list[dict[str, Any]] = []
    for line in lines:
        said = json.loads(line)
        if said.keys() != ways.keys():
            raise KeyError(table.name)
        page.append({name: None if said[name] is None else way(said[name]) for name, way in ways.items()})
        if len(page) == _PAGE:
            connection.execute(table.insert(), page)
            page = []
    if page:
        connection.execute(table.insert(), page)


def number_on(connection: Connection, tables: Iterable[Table]) -> None:
    """Let the database number new rows after those that were loaded (SQLite does so by itself)."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        for column in table.primary_key:
            asked = text("select pg_get_serial_sequence(:name, :column)")
            named = connection.dialect.identifier_preparer.quote(table.name)
            sequence = connection.execute(asked, {"name": named, "column": column.name}).scalar_one()
            largest = connection.execute(select(column).order_by(column.desc()).limit(1)).scalar()
            if sequence is not None and largest is not None:
                connection.execute(text("select setval(:name, :largest)"), {"name": sequence, "largest": largest})


def stray_references(connection: Connection) -> list[str]:
    """Tables with a row that refers to none: SQLite does not look while it loads."""
    if connection.dialect.name != "sqlite":
        return []
    return sorted({str(row[0]) for row in connection.exec_driver_sql("pragma foreign_key_check")})


def _is_counted(column: Column[Any]) -> bool:
    return isinstance(column.type, Integer) and not column.primary_key and not column.foreign_keys


def _ordered(column: Column[Any], connection: Connection) -> Any:
    """By bytes, as SQLite orders text: PostgreSQL would go by the language of its database."""
    if connection.dialect.name == "postgresql" and isinstance(column.type, String):
        return collate(column, "C")
    return column


def _out(column: Column[Any]) -> Turn:
    match column.type:
        case Boolean():
            return bool
        case DateTime():
            return _moment_out
        case Date():
            return date.isoformat
        case Integer():
            return int
        case String():
            return str
    raise TypeError(f"{column} has a type that no backup knows: {column.type!r}")


def _in(column: Column[Any], connection: Connection) -> Turn:
    match column.type:
        case DateTime():
            return _naive_in if connection.dialect.name == "sqlite" else datetime.fromisoformat
        case Date():
            return date.fromisoformat
    return _out(column)


def _moment_out(moment: datetime) -> str:
    known = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return known.isoformat(timespec="microseconds")


def _naive_in(said: str) -> datetime:
    return datetime.fromisoformat(said).astimezone(UTC).replace(tzinfo=None)
