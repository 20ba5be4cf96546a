"""`/api/v1/pay/{id}/exports` and what comes back: files for people, banks and tax, the bank's answers; the tables."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from api.http.answering import Signed
from api.http.bodies import Body, Id, example
from api.http.lists import Page, Part
from api.http.routes.runs import TABLE, Rows, table_answer
from api.http.who import Caller
from engine.workflow import pay, pay_exports, pay_folders, pay_results, pay_templates
from engine.workflow.pay_exports import ExportView, Made
from engine.workflow.pay_results import AnswerView, SlipSaid
from engine.workflow.results import MEDIA

Kind = Literal["sheet", "slips", "public", "taxform", "treasury", "audit"]
Number = Annotated[str, Field(min_length=1, max_length=100)]
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_EXPORT = {
    "kind": "bank",
    "batch_no": "B001",
    "sha": _SHA,
    "by": "payer",
    "at": "2026-10-20T02:00:00Z",
    "voided_reason": "",
}
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}, "example": "PK…"}
_FILE: dict[str, Any] = {
    "content": dict.fromkeys((MEDIA["xlsx"], pay_exports.PDF, pay_exports.PLAIN, pay_exports.ZIP), _BINARY)
}
_ANSWER = {
    "batch_no": "B001",
    "ok": 32,
    "failed": 1,
    "returned": 0,
    "repay": {"batch_no": "B001-R1", "lines": 1, "amount": "7410.00"},
}
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["pay"])


class NoKeep(Signed):
    """What holds people's names is not kept as the answer to an `Idempotency-Key`: it is made again, the same."""

    stores = False


files = APIRouter(prefix="/api/v1", route_class=NoKeep, tags=["pay"])


class Banking(Body):
    """batch_no: of batches; bank: the format; given: what the format asks for, such as agreement and purpose codes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"batch_no": "B001", "bank": "example-xlsx"}]})

    batch_no: Number
    bank: Annotated[str, Field(min_length=1, max_length=100)]
    given: dict[str, Annotated[str, Field(max_length=200)]] = Field(default_factory=dict)


class Voiding(Body):
    """Why a batch that was exported never reached the bank."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"batch_no": "B001", "reason": "银行系统停机, 未收"}]})

    batch_no: Number
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class Voided(Body):
    """The number that the batch gets."""

    batch_no: str


class Said(Body):
    """The payer's word on payslips that no bank answers for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "slips": [
                        {
                            "payer": "H01",
                            "person_code": "N07",
                            "kind": "wages",
                            "state": "held",
                            "reason": "个税数据未到",
                        }
                    ]
                }
            ]
        }
    )

    slips: Annotated[list[SlipSaid], Field(min_length=1, max_length=10_000)]


class Filled(Body):
    """carry: with roster, posts and accounts of the institution's last payment, not a blank form."""

    carry: bool = False


class Audited(Body):
    """year: all that the institution paid in that year, not this batch alone; person: of whom the year is told."""

    year: bool = False
    person: Annotated[str, Field(max_length=64)] = ""


class Changed(Body):
    """The cells that differ, each with what stands there and what should."""

    changed: list[dict[str, str]]


class Counted(Body):
    """How many were taken in."""

    slips: int


@router.get("/pay/{batch}/exports", summary="导出登记", responses={200: example({"items": [_EXPORT], "next": None})})
def listed(caller: Caller, batch: Id, part: Part) -> Page[ExportView]:
    """What left of the batch, when, and by whom."""
    caller.need("pay.read")
    with caller.desk() as desk:
        return part.whole(pay_exports.listed(desk, batch))


@router.get(
    "/pay/{batch}/template",
    summary="人员工作簿的模板",
    response_class=Response,
    responses={200: {"content": {MEDIA["xlsx"]: _BINARY}}},
)
def template(caller: Caller, batch: Id, filled: Annotated[Filled, Query()]) -> Response:
    """To fill in; carry: with roster, posts, accounts of the last payment and what was paid since, to be checked."""
    caller.need("pay.work")
    if filled.carry:
        caller.need("pay.reveal")
    with caller.desk(writes=filled.carry) as desk:
        made = pay_templates.template(desk, batch, carried=filled.carry)
    return _file(made)


@files.post(
    "/pay/{batch}/exports/sheet:check",
    summary="核对发放表",
    responses={200: example({"changed": []})},
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"example": {"file": "发放表.xlsx"}}}}},
)
def check(caller: Caller, batch: Id, file: Annotated[UploadFile, File()]) -> Changed:
    """Whether somebody changed a workbook of the sheets: every cell that is not what the payment says."""
    caller.need("pay.reveal")
    content = file.file.read()
    with caller.desk(writes=True) as desk:
        found = pay_exports.changed(desk, batch, file.filename or "", content)
    return Changed(changed=[one.as_json() for one in found])


@files.get("/pay/{batch}/exports/{kind}", summary="导出", response_class=Response, responses={200: _FILE})
def export(caller: Caller, batch: Id, kind: Kind, of: Annotated[Audited, Query()]) -> Response:
    """People's names for who may reveal them (audit: codes); recorded before the bytes leave.

    The query is of `audit` alone.
    """
    caller.need("pay.read" if kind == pay_exports.AUDIT else "pay.reveal")
    with caller.desk() as desk:
        made = pay_exports.made(desk, batch, kind, person=of.person, year=of.year)
    with caller.desk(writes=True) as desk:
        pay_exports.leave(desk, batch, made)
    return _file(made)


@files.post("/pay/{batch}/exports/bank", summary="导出代发批次", response_class=Response, responses={200: _FILE})
def bank(caller: Caller, batch: Id, banking: Banking) -> Response:
    """Once; the same bytes again are no second export, others are refused unless the batch was voided."""
    caller.need("pay.reveal")
    with caller.desk(writes=True) as desk:
        made = pay_exports.bank(desk, batch, banking.batch_no, banking.bank, banking.given)
    return _file(made)


@router.post("/pay/{batch}/exports/bank:void", summary="作废代发批次", responses={200: example({"batch_no": "B001-2"})})
def void(caller: Caller, batch: Id, voiding: Voiding) -> Voided:
    """Before the bank has taken it; the batch gets a new number."""
    caller.need("pay.reveal")
    with caller.desk(writes=True) as desk:
        return Voided(batch_no=pay_exports.void_batch(desk, batch, voiding.batch_no, voiding.reason))


@router.post(
    "/pay/{batch}/results",
    status_code=201,
    summary="银行结果",
    responses={201: example(_ANSWER)},
    openapi_extra={
        "requestBody": {"content": {"multipart/form-data": {"example": {"file": "结果.xlsx", "batch_no": "B001"}}}}
    },
)
def results(
    caller: Caller, batch: Id, file: Annotated[UploadFile, File()], batch_no: Annotated[str, Form(max_length=100)] = ""
) -> AnswerView:
    """What failed or came back goes into a repay batch: the same persons, amounts and source.

    batch_no: under which it was exported.
    """
    caller.need("pay.told")
    content = file.file.read()
    with caller.desk(writes=True) as desk:
        return pay_results.take_back(desk, batch, batch_no, file.filename or "", content)


@router.post("/pay/{batch}/payments", summary="登记付款", responses={200: example({"slips": 1})})
def said(caller: Caller, batch: Id, said: Said) -> Counted:
    """paid, returned or held, with voucher and date or the reason; all of it or nothing."""
    caller.need("pay.told")
    with caller.desk(writes=True) as desk:
        return Counted(slips=pay_results.say(desk, batch, said.slips))


@router.get(
    "/pay/{batch}/{table}",
    summary="一张发放表",
    response_class=Response,
    responses={200: {"content": TABLE}, 304: {"description": "没有变"}},
)
def table(request: Request, caller: Caller, batch: Id, table: str, rows: Annotated[Rows, Query()]) -> Response:
    """units, teams, lines, payslips, tax, quota, batches, …: person codes; csv is byte for byte the folder's file."""
    caller.need("pay.read")
    with caller.desk() as desk:
        found = pay_folders.table(desk, pay.readable(desk, batch), table)
    return table_answer(request, found, rows)


def _file(made: Made) -> Response:
    name = f"attachment; filename*=UTF-8''{quote(made.name)}"
    return Response(
        made.content, media_type=made.media, headers={"Content-Disposition": name, "Cache-Control": "no-store"}
    )
