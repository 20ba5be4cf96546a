"""A worker: takes jobs one after the other and does them, with a sign of life beside.

Told to stop, it takes no other job; what it is doing gets some seconds, then goes back for the next worker.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from engine.storage.connect import Busy
from engine.storage.desk import Store
from engine.storage.tables.work import Job
from engine.workflow import jobs
from engine.workflow.doing import Kind, kinds
from engine.workflow.jobs import Fenced, Outdated

IDLE = 0.3
"""Seconds between two looks where nothing was due."""
REPORTED = 0.5
"""Seconds at least between two notes of how far a job is."""
log = logging.getLogger(__name__)


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass
class Worker:
    """lease: seconds; kinds: what it can do; current: the job that it has."""

    store: Store
    kinds: Mapping[str, Kind] = field(default_factory=kinds)
    lease: float = jobs.LEASE
    name: str = field(default_factory=_name)
    current: Job | None = None

    def run(self, stop: Event) -> None:
        """Do what is due until told to stop."""
        while not stop.is_set():
            try:
                if self.once():
                    continue
            except Busy:
                log.warning("database busy")
            except Exception:  # a worker outlives whatever happens to it
                log.exception("worker: %s", _where(), exc_info=False)
            stop.wait(IDLE)

    def once(self) -> bool:
        """Take and do one job; False where none is due. Raises Busy where the database cannot be asked for one."""
        job = jobs.claim(self.store, self.name, self.kinds, self.lease)
        if job is None:
            return False
        self.current = job
        try:
            self._do(job)
        finally:
            self.current = None
        return True

    def give_back(self) -> None:
        """What is not done by now is the next worker's."""
        job = self.current
        if job is not None:
            jobs.give_back(self.store, job)

    def _do(self, job: Job) -> None:
        kind = self.kinds[job.kind]
        try:
            jobs.check_lapses(job)
            with self._living(job) as lost:
                commit = kind.work(self.store, job, self._report(job, lost))
            jobs.finish(self.store, job, commit)
        except Fenced:
            log.info("job %s is another's", job.id)
        except Outdated:
            self._outdated(job)
        except Busy:  # nothing is wrong with the job: it is taken again, at the latest when its lease is over
            jobs.give_back(self.store, job)
        except Exception as error:  # becomes the job's failure, as data
            log.exception("job %s (%s): %s", job.id, job.kind, _where(), exc_info=False)
            self._failed(job, error, kind)

    def _failed(self, job: Job, error: Exception, kind: Kind) -> None:
        try:
            jobs.fail(self.store, job, error, kind.pauses, kind.ended)
        except Fenced:
            log.info("job %s is another's", job.id)

    def _outdated(self, job: Job) -> None:
        try:
            jobs.outdated(self.store, job)
        except Fenced:
            log.info("job %s is another's", job.id)

    @contextmanager
    def _living(self, job: Job) -> Iterator[Event]:
        """Renew the lease until done; the event is set when the job is another's."""
        done, lost = Event(), Event()

        def beat() -> None:
            while not done.wait(self.lease / 3):
                try:
                    if not jobs.beat(self.store, job, self.lease):
                        lost.set()
                        return
                except Busy:
                    log.warning("database busy")

        thread = threading.Thread(target=beat, name=f"beat-{job.id}", daemon=True)
        thread.start()
        try:
            yield lost
        finally:
            done.set()
            thread.join()

    def _report(self, job: Job, lost: Event) -> _Reporting:
        return _Reporting(self.store, job, lost)


@dataclass
class _Reporting:
    """Notes how far a job is, not more often than anybody reads it."""

    store: Store
    job: Job
    lost: Event
    noted: float = float("-inf")
    title: str = ""

    def __call__(self, done: int, of: int, title: str = "") -> None:
        if self.lost.is_set():
            raise Fenced(self.job.key)
        now = time.monotonic()
        if now - self.noted < REPORTED and title in ("", self.title) and done < of:
            return
        self.noted, self.title = now, title or self.title
        jobs.progress(self.store, self.job, done, of, title)


def _where() -> str:
    """What was raised and where, without its text, which may hold names."""
    kind, _, frames = sys.exc_info()
    places = "; ".join(f"{Path(at.filename).name}:{at.lineno}" for at in traceback.extract_tb(frames))
    return f"{kind.__name__ if kind else ''} ({places})"


def do_due(store: Store, known: Mapping[str, Kind] | None = None) -> int:
    """Do everything that is due now, in this thread; how many jobs."""
    worker, done = Worker(store, known if known is not None else kinds()), 0
    while worker.once():
        done += 1
    return done
