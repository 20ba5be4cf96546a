"""Backups: written in use, restored into the other kind of database, or refused with nothing written."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import inspect

from domain.problems import InputProblems, Refused
from engine.storage import archive, audit, migrate, restore, rows
from engine.storage.audit import Record
from engine.storage.backup import sweep, write_backup
from engine.storage.connect import open_database
from engine.storage.desk import open_desk
from engine.storage.install import Place, bring_up, open_store
from engine.storage.keys import fresh_keys, save_keys
from engine.storage.tables.place import Unit
from tests.engine.storage.filled import ROOT, fill, laid, stand


def quiet(_done, _of, _title):
    pass


def nothing(_desk):
    return {}


@pytest.fixture
def other(store, tmp_path, request):
    """An empty place of the other kind, with the keys."""
    home = tmp_path / "other"
    home.mkdir(mode=0o700)
    save_keys(home / "keys", store.keys)
    if store.engine.dialect.name == "postgresql":
        yield Place(home)
        return
    postgres, name = request.getfixturevalue("postgres"), f"t_{secrets.token_hex(6)}"
    yield Place(home, postgres(name))
    postgres.drop(name)


def bring(path, place, **more):
    return restore.restore(path, place, quiet, actor=ROOT, settle=more.pop("settle", nothing), **more)


def stands(place):
    engine = open_database(place.database)
    try:
        return stand(engine)
    finally:
        engine.dispose()


def is_empty(place):
    engine = open_database(place.database)
    try:
        return not inspect(engine).get_table_names()
    finally:
        engine.dispose()


@pytest.fixture
def backup(store, tmp_path):
    fill(store)
    path = tmp_path / "b.zip"
    write_backup(store, path, quiet)
    return path


def test_every_row_and_file_comes_back_in_the_other_database(store, backup, other):
    before, files = stand(store.engine), laid(store.home)
    restored = bring(backup, other)
    after = stands(other)
    for name in ("audit", "audit_detail"):
        assert [row for row in before[name] if row not in after[name]] == []
        assert len(after[name]) == len(before[name]) + 1
    assert all(before.values())
    for name, held in before.items():
        assert name in {"audit", "audit_detail", "audit_head"} or after[name] == held, name
    assert laid(other.home) == files
    assert restored.manifest.missing == []
    assert int(restored.manifest.tables["amount"].sums["amount"]) > 3 * 10**16
    opened = open_store(other)
    try:
        assert opened.origin == store.origin
        with open_desk(opened, ROOT) as desk:
            assert audit.verify(desk.session) == []
            new = desk.add(Unit(region="330103", unit="N1", kind="institution", name="新（示例）"))
            assert new.id == 1 + max(known for (known,) in desk.values([Unit.id], Unit.unit != "N1"))
    finally:
        opened.engine.dispose()


def test_a_backup_of_a_restored_place_has_the_same_tables(store, backup, other, tmp_path):
    first = bring(backup, other).manifest
    opened = open_store(other)
    try:
        second = write_backup(opened, tmp_path / "again.zip", quiet)
    finally:
        opened.engine.dispose()
    changed = {name for name, said in first.tables.items() if second.tables[name] != said}
    assert changed == {"audit", "audit_detail", "audit_head"}


def test_a_backup_is_one_moment_while_others_write(store, other, tmp_path):
    fill(store)
    stop, written = threading.Event(), []

    def write():
        while not stop.is_set():
            with open_desk(store, ROOT) as desk:
                number = len(written)
                desk.add(Unit(region="330103", unit=f"W{number}", kind="institution", name="写（示例）"))
                desk.audit(Record("unit.add", f"unit/W{number}"))
            written.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 5:
            pass
        said = write_backup(store, tmp_path / "b.zip", quiet)
        reached = len(written)
        while len(written) < reached + 5:
            pass
    finally:
        stop.set()
        writer.join()
    bring(tmp_path / "b.zip", other)
    found = stands(other)
    units = sum("'W" in row for row in found["unit"])
    assert 5 <= units < len(written)
    assert sum("unit.add" in row for row in found["audit"]) == units
    assert said.seq == len(found["audit"]) - 1


def test_a_changed_or_truncated_backup_is_refused_with_nothing_written(backup, other):
    whole = backup.read_bytes()
    before = sorted(other.home.rglob("*"))
    names = zipfile.ZipFile(backup).namelist()
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        backup.write_bytes(whole[:at])
        with pytest.raises(InputProblems):
            bring(backup, other)
    table = next(name for name in names if name == "tables/amount.jsonl")
    for name, change in (
        (table, lambda content: content.replace(b"1000", b"1001", 1)),
        ("contents.jsonl", lambda content: content[:-2] + b" \n"),
        ("manifest.json", lambda content: content.replace(b'"missing": []', b'"missing": [""]')),
        (next(name for name in names if name.startswith("runs/")), lambda content: content + b" "),
        (next(name for name in names if name.startswith("files/")), lambda _: None),
    ):
        backup.write_bytes(whole)
        altered(backup, name, change)
        with pytest.raises(InputProblems, match="BACKUP-BROKEN"):
            bring(backup, other)
    backup.write_bytes(whole)
    with zipfile.ZipFile(backup, "a") as more:
        more.writestr("../../evil", b"x")
    with pytest.raises(InputProblems, match="BACKUP-BROKEN"):
        bring(backup, other)
    assert sorted(other.home.rglob("*")) == before
    assert is_empty(other) if other.url else not (other.home / "liangyun.db").exists()


def altered(path, name, change):
    with zipfile.ZipFile(path) as source:
        entries = {info.filename: source.read(info) for info in source.infolist()}
    entries[name] = change(entries[name])
    with zipfile.ZipFile(path, "w") as target:
        for entry, content in entries.items():
            if content is not None:
                target.writestr(entry, content)


def test_names_that_lead_elsewhere_are_none_of_a_backup():
    for name in ("../x", "tables/../x", "runs//x", "/etc/passwd", "files/a\\b", "keys/keys.json", "files", "runs/C:/x"):
        assert not archive._is_plain(name)
    assert archive._is_plain("runs/ab/输入 1.csv")


def test_keys_that_do_not_fit_are_refused_before_anything_is_written(store, backup, other):
    keys = other.home / "keys"
    shutil.rmtree(keys)
    with pytest.raises(Refused, match="KEY-MISSING"):
        bring(backup, other)
    save_keys(keys, fresh_keys())
    with pytest.raises(Refused, match="KEY-OTHER"):
        bring(backup, other)
    shutil.rmtree(keys)
    save_keys(keys, store.keys.rotated())
    (keys / "keys.json").chmod(0o644)
    with pytest.raises(Refused, match="KEY-OPEN"):
        bring(backup, other)
    assert sorted(path.name for path in other.home.iterdir()) == ["keys"]
    assert not other.url or is_empty(other)
    (keys / "keys.json").chmod(0o600)
    bring(backup, other)


def test_keys_from_before_a_rotation_are_refused(place, other, tmp_path):
    earlier = open_store(place)
    save_keys(place.home / "keys", earlier.keys.rotated())
    earlier.engine.dispose()
    opened = open_store(place)
    write_backup(opened, tmp_path / "b.zip", quiet)
    opened.engine.dispose()
    with pytest.raises(Refused, match="KEY-LACKING"):
        bring(tmp_path / "b.zip", other)


def test_only_an_empty_database_is_restored_into(store, place, backup, other):
    before = stand(store.engine)
    with pytest.raises(Refused, match="RESTORE-NOT-EMPTY"):
        bring(backup, place)
    assert stand(store.engine) == before
    bring_up(other)  # nobody has used it yet
    bring(backup, other)
    with pytest.raises(Refused, match="RESTORE-NOT-EMPTY"):
        bring(backup, other)


@pytest.mark.parametrize("where", ["load", "sums_of", "number_on"])
def test_a_restore_that_fails_halfway_leaves_the_database_empty(monkeypatch, backup, other, where):
    real, calls = getattr(rows, where), []

    def failing(*args):
        calls.append(args)
        if len(calls) == 20 or where == "number_on":
            raise OSError(28, "No space left on device")
        return real(*args)

    monkeypatch.setattr(restore, where, failing)
    with pytest.raises(OSError, match="No space"):
        bring(backup, other)
    assert is_empty(other)
    monkeypatch.undo()
    bring(backup, other)


def test_what_settling_refuses_is_not_restored(backup, other):
    def refusing(desk):
        desk.add(Unit(region="330103", unit="N1", kind="institution", name="新（示例）"))
        raise Refused("no")

    with pytest.raises(Refused, match="no"):
        bring(backup, other, settle=refusing)
    assert is_empty(other)


def test_a_full_disk_leaves_the_last_good_backup(monkeypatch, store, backup, tmp_path):
    whole = backup.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.storage.archive.os.fsync", full)
    with pytest.raises(OSError, match="No space") as told:
        write_backup(store, backup, quiet)
    monkeypatch.undo()
    assert told.value.filename == str(backup)
    assert backup.read_bytes() == whole
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_what_a_killed_backup_left_goes_a_day_later(store, backup, tmp_path):
    young, old = tmp_path / ".liangyun-backup-a.part", tmp_path / ".liangyun-backup-b.part"
    for part in (young, old):
        part.write_bytes(b"half")
    os.utime(old, (1, 1))
    write_backup(store, backup, quiet)
    assert [path.name for path in tmp_path.glob(".*")] == [young.name]


def test_what_anchors_know_and_the_backup_has_not_is_told(store, backup, other):
    with open_desk(store, ROOT) as desk:
        desk.audit(Record("thing.change", "thing/later"))
        desk.audit(Record("thing.change", "thing/last"))
    with open_desk(store, ROOT, writes=False) as desk:
        later = audit.anchor(desk.session, store.keys, store.origin, desk.now)
    wrong = {**later, "size": 1}
    with pytest.raises(Refused, match="AUDIT-BROKEN"):
        bring(backup, other, anchors=[wrong])
    assert is_empty(other)
    assert bring(backup, other, anchors=[later]).lost == 2
    detail = [row for row in stands(other)["audit_detail"] if "'lost': 2" in row]
    assert len(detail) == 1


def test_a_chain_that_was_broken_is_restored_only_on_demand(store, other, tmp_path):
    fill(store)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("update audit_head set hash = 'changed'")
    write_backup(store, tmp_path / "b.zip", quiet)
    with pytest.raises(Refused, match="AUDIT-HEAD"):
        bring(tmp_path / "b.zip", other)
    bring(tmp_path / "b.zip", other, accept_broken=True)


def test_a_file_that_is_gone_is_told_and_does_not_keep_from_a_backup(store, tmp_path):
    fill(store)
    gone = next(path for path in (store.home / "runs").iterdir())
    shutil.rmtree(gone)
    assert write_backup(store, tmp_path / "b.zip", quiet).missing == [f"runs/{gone.name}"]


def test_no_key_is_in_a_backup(store, backup):
    secret = [key for _, key in store.keys.columns] + [store.keys.signing]
    with zipfile.ZipFile(backup) as source:
        held = b"".join(source.read(name) for name in source.namelist())
    for key in secret:
        assert key not in held
        assert key.hex().encode() not in held
    assert "文件".encode() in held  # a plain file is as it was, half of them are personal
    assert held.count("文件 ".encode()) < len(list((store.home / "files").glob("*/*")))


def test_an_older_backup_is_restored_as_it_was_and_then_migrated(monkeypatch, store, backup, other, tmp_path):
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrate.migrations.__file__).parent, folder)
    newer = (folder / "script.py.mako").with_name("versions") / "9999_later.py"
    newer.write_text(
        '"""Later."""\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = "9999"\n'
        f'down_revision = "{migrate.newest()}"\nbranch_labels = None\ndepends_on = None\n\n\n'
        'def upgrade():\n    op.add_column("workday", sa.Column("later", sa.Integer(), server_default="7"))\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(migrate.migrations, "__file__", str(folder / "__init__.py"))
    bring(backup, other)
    engine = open_database(other.database)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select distinct later from workday").all() == [(7,)]
    assert migrate.current(engine) == "9999"
    opened = open_store(other)
    write_backup(opened, tmp_path / "newer.zip", quiet)
    opened.engine.dispose()
    monkeypatch.undo()
    with pytest.raises(Refused, match="SCHEMA-NEWER"):
        bring(tmp_path / "newer.zip", other)
    engine.dispose()


def test_only_what_no_row_names_is_swept(monkeypatch, store):
    fill(store)
    kept = laid(store.home)
    store.files.put(b"orphan")
    store.files.put_folder("runs", lambda part: (part / "x").write_text("1") and "f" * 64)
    assert sweep(store) == 0
    monkeypatch.setattr("engine.storage.files.time.time", lambda: 1e11)
    assert sweep(store) == 2
    assert laid(store.home) == kept
