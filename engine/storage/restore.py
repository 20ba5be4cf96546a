"""A backup, brought into an empty installation of either database.

Nothing is written before the keys fit, the database is empty and every byte of the backup is as it was. Files come
first, for they harm nobody; then schema, rows, checks, what must not happen twice, and the record of it, in one
transaction: a restore that stops anywhere leaves the database as empty as it was, and may be done again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import Connection, func, select
from sqlmodel import Session

from domain.problems import Refused
from engine.printing.files import writing_to
from engine.printing.system import made_private, sync_folder, sync_tree
from engine.storage import audit, migrate
from engine.storage.archive import STORE, Archive, Entry, Manifest, Told, reading
from engine.storage.audit import Record
from engine.storage.connect import busy_is_told, open_database
from engine.storage.desk import Actor, Desk, Store, now
from engine.storage.files import Files
from engine.storage.install import KEYS, Place, check_closed, is_file_missing
from engine.storage.keys import Keys, load_keys
from engine.storage.rows import Sums, load, number_on, stray_references, sums_of, tables_of
from engine.storage.scope import EVERYWHERE, set_scope

_OWN = frozenset({"setting", "audit_head"})
"""Tables that have rows in an installation that nobody used yet."""


@dataclass(frozen=True)
class Restored:
    """What was restored. lost: audit records that an anchor knows of and the backup does not have."""

    manifest: Manifest
    lost: int


def restore(
    path: Path,
    place: Place,
    report: Told,
    *,
    actor: Actor,
    settle: Callable[[Desk], Mapping[str, Any]],
    anchors: Sequence[Mapping[str, Any]] = (),
    accept_broken: bool = False,
    clock: Callable[[], datetime] = now,
) -> Restored:
    """Bring a backup into an empty place. settle: what must not happen again, and what to record of it.

    accept_broken: also where the audit chain did not hold when the backup was written. Raises Refused (KEY-MISSING,
    KEY-OTHER, KEY-LACKING, SCHEMA-NEWER, RESTORE-NOT-EMPTY, RESTORE-DIFFERS, AUDIT-BROKEN), InputProblems
    (BACKUP-NONE, BACKUP-BROKEN), Busy.
    """
    with reading(path) as archive, ExitStack() as later:
        keys = _fitting_keys(archive.manifest, place)
        if not migrate.knows(archive.manifest.revision):
            raise Refused("备份是较新版本的程序写的: 换用新版本程序 (SCHEMA-NEWER)")
        if not is_file_missing(place):
            _refuse_unless_empty(place)
        archive.check(keys, report)
        with writing_to(place.home):
            _lay(archive, place.home, report)
        engine = open_database(place.database)
        later.callback(engine.dispose)
        store = Store(place.home, engine, Files(place.home, keys), keys, archive.manifest.origin, clock)
        with made_private(), migrate.changing(engine) as connection:
            _load(connection, archive, report)
            migrate.raise_to(connection)
            with Session(connection, expire_on_commit=False) as session:  # its commits are this transaction's
                set_scope(session, EVERYWHERE, writes=True)
                desk = Desk(store, session, actor, store.clock())
                lost = _look_at_chain(desk, archive.manifest, anchors, accept_broken=accept_broken)
                desk.audit(_record(archive.manifest, lost, settle(desk), store.origin))
                desk.close()
    return Restored(archive.manifest, lost)


def _fitting_keys(said: Manifest, place: Place) -> Keys:
    keys = load_keys(place.home / KEYS)
    if keys is None:
        raise Refused(f"{place.home / KEYS} 里没有密钥: 先用 liangyun keys import 取回与备份配套的密钥 (KEY-MISSING)")
    check_closed(place.home)
    if keys.fingerprint != said.keys.fingerprint:
        raise Refused("密钥不是这份备份的: 用 liangyun keys import 取回与它配套的密钥 (KEY-OTHER)")
    lacking = set(said.keys.columns) - {name for name, _ in keys.columns}
    if lacking:
        raise Refused("密钥比备份旧, 缺后来更换的: 用 liangyun keys import 取回最近导出的密钥 (KEY-LACKING)")
    return keys


def _refuse_unless_empty(place: Place) -> None:
    engine = open_database(place.database)
    try:
        with busy_is_told(), engine.connect() as connection:
            if not _is_unused(connection):
                raise Refused("数据库不是空的, 只能恢复到空的数据库 (RESTORE-NOT-EMPTY)")
    finally:
        engine.dispose()


def _is_unused(connection: Connection) -> bool:
    """Whether there is no table, or `migrate` made them and nobody did anything since."""
    tables = tables_of(connection)
    if "audit_head" not in tables:
        return not tables
    used = any(
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in tables.items()
        if name not in _OWN
    )
    return not used and connection.execute(select(tables["audit_head"].columns["seq"])).scalar_one() == 0


def _lay(archive: Archive, home: Path, report: Told) -> None:
    """Put files and folders where they belong, each whole or not at all."""
    done = 0
    for folder, entries in groupby(_stored(archive), key=_whole_of):
        place = home / folder
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = Path(mkdtemp(prefix=".part-", dir=place.parent))
        try:
            for entry in entries:
                report(done, archive.manifest.entries, "恢复文件")
                done += 1
                inner = part / "it" / Path(entry.name).relative_to(folder)
                inner.parent.mkdir(parents=True, exist_ok=True)
                with inner.open("wb") as file:
                    file.writelines(archive.chunks(entry))
            if place.is_dir():
                shutil.rmtree(place)
            sync_tree(part)
            (part / "it").replace(place)
            sync_folder(place.parent)
        finally:
            shutil.rmtree(part)


def _stored(archive: Archive) -> Iterator[Entry]:
    return (entry for entry in archive.entries() if entry.name.startswith(tuple(f"{kind}/" for kind in STORE)))


def _whole_of(entry: Entry) -> str:
    """What an entry belongs to: the file itself, or its folder."""
    kind, *rest = entry.name.split("/")
    return entry.name if kind == "files" else f"{kind}/{rest[0]}"


def _load(connection: Connection, archive: Archive, report: Told) -> None:
    """Schema and rows as they were, and a look whether they are."""
    if not _is_unused(connection):
        raise Refused("数据库不是空的, 只能恢复到空的数据库 (RESTORE-NOT-EMPTY)")
    if tables_of(connection):
        migrate.lower_to(connection, "base")
    migrate.raise_to(connection, archive.manifest.revision)
    tables = tables_of(connection)
    if tables.keys() != archive.manifest.tables.keys():
        raise Refused("备份里的表与这个版本的结构不符: 换一份备份 (RESTORE-DIFFERS)")
    connection.execute(tables["audit_head"].delete())  # its first row came with the schema
    for done, (name, table) in enumerate(tables.items()):
        report(done, len(tables), "恢复数据表")
        with archive.sound():
            load(connection, table, archive.lines(f"tables/{name}.jsonl"))
    number_on(connection, tables.values())
    for done, (name, table) in enumerate(tables.items()):
        report(done, len(tables), "核对数据表")
        if not _agrees(sums_of(connection, table), archive.manifest, name):
            raise Refused(f"恢复后的表 {name} 与备份不一致: 换一份备份 (RESTORE-DIFFERS)")
    if stray := stray_references(connection):
        raise Refused(f"恢复后的表 {'、'.join(stray)} 引用了不存在的行: 换一份备份 (RESTORE-DIFFERS)")


def _agrees(found: Sums, said: Manifest, name: str) -> bool:
    wanted = said.tables[name]
    sums = {column: str(total) for column, total in found.sums.items()}
    return (found.rows, found.sha256, sums) == (wanted.rows, wanted.sha256, wanted.sums)


def _look_at_chain(desk: Desk, said: Manifest, anchors: Sequence[Mapping[str, Any]], *, accept_broken: bool) -> int:
    """How many audit records anchors know of that are not there. Raises Refused where the rest does not hold."""
    broken = audit.verify(desk.session, anchors, desk.store.keys, desk.store.origin)
    differs = [one for one in broken if one.code != "ANCHOR-SIZE"]
    if differs and not accept_broken:
        told = "、".join(f"{one.seq} {one.code}" for one in differs[:5])
        remedy = "查明后换一份备份, 确要恢复加 --accept-broken-audit"
        raise Refused(f"备份里的审计记录不连贯 ({told}): {remedy} (AUDIT-BROKEN)")
    last = audit.head(desk.session)
    if (last.seq, last.hash) != (said.seq, said.head):
        raise Refused("审计记录的末条与备份所写不符: 换一份备份 (RESTORE-DIFFERS)")
    return max(0, *(int(one["size"]) - last.seq for one in anchors)) if anchors else 0


def _record(said: Manifest, lost: int, settled: Mapping[str, Any], origin: str) -> Record:
    detail = {"backup": said.at, "size": said.seq, "head": said.head, "lost": lost, **settled}
    return Record("service.restore", f"origin/{origin}", detail=detail)
