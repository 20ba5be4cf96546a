"""One act, killed at a random moment, again and again: what is there afterwards, and whether it can be done again."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from domain.problems import LiangyunError
from engine.folder.intact import intact
from engine.folder.output import MANIFEST
from engine.storage import audit, migrate
from engine.storage.archive import is_backup
from engine.storage.desk import Desk, open_desk
from engine.storage.install import Place
from engine.storage.schema import METADATA
from engine.storage.tables.decisions import File
from engine.storage.tables.facts import Dataset
from engine.storage.tables.period import Batch
from engine.storage.tables.policy import Policy
from engine.storage.tables.results import Run
from engine.workflow.batch import STATES
from tests.engine.workflow.flow import OPERATOR
from tests.engine.workflow.stages import BATCH, MIGRATIONS, Running, opened, version_of

ROOT = Path(__file__).parents[3]
ALONGSIDE = frozenset({"audit", "audit_detail", "audit_head", "event", "file", "job", "setting"})
"""Tables that also what came to nothing may add to: what was kept before the act, what was tried."""
COUNTED = tuple(table for table in METADATA.sorted_tables if table.name not in ALONGSIDE)
COUNTS = str(select(*(select(func.count()).select_from(table).scalar_subquery() for table in COUNTED)))
"""As text: compiling it anew on every engine takes longer than counting."""
AGAIN = 3
"""An act is done again after every kill that left something, and after every third of the others."""
NEWEST = migrate.newest()
PATIENCE = 120
"""Seconds for what a busy machine does slowly."""

Counts = dict[str, int]


class Ground:
    """An installation whose stages are kept and brought back, at the same place. postgres: makes and drops."""

    def __init__(self, place: Place, kept: Path, postgres: Any) -> None:
        self.place, self.kept, self.postgres = place, kept, postgres
        self.name = str(make_url(place.url).database) if place.url else ""

    def keep(self, stage: str) -> None:
        shutil.copytree(self.place.home, self.kept / stage)
        if self.name:
            self.postgres(f"{self.name}_{stage}", self.name)

    def back(self, stage: str) -> None:
        """The stage again; `nothing`: not even a database's table."""
        shutil.rmtree(self.place.home)
        (self.place.home.parent / "backup.zip").unlink(missing_ok=True)
        if self.name:
            self.postgres.drop(self.name)
        if stage == "nothing":
            self.place.home.mkdir(mode=0o700)
        else:
            shutil.copytree(self.kept / stage, self.place.home)
        if self.name:
            self.postgres(self.name, "template0" if stage == "nothing" else f"{self.name}_{stage}")

    def drop(self) -> None:
        for stage in self.kept.iterdir() if self.name else ():
            self.postgres.drop(f"{self.name}_{stage.name}")


class Killer:
    """Processes that act on the ground, some of them killed."""

    def __init__(self, ground: Ground, out: Path, clock: Running, forge: Any, seed: int = 7) -> None:
        self.ground, self.out, self.clock, self.forge = ground, out, clock, forge
        self.rnd = random.Random(seed)

    def rounds(self, act: str, stage: str, moments: int) -> dict[str, Any]:
        """Kill the act so many times, each time on the stage as it was; what was seen. Raises AssertionError."""
        self.ground.back(stage)
        before = self.look()
        took = self.whole(act)
        after = self.look()
        assert after != before or act in {"backup", "downgrade"}, f"{act} does nothing"
        seen: Counter[str] = Counter(moments=0, landed=0, left=0)
        while seen["moments"] < moments:
            self.ground.back(stage)
            if not self.struck(act, self.rnd.uniform(0, took)):
                took *= 0.98  # it ended before
                continue
            seen["moments"] += 1
            left = self.check(act, seen, before, after)
            if left or seen["moments"] % AGAIN == 1:
                took = (took * 3 + self.whole(act)) / 4
                assert self.look() == after, (act, "again")
        return dict(seen)

    def check(self, act: str, seen: Counter[str], before: Counts, after: Counts) -> bool:
        """What is there after the kill: all of it or nothing. Whether anything was left by it."""
        home = self.ground.place.home
        found = self.look()
        if found == {}:
            assert act in MIGRATIONS
            kept = list((home / "backups").glob("*.zip"))
            assert act == "upgrade" or (len(kept) == 1 and is_backup(kept[0])), "gone without a backup"
            return bool(kept)
        assert found in (before, after), (act, found, before, after)
        written = home.parent / "backup.zip"
        assert not written.exists() or is_backup(written)
        landed = written.exists() if act == "backup" else found == after
        left = any(home.rglob(".part-*"))
        seen["landed"] += landed
        seen["left"] += left
        return landed or left

    def look(self) -> Counts:
        """How many rows each table has, and in which state the batch is; nothing where there is no table.

        Raises AssertionError where something is wrong.
        """
        version = version_of(self.ground.place)
        if version is None:
            return {}
        assert version == NEWEST
        with opened(self.ground.place, self.clock) as store:
            with store.engine.connect() as connection:
                counts = connection.exec_driver_sql(COUNTS).one()
                found = {table.name: count for table, count in zip(COUNTED, counts, strict=True)}
            with open_desk(store, OPERATOR, writes=False) as desk:
                batch = desk.get(Batch, BATCH)
                found_wrong = list(wrong(desk))
                assert found_wrong == [], found_wrong
        return found | ({batch.state: batch.version} if batch else {})

    def whole(self, act: str) -> float:
        """Do the act to its end; how many seconds it took."""
        number, began = self.fork(act), time.monotonic()
        self.gone(number)
        took = time.monotonic() - began
        assert (self.out / str(number)).read_text() == ""
        return took

    def struck(self, act: str, moment: float) -> bool:
        """Kill the act after so many seconds; whether it was not over by then."""
        number = self.fork(act)
        time.sleep(moment)
        if (self.out / str(number)).exists():
            return False
        os.kill(number, signal.SIGKILL)
        self.gone(number)
        return True

    def fork(self, act: str) -> int:
        said = {"home": str(self.ground.place.home), "url": self.ground.place.url, "act": act}
        self.forge.stdin.write(json.dumps(said) + "\n")
        self.forge.stdin.flush()
        number = int(self.forge.stdout.readline())
        (self.out / str(number)).unlink(missing_ok=True)  # of an earlier process of this number
        return number

    def gone(self, number: int) -> None:
        end = time.monotonic() + PATIENCE
        while Path(f"/proc/{number}").exists():
            assert time.monotonic() < end, "not in time"
            time.sleep(0.002)


def wrong(desk: Desk) -> Iterator[str]:
    """What ought not to be, whatever was killed when."""
    yield from (f"batch {row.id} is {row.state}" for row in desk.rows(Batch) if row.state not in STATES)
    yield from (f"{one.code} at {one.seq}" for one in audit.verify(desk.session, keys=desk.store.keys))
    files = desk.store.files
    try:
        for run in desk.rows(Run):
            folder = files.folder("runs", run.folder)
            intact(folder)
            if sha256((folder / MANIFEST).read_bytes()).hexdigest() != run.folder:
                yield f"run {run.id} has another folder"
        for one in desk.rows(Dataset):
            if digest_of(files.folder("datasets", one.sha)) != one.sha:
                yield f"dataset {one.sha} has another folder"
        for file in desk.rows(File):
            files.get(file.sha, personal=file.kind == "personal")
        for policy in desk.rows(Policy):
            files.get(policy.sha)
            if policy.bundle:
                files.folder("policies", policy.bundle)
    except LiangyunError as error:
        yield str(error)


def digest_of(folder: Path) -> str:
    """A dataset's sha, computed anew."""
    lines = (f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.iterdir()))
    return sha256("".join(lines).encode()).hexdigest()


@contextmanager
def forging(out: Path, began: float) -> Iterator[Any]:
    """The process from which the others are forked."""
    out.mkdir()
    command = [sys.executable, "-m", "tests.engine.workflow.stages", str(out), repr(began)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as forge:
        try:
            yield forge
        finally:
            forge.stdin.close()
