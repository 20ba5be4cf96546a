"""`GET /api/v1/events`: what happened, also where no webhook can pass."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.http.answering import Signed
from api.http.bodies import example
from api.http.who import Caller
from engine.workflow import events
from engine.workflow.desks import Visit
from engine.workflow.events import EventView

LOOK = 0.5
"""Seconds between two looks."""
_EVENT = {
    "seq": 41,
    "kind": "batch.lock",
    "subject": "batch/7",
    "payload": {"state": "locked"},
    "at": "2026-10-16T01:00:00Z",
}


class Watched(Signed):
    """What a program asks again and again: a session does not live on by it."""

    touches = False


class Events(BaseModel):
    """Events in the order in which they were committed."""

    items: list[EventView]
    next: int = Field(description="写进 ?after= 取后面的")


router = APIRouter(prefix="/api/v1", route_class=Watched, tags=["events"])


@router.get("/events", summary="发生了什么", responses={200: example({"items": [_EVENT], "next": 41})})
async def listed(
    request: Request,
    caller: Caller,
    after: Annotated[int, Query(ge=0, lt=2**63, description="已有的最后一个 seq")] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    wait: Annotated[int, Query(ge=0, le=30, description="没有新的时至多等几秒")] = 0,
) -> Events:
    """Ids only; `wait` keeps the answer back until there is something, or the seconds are over."""
    caller.need("event.read")
    until = time.monotonic() + wait
    while True:
        found = await run_in_threadpool(_look, caller, after, limit)
        over = time.monotonic() >= until or request.app.state.ends
        if found or over or await request.is_disconnected():
            return Events(items=found, next=found[-1].seq if found else after)
        await asyncio.sleep(LOOK)


def _look(caller: Visit, after: int, limit: int) -> list[EventView]:
    with caller.desk() as desk:
        return events.listed(desk, after, limit)
