"""Workers that are killed and suspended, a clock that is set back and forth, schedules that are edited meanwhile."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine.schedule.rules import RULE, due_periods
from engine.schedule.schedules import NewSchedule, ScheduleChange, add_schedule, change_schedule, remove_schedule
from engine.storage.audit import read_anchor, verify
from engine.storage.connect import Busy
from engine.storage.desk import Store, open_desk, program
from engine.storage.install import Place
from engine.storage.query import begins
from engine.storage.tables.proof import Audit
from engine.storage.tables.results import Amount, Run
from engine.storage.tables.work import Event, Job
from engine.workflow.calendar import SHANGHAI, Calendar
from tests.engine.schedule.forge import AMOUNTS, SPEED, SharedClock, digest_of, opened

ROOT = Path(__file__).parents[3]
REGION = "330103"
HOUR = 3600.0
HOURLY = {"cron": "0 * * * *"}


@dataclass
class Storm:
    """What is done to whom.

    seconds: how long, and longer until each figure of `least` is reached; opens: plans whose one batch is opened;
    hourly: plans that are evaluated every hour; often: seconds between two blows; crash: of the database's server.
    """

    place: Place
    seconds: float
    workers: int
    opens: int
    hourly: int
    lease: float = 1.5
    often: tuple[float, float] = (0.1, 0.5)
    crash: Callable[[], None] | None = None
    least: dict[str, int] = field(default_factory=dict)
    seed: int = 7
    figures: dict[str, int] = field(default_factory=lambda: dict.fromkeys(
        ("kills", "suspensions", "clock_changes", "schedule_changes", "database_crashes"), 0
    ))  # fmt: skip

    def __post_init__(self) -> None:
        self.rnd = random.Random(self.seed)
        self.clock = SharedClock(self.place.home / "clock")
        self.began = datetime(2026, 10, 12, 0, 5, tzinfo=SHANGHAI)
        self.pids: dict[int, int] = {}
        self.quota: dict[int, int] = {}
        self.suspended: dict[int, float] = {}
        self.next_crash = 0.0
        self.over = threading.Event()

    def run(self) -> dict[str, int]:
        """The storm, then quiet until everything is done; its figures, with what is there in the end."""
        (self.place.home / "taken").mkdir()
        self.store = opened(self.place, lambda: self.began)
        self.schedules = {number: self._add(said) for number, said in enumerate(self._wanted())}
        self.clock.begin(self.began, self.seconds)
        self.store = replace(self.store, clock=self.clock.fast)
        forge = [sys.executable, "-m", "tests.engine.schedule.forge"]
        more = [str(self.place.home), self.place.url, str(self.clock.path), str(self.lease)]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            [*forge, *more], cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as self.forge:
            try:
                return self._storm()
            finally:
                for pid in self.pids.values():
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                self.forge.stdin.close()
                self.store.engine.dispose()

    def _storm(self) -> dict[str, int]:
        start = time.monotonic()
        self.next_crash = start + 5
        waker = threading.Thread(target=self._wake, daemon=True)  # this one may itself wait for what a sleeper holds
        waker.start()
        for number in range(self.workers):
            self._spawn(number)
        while time.monotonic() - start < self.seconds or any(self.figures[name] < n for name, n in self.least.items()):
            time.sleep(self.rnd.uniform(*self.often))
            self._blow()
        self.over.set()
        waker.join()
        self.clock.set_off(0)
        self.clock_end = self.began + timedelta(seconds=self.seconds * SPEED)
        self._settle(time.monotonic() + self.seconds * 2 + 30)
        return {**self.figures, **self._counted(), "seconds": round(time.monotonic() - start)}

    # ------------------------------------------------------------------ schedules

    def _wanted(self) -> list[dict[str, Any]]:
        """Plans whose one batch is opened at its own minute, and plans that are evaluated every hour."""
        minutes = int(self.seconds * SPEED / 60 * 0.9)
        at = [self.began + timedelta(minutes=self.rnd.randrange(1, minutes)) for _ in range(self.opens)]
        opens = [
            {"what": "open", "plan": f"o{number}", "rule": {"cron": f"{when:%-M %-H %-d %-m} *"}}
            for number, when in enumerate(at)
        ]
        hourly = [{"what": "evaluate", "plan": f"e{number}", "rule": HOURLY} for number in range(self.hourly)]
        return opens + hourly

    def _add(self, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with open_desk(self.store, program("command")) as desk:
            new = NewSchedule.model_validate({"region": REGION, "catch_up": "all", **said})
            return add_schedule(desk, new).id, said

    def _edit(self) -> None:
        """One is changed, or deleted and made anew; both bring what was due before."""
        number = self.rnd.choice(list(self.schedules))
        row, said = self.schedules[number]
        if self.rnd.random() < 0.5:
            with open_desk(self.store, program("command")) as desk:
                change_schedule(desk, row, ScheduleChange.model_validate({"rule": said["rule"]}))
        else:
            with open_desk(self.store, program("command")) as desk:
                remove_schedule(desk, row)
                new = NewSchedule.model_validate({"region": REGION, "catch_up": "all", **said})
                self.schedules[number] = add_schedule(desk, new).id, said
        self.figures["schedule_changes"] += 1

    # ------------------------------------------------------------------ blows

    def _spawn(self, number: int) -> None:
        self.forge.stdin.write(f"w{number}-{time.monotonic_ns()}\n")
        self.forge.stdin.flush()
        self.pids[number], self.quota[number] = int(self.forge.stdout.readline()), self.rnd.randrange(1, 4)

    def _wake(self) -> None:
        """Wake who has slept enough; in the end all."""
        while not self.over.wait(0.05):
            self._resume(time.monotonic())
        self._resume(float("inf"))

    def _resume(self, now: float) -> None:
        for number in [number for number, until in list(self.suspended.items()) if now > until]:
            os.kill(self.pids[number], signal.SIGCONT)
            del self.suspended[number]

    def _blow(self) -> None:
        now, what = time.monotonic(), self.rnd.random()
        if self.crash is not None and now > self.next_crash:
            self.crash()
            self.figures["database_crashes"] += 1
            self.next_crash = time.monotonic() + self.rnd.uniform(8, 16)
        elif what < 0.08:
            self.clock.set_off(self.rnd.choice((-HOUR, 0, HOUR)))
            self.figures["clock_changes"] += 1
        elif what < 0.2:
            with suppress(Busy):
                self._edit()
        else:
            self._strike(self.rnd.randrange(self.workers), kill=what < 0.75)

    def _strike(self, number: int, *, kill: bool) -> None:
        if number in self.suspended or self._taken(number) < self.quota[number]:
            return
        if kill:
            os.kill(self.pids[number], signal.SIGKILL)
            self.figures["kills"] += 1
            self._spawn(number)
        else:
            os.kill(self.pids[number], signal.SIGSTOP)
            self.figures["suspensions"] += 1
            self.suspended[number] = time.monotonic() + self.lease * self.rnd.uniform(1.1, 2)
            self.quota[number] = self._taken(number) + self.rnd.randrange(1, 4)

    def _taken(self, number: int) -> int:
        """How many jobs a process has begun: one that is killed while it starts proves nothing."""
        path = self.place.home / "taken" / str(self.pids[number])
        return path.stat().st_size if path.exists() else 0

    # ------------------------------------------------------------------ afterwards

    def _settle(self, until: float) -> None:
        """Wait until what was due at the end is done, at the latest until then."""
        wanted = self.expected()
        while time.monotonic() < until:
            with suppress(Busy), open_desk(self.store, program("worker"), writes=False) as desk:
                done = {key for (key,) in desk.values([Job.key], begins(Job.key, "due:"), Job.state == "done")}
                if wanted <= done:
                    break
            time.sleep(0.5)
        for pid in self.pids.values():
            os.kill(pid, signal.SIGKILL)
        self.pids.clear()

    def expected(self) -> set[str]:
        """The keys of everything that was due from the beginning to the end."""
        keys: set[str] = set()
        for _, said in self.schedules.values():
            rule = RULE.validate_python(said["rule"])
            for due in due_periods(rule, "quarter", self.began, self.clock_end, Calendar()):
                key = f"due:{said['what']}:{REGION}:{said['plan']}:{due.period}"
                keys.add(key if said["what"] == "open" else f"{key}:{due.instant:%Y%m%dT%H%MZ}")
        return keys

    def _counted(self) -> dict[str, int]:
        """What there is in the end, and what ought not to be."""
        store: Store = replace(self.store, clock=self.clock.real)
        wanted = self.expected()
        with open_desk(store, program("worker"), writes=False) as desk:
            jobs = {row.id: row for row in desk.rows(Job, begins(Job.key, "due:"))}
            mine = {number for number, row in jobs.items() if row.key in wanted}
            runs = desk.rows(Run)
            sums: dict[int, int] = {}
            for (run,) in desk.values([Amount.run]):
                sums[run] = sums.get(run, 0) + 1
            told = [subject for (subject,) in desk.values([Event.subject], Event.kind == "job.done")]
            made = desk.count(Audit, Audit.action == "run.made")
            anchors = [
                one for file in (store.home / "anchors").glob("*") for one in read_anchor(file.read_bytes(), file.name)
            ]
            broken = verify(desk.session, anchors, store.keys)
        by_job = [run.job for run in runs]
        return {
            "due": len(wanted),
            "done": sum(jobs[number].state == "done" for number in mine),
            "runs": sum(job in mine for job in by_job),
            "missing": len(wanted) - len(mine & set(by_job)),
            "double": len(by_job) - len(set(by_job)),
            "half": sum(sums.get(run.id or 0, 0) != AMOUNTS for run in runs)
            + len(set(sums) - {run.id for run in runs}),
            "bad_folders": sum(digest_of(store.files.folder("runs", run.folder)) != run.folder for run in runs),
            "done_twice_told": len(told) - len(set(told)),
            "unrecorded": abs(made - len(runs)),
            "broken_records": len(broken),
            "anchors": len(anchors),
            "worked_again": sum(row.attempt > 1 for row in jobs.values()),
        }


def check(figures: dict[str, int]) -> None:
    """Every period exactly one run, none missing, none double, none half, and the chain verifies."""
    wrong = ("missing", "double", "half", "bad_folders", "done_twice_told", "unrecorded", "broken_records")
    assert {name: figures[name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert figures["due"] == figures["done"] == figures["runs"]
