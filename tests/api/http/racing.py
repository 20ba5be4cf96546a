"""Two people act on one batch at once, from each state, by each pair of its steps: exactly one may win.

The batch is the small county's: what is raced for is the same, and a round takes a fifth of the demo county's. Two
signed-in clients ask a real server over two connections; the way from state to state is taken without HTTP.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import httpx

from engine.storage.desk import open_desk
from engine.storage.query import over
from engine.storage.tables.decisions import Decision, Hand
from engine.storage.tables.period import Batch, Due
from engine.storage.tables.work import Job
from engine.workflow.batch import STEPS
from tests.api.http.serving import Served
from tests.engine.workflow import stages
from tests.engine.workflow.flow import OPERATOR, SECRET
from tests.engine.workflow.stages import BATCH

WON, LOST = frozenset({200, 202}), frozenset({409, 412})
WHO = {
    "lock": ("checker", "checker2"),
    "publish": ("appraiser", "appraiser2"),
    "settle": ("appraiser", "appraiser2"),
    "allocate": ("maker", "maker2"),
    "submit": ("maker", "maker2"),
    "review": ("reviewer", "reviewer2"),
    "approve": ("approver", "approver2"),
    "reject": ("approver", "approver2"),
    "unlock": ("appraiser", "appraiser2"),
    "disclose": ("maker", "maker2"),
    "release": ("maker", "maker2"),
    "pay": ("payer", "payer2"),
    "close": ("payer", "payer2"),
    "withdraw": ("approver", "approver2"),
    "abandon": ("appraiser", "appraiser2"),
}
"""By step the two who may take it."""
SECOND = {f"{login}2": login for login in ("appraiser", "maker", "reviewer", "approver", "payer")}
"""The second person of each role that the county has one of."""


def pairs(state: str) -> list[tuple[str, str]]:
    """Every pair of steps from a state; a step also against itself. What pays nothing is closed elsewhere."""
    steps = [one.name for one in STEPS.values() if state in one.sources and (one.name, state) != ("close", "confirmed")]
    return list(combinations_with_replacement(steps, 2))


class Track:
    """The small county, served, and its people as they sign in. folder: a copy of its plan, which gets terms."""

    def __init__(self, served: Served, clock: Any, folder: Path) -> None:
        self.served, self.clock = served, clock
        self.county = stages.published(served.store, folder, SECOND)
        stages.collecting(self.county)
        self._known: dict[str, str] = {}

    def sign_in(self, login: str) -> httpx.Client:
        """A client with a new session of the person."""
        body = {"login": login, "password": self._known.get(login, SECRET)}
        if login not in self._known:
            body["new_password"] = self._known[login] = f"Changed-{login}-22"
        opened = self.served.client.post("/api/v1/session", json=body)
        assert opened.status_code == 201, opened.text
        header = {"Authorization": f"Bearer {opened.json()['secret']}"}
        return httpx.Client(base_url=self.served.url, headers=header, timeout=120)

    def stations(self) -> Iterator[tuple[str, str]]:
        """Each state that the batch is in by now, with the step that it is not the turn of."""
        county = self.county

        def step(login: str, name: str, **given: Any) -> str:
            return str(county.step(login, BATCH, name, **given).state)

        def seen() -> str:
            return str(county.batch(BATCH).seen)

        stages.filed(county)
        yield "collecting", ""
        yield step("checker", "lock"), ""
        step("appraiser", "publish")
        county.confirm_all(BATCH)
        yield "confirming", ""
        yield step("appraiser", "settle"), ""
        yield step("maker", "allocate"), ""
        yield step("maker", "submit"), "approve"
        yield step("reviewer", "review", digest=seen()), "review"
        yield step("approver", "approve", digest=seen()), ""
        sheet, day = county.upload("maker", b"posted"), self.clock().date()
        step("maker", "disclose", posted_on=day, where="县政府网站", file=sheet)
        self.clock.forward(days=10)
        yield "disclosed", ""
        step("maker", "release")
        county.pay(BATCH, "held")
        yield "payable", ""
        step("payer", "pay")
        county.pay(BATCH, "paid")
        yield "paid", ""


class Race:
    """Rounds at the state in which the batch is; after each it is what it was before."""

    def __init__(self, track: Track, two: ThreadPoolExecutor) -> None:
        self.track, self.two, self.seen = track, two, Counter[str]()
        self.clients: dict[str, httpx.Client] = {}
        self.start = threading.Barrier(2)
        self.file = track.county.upload("maker", b"minutes of a race")
        with open_desk(track.served.store, OPERATOR, writes=False) as desk:
            row = desk.get(Batch, BATCH)
            assert row is not None
            self.state, self.digest, self.version = row.state, row.seen, row.version
            self.before = row.model_dump(exclude={"id"})
            self.hands = {hand.person for hand in desk.rows(Hand, Hand.batch == BATCH)}
            self.last = max((one.id or 0 for one in desk.rows(Decision, Decision.batch == BATCH)), default=0)
            self.job = max((one.id or 0 for one in desk.rows(Job)), default=0)

    def given(self, step: str) -> dict[str, Any]:
        """What a step is given here."""
        match step:
            case "review" | "approve":
                return {"digest": self.digest}
            case "disclose":
                return {"posted_on": str(self.track.clock().date()), "where": "县政府网站", "file": self.file}
            case "reject" | "unlock" | "withdraw" | "abandon":
                return {"reason": "示例", "minutes": self.file}
        return {}

    def run(self, one: str, other: str) -> list[int]:
        """A round: the statuses of both."""
        clients = [self._client(WHO[one][0]), self._client(WHO[other][1])]

        def act(place: int, step: str) -> int:
            given, header = self.given(step), {"If-Match": f'"{self.version}"'}
            self.start.wait()
            return clients[place].post(f"/api/v1/batches/{BATCH}:{step}", json=given, headers=header).status_code

        answers = list(self.two.map(act, (0, 1), (one, other)))
        taken = self._as_it_was()
        won = [status for status in answers if status in WON]
        lost = [status for status in answers if status in LOST]
        assert (len(won), len(lost), taken) == (1, 1, 1), (self.state, one, other, answers, taken)
        self.seen[str(lost[0])] += 1
        return answers

    def _client(self, login: str) -> httpx.Client:
        if login not in self.clients:
            self.clients[login] = self.track.sign_in(login)
        return self.clients[login]

    def _as_it_was(self) -> int:
        """Take the round back; how many decisions it had left."""
        with open_desk(self.track.served.store, OPERATOR) as desk:
            desk.change(Batch, Batch.id == BATCH, **self.before)
            desk.remove(Due, Due.batch == BATCH)
            desk.remove(Job, over(Job.id, self.job))
            for hand in desk.rows(Hand, Hand.batch == BATCH):
                if hand.person not in self.hands:
                    desk.remove(Hand, Hand.batch == BATCH, Hand.person == hand.person)
            return desk.remove(Decision, Decision.batch == BATCH, over(Decision.id, self.last))


def races(
    track: Track, rounds: int, wanted: Callable[[str, str, str], bool] | None = None, *, last: str = "paid"
) -> dict[str, int]:
    """Rounds of every pair that is wanted, at every state until the last; how many, and how the loser was told."""
    told: Counter[str] = Counter()
    with ThreadPoolExecutor(2) as two:
        for state, closed in track.stations():
            race = Race(track, two)
            assert race.state == state
            for one, other in pairs(state):
                if closed not in {one, other} and (wanted is None or wanted(state, one, other)):
                    for _ in range(rounds):
                        race.run(one, other)
                    told["pairs"] += 1
                    told["rounds"] += rounds
            told += Counter({f"lost by {status}": count for status, count in race.seen.items()})
            for client in race.clients.values():
                client.close()
            if state == last:
                break
    return dict(told)
