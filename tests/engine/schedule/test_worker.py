"""The worker: what it does with a job that goes well, badly, slowly or not any more; on both databases."""

from __future__ import annotations

import threading
import time

import pytest

from domain.problems import Refused
from engine.schedule import process, worker
from engine.schedule.clock import start_clock
from engine.schedule.worker import Worker, do_due
from engine.storage.audit import read_anchor, verify
from engine.storage.connect import Busy
from engine.storage.desk import open_desk, program
from engine.storage.tables.proof import Audit
from engine.storage.tables.work import Job
from engine.workflow import jobs
from engine.workflow.doing import PAUSES, Kind, kinds
from engine.workflow.jobs import Fenced, Outdated

PROGRAM = program("worker")
REGION = "330103"


def ask(store, kind="slow", key="k"):
    with open_desk(store, PROGRAM) as desk:
        return jobs.request(desk, key, kind, {}, title="计算", region=REGION, unit=REGION)


def seen(store, job):
    with open_desk(store, PROGRAM, writes=False) as desk:
        return desk.get(Job, job.id)


def doing(work):
    return {"slow": Kind(work)}


def test_work_then_commit(store):
    job = ask(store)

    def work(_store, mine, report):
        report(1, 2, "一半")
        assert seen(store, job).title == "一半"
        return lambda desk: {"run": mine.id}

    assert do_due(store, doing(work)) == 1
    assert (seen(store, job).state, seen(store, job).result) == ("done", {"run": job.id})
    assert do_due(store, doing(work)) == 0


def test_progress_is_not_noted_more_often_than_anybody_reads_it(store, monkeypatch):
    ask(store)
    noted = []
    monkeypatch.setattr(jobs, "progress", lambda store, job, done, of, title: noted.append((done, of, title)))

    def work(_store, _job, report):
        for done in range(100):
            report(done, 100, "分配")
        report(100, 100)
        return lambda desk: None

    do_due(store, doing(work))
    assert noted == [(0, 100, "分配"), (100, 100, "")]


@pytest.mark.parametrize("error", [Refused("不行"), ValueError("x")])
def test_what_goes_wrong_is_the_job_s(store, error, caplog):
    job = ask(store)

    def work(_store, _job, _report):
        raise error

    assert do_due(store, doing(work)) == 1
    assert seen(store, job).state == ("failed" if isinstance(error, Refused) else "queued")
    assert "test_worker.py" in caplog.text
    assert str(error) not in caplog.text


def test_a_busy_database_is_no_failure(store):
    job, tries = ask(store), []

    def work(_store, _job, _report):
        tries.append(1)
        if len(tries) == 1:
            raise Busy("OperationalError")
        return lambda desk: None

    assert do_due(store, doing(work)) == 2
    assert (seen(store, job).state, seen(store, job).failures) == ("done", 0)


def test_what_the_commit_finds_outdated_is_cancelled(store):
    job = ask(store)

    def outdated(_desk):
        raise Outdated

    assert do_due(store, doing(lambda *_: outdated)) == 1
    assert seen(store, job).state == "cancelled"


def test_a_job_that_never_ends_is_not_begun_once_more(store):
    job = ask(store)
    with open_desk(store, PROGRAM) as desk:
        desk.change(Job, Job.id == job.id, failures=jobs.LAPSES + 1)
    assert do_due(store, doing(lambda *_: pytest.fail("begun"))) == 1
    assert [one["code"] for one in seen(store, job).error] == ["JOB-LOST"]


def test_a_slow_job_keeps_its_lease(store):
    job = ask(store)
    other = []

    def work(_store, _job, _report):
        until = time.monotonic() + 1.2
        while time.monotonic() < until:
            store_clock_forward(store, 0.05)
            time.sleep(0.05)
            other.append(jobs.claim(store, "w2", ("slow",), 0.6))
        return lambda desk: None

    Worker(store, doing(work), lease=0.6).once()
    assert set(other) == {None}
    assert seen(store, job).state == "done"


def store_clock_forward(store, seconds):
    store.clock.forward(seconds=seconds)


def test_a_cancelled_job_stops_at_its_next_report(store):
    job = ask(store)

    def work(_store, _job, report):
        with open_desk(store, program("command")) as desk:
            jobs.cancel(desk, job.id)
        with pytest.raises(Fenced):
            report(1, 1)
        report(1, 1)

    assert do_due(store, doing(work)) == 1
    assert seen(store, job).state == "cancelled"


def test_told_to_stop_it_ends_what_it_does_or_gives_it_back(store, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def work(_store, _job, _report):
        begun.set()
        go_on.wait(20)
        return lambda desk: None

    for end, grace in (("done", 20), ("queued", 0.1)):
        monkeypatch.setattr(process, "Worker", lambda store: Worker(store, doing(work)))
        begun.clear()
        go_on.clear()
        job, stop = ask(store, key=end), threading.Event()
        main = threading.Thread(target=process.serve_jobs, args=(store, stop, grace))
        main.start()
        assert begun.wait(20)
        stop.set()
        if end == "done":
            go_on.set()
        main.join(20)
        assert not main.is_alive()
        assert seen(store, job).state == end
        go_on.set()
    for thread in threading.enumerate():
        if thread.name == "worker":
            thread.join(20)
    assert seen(store, job).state == "queued"


def test_the_clock_looks_and_outlives_a_busy_database(store, monkeypatch):
    looked, enough = [], threading.Event()

    def look(_store):
        looked.append(1)
        if len(looked) == 3:
            enough.set()
        raise Busy("x")

    monkeypatch.setattr("engine.schedule.clock.tick", look)
    clock = start_clock(store, 0.05)
    try:
        assert enough.wait(20)
    finally:
        clock.shutdown()


def test_an_anchor_proves_the_chain(store):
    assert kinds()["anchor"].pauses == PAUSES
    with open_desk(store, program("command")) as desk:
        jobs.request(desk, "anchor:x", "anchor", {}, title="锚定", region=REGION, unit=REGION)
    job = seen(store, ask(store, "anchor", "anchor:x"))
    assert do_due(store) == 1
    [file] = (store.home / "anchors").iterdir()
    anchors = read_anchor(file.read_bytes(), file.name)
    assert [one["size"] for one in anchors] == [1]
    assert seen(store, job).result == {"size": 1, "head": anchors[0]["head"]}
    with open_desk(store, PROGRAM, writes=False) as desk:
        assert verify(desk.session, anchors, store.keys) == []
        assert [action for (action,) in desk.values([Audit.action], order=Audit.seq)] == ["job.request", "audit.anchor"]


def test_a_worker_outlives_whatever_happens(store, monkeypatch):
    tries, stop = [], threading.Event()

    def once(self):
        tries.append(1)
        if len(tries) == 3:
            stop.set()
        raise (Busy("x"), RuntimeError("y"), Busy("z"))[len(tries) - 1]

    monkeypatch.setattr(Worker, "once", once)
    monkeypatch.setattr(worker, "IDLE", 0.01)
    Worker(store).run(stop)
    assert len(tries) == 3
