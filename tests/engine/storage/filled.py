"""An installation with rows in every table, and what stands in it, by another way than a backup's."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Integer, select

from engine.storage.audit import Record
from engine.storage.columns import Exact, Json, Utc
from engine.storage.connect import WRITE
from engine.storage.desk import open_desk, program
from engine.storage.schema import METADATA

ROOT = program("command")
WIDE = 10**16
PROOF = ("audit", "audit_detail", "audit_head", "setting")
_LAID = {"dataset.sha": "datasets", "run.folder": "runs", "pay_folder.folder": "runs", "policy.bundle": "policies"}


def fill(store: Any, rows: int = 3) -> None:
    """Put rows into every table, numbers and words of the awkward kind among them, and files that they name."""
    for number in range(rows):
        with open_desk(store, ROOT) as desk:
            desk.audit(Record("thing.change", f"thing/{number}", detail={"number": number, "name": "甲院（示例）"}))
            desk.event("thing.changed", f"thing/{number}", region="330103", unit="330103")
    numbers = count(1)
    with store.engine.execution_options(**{WRITE: True}).begin() as connection:
        for table in METADATA.sorted_tables:
            if table.name in (*PROOF, "event"):
                continue
            for _ in range(rows):
                number = next(numbers)
                values = {
                    column.name: _value(store, connection, column, number)
                    for column in table.columns
                    if not (column.primary_key and isinstance(column.type, Integer) and not column.foreign_keys)
                }
                connection.execute(table.insert().values(values))


def _value(store: Any, connection: Any, column: Any, number: int) -> Any:
    name = f"{column.table.name}.{column.name}"
    if name in _LAID:
        return store.files.put_folder(_LAID[name], lambda part: _folder(part, number))
    if name in {"file.sha", "policy.sha"}:
        return store.files.put(f"文件 {number}".encode(), personal=number % 2 == 0)
    for key in column.foreign_keys:
        known = connection.execute(select(key.column).order_by(key.column)).scalars().all()
        return known[number % len(known)] if known else None
    return "rest" if name == "workday.kind" else _plain(store, column, number)


def _plain(store: Any, column: Any, number: int) -> Any:
    """A value of the column's type. The rows of a table have numbers one after the other: they refer to others each."""
    ways: tuple[tuple[type, Any], ...] = (
        (Json, {"z": [number, "一"], "a": None}),
        (Exact, None if number % 2 else WIDE * 10**12 + number),
        (Utc, store.clock() + timedelta(microseconds=number, hours=number)),
        (Boolean, number % 2 == 0),
        (Date, date(2026, 1, 1) + timedelta(days=number)),
        (BigInteger, WIDE + number),
        (Integer, number),
        (object, f"{column.name}-{number}-“例”\n\t\\'\"é𠮷"),
    )
    return next(value for kind, value in ways if isinstance(column.type, kind))


def _folder(part: Path, number: int) -> str:
    (part / "inputs").mkdir()
    (part / "inputs" / "数据.csv").write_text(f"a,b\n{number},2\n", encoding="utf-8")
    (part / "manifest.json").write_text(str(number), encoding="utf-8")
    return f"{number:064x}"


def stand(engine: Any) -> dict[str, list[str]]:
    """Every row of every table."""
    with engine.connect() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for table in METADATA.sorted_tables
        }


def laid(home: Path) -> dict[str, bytes]:
    """Every file of the store."""
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for kind in ("files", "runs", "datasets", "policies")
        for path in (home / kind).rglob("*")
        if path.is_file()
    }
