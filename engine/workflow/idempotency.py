"""A POST that comes twice is done once: the first answer is kept under the client's key, for 90 days.

    answer = first_answer(visit, key, request)      None: do it, then keep_answer(…) or forget(…)

The answer lies encrypted, for it may hold what only its client may read.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta

from domain.problems import InputProblems, LiangyunError, Problem
from engine.storage.desk import Desk
from engine.storage.query import under
from engine.storage.tables.people import Idempotency
from engine.workflow.desks import Visit
from engine.workflow.refusals import Unmet

KEPT = timedelta(days=90)
UNDER_WAY = timedelta(minutes=10)
"""How long a first request is believed to be still at work: longer than any answers; after that it died."""
_ABOUT = "idempotency"


class UnderWay(LiangyunError):
    """The first request with this key has no answer yet."""

    exit_code = 4

    def __init__(self, seconds: int = 1) -> None:
        self.seconds = seconds
        super().__init__("同一个 Idempotency-Key 的请求还在办理")


@dataclass(frozen=True)
class Kept:
    """An answer as it was given. body None: it is made again, for the route stores nothing."""

    status: int
    headers: dict[str, str]
    body: bytes | None


def first_answer(visit: Visit, key: str, request: str) -> Kept | None:
    """The first answer to this key; None where this is the first. request: sha256 of what is asked.

    Raises InputProblems (IDEMPOTENCY-REUSED) for another request under the same key, UnderWay, Unavailable.
    """
    user = _user(visit)
    try:
        with visit.desk(writes=True) as desk:
            mine = (Idempotency.client == user, Idempotency.key == key)
            desk.remove(Idempotency, *mine, under(Idempotency.at, desk.now - KEPT))
            row = desk.get(Idempotency, (user, key))
            if row is None:
                desk.add(Idempotency(client=user, key=key, request=request, headers={}, at=desk.now))
                return None
            if row.request != request:
                said = "这个 Idempotency-Key 已用于另一个请求"
                raise InputProblems([Problem("Idempotency-Key", "IDEMPOTENCY-REUSED", said, "换一个键")])
            if row.status:
                secret = row.body and base64.b64decode(row.body)
                body = visit.store.keys.decrypt(secret, _ABOUT) if secret else None
                return Kept(row.status, dict(row.headers), body)
            if desk.now - row.at < UNDER_WAY:
                raise UnderWay
            row.at = desk.now
            return None
    except Unmet as error:  # another took the key between the look and the row
        raise UnderWay from error


def keep_answer(visit: Visit, key: str, answer: Kept) -> None:
    """Keep what was answered. Raises Unavailable."""
    secret = None if answer.body is None else visit.store.keys.encrypt(answer.body, _ABOUT)
    body = base64.b64encode(secret).decode() if secret else ""
    with visit.desk(writes=True) as desk:
        mine = (Idempotency.client == _user(visit), Idempotency.key == key)
        desk.change(Idempotency, *mine, status=answer.status, headers=answer.headers, body=body)


def forget(visit: Visit, key: str) -> None:
    """Nothing was done: the key may be used again. Raises Unavailable."""
    with visit.desk(writes=True) as desk:
        desk.remove(Idempotency, Idempotency.client == _user(visit), Idempotency.key == key)


def expire(desk: Desk) -> int:
    """Remove what has been kept long enough, whose client may never come again; how many answers that were."""
    return desk.remove(Idempotency, under(Idempotency.at, desk.now - KEPT))


def _user(visit: Visit) -> int:
    if visit.actor.user is None:
        raise TypeError("only a user has idempotency keys")
    return visit.actor.user
