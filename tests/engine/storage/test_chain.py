"""The audit chain at length: every place of 200 records, many writers at once, anchors and retention."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from domain.problems import Refused
from engine.schedule.worker import do_due
from engine.storage import audit
from engine.storage.audit import Record
from engine.storage.desk import open_desk, program
from engine.storage.tables.proof import Audit, AuditDetail, AuditHead
from engine.workflow import jobs
from engine.workflow.anchors import LEAST_KEPT, expire_details, write_anchor
from tests.soaking import reliability

ROOT = program("command")
LENGTH = 200
FIELDS = ("actor", "via", "action", "subject", "outcome", "region", "unit", "detail_sha", "prev", "hash", "at", "seq")


def write(store, count, actor=ROOT, **more):
    for number in range(count):
        with open_desk(store, actor) as desk:
            desk.audit(Record("thing.change", f"thing/{number}", detail={"number": number, **more}))


def copied(row, **changed):
    return Audit(**{**row.model_dump(), **changed})


def other(row, field):
    """Another value of the same kind."""
    value = getattr(row, field)
    if field == "at":
        return value + timedelta(microseconds=1)
    if field == "seq":
        return value + LENGTH
    return "0" * 64 if len(value) == 64 else f"{value}x"


def test_every_place_of_a_chain_is_guarded(store, monkeypatch):
    with open_desk(store, ROOT) as desk:
        for number in range(LENGTH):
            desk.audit(Record("thing.change", f"thing/{number}", detail={"number": number}))
    with open_desk(store, ROOT, writes=False) as desk:
        rows, last = desk.rows(Audit), desk.get(AuditHead, 1)

    reckoned, hash_of = {id(row): audit.hash_of(row) for row in rows}, audit.hash_of
    monkeypatch.setattr(audit, "hash_of", lambda row: reckoned.get(id(row)) or hash_of(row))  # each of them once

    def broken(forged):
        return next(audit.chain(forged, last), None)

    assert (len(rows), broken(rows)) == (LENGTH, None)
    for at, row in enumerate(rows):
        field = FIELDS[at % len(FIELDS)]
        changed = copied(row, **{field: other(row, field)})
        again = copied(row, subject="thing/x")
        again.hash = audit.hash_of(again)  # whoever forges reckons the hash of his record, but not of all after it
        inserted = copied(row, prev=row.hash, seq=row.seq + 1)
        inserted.hash = audit.hash_of(inserted)
        assert broken([*rows[:at], changed, *rows[at + 1 :]]), (at, field)
        assert broken([*rows[:at], again, *rows[at + 1 :]]), at
        assert broken([*rows[:at], *rows[at + 1 :]]), at
        assert broken([*rows[: at + 1], inserted, *rows[at + 1 :]]), at
        if at:
            assert broken([*rows[: at - 1], row, rows[at - 1], *rows[at + 1 :]]), at


def test_a_tail_cut_off_and_a_chain_written_anew_are_found_at_every_size_by_an_anchor(store):
    write(store, 12)
    with open_desk(store, ROOT, writes=False) as desk:
        rows, mark = desk.rows(Audit), audit.anchor(desk.session, store.keys, store.origin, desk.now)
    for size in range(12):
        end = AuditHead(id=1, seq=size, hash=rows[size - 1].hash if size else audit.START, event=0)
        assert list(audit.chain(rows[:size], end)) == []
        assert [one.code for one in audit.chain(rows[:size], end, [mark])] == ["ANCHOR-SIZE"]
        anew = [copied(row) for row in rows]
        for row, before in zip(anew[size:], [None, *anew][size:], strict=False):
            row.prev = before.hash if before else audit.START
            row.actor = "somebody else"
            row.hash = audit.hash_of(row)
        end = AuditHead(id=1, seq=12, hash=anew[-1].hash, event=0)
        assert list(audit.chain(anew, end)) == []
        assert [one.code for one in audit.chain(anew, end, [mark])] == ["ANCHOR-HEAD"]


def at_once(store, writers, each):
    """So many writers at once; how many records stand in the one chain."""
    threads = [
        threading.Thread(target=write, args=(store, each, program("worker", f"w{number}")), kwargs={"by": number})
        for number in range(writers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_desk(store, ROOT, writes=False) as desk:
        assert audit.verify(desk.session, [], store.keys) == []
        rows = desk.rows(Audit)
        assert [row.seq for row in rows] == list(range(1, writers * each + 1))
        assert desk.count(AuditDetail) == writers * each
    return {"writers": writers, "changes": len(rows), "forks": len(rows) - len({row.prev for row in rows})}


def test_eight_writers_at_once_make_one_chain(store):
    at_once(store, 8, 5)


@pytest.mark.soak
def test_eight_writers_of_twelve_hundred_changes_make_one_chain(store, request):
    figures = at_once(store, 8, 150)
    reliability(f"writers at once on {request.node.callspec.params['place']}", figures)


def test_an_anchor_goes_to_the_folder_that_is_set(store, tmp_path, monkeypatch):
    write(store, 2)
    path, said = write_anchor(store)
    assert path == store.home / "anchors" / "2026-10.jsonl"
    monkeypatch.setenv("LIANGYUN_ANCHORS", str(tmp_path / "elsewhere" / "anchors"))
    away, again = write_anchor(store)
    assert (away.parent, again) == (tmp_path / "elsewhere" / "anchors", said)
    assert away.parent.stat().st_mode & 0o077 == 0
    with open_desk(store, ROOT, writes=False) as desk:
        marks = audit.read_anchor(path.read_bytes(), "a")
        assert audit.verify(desk.session, marks, store.keys, store.origin) == []
        assert [one.code for one in audit.verify(desk.session, marks, store.keys, "0" * 16)] == ["ANCHOR-ORIGIN"]


def test_two_anchors_of_one_size_must_both_hold(store):
    write(store, 2)
    with open_desk(store, ROOT, writes=False) as desk:
        mark = audit.anchor(desk.session, store.keys, store.origin, desk.now)
        forged = {**mark, "head": "0" * 64}
        for marks in ([mark, forged], [forged, mark]):
            assert "ANCHOR-HEAD" in [one.code for one in audit.verify(desk.session, marks, store.keys)]


def test_details_go_after_their_time_and_those_that_a_younger_record_has_stay(store, clock):
    write(store, 3)
    clock.forward(days=400)
    write(store, 1)  # the same detail as the first of then
    clock.forward(days=200)
    with open_desk(store, ROOT) as desk:
        assert expire_details(desk, desk.now - timedelta(days=250)) == 2
        assert expire_details(desk, desk.now - timedelta(days=250)) == 0  # and nothing is recorded
    with open_desk(store, ROOT, writes=False) as desk:
        assert [row.detail.get("number") for row in desk.rows(AuditDetail)].count(0) == 1
        assert desk.count(AuditDetail) == 2  # the one that stays, and the record of the expiry
        assert audit.verify(desk.session, [], store.keys) == []
        assert [row.outcome for row in desk.rows(Audit, Audit.action == "audit.expire")] == ["done"]


def test_the_daily_anchor_lets_details_go_after_ten_years_or_as_many_as_are_set(store, clock, monkeypatch):
    write(store, 2)
    clock.forward(days=366 * 9)
    for years, kept in (("10", 2), ("8", 0)):
        monkeypatch.setenv("LIANGYUN_AUDIT_YEARS", years)
        with open_desk(store, ROOT) as desk:
            jobs.request(desk, f"anchor:{years}", "anchor", {}, title="", region="000000", unit="000000")
        assert do_due(store) == 1
        with open_desk(store, ROOT, writes=False) as desk:
            assert sum("number" in row.detail for row in desk.rows(AuditDetail)) == kept


def test_no_detail_goes_within_half_a_year(store):
    with pytest.raises(Refused, match="RETENTION"), open_desk(store, ROOT) as desk:
        expire_details(desk, desk.now - LEAST_KEPT + timedelta(seconds=1))
