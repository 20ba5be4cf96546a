"""`POST /api/v1/evaluations:trigger`: evaluate what is locked, else a preview of what has come in."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from api.http.answering import Signed
from api.http.bodies import Body, example
from api.http.who import Caller
from engine.workflow import evaluating

router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["evaluations"])


class Trigger(Body):
    """Which quarter is evaluated; want "locked": nothing but what is locked."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"plan": "linxi-2026", "period": "2026Q3", "region": "330103"}]}
    )

    plan: Annotated[str, Field(max_length=200)]
    period: Annotated[str, Field(max_length=20)]
    region: Annotated[str, Field(pattern="^[0-9]{6}$")]
    want: Literal["locked"] | None = None


class Triggered(BaseModel):
    """job: follow it; official: of a locked dataset."""

    job: int
    official: bool


@router.post(
    "/evaluations:trigger",
    status_code=202,
    summary="触发评价",
    response_model=Triggered,
    responses={202: example({"job": 12, "official": True}), 404: {}},
)
def trigger(caller: Caller, given: Trigger) -> Response:
    """The same data and policies are the same job, whoever asks; a preview is never paid on."""
    caller.need("evaluation.trigger")
    with caller.desk(writes=True) as desk:
        job, official = evaluating.trigger(
            desk, given.plan, given.period, given.region, want_locked=given.want == "locked"
        )
        caller.need("evaluation.trigger", given.region)
        said = Triggered(job=job.id or 0, official=official)
    return JSONResponse(said.model_dump(), 202, {"Location": f"/api/v1/jobs/{said.job}"})
