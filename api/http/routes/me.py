"""`GET /api/v1/me`: who the caller is."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from api.http.answering import Signed
from api.http.bodies import example
from api.http.routes.session import BeforeChange
from api.http.who import Caller
from engine.workflow import inbox
from engine.workflow.inbox import Inbox
from engine.workflow.places import WHOLE

router = APIRouter(prefix="/api/v1", route_class=BeforeChange, tags=["session"])
waiting = APIRouter(prefix="/api/v1", route_class=Signed, tags=["session"])


class Me(BaseModel):
    """roles: by code; units: for which they are held (000000: everywhere); expires: of the session or token."""

    login: str
    name: str
    roles: list[str]
    units: list[str]
    expires: datetime
    must_change: bool


_EXAMPLE = {
    "login": "zhang",
    "name": "张三",
    "roles": ["data_checker"],
    "units": ["330103"],
    "expires": "2026-10-08T21:00:00+08:00",
    "must_change": False,
}


_ITEM: dict[str, object] = {
    "what": "review",
    "title": "linxi-2026 2026Q3 复核审批: 复核",
    "subject": "batch/7",
    "due": None,
    "path": "/api/v1/batches/7:review",
    "needs": ["digest"],
}
_TOLD = {"kind": "user.reset", "subject": "user/zhang", "at": "2026-10-08T01:00:00Z"}


@router.get("/me", summary="本人", responses={200: example(_EXAMPLE)})
async def me(caller: Caller) -> Me:
    """Login, roles and units of the caller; none of them while its grants wait for the security administrator."""
    actor = caller.actor
    return Me(
        login=actor.login,
        name=actor.name,
        roles=sorted(actor.roles),
        units=sorted({one.unit or WHOLE for one in actor.held}),
        expires=caller.caller.expires,
        must_change=caller.caller.must_change,
    )


@waiting.get("/me/inbox", summary="待办", responses={200: example({"waiting": [_ITEM], "told": [_TOLD]})})
def inbox_of(caller: Caller) -> Inbox:
    """What waits for the caller now, the most urgent first, and what it was told."""
    caller.need("me.read")
    with caller.desk() as desk:
        return inbox.inbox(desk)
