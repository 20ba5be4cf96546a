"""`/api/v1/schedules`: what is done at its time."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.http.answering import Signed
from api.http.bodies import Id, example
from api.http.lists import Page, Part
from api.http.versions import etag, seen_version
from api.http.who import Caller
from engine.schedule import schedules
from engine.schedule.schedules import NewSchedule, ScheduleChange, ScheduleView

_SCHEDULE: dict[str, Any] = {
    "id": 3,
    "what": "open",
    "plan": "linxi-2026",
    "region": "330103",
    "rule": {"working_day": 5, "after": "quarter", "at": "08:00"},
    "period": "quarter",
    "enabled": True,
    "catch_up": "latest",
    "version": 1,
    "next": ["2027-01-08T08:00:00+08:00"],
    "warnings": [],
}
_ANSWER = example(_SCHEDULE)
_NEW = {
    "requestBody": {
        "content": {
            "application/json": {
                "example": {
                    "what": "open",
                    "plan": "linxi-2026",
                    "region": "330103",
                    "rule": {"working_day": 5, "after": "quarter", "at": "08:00"},
                }
            }
        }
    }
}
_CHANGE = {"requestBody": {"content": {"application/json": {"example": {"enabled": False}}}}}
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["schedules"])


@router.get("/schedules", summary="定时", responses={200: example({"items": [_SCHEDULE], "next": None})})
def listed(caller: Caller, part: Part) -> Page[ScheduleView]:
    """The caller's, by number, each with its next five instants."""
    caller.need("schedule.read")
    with caller.desk() as desk:
        found = schedules.schedule_views(desk, part.number() or 0, part.limit + 1)
    return part.page(found, lambda one: one.id)


@router.post(
    "/schedules",
    status_code=201,
    summary="新建定时",
    response_model=ScheduleView,
    responses={201: _ANSWER},
    openapi_extra=_NEW,
)
def add(caller: Caller, new: NewSchedule) -> Response:
    """It counts from now on; a past period never runs again by it."""
    caller.need("schedule.change")
    with caller.desk(writes=True) as desk:
        made = schedules.add_schedule(desk, new)
    return _answer(made, 201, Location=f"/api/v1/schedules/{made.id}")


@router.get(
    "/schedules/{schedule}",
    summary="一个定时",
    response_model=ScheduleView,
    responses={200: _ANSWER},
)
def one(caller: Caller, schedule: Id) -> Response:
    """With its next five instants; its version is the `ETag`."""
    caller.need("schedule.read")
    with caller.desk() as desk:
        return _answer(schedules.schedule_view(desk, schedule), 200)


@router.patch(
    "/schedules/{schedule}",
    summary="改定时",
    response_model=ScheduleView,
    responses={200: _ANSWER, 412: {}},
    openapi_extra=_CHANGE,
)
def change(request: Request, caller: Caller, schedule: Id, change: ScheduleChange) -> Response:
    """What was due before is done as it was asked for; what is left out stays. `If-Match` where the version matters."""
    caller.need("schedule.change")
    with caller.desk(writes=True) as desk:
        return _answer(schedules.change_schedule(desk, schedule, change, _seen(request)), 200)


@router.delete("/schedules/{schedule}", status_code=204, summary="删定时", response_class=Response, responses={412: {}})
def remove(request: Request, caller: Caller, schedule: Id) -> Response:
    """What was due before is done as it was asked for."""
    caller.need("schedule.change")
    with caller.desk(writes=True) as desk:
        schedules.remove_schedule(desk, schedule, _seen(request))
    return Response(status_code=204)


def _seen(request: Request) -> int | None:
    return seen_version(request) if "if-match" in request.headers else None


def _answer(found: ScheduleView, status: int, **headers: str) -> Response:
    return JSONResponse(found.model_dump(mode="json"), status, {"ETag": etag(found.version), **headers})
