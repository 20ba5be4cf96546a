"""The small county's quarter, stage by stage, and the acts that take it from one to the next.

    python -m tests.engine.workflow.stages OUT BEGAN     of every line {"home", "url", "act"} on its input a process

Whoever acts looks first whether it was done already, as people do after a restart. The process that forks has
everything imported and what a plan is read; it keeps no database open. OUT/<pid> is there once an act has ended: "" or
what was raised.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.policy import configs
from engine.read.uploads import Upload
from engine.schedule.worker import Worker
from engine.storage import migrate
from engine.storage.connect import open_database
from engine.storage.desk import Store, open_desk
from engine.storage.install import Place, bring_up, is_file_missing, open_store
from engine.storage.tables.facts import Submission
from engine.storage.tables.period import Batch
from engine.storage.tables.place import Unit
from engine.workflow import backups, operations, people, policies, steps, submissions, units
from engine.workflow.cases import Given
from tests.databases import START
from tests.engine.workflow.collecting import QUARTER, SMALL
from tests.engine.workflow.flow import OPERATOR, STAFF, County

BATCH = 1
LEASE = 0.4
"""Seconds for which a worker is believed: one that was killed is soon followed by another."""
TERMS = "\ndeadlines: {report: 5, confirm: 5, objection: 5, disclosure: 5, source: local}\n"
PEOPLE = STAFF | {"reporter": "reporter@T1"}


class Running:
    """A clock that runs, from 8 October 2026 on, whenever the test is."""

    def __init__(self, began: float) -> None:
        self.began = began

    def __call__(self) -> datetime:
        return START + timedelta(seconds=time.time() - self.began)


# ------------------------------------------------------------------ stages


def published(store: Store, folder: Path, more: Mapping[str, str] | None = None) -> County:
    """The plan and the people; no unit is known. folder: a copy of the small county, in which its plan gets terms.

    more: people beside its staff, by login their grant.
    """
    plan = folder / "plan.yaml"
    plan.write_text(plan.read_text(encoding="utf-8") + TERMS, encoding="utf-8")
    return County(store, store.clock, plan=plan, register=None, staff=PEOPLE | dict(more or {}))


def collecting(county: County) -> None:
    register(county.store)
    assert county.open().id == BATCH


def filed(county: County) -> None:
    submission(county.store)
    with open_desk(county.store, OPERATOR, writes=False) as desk:
        (sent,) = desk.rows(Submission)
    with county.desk("checker") as desk:
        submissions.accept(desk, sent.id or 0)


def scored(store: Store, folder: Path) -> County:
    """From nothing to a score run; folder: as of `published`."""
    county = published(store, folder)
    collecting(county)
    filed(county)
    lock(store)
    run(store)
    return county


def confirmed(county: County) -> County:
    """From a score run to where every member has confirmed it."""
    county.step("appraiser", BATCH, "publish")
    county.confirm_all(BATCH)
    county.step("appraiser", BATCH, "settle")
    return county


def reviewed(county: County) -> None:
    """From a score run to where its approver is the next."""
    confirmed(county)
    county.step("maker", BATCH, "allocate")
    county.step("maker", BATCH, "submit")
    county.step("reviewer", BATCH, "review", digest=county.batch(BATCH).seen)


# ------------------------------------------------------------------ acts


def register(store: Store) -> None:
    with open_desk(store, OPERATOR) as desk:
        if not desk.count(Unit):
            units.import_register(desk, SMALL / "data")


def submission(store: Store) -> None:
    with open_desk(store, OPERATOR, writes=False) as desk:
        there = desk.count(Submission)
    if not there:
        files = [Upload(name, (SMALL / "data" / name).read_bytes()) for name in ("facts.csv", "money.csv")]
        submissions.hand_in(store, actor(store, "checker2"), BATCH, "*", files, via="upload", reason="示例")


def lock(store: Store) -> None:
    step(store, "checker", "collecting", "lock")


def run(store: Store) -> None:
    """What was locked is scored; a job whose worker was killed is taken when its lease is over."""
    work(store)
    while state(store) == "locked":
        time.sleep(0.05)
        work(store)


def approval(store: Store) -> None:
    """The last approval and the anchor that follows."""
    step(store, "approver", "reviewing", "approve")
    work(store)


def backup(store: Store) -> None:
    backups.write(store.home.parent / "backup.zip", lambda _done, _of, _title: None)


def upgrade(place: Place) -> None:
    """The schema of an empty place."""
    bring_up(place)


def downgrade(place: Place) -> None:
    """A backup, then the schema away; and up again."""
    if version_of(place) is not None:
        operations.migrate(lambda _done, _of, _title: None, down="base")
    bring_up(place)


ACTS: dict[str, Callable[[Any], None]] = {
    "register": register,
    "submission": submission,
    "lock": lock,
    "run": run,
    "approval": approval,
    "backup": backup,
    "upgrade": upgrade,
    "downgrade": downgrade,
}
MIGRATIONS = frozenset({"upgrade", "downgrade"})
"""Acts on a place, not on an open store."""


def step(store: Store, login: str, before: str, name: str) -> None:
    """Take a step of a batch that is still in this state."""
    with open_desk(store, actor(store, login)) as desk:
        batch = desk.get(Batch, BATCH)
        assert batch is not None
        if batch.state == before:
            steps.take(desk, BATCH, name, Given(digest=batch.seen or ""), version=batch.version)


def work(store: Store) -> None:
    worker = Worker(store, lease=LEASE)
    while worker.once():
        pass


def state(store: Store) -> str:
    with open_desk(store, OPERATOR, writes=False) as desk:
        batch = desk.get(Batch, BATCH)
        return batch.state if batch else ""


def actor(store: Store, login: str) -> Any:
    with open_desk(store, OPERATOR, writes=False) as desk:
        return people.actor_of(desk, people.find(desk, login), "http", signed_in=True)


def version_of(place: Place) -> str | None:
    """The version of the schema; None where there is none."""
    if is_file_missing(place):
        return None
    engine = open_database(place.database)
    try:
        return migrate.current(engine)
    finally:
        engine.dispose()


@contextmanager
def opened(place: Place, clock: Running):
    store = open_store(place, clock=clock)
    try:
        yield store
    finally:
        store.engine.dispose()


# ------------------------------------------------------------------ processes


def _act(place: Place, clock: Running, name: str) -> None:
    os.environ |= {"LIANGYUN_HOME": str(place.home), "LIANGYUN_DATABASE": place.url}
    if name in MIGRATIONS:
        ACTS[name](place)
        return
    with opened(place, clock) as store:
        ACTS[name](store)


def _read_plan(place: Place, clock: Running) -> bool:
    """Read the pinned plan for all that are forked from now on: it takes longer than any act. False: there is none."""
    if version_of(place) is None:
        return False
    with opened(place, clock) as store:
        with open_desk(store, OPERATOR, writes=False) as desk:
            batch = desk.get(Batch, BATCH)
        if batch is not None:
            policies.pinned(store, batch.policy, QUARTER)
        return batch is not None


def main() -> None:
    out, clock = Path(sys.argv[1]), Running(float(sys.argv[2]))
    configs.read_bytes = lru_cache(maxsize=256)(configs.read_bytes)
    assert configs.load_configs().catalogue.metrics  # read once for all
    gc.freeze()  # who is forked need not copy what its collector would only look at
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    is_read = False
    for line in sys.stdin:
        said = json.loads(line)
        place = Place(Path(said["home"]), said["url"])
        is_read = is_read or _read_plan(place, clock)
        number = os.fork()
        if number == 0:
            try:
                _act(place, clock, said["act"])
                told = ""
            except Exception:  # noqa: BLE001  (whatever it is, it is told)
                told = traceback.format_exc()
            (out / str(os.getpid())).write_text(told)
            os._exit(0)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
