"""`/api/v1/batches`: opening one, looking at them, taking a step, assignments, alliances held back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.http.answering import Signed
from api.http.bodies import Body, Id, example
from api.http.lists import Page, Part
from api.http.versions import etag, seen_version, unchanged
from api.http.who import Caller
from engine.workflow import batches, steps
from engine.workflow.batches import AssignmentView, BatchView
from engine.workflow.cases import Given

StepName = Literal[
    "lock", "publish", "settle", "allocate", "submit", "review", "approve", "reject", "unlock", "disclose", "release",
    "pay", "close", "withdraw", "abandon",
]  # fmt: skip
_ASSIGNMENT: dict[str, Any] = {
    "id": 31,
    "filer": "H01",
    "parts": [{"unit": "H01", "reporter": "县医院"}],
    "state": "open",
    "due": "2026-10-15T16:00:00Z",
    "waived_reason": None,
    "submission": None,
}
_BATCH: dict[str, Any] = {
    "id": 7,
    "plan": "linxi-2026",
    "period": "2026Q3",
    "region": "330103",
    "kind": "regular",
    "number": 1,
    "state": "collecting",
    "version": 1,
    "round": 1,
    "policy": "3f1c…",
    "dataset": None,
    "score_run": None,
    "run": None,
    "digest": None,
    "deadline": None,
    "approvals": None,
    "corrects": None,
    "posted": None,
    "restored": False,
    "job": None,
    "hands": {},
    "holds": {},
    "warnings": [],
    "assignments": [_ASSIGNMENT],
}
_HEADERS: dict[str, Any] = {"ETag": {"schema": {"type": "string"}, "description": "版本, 写进 If-Match"}}
ANSWER: dict[str, Any] = {**example(_BATCH), "headers": _HEADERS}


class Opening(Body):
    """fresh: nothing accepted is taken over; corrects: the batch that a correction corrects."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"plan": "linxi-2026", "period": "2026Q3", "kind": "regular"}]}
    )

    plan: Annotated[str, Field(max_length=200)]
    period: Annotated[str, Field(max_length=20)]
    kind: Literal["regular", "prepay", "settlement", "correction"]
    fresh: bool = False
    corrects: Annotated[int, Field(ge=1, lt=2**63)] | None = None


class Change(Body):
    """Another term, or the reason why nothing has to be handed in ("" takes it back)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"waived_reason": "本季度停业"}]})

    due: AwareDatetime | None = None
    waived_reason: Annotated[str, Field(max_length=2000)] | None = None


class Held(Body):
    """An alliance that is held back while the others go on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"alliance": "YGT01", "reason": "规则相互矛盾"}]})

    alliance: Annotated[str, Field(max_length=64)]
    reason: Annotated[str, Field(max_length=2000)]


class Having(BaseModel):
    """Which batches are wanted; "" whichever."""

    plan: Annotated[str, Field(max_length=200)] = ""
    period: Annotated[str, Field(max_length=20)] = ""
    region: Annotated[str, Field(max_length=20)] = ""
    kind: Annotated[str, Field(max_length=20)] = ""
    state: Annotated[str, Field(max_length=20)] = ""


class UnmetView(BaseModel):
    """A guard that is not met; it may have more members, the numbers and codes in it."""

    model_config = ConfigDict(extra="allow")

    code: str
    message: str


class TransitionView(BaseModel):
    """A step as it stands for the caller now. needs: the fields that must be given with it."""

    step: str
    to: str
    allowed: bool
    unmet: list[UnmetView]
    needs: list[str]


router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["batches"])


@router.post("/batches", status_code=201, summary="开批次", response_model=BatchView, responses={201: ANSWER})
def open_batch(caller: Caller, opening: Opening) -> Response:
    """An assignment per filer; what was accepted of an abandoned or corrected batch is taken over."""
    caller.need("batch.open")
    with caller.desk(writes=True) as desk:
        made = batches.open_batch(
            desk, opening.plan, opening.period, opening.kind, fresh=opening.fresh, corrects=opening.corrects
        )
    return answered(made, 201, Location=f"/api/v1/batches/{made.id}")


@router.get("/batches", summary="批次", responses={200: example({"items": [_BATCH], "next": None})})
def listed(caller: Caller, part: Part, having: Annotated[Having, Query()]) -> Page[BatchView]:
    """Batches, newest first; without their assignments."""
    caller.need("batch.read")
    with caller.desk() as desk:
        found = batches.listed(desk, below=part.number(), limit=part.limit + 1, **having.model_dump())
    return part.page(found, lambda one: one.id)


@router.get(
    "/batches/{batch}",
    summary="一个批次",
    response_model=BatchView,
    responses={200: ANSWER, 304: {"description": "没有变"}},
)
def one(request: Request, caller: Caller, batch: Id) -> Response:
    """With the assignments that are the caller's; its version is the `ETag`."""
    caller.need("batch.read")
    with caller.desk() as desk:
        found = batches.view(desk, steps.batch_of(desk, batch))
    # While data are collected its assignments change without a step, and no version tells of it.
    same = unchanged(request, etag(found.version)) if found.state != "collecting" else None
    return same or answered(found, 200)


@router.get(
    "/batches/{batch}/transitions",
    summary="可以办的步骤",
    responses={
        200: example(
            [
                {
                    "step": "lock",
                    "to": "locked",
                    "allowed": False,
                    "unmet": [{"code": "ROLE", "message": "须由数据审核办理"}],
                    "needs": [],
                }
            ]
        )
    },
)
def transitions(caller: Caller, batch: Id) -> list[TransitionView]:
    """Every step that the state knows; if it is not allowed to the caller now, everything that is missing."""
    caller.need("batch.read")
    with caller.desk() as desk:
        found = steps.transitions(desk, batch)
    return [
        TransitionView(
            step=one.step,
            to=one.to,
            allowed=one.allowed,
            unmet=[UnmetView.model_validate(guard.as_json()) for guard in one.unmet],
            needs=list(one.needs),
        )
        for one in found
    ]


@router.post(
    "/batches/{batch}:{step}",
    summary="办一个步骤",
    response_model=BatchView,
    responses={
        200: ANSWER,
        202: {**example({**_BATCH, "state": "locked", "version": 2, "job": 12}), "description": "任务 `job` 接着办"},
        412: {},
        428: {},
    },
    openapi_extra={"requestBody": {"content": {"application/json": {"example": {"reason": "数据已核对"}}}}},
)
def step(request: Request, caller: Caller, batch: Id, step: StepName, given: Given | None = None) -> Response:
    """A step of the table, on the version that `If-Match` names; 202 where a job goes on with it.

    Without a body where the step needs nothing to be said.
    """
    steps.need(caller.actor, step)
    version = seen_version(request)
    with caller.desk(writes=True) as desk:
        row, job = steps.take(desk, batch, step, given or Given(), version=version)
        found = batches.view(desk, row)
    if job is None:
        return answered(found, 200)
    return answered(found, 202, Location=f"/api/v1/jobs/{found.job}")


@router.patch("/batches/{batch}/assignments/{assignment}", summary="改填报任务", responses={200: example(_ASSIGNMENT)})
def change(caller: Caller, batch: Id, assignment: Id, change: Change) -> AssignmentView:
    """Another term, or let off with a reason."""
    caller.need("assignment.change")
    with caller.desk(writes=True) as desk:
        return batches.change_assignment(desk, batch, assignment, due=change.due, waived_reason=change.waived_reason)


@router.post("/batches/{batch}/holds", summary="暂缓一个医联体", response_model=BatchView, responses={200: ANSWER})
def hold(caller: Caller, batch: Id, held: Held) -> Response:
    """The others go on; a held alliance can follow later."""
    caller.need("hold.change")
    with caller.desk(writes=True) as desk:
        return answered(batches.hold(desk, batch, held.alliance, held.reason), 200)


@router.delete(
    "/batches/{batch}/holds/{alliance}", summary="解除暂缓", response_model=BatchView, responses={200: ANSWER, 409: {}}
)
def go_on(caller: Caller, batch: Id, alliance: str) -> Response:
    """The alliance goes on again."""
    caller.need("hold.change")
    with caller.desk(writes=True) as desk:
        return answered(batches.go_on(desk, batch, alliance), 200)


def answered(found: BatchView, status: int, **headers: str) -> Response:
    """A batch, its version as the `ETag`."""
    return JSONResponse(found.model_dump(mode="json"), status, {"ETag": etag(found.version), **headers})
