"""Runs as they are listed and read: as many queries for many as for one, a correction beside what it corrects."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import event

from domain.period import Period
from engine.folder.others import NO_OTHERS
from engine.storage.desk import Actor, Held, open_desk
from engine.storage.scope import Scope
from engine.storage.tables.period import Batch
from engine.storage.tables.results import Run
from engine.storage.tables.work import Job
from engine.workflow import collected, runs, runs_shown
from engine.workflow.datasets import DryRead
from tests.engine.workflow.rows import PLACE, REGION, ROOT, batch

HOME = Scope(regions=frozenset({REGION}))


@pytest.mark.parametrize("role", ["appraiser", "unit_viewer", "integration"])
def test_a_list_of_many_asks_as_much_as_a_list_of_few(store, role):
    with open_desk(store, ROOT) as desk:
        for _ in range(3):
            batch(desk, "closed")
    few = asked(store, role)
    with open_desk(store, ROOT) as desk:
        for _ in range(20):
            batch(desk, "closed")
    assert asked(store, role) == (few[0], 23)
    assert few[1] == 3


def asked(store, role):
    """How many statements a list takes, and how long it is."""
    sent = []

    def note(*said):
        sent.append(said[2])

    reader = Actor("li", "http", user=1, person="li", held=(Held(role, REGION, HOME),), scope=HOME)
    event.listen(store.engine, "before_cursor_execute", note)
    try:
        with open_desk(store, reader, writes=False) as desk:
            found = runs_shown.listed(desk, below=None, limit=100)
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
    return len(sent), len(found)


def test_what_came_after_a_run_is_told_of_each(store):
    with open_desk(store, ROOT) as desk:
        base = batch(desk, "payable")
        one = batch(desk, "payable", kind="correction", corrects=base)
        batch(desk, "collecting", kind="correction", corrects=base)  # nothing that stands
        first = desk.get(Run, desk.get(Batch, base).run)
        job = desk.add(Job(**PLACE, key="later", kind="score", state="done", due=desk.now, at=desk.now))
        newer = desk.add(Run(**{**runs.values(first), "folder": "b" * 64, "job": job.id}))
        told = {view.id: (view.superseded_by, view.corrected_by) for view in runs.views(desk, desk.rows(Run))}
        correcting = desk.get(Batch, one).run
    assert told[first.id] == (newer.id, correcting)
    assert told[newer.id] == (None, correcting)
    assert told[correcting] == (None, None)


def test_what_a_correction_would_say_is_read_beside_the_run_that_it_corrects(store, monkeypatch, tmp_path):
    said = []
    monkeypatch.setattr(collected.policies, "pinned", lambda *_: SimpleNamespace(folder=tmp_path))
    monkeypatch.setattr(collected, "_read", lambda *of: said.append(of[3]) or DryRead((), NOTHING, None))
    for folder in ("runs/" + "a" * 64, "datasets/" + "d" * 64):
        (store.home / folder).mkdir(parents=True)
    with open_desk(store, ROOT) as desk:
        base = batch(desk, "payable")
        for corrects in (None, base):
            kind = "correction" if corrects else "prepay"
            number = batch(desk, "locked", kind=kind, corrects=corrects, dataset="d" * 64)
            of = desk.get(Batch, number)
            of.score_run = None
            assert collected.findings(desk, of, Period.parse("2026Q3")) == []
    assert said[0] == NO_OTHERS
    assert said[1].before == store.files.folder("runs", "a" * 64)


NOTHING = SimpleNamespace(to_dict=lambda _: [])
"""A table of findings without one."""
