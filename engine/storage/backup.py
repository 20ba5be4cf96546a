"""A backup: all rows of one moment and every file that they name, while others go on writing.

It is the same for both databases, so it is also the way from one to the other (`engine.storage.restore`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, select
from sqlalchemy import Table as Held

from domain.problems import Refused
from engine.storage.archive import Entry, KeysSaid, Manifest, TableSaid, Told, Writer, file_chunks, writing
from engine.storage.desk import Store
from engine.storage.files import Kind
from engine.storage.migrate import revision_of
from engine.storage.rows import Sums, lines_of, snapshot, tables_of

NAMES: tuple[tuple[str, str, Kind | Literal["files"]], ...] = (
    ("file", "sha", "files"),
    ("policy", "sha", "files"),
    ("policy", "bundle", "policies"),
    ("dataset", "sha", "datasets"),
    ("run", "folder", "runs"),
    ("pay_folder", "folder", "runs"),
)
"""Columns whose values must lie in the store: table, column, where."""
_PROOF = frozenset({"audit", "audit_head", "audit_detail"})
"""What only tells that a file was there keeps none."""
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def write_backup(store: Store, path: Path, report: Told) -> Manifest:
    """Write a backup of everything to a file, while others go on; what it is.

    What rows name and the store does not have is in `missing`: the backup is as whole as the installation. Raises
    InputProblems and OSError as `writing_to`, Busy; then the file is what it was.
    """
    with writing(path) as target:
        with snapshot(store.engine) as connection:
            revision = revision_of(connection)
            if revision is None:
                raise Refused("数据库是空的, 没有可备份的 (DATABASE-NONE)")
            tables = tables_of(connection)
            held = {found.name: found for found in store.files.everything()}
            named: set[str] = set()
            said: dict[str, TableSaid] = {}
            for done, (name, table) in enumerate(tables.items()):
                report(done, len(tables), "备份数据表")
                sums = Sums(table)
                passed = _noting(lines_of(connection, table, sums), named if name not in _PROOF else set(), held)
                target.add(f"tables/{name}.jsonl", (line.encode() for line in passed))
                whole = {column: str(total) for column, total in sums.sums.items()}
                said[name] = TableSaid(rows=sums.rows, sha256=sums.sha256, sums=whole)
            missing = sorted(_missing(connection, tables, store))
            seq, head = connection.execute(select(*_head(tables))).one()
        for done, name in enumerate(sorted(named)):
            report(done, len(named), "备份文件")
            _add(target, store, held[name])
        return target.close(_manifest(store, revision, (seq, head), said, missing), store.keys)


def sweep(store: Store) -> int:
    """Remove files and folders that no row names and that are older than a day; how many."""
    held = {found.name: found for found in store.files.everything()}
    named: set[str] = set()
    with snapshot(store.engine) as connection:
        for name, table in tables_of(connection).items():
            if name not in _PROOF:
                for _ in _noting(lines_of(connection, table, Sums(table)), named, held):
                    pass
    return store.files.sweep(named)


def _noting(lines: Iterable[str], named: set[str], held: dict[str, Path]) -> Iterator[str]:
    """The lines; of the digests in them, wherever they stand, those that the store has are noted."""
    for line in lines:
        named.update(digest for digest in _DIGEST.findall(line) if digest in held)
        yield line


def _missing(connection: Connection, tables: dict[str, Held], store: Store) -> Iterator[str]:
    for table, column, where in NAMES:
        values = tables[table].columns[column]
        for (digest,) in connection.execute(select(values).where(values.is_not(None)).distinct()):
            if not _has(store, where, str(digest)):
                yield f"{where}/{digest}"


def _has(store: Store, where: Kind | Literal["files"], digest: str) -> bool:
    return store.files.has(digest) if where == "files" else store.files.has_folder(where, digest)


def _add(target: Writer, store: Store, found: Path) -> None:
    for path in sorted(found.rglob("*")) if found.is_dir() else [found]:
        if found == path or path.is_file():
            try:
                target.add(path.relative_to(store.home).as_posix(), file_chunks(path))
            except FileNotFoundError as error:
                raise Refused(f"{path.name} 在备份时不见了: 查明原因后重试 (FILE-GONE)") from error


def _head(tables: dict[str, Held]) -> list[Any]:
    columns = tables["audit_head"].columns
    return [columns["seq"], columns["hash"]]


def _manifest(
    store: Store, revision: str, head: tuple[int, str], tables: dict[str, TableSaid], missing: list[str]
) -> Callable[[Entry, int], Manifest]:
    def made(contents: Entry, entries: int) -> Manifest:
        return Manifest(
            format=1,
            program=version("liangyun"),
            revision=revision,
            origin=store.origin,
            at=store.clock().isoformat(),
            keys=KeysSaid(fingerprint=store.keys.fingerprint, columns=[name for name, _ in store.keys.columns]),
            seq=head[0],
            head=head[1],
            tables=tables,
            contents=contents,
            entries=entries,
            missing=missing,
        )

    return made
