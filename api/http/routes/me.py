"""`GET /api/v1/me`: who the caller is."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from api.http.routes.session import BeforeChange
from api.http.who import Caller
from engine.workflow.places import WHOLE

router = APIRouter(prefix="/api/v1", route_class=BeforeChange, tags=["session"])


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


@router.get("/me", summary="本人", responses={200: {"content": {"application/json": {"example": _EXAMPLE}}}})
async def me(caller: Caller) -> Me:
    """Login, roles and units of the caller."""
    caller.need("me.read")
    actor = caller.actor
    return Me(
        login=actor.login,
        name=actor.name,
        roles=sorted(actor.roles),
        units=sorted({one.unit or WHOLE for one in actor.held}),
        expires=caller.caller.expires,
        must_change=caller.caller.must_change,
    )
