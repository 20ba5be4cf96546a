"""A writer that stands still: others are told, and on PostgreSQL its transaction ends; on both databases."""

from __future__ import annotations

import time

import pytest

from engine.storage import connect
from engine.storage.audit import Record, head
from engine.storage.connect import Busy, is_sqlite
from engine.storage.desk import open_desk, program, refused
from engine.storage.install import open_store
from engine.storage.tables.proof import Audit

ROOT = program("command")


def test_a_writer_that_stands_still_makes_others_busy_and_keeps_nobody_for_good(place, monkeypatch):
    monkeypatch.setattr(connect, "BUSY_SECONDS", 1)
    monkeypatch.setattr(connect, "STILL_SECONDS", 4)
    still, other = open_store(place), open_store(place)
    try:
        writer = open_desk(still, ROOT)
        desk = writer.__enter__()
        head(desk.session)
        desk.audit(Record("of.the.first", "x"))
        with pytest.raises(Busy):
            refused(other, ROOT, Record("of.the.second", "x"))
        if is_sqlite(other.engine):  # one machine: the process ends, or goes on
            writer.__exit__(None, None, None)
            written = ["of.the.first", "of.the.second"]
        else:
            time.sleep(5)
            written = ["of.the.second"]
        refused(other, ROOT, Record("of.the.second", "x"))
        if not is_sqlite(other.engine):
            with pytest.raises(Busy):
                writer.__exit__(None, None, None)
        with open_desk(other, ROOT, writes=False) as look:
            assert [action for (action,) in look.values([Audit.action], order=Audit.seq)] == written
    finally:
        still.engine.dispose()
        other.engine.dispose()
