"""Workers that are forked from a process which has everything imported and never opens a database.

    python -m tests.engine.schedule.forge HOME URL CLOCK LEASE     of every name on its input a worker; says its number

The clock is shared: the file CLOCK holds when it began, and by how much it is off just now. What a worker does takes a
moment and leaves one run, twenty amounts, an audit record, and a folder.
"""

from __future__ import annotations

import os
import random
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.schedule import worker
from engine.schedule.clock import start_clock
from engine.schedule.worker import Worker
from engine.storage.audit import Record
from engine.storage.connect import Busy
from engine.storage.desk import Desk, Store
from engine.storage.install import Place, open_store
from engine.storage.tables.results import Amount, Run
from engine.storage.tables.work import Job
from engine.workflow.doing import Commit, Kind, Report, anchor

SPEED = 1800.0
"""Seconds of the schedules' clock in one of ours: half an hour."""
AMOUNTS = 20
_FORM = struct.Struct("<dddd")


class SharedClock:
    """Real time with an offset that may be set, and a fast one that runs for so many of our seconds, then stands."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, at: datetime, seconds: float) -> None:
        self._write(time.time(), at.timestamp(), seconds, 0.0)

    def set_off(self, off: float) -> None:
        """How many seconds everybody's clock is off from now on."""
        self._write(*self._read()[:3], off)

    def real(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self._read()[3], UTC)

    def fast(self) -> datetime:
        started, began, seconds, off = self._read()
        return datetime.fromtimestamp(began + min(time.time() - started, seconds) * SPEED + off, UTC)

    def _read(self) -> tuple[float, ...]:
        return _FORM.unpack(self.path.read_bytes())

    def _write(self, *values: float) -> None:
        part = self.path.with_suffix(".new")
        part.write_bytes(_FORM.pack(*values))
        part.replace(self.path)


def work(store: Store, job: Job, report: Report) -> Commit:
    """A calculation: a folder outside, rows in the commit."""
    with (store.home / "taken" / str(os.getpid())).open("ab") as taken:  # its size: how many this process has begun
        taken.write(b".")
    steps = random.randrange(2, 12)
    for done in range(steps):
        report(done, steps, "计算")
        time.sleep(random.uniform(0.01, 0.05))
    digest = store.files.put_folder("runs", lambda folder: filled(folder, job.key))

    def commit(desk: Desk) -> dict[str, Any]:
        said = {"region": job.region, "unit": job.unit}
        row = desk.add(
            Run(kind="preview", plan=job.args["plan"], period=job.args["period"], policy="", folder=digest, program="",
                job=job.id or 0, at=desk.now, **said)
        )  # fmt: skip
        for number in range(AMOUNTS):
            desk.add(Amount(run=row.id or 0, alliance="A", pool=f"p{number}", amount=10**12 + number, **said))
        desk.audit(Record("run.made", f"run/{row.id}", **said))
        return {"run": row.id}

    return commit


def filled(folder: Path, key: str) -> str:
    """Five files made of the key; their digest."""
    for number in range(5):
        (folder / f"part{number}.csv").write_text(f"{key},{number}\n" * 200, "utf-8")
    return digest_of(folder)


def digest_of(folder: Path) -> str:
    return sha256(b"".join(sha256(path.read_bytes()).digest() for path in sorted(folder.iterdir()))).hexdigest()


KINDS = {"due-open": Kind(work), "due-evaluate": Kind(work), "anchor": Kind(anchor.work)}


def opened(place: Place, clock: Callable[[], datetime]) -> Store:
    """The installation, once its database answers."""
    while True:
        with suppress(Busy):
            return open_store(place, clock=clock)
        time.sleep(0.2)


def serve(place: Place, clock: SharedClock, lease: float, name: str) -> None:
    """What a worker's process does, with a short lease and a fast clock."""
    random.seed(name)
    worker.IDLE = 0.05
    store = opened(place, clock.real)
    start_clock(replace(store, clock=clock.fast), every=0.5)
    Worker(store, KINDS, lease=lease, name=name).run(threading.Event())


def main() -> None:
    home, url, path, lease = sys.argv[1:]
    place, clock = Place(Path(home), url), SharedClock(Path(path))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            try:
                serve(place, clock, float(lease), line.strip())
            finally:
                os._exit(1)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
