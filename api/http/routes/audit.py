"""`GET /api/v1/audit`: who did what when."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.http.answering import Signed
from api.http.bodies import example
from api.http.lists import Page, Part
from api.http.who import Caller
from engine.workflow import audited
from engine.workflow.audited import AuditView

_Text = Annotated[str, Query(max_length=200)]
_RECORD = {
    "seq": 88,
    "at": "2026-10-16T01:00:00Z",
    "actor": "zhang",
    "via": "http",
    "action": "batch.lock",
    "subject": "batch/7",
    "outcome": "done",
    "region": "330103",
    "unit": "330103",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "detail": {"from": "collecting", "to": "locked"},
}
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["audit"])


@router.get("/audit", summary="审计记录", responses={200: example({"items": [_RECORD], "next": None})})
def listed(
    caller: Caller,
    part: Part,
    *,
    actor: _Text = "",
    action: _Text = "",
    subject: _Text = "",
    outcome: _Text = "",
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Page[AuditView]:
    """In the order of the chain; an auditor sees those of its units, and no person's name."""
    caller.need("audit.read")
    having = {"actor": actor, "action": action, "subject": subject, "outcome": outcome}
    after = part.number() or 0
    with caller.desk() as desk:
        found = audited.listed(desk, after=after, limit=part.limit + 1, since=since, until=until, **having)
    return part.page(found, lambda one: one.seq)
