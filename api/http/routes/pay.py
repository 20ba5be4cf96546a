"""`/api/v1/pay`: an institution's amount paid to its people, by person codes; names are only in `exports`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Query, UploadFile
from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.http.answering import Signed
from api.http.bodies import Body, Id, example
from api.http.lists import Page, Part
from api.http.routes.runs import ZIP, as_file, tagged
from api.http.versions import etag, seen_version, unchanged
from api.http.who import Caller
from engine.workflow import pay, pay_folders, pay_slips, steps
from engine.workflow.cases import Given
from engine.workflow.pay import PayView
from engine.workflow.pay_slips import OwnSlip

StepName = Literal[
    "submit", "review", "approve", "reject", "disclose", "release", "pay", "close", "withdraw", "abandon"
]
Month = Annotated[str, Field(max_length=20)]
RunId = Annotated[int, Field(ge=1, lt=2**63)]
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PAY: dict[str, Any] = {
    "id": 9,
    "plan": "linxi-2026",
    "period": "2026Q3",
    "month": "2026-10",
    "region": "330103",
    "unit": "H01",
    "number": 2,
    "state": "collecting",
    "version": 1,
    "round": 1,
    "run": 21,
    "parent": 7,
    "corrects": None,
    "completes": None,
    "digest": None,
    "people": None,
    "job": None,
    "approvals": None,
    "posted": None,
    "deadline": None,
    "restored": False,
    "hands": {},
    "slips": {},
    "payable": None,
    "net": None,
    "warnings": [],
    "accounts": [],
}
_MADE = {
    **PAY,
    "state": "allocated",
    "version": 3,
    "digest": _SHA,
    "people": _SHA,
    "job": 12,
    "hands": {"制表": "王五"},
    "slips": {"ok": 33, "TAX-NO-DATA": 1},
    "payable": "261000.00",
    "net": "247300.12",
}
_HEADERS: dict[str, Any] = {"ETag": {"schema": {"type": "string"}, "description": "版本, 写进 If-Match"}}
ANSWER: dict[str, Any] = {**example(PAY), "headers": _HEADERS}
_LINE = {"payer": "H01", "person_code": "N01", "kind": "wages", "net": "7410.00", "status": "ok"}
_OWN = {
    "batch": 9,
    "plan": "linxi-2026",
    "period": "2026Q3",
    "month": "2026-10",
    "unit": "H01",
    "state": "payable",
    "payslips": [_LINE],
    "lines": [{"post_no": "P01", "pool": "performance", "component": "due", "amount": "7900.00"}],
    "stories": ["任职 P01 共应发 7,900.00 元 …"],
}
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["pay"])


class Opening(Body):
    """unit: the institution; month: of payment, the one tax goes by; run: whose amounts it pays (of a payable batch).

    run is left out for a plan without pools, whose amounts stand in the people's workbook (机构发放额).
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"plan": "linxi-2026", "unit": "H01", "period": "2026Q3", "month": "2026-10", "run": 21}]
        }
    )

    plan: Annotated[str, Field(max_length=200)]
    unit: Annotated[str, Field(min_length=1, max_length=64)]
    period: Annotated[str, Field(max_length=20)]
    month: Month
    run: RunId | None = None


class Correcting(Body):
    """month: in which the difference is paid; run: the corrected run, of a unit's case."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"month": "2026-11"}]})

    month: Month
    run: RunId | None = None


@router.post("/pay", status_code=201, summary="开发放批次", response_model=PayView, responses={201: ANSWER})
def open_pay(caller: Caller, opening: Opening) -> Response:
    """One institution's; one at a time for a period. What was paid before is found by the service itself."""
    caller.need("pay.work")
    with caller.desk(writes=True) as desk:
        made = pay.open_batch(desk, opening.plan, opening.unit, opening.period, opening.month, opening.run)
    return _answered(made, 201, Location=f"/api/v1/pay/{made.id}")


@router.get("/pay", summary="发放批次", responses={200: example({"items": [PAY], "next": None})})
def listed(caller: Caller, part: Part) -> Page[PayView]:
    """Those of the caller's institutions, newest first."""
    caller.need("pay.read")
    with caller.desk() as desk:
        found = pay.listed(desk, below=part.number(), limit=part.limit + 1)
    return part.page(found, lambda one: one.id)


@router.get("/me/slips", summary="本人的工资条", responses={200: example({"items": [_OWN], "next": None})})
def own(caller: Caller, part: Part) -> Page[OwnSlip]:
    """The caller's own slips and their stories, from 公示 on, newest first; nobody else's."""
    caller.need("slip.read")
    with caller.desk() as desk:
        return part.whole(pay_slips.mine(desk))


@router.get(
    "/pay/{batch}",
    summary="一个发放批次",
    response_model=PayView,
    responses={200: {**example(_MADE), "headers": _HEADERS}, 304: {"description": "没有变"}},
)
def one(request: Request, caller: Caller, batch: Id) -> Response:
    """Its version is the `ETag`."""
    caller.need("pay.read")
    with caller.desk() as desk:
        found = pay.view(desk, pay.readable(desk, batch))
    return unchanged(request, etag(found.version)) or _answered(found, 200)


@router.post(
    "/pay/{batch}/people",
    status_code=202,
    summary="交人员工作簿",
    response_model=PayView,
    responses={202: {**example({**PAY, "version": 2, "people": _SHA, "job": 12}), "description": "任务 `job` 接着办"}},
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"example": {"file": "人员.xlsx"}}}}},
)
def people(caller: Caller, batch: Id, file: Annotated[UploadFile, File()]) -> Response:
    """Kept encrypted; a job pays it. What is wrong in it stands in the job, all of it, and the batch is as it was."""
    caller.need("pay.work")
    content = file.file.read()
    with caller.desk(writes=True) as desk:
        found = pay.hand_in(desk, batch, file.filename or "", content)
    return _answered(found, 202, Location=f"/api/v1/jobs/{found.job}")


@router.post(
    "/pay/{batch}/teams",
    status_code=202,
    summary="先分到科室",
    response_model=PayView,
    responses={202: {**example({**PAY, "version": 2, "job": 12}), "description": "任务 `job` 接着办"}},
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"example": {"file": "人员.xlsx"}}}}},
)
def teams(caller: Caller, batch: Id, file: Annotated[UploadFile, File()]) -> Response:
    """Before anybody's figures are there: `units` and `teams` to send to the departments; the batch stays as it is."""
    caller.need("pay.work")
    content = file.file.read()
    with caller.desk(writes=True) as desk:
        found = pay.hand_in(desk, batch, file.filename or "", content, pay.TEAMS)
    return _answered(found, 202, Location=f"/api/v1/jobs/{found.job}")


@router.post(
    "/pay/{batch}/accounts",
    summary="改正账户",
    response_model=PayView,
    responses={200: {**example({**_MADE, "state": "payable", "version": 9}), "headers": _HEADERS}},
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"example": {"file": "账户.xlsx"}}}}},
)
def accounts(caller: Caller, batch: Id, file: Annotated[UploadFile, File()]) -> Response:
    """Of a batch that may be paid: a workbook whose 账户表 goes before the approved one's; another person exports."""
    caller.need("pay.work")
    caller.need_person()
    content = file.file.read()
    with caller.desk(writes=True) as desk:
        found = pay.mend_accounts(desk, batch, file.filename or "", content)
    return _answered(found, 200)


@router.post(
    "/pay/{batch}/completions",
    status_code=201,
    summary="补付",
    response_model=PayView,
    responses={201: {**example({**PAY, "id": 12, "number": 3, "completes": 9}), "headers": _HEADERS}},
)
def complete(caller: Caller, batch: Id) -> Response:
    """Opens the pay batch that pays, with the same amounts, what this one left open; its people bring the data."""
    caller.need("pay.work")
    with caller.desk(writes=True) as desk:
        made = pay.complete(desk, batch)
    return _answered(made, 201, Location=f"/api/v1/pay/{made.id}")


@router.post(
    "/pay/{batch}/cases",
    status_code=201,
    summary="更正",
    response_model=PayView,
    responses={
        201: {**example({**PAY, "id": 11, "number": 3, "month": "2026-11", "corrects": 9}), "headers": _HEADERS}
    },
)
def correct(caller: Caller, batch: Id, correcting: Correcting) -> Response:
    """Opens the pay batch that corrects this one; the cases stand in the workbook that is handed in to it."""
    caller.need("pay.work")
    with caller.desk(writes=True) as desk:
        made = pay.correct(desk, batch, correcting.month, correcting.run)
    return _answered(made, 201, Location=f"/api/v1/pay/{made.id}")


@router.post(
    "/pay/{batch}:{step}",
    summary="办发放批次的一个步骤",
    response_model=PayView,
    responses={200: {**example({**_MADE, "state": "reviewing", "version": 4}), "headers": _HEADERS}, 412: {}, 428: {}},
    openapi_extra={"requestBody": {"content": {"application/json": {"example": {"reason": "人员已核对"}}}}},
)
def step(request: Request, caller: Caller, batch: Id, step: StepName, given: Given | None = None) -> Response:
    """A step of a pay batch, on the version that `If-Match` names. Minutes are attached at submit or approve."""
    steps.need(caller.actor, step, pay.KIND)
    version = seen_version(request)
    with caller.desk(writes=True) as desk:
        row, _ = steps.take(desk, pay.pay_batch(desk, batch).id or 0, step, given or Given(), version=version)
        found = pay.view(desk, row)
    return _answered(found, 200)


@router.get(
    "/pay/{batch}/explain", summary="一个任职的来龙去脉", responses={200: example({"post_no": "P01", "text": "…"})}
)
def explain(
    caller: Caller,
    batch: Id,
    post: Annotated[str, Query(min_length=1, max_length=64)],
    pool: Annotated[str, Query(max_length=64)] | None = None,
) -> dict[str, Any]:
    """From the institution's amount to the payslip, by codes."""
    caller.need("pay.read")
    with caller.desk() as desk:
        return pay_folders.story(desk, pay.readable(desk, batch), post, pool)


@router.get(
    "/pay/{batch}/archive",
    summary="发放结果文件夹 (.zip)",
    response_class=Response,
    responses={
        200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}, "example": "PK…"}}},
        304: {"description": "没有变"},
    },
)
def archive(request: Request, caller: Caller, batch: Id) -> Response:
    """The pay folder, which `liangyun pay verify` accepts: person codes only."""
    caller.need("pay.read")
    with caller.desk() as desk:
        digest, content = pay_folders.archive(desk, pay.readable(desk, batch))
    return tagged(request, Response(content, media_type=ZIP, headers=as_file(f"pay-{batch}.zip")), digest)


def _answered(found: PayView, status: int, **headers: str) -> Response:
    """A pay batch, its version as the `ETag`."""
    return JSONResponse(found.model_dump(mode="json"), status, {"ETag": etag(found.version), **headers})
