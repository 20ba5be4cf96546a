"""Many users at once against a real server: what they ask, how long it takes, and whether all of it is there after."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import httpx

from engine.folder.intact import intact
from engine.storage import audit
from engine.storage.desk import Store, open_desk
from engine.storage.query import among
from engine.storage.tables.facts import Fact, Submission
from engine.storage.tables.proof import Audit
from engine.storage.tables.results import Run
from engine.storage.tables.work import Job
from engine.workflow import people, sign_in
from tests.engine.workflow.flow import OPERATOR

READERS = ("data_checker", "appraiser", "maker", "reviewer", "auditor")
FILERS = 5
"""Every fifth user hands in, the others read."""
AGAIN = 0.2
"""How often a submission is sent once more under its key, as after a connection that broke."""


@dataclass(frozen=True)
class Scene:
    """What there is to ask. confirmed: a batch before its allocation; open: one that collects; filers: units."""

    region: str
    plan: str
    period: str
    confirmed: int
    open: int
    run: int
    filers: Sequence[str]
    metric: str
    next_period: str


@dataclass
class Crowd:
    """users: how many; seconds: how long; pause: seconds between two requests of one, half to one and a half."""

    url: str
    store: Store
    scene: Scene
    users: int
    seconds: float
    pause: float
    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    jobs: list[int] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """All of them until the time is over; figures. Raises AssertionError where something is lost or doubled."""
        before = self._runs()
        clients = [self._client(number) for number in range(self.users)]
        self.end = time.monotonic() + self.seconds
        threads = [threading.Thread(target=self._user, args=one) for one in enumerate(clients)]
        threads.append(threading.Thread(target=self._two_runs))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for client in clients:
            client.close()
        assert not self.errors, f"{len(self.errors)}: {Counter(self.errors).most_common(20)}"
        self._wait()
        self._check(before)
        return self._figures()

    # ------------------------------------------------------------------ users

    def _client(self, number: int) -> httpx.Client:
        files = number % FILERS == 0
        unit = self.scene.filers[number // FILERS % len(self.scene.filers)] if files else self.scene.region
        role = "reporter" if files else READERS[number % len(READERS)]
        return self._as(f"user{number}", f"{role}@{unit}")

    def _as(self, login: str, grant: str) -> httpx.Client:
        with open_desk(self.store, OPERATOR) as desk:
            wanted = [people.Wanted.parse(grant)]
            people.create_user(desk, login=login, name=login, password=secrets.token_urlsafe(12) + "-1a", grants=wanted)
            secret = sign_in.make_token(desk, login, 1)
        header = {"Authorization": f"Bearer {secret}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=header, timeout=60)

    def _user(self, number: int, client: httpx.Client) -> None:
        rnd = random.Random(number)
        time.sleep(rnd.uniform(0, self.pause))
        while time.monotonic() < self.end:
            if number % FILERS == 0 and rnd.random() < 0.5:
                self._hand_in(client, number, again=rnd.random() < AGAIN)
            else:
                kind, path = rnd.choice(self._reads(files=number % FILERS == 0))
                self._ask(kind, client, "GET", path)
            time.sleep(self.pause * rnd.uniform(0.5, 1.5))

    def _reads(self, *, files: bool) -> list[tuple[str, str]]:
        scene = self.scene
        own = [("me", "me"), ("batch", f"batches/{scene.open}"), ("submissions", f"batches/{scene.open}/submissions")]
        if files:
            return own
        return [
            *own,
            ("inbox", "me/inbox"),
            ("batches", "batches"),
            ("transitions", f"batches/{scene.confirmed}/transitions"),
            ("runs", "runs"),
            ("one unit's scores", f"runs/{scene.run}/scores?unit={scene.filers[0]}"),
            ("all totals", f"runs/{scene.run}/totals"),
            ("all totals as csv", f"runs/{scene.run}/totals?format=csv"),
        ]

    def _hand_in(self, client: httpx.Client, number: int, *, again: bool) -> None:
        unit = self.scene.filers[number // FILERS % len(self.scene.filers)]
        tasks = self._ask("batch", client, "GET", f"batches/{self.scene.open}")
        if tasks is None:
            return
        fact = {"period": self.scene.next_period, "unit_code": unit, "metric": self.scene.metric, "value": "4"}
        body = {"assignment": tasks.json()["assignments"][0]["id"], "facts": [fact]}
        key = {"Idempotency-Key": secrets.token_hex(8)}
        path = f"batches/{self.scene.open}/submissions"
        made = [
            answer.json()
            for _ in range(2 if again else 1)
            if (answer := self._ask("hand in", client, "POST", path, body, key)) is not None
        ]
        if {one["state"] for one in made} != {"checked"} or len({one["id"] for one in made}) != 1:
            self.errors.append(f"handed in: {made}")
        self.sent += [made[0]["id"]] if made else []

    def _two_runs(self) -> None:
        """The allocation, and an evaluation of the same data beside it."""
        time.sleep(self.seconds / 6)
        scene = self.scene
        with self._as("makes", f"maker@{scene.region}") as maker, self._as("asks", f"appraiser@{scene.region}") as asks:
            seen = self._ask("batch", maker, "GET", f"batches/{scene.confirmed}")
            version = {"If-Match": f'"{seen.json()["version"] if seen else 0}"'}
            wanted = {"plan": scene.plan, "period": scene.period, "region": scene.region}
            for answer in (
                self._ask("run", maker, "POST", f"batches/{scene.confirmed}:allocate", {}, version),
                self._ask("run", asks, "POST", "evaluations:trigger", wanted),
            ):
                if answer is not None:
                    self.jobs.append(answer.json()["job"])

    def _ask(
        self, kind: str, client: httpx.Client, method: str, path: str, body: Any = None, headers: Any = None
    ) -> httpx.Response | None:
        """An answer; None, and an error noted, where it is none that is wanted."""
        began = time.monotonic()
        try:
            answer = client.request(method, f"/{path}", json=body, headers=headers)
        except httpx.HTTPError as error:
            self.errors.append(f"{method} {path}: {error!r}")
            return None
        self.spent[kind].append(time.monotonic() - began)
        if answer.is_success:
            return answer
        self.errors.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return None

    # ------------------------------------------------------------------ afterwards

    def _runs(self) -> set[int]:
        with open_desk(self.store, OPERATOR, writes=False) as desk:
            return {row.id or 0 for row in desk.rows(Run)}

    def _wait(self) -> None:
        """Until both runs are made."""
        end = time.monotonic() + 120
        while True:
            with open_desk(self.store, OPERATOR, writes=False) as desk:
                states = [row.state for row in desk.rows(Job, among(Job.id, self.jobs))]
            if set(states) <= {"done", "failed", "cancelled"}:
                assert states == ["done", "done"], states
                return
            assert time.monotonic() < end, "not in time"
            time.sleep(0.2)

    def _check(self, before: set[int]) -> None:
        """Nothing lost, nothing doubled."""
        with open_desk(self.store, OPERATOR, writes=False) as desk:
            rows = desk.rows(Submission, Submission.batch == self.scene.open)
            facts = Counter(number for (number,) in desk.values([Fact.submission]))
            told = desk.values([Audit.subject], Audit.action == "submission.submit")
            runs = [row for row in desk.rows(Run) if row.id not in before]
            assert audit.verify(desk.session, keys=self.store.keys) == []
        assert sorted(row.id or 0 for row in rows) == sorted(self.sent)
        assert {facts[row.id] for row in rows} == {1}
        by_task: dict[int, list[Submission]] = defaultdict(list)
        for row in rows:
            by_task[row.assignment].append(row)
        for several in by_task.values():
            assert sorted(row.number for row in several) == list(range(1, len(several) + 1))
            assert [row.state for row in several if row.state != "superseded"] == ["checked"]
        wanted = {f"submission/{row.id}" for row in rows}
        assert sorted(subject for (subject,) in told if subject in wanted) == sorted(wanted)
        assert sorted(row.job for row in runs) == sorted(self.jobs)
        for row in runs:
            intact(self.store.files.folder("runs", row.folder))

    def _figures(self) -> dict[str, Any]:
        everything = [one for several in self.spent.values() for one in several]
        return {
            "users": self.users,
            "seconds": self.seconds,
            "pause": self.pause,
            "requests": len(everything),
            "errors": len(self.errors),
            "submissions": len(self.sent),
            "runs": len(self.jobs),
            "ms": {kind: _said(several) for kind, several in sorted({**self.spent, "all": everything}.items())},
        }


def _said(seconds: list[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    cut = quantiles(seconds, n=20, method="inclusive") if len(seconds) > 1 else seconds * 19
    return {"count": len(seconds), "p50": round(cut[9] * 1000, 1), "p95": round(cut[18] * 1000, 1)}
