"""`/api/v1/jobs`: how far something slow is, by a plain GET or as events; once more, or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.http.answering import Signed
from api.http.bodies import Id
from api.http.who import Caller
from engine.workflow import jobs
from engine.workflow.desks import Visit
from engine.workflow.jobs import JobView
from engine.workflow.refusals import Unavailable

LOOK = 0.5
"""Seconds between two looks at a job that somebody follows."""
_ENDED = frozenset({"done", "failed", "cancelled"})
_EXAMPLE = {
    "id": 12,
    "kind": "evaluate",
    "state": "running",
    "done": 3,
    "of": 9,
    "title": "计算得分",
    "result": None,
    "problems": [],
}
_ANSWER: dict[str, Any] = {"content": {"application/json": {"example": _EXAMPLE}}}
_STREAM: dict[str, Any] = {
    "content": {
        "text/event-stream": {
            "schema": {
                "type": "object",
                "description": "一个事件; data 是任务的 JSON",
                "properties": {name: {"type": "string"} for name in ("id", "event", "data")},
                "required": ["id", "event", "data"],
            },
            "example": f"id: 1-running-3\nevent: job\ndata: {json.dumps(_EXAMPLE, ensure_ascii=False)}\n\n",
        }
    }
}


class Watched(Signed):
    """What a page asks of itself: a session does not live on by it."""

    touches = False


router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["jobs"])
watched = APIRouter(prefix="/api/v1", route_class=Watched, tags=["jobs"])


@watched.get("/jobs/{job}", summary="任务", responses={200: _ANSWER})
def one(caller: Caller, job: Id) -> JobView:
    """A job of the caller's places."""
    return _look(caller, job)


@watched.get(
    "/jobs/{job}/events", summary="任务的进度 (SSE)", response_class=EventSourceResponse, responses={200: _STREAM}
)
async def events(request: Request, caller: Caller, job: Id) -> EventSourceResponse:
    """An event at each change, until the job has ended; after `Last-Event-ID` only what is new."""
    first = await run_in_threadpool(_look, caller, job)
    return EventSourceResponse(_follow(caller, first, request.headers.get("last-event-id", "")), ping=15)


@router.post("/jobs/{job}:retry", summary="重试任务", responses={200: _ANSWER})
def retry(caller: Caller, job: Id) -> JobView:
    """Queue again what failed or was cancelled."""
    caller.need("job.change")
    with caller.desk(writes=True) as desk:
        return jobs.retry(desk, job)


@router.post("/jobs/{job}:cancel", summary="取消任务", responses={200: _ANSWER})
def cancel(caller: Caller, job: Id) -> JobView:
    """Cancel what has not ended; nothing of it stays."""
    caller.need("job.change")
    with caller.desk(writes=True) as desk:
        return jobs.cancel(desk, job)


def _look(caller: Visit, job: int) -> JobView:
    caller.need("job.read")
    with caller.desk() as desk:
        return jobs.job_view(desk, job)


async def _follow(caller: Visit, view: JobView, last: str) -> AsyncIterator[ServerSentEvent]:
    """Each state of the job that the caller has not seen."""
    while True:
        number = f"{view.id}-{view.state}-{view.done}-{view.of}"
        if number != last:
            yield ServerSentEvent(data=view.model_dump_json(), event="job", id=number)
            last = number
        if view.state in _ENDED:
            return
        await asyncio.sleep(LOOK)
        try:
            view = await run_in_threadpool(_look, caller, view.id)
        except Unavailable:  # looked at again
            continue
