"""Two people act on one batch at once, from each state, by each pair of its steps: exactly one may win."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations_with_replacement
from typing import Any

from engine.storage.desk import open_desk
from engine.storage.query import over
from engine.storage.tables.decisions import Decision, Hand
from engine.storage.tables.period import Batch, Due
from engine.storage.tables.work import Job
from engine.workflow.batch import STEPS
from tests.api.http.quarter import Quarter
from tests.engine.workflow.flow import OPERATOR

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


class Race:
    """Rounds at the state in which a quarter's batch is; after each the batch is what it was before."""

    def __init__(self, quarter: Quarter) -> None:
        self.quarter, self.seen = quarter, Counter[str]()
        batch = quarter.batch
        self.state, self.version, self.digest = batch["state"], batch["version"], batch["digest"]
        self.file = quarter.upload("maker", b"minutes of a race")

    def given(self, step: str) -> dict[str, Any]:
        """What a step is given here."""
        match step:
            case "review" | "approve":
                return {"digest": self.digest}
            case "disclose":
                day = str(self.quarter.clock().date())
                return {"posted_on": day, "where": "县政府网站", "file": self.file}
            case "reject" | "unlock" | "withdraw" | "abandon":
                return {"reason": "示例", "minutes": self.file}
        return {}

    def run(self, one: str, other: str) -> list[int]:
        """A round: the statuses of both."""
        who = WHO[one][0], WHO[other][1]
        clients = [self.quarter.as_(login) for login in who]
        start, answers = threading.Barrier(2), [0, 0]

        def act(place: int, step: str) -> None:
            start.wait()
            path = f"/api/v1/batches/{self.quarter.number}:{step}"
            header = {"If-Match": f'"{self.version}"'}
            answers[place] = clients[place].post(path, json=self.given(step), headers=header).status_code

        with self._as_it_was():
            threads = [threading.Thread(target=act, args=both) for both in enumerate((one, other))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(120)
            with open_desk(self.quarter.served.store, OPERATOR, writes=False) as desk:
                taken = desk.count(Decision, over(Decision.id, self.last))
        won = [status for status in answers if status in WON]
        lost = [status for status in answers if status in LOST]
        assert (len(won), len(lost), taken) == (1, 1, 1), (self.state, one, other, answers, taken)
        self.seen[str(lost[0])] += 1
        return answers

    @contextmanager
    def _as_it_was(self) -> Iterator[None]:
        store, number = self.quarter.served.store, self.quarter.number
        with open_desk(store, OPERATOR, writes=False) as desk:
            row = desk.get(Batch, number)
            assert row is not None
            before = row.model_dump(exclude={"id"})
            hands = {hand.person for hand in desk.rows(Hand, Hand.batch == number)}
            self.last = max((one.id or 0 for one in desk.rows(Decision, Decision.batch == number)), default=0)
            job = max((one.id or 0 for one in desk.rows(Job)), default=0)
        yield
        with open_desk(store, OPERATOR) as desk:
            desk.change(Batch, Batch.id == number, **before)
            desk.remove(Decision, Decision.batch == number, over(Decision.id, self.last))
            desk.remove(Due, Due.batch == number)
            desk.remove(Job, over(Job.id, job))
            for hand in desk.rows(Hand, Hand.batch == number):
                if hand.person not in hands:
                    desk.remove(Hand, Hand.batch == number, Hand.person == hand.person)


def races(
    quarter: Quarter, rounds: int, wanted: Callable[[str, str, str], bool] | None = None, *, last: str = "paid"
) -> dict[str, int]:
    """Rounds of every pair that is wanted, at every state until the last; how many, and how the loser was told."""
    told: Counter[str] = Counter()
    for state, prepare, closed in _stations(quarter):
        quarter.to(state)
        prepare()
        race = Race(quarter)
        for one, other in pairs(state):
            if closed not in {one, other} and (wanted is None or wanted(state, one, other)):
                for _ in range(rounds):
                    race.run(one, other)
                told["pairs"] += 1
                told["rounds"] += rounds
        told += Counter({f"lost by {status}": count for status, count in race.seen.items()})
        if state == last:
            break
    return dict(told)


def _stations(quarter: Quarter) -> list[tuple[str, Callable[[], Any], str]]:
    """Each state with what makes its way forward free, and the step that it is not the turn of."""

    def said(state: str) -> Callable[[], None]:
        def say() -> None:
            lines = [{**line, "reason": "示例"} for line in quarter.lines(state)]
            assert quarter.post("payer", f"batches/{quarter.number}/payments", {"lines": lines}).status_code == 200

        return say

    def nothing() -> None:
        return

    return [
        ("collecting", quarter.file_all, ""),
        ("scored", nothing, ""),
        ("confirming", quarter.confirm_all, ""),
        ("confirmed", nothing, ""),
        ("allocated", nothing, ""),
        ("reviewing", nothing, "approve"),
        ("reviewing", quarter.review, "review"),
        ("approved", nothing, ""),
        ("disclosed", lambda: quarter.clock.forward(days=10), ""),
        ("payable", said("held"), ""),
        ("paid", said("paid"), ""),
    ]
