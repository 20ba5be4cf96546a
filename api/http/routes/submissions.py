"""`/api/v1/batches/{id}/template`, `/submissions`: the workbook to fill in, what comes back, and who accepts it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.http.answering import Signed
from api.http.bodies import Body, Id, example, look_through
from api.http.lists import Page, Part
from api.http.problems import wrong
from api.http.settings import HttpSettings
from api.http.who import Caller
from engine.read.uploads import Upload
from engine.workflow import submissions
from engine.workflow.desks import said_plainly
from engine.workflow.results import MEDIA
from engine.workflow.submissions import SubmissionView
from engine.workflow.submitted import Edit

FILES = 20
"""Files of one submission: run.md has fewer tables."""
_FORM, _JSON = "multipart/form-data", "application/json"
_ASSIGNMENT = r"^(\*|[0-9]{1,18})$"
_REASON = 2_000
_PROBLEM = {
    "where": "H01-2026Q3.xlsx 事实!D7",
    "code": "VALUE",
    "message": "不是数",
    "remedy": "只写数字",
}
_SUBMISSION: dict[str, Any] = {
    "id": 41,
    "batch": 7,
    "assignment": 31,
    "filer": "H01",
    "number": 1,
    "state": "faulty",
    "via": "api",
    "at": "2026-10-12T02:00:00Z",
    "reason": "",
    "returned_reason": "",
    "files": [{"sha": "9f86…", "name": "H01-2026Q3.xlsx"}],
    "problems": [_PROBLEM],
    "findings": [],
}
_ANSWER = example(_SUBMISSION)
_ACCEPTED = example({**_SUBMISSION, "state": "accepted", "problems": []})
_FACT = {"period": "2026Q3", "unit_code": "H01", "metric": "outreach_visits", "value": "31000"}
_TEXT: dict[str, Any] = {"type": "string"}
_ROWS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
_SENT: dict[str, Any] = {
    _FORM: {
        "schema": {
            "type": "object",
            "properties": {
                "file": {
                    "type": "array",
                    "items": {"type": "string", "format": "binary"},
                    "minItems": 1,
                    "maxItems": FILES,
                    "description": "一份 .xlsx 或 .xls, 或各表的 CSV、Parquet",
                },
                "assignment": {**_TEXT, "pattern": _ASSIGNMENT, "description": "填报任务的编号, 或 *"},
                "reason": {**_TEXT, "maxLength": _REASON},
                "replace": {"type": "boolean"},
            },
            "required": ["file", "assignment"],
        },
        "example": {"assignment": "31", "file": ["H01-2026Q3.xlsx"]},
    },
    _JSON: {
        "schema": {
            "type": "object",
            "properties": {
                "assignment": {"oneOf": [{"type": "integer", "minimum": 1}, {**_TEXT, "pattern": _ASSIGNMENT}]},
                "reason": {**_TEXT, "maxLength": _REASON},
                "replace": {"type": "boolean"},
                "facts": _ROWS,
                "money": _ROWS,
            },
            "required": ["assignment"],
            "additionalProperties": _ROWS,
        },
        "example": {"assignment": 31, "facts": [_FACT]},
    },
}


class Cell(Body):
    """One cell as it is to be. value: "" for nothing; place: which, where several are alike; note: the remark."""

    table: Literal["facts", "money"]
    unit: Annotated[str, Field(max_length=64)]
    period: Annotated[str, Field(max_length=20)]
    code: Annotated[str, Field(max_length=100)]
    value: Annotated[str, Field(max_length=1_000)]
    document: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=2_000)] | None = None
    place: Annotated[str, Field(max_length=1_000)] = ""


_CELL: dict[str, Any] = {
    "table": "facts",
    "unit": "H01",
    "period": "2026Q3",
    "code": "outreach_visits",
    "value": "31200",
}


class Corrected(Body):
    """Single cells corrected, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cells": [_CELL], "reason": "抄录错误"}]})

    cells: Annotated[list[Cell], Field(min_length=1, max_length=1_000)]
    reason: Annotated[str, Field(max_length=_REASON)] = ""


class Returned(Body):
    """Why it goes back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "七月的数与上月相同, 请核对"}]})

    reason: Annotated[str, Field(max_length=_REASON)]


class HandedIn(Signed):
    """Tables as JSON may be as long as files."""

    def most(self, request: Request) -> int:
        """How many bytes a body may have."""
        settings: HttpSettings = request.app.state.settings
        return settings.upload_bytes


router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["submissions"])
handing = APIRouter(prefix="/api/v1", route_class=HandedIn, tags=["submissions"])


@router.get(
    "/batches/{batch}/template",
    summary="填报工作簿 (.xlsx)",
    response_class=Response,
    responses={200: {"content": {MEDIA["xlsx"]: {"schema": {**_TEXT, "format": "binary"}, "example": "PK…"}}}},
)
def template(
    caller: Caller,
    batch: Id,
    assignment: Annotated[str, Query(pattern=_ASSIGNMENT, description="填报任务的编号, 或 *")],
) -> Response:
    """The workbook to fill in for an assignment; `*`: for everything."""
    caller.need("submission.read")
    with caller.desk() as desk:
        name, content = submissions.template(desk, batch, assignment)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=MEDIA["xlsx"], headers=headers)


@handing.post(
    "/batches/{batch}/submissions",
    status_code=201,
    summary="提交填报",
    response_model=SubmissionView,
    responses={201: _ANSWER},
    openapi_extra={"requestBody": {"required": True, "content": _SENT}},
)
async def submit(request: Request, caller: Caller, batch: Id) -> Response:
    """Files or tables as JSON: `checked`, or `faulty` with every problem at its cell. Nothing is accepted by this."""
    caller.need("submission.make")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _FORM:
        async with request.form(max_files=FILES, max_fields=10) as form:
            given, files = _form(form), [Upload(one.filename or "", await one.read()) for one in _files(form)]
    else:
        given, files = _tables(await request.body())
    made = await run_in_threadpool(_hand_in, caller, batch, given, files)
    location = {"Location": f"/api/v1/submissions/{made.id}"}
    return JSONResponse(made.model_dump(mode="json"), 201, location)


@router.get(
    "/batches/{batch}/submissions",
    summary="已交的填报",
    responses={200: example({"items": [_SUBMISSION], "next": None})},
)
def listed(caller: Caller, part: Part, batch: Id) -> Page[SubmissionView]:
    """Of the caller's units, newest first, with their problems."""
    caller.need("submission.read")
    below = part.number()
    with caller.desk() as desk:
        found = [one for one in submissions.listed(desk, batch) if below is None or one.id < below]
    return part.page(found[: part.limit + 1], lambda one: one.id)


@router.get("/submissions/{submission}", summary="一份填报", responses={200: _ANSWER})
def one(caller: Caller, submission: Id) -> SubmissionView:
    """With its problems."""
    caller.need("submission.read")
    with caller.desk() as desk:
        return submissions.shown(desk, submission)


@router.post("/submissions/{submission}:accept", summary="接收", responses={200: _ACCEPTED})
def accept(caller: Caller, submission: Id) -> SubmissionView:
    """By another than who handed it in; what was accepted before is superseded."""
    caller.need("submission.accept")
    with caller.desk(writes=True) as desk:
        return submissions.accept(desk, submission)


@router.post("/submissions/{submission}:return", summary="退回", responses={200: _ANSWER})
def send_back(caller: Caller, submission: Id, returned: Returned) -> SubmissionView:
    """With the reason; the filer is told."""
    caller.need("submission.return")
    with caller.desk(writes=True) as desk:
        return submissions.return_(desk, submission, returned.reason)


@router.post("/submissions/{submission}:correct", status_code=201, summary="逐格更正", responses={201: _ANSWER})
def correct(caller: Caller, submission: Id, corrected: Corrected) -> SubmissionView:
    """A new submission: this one with single cells corrected, each with who, when and what stood there."""
    caller.need("submission.make")
    edits = [Edit(**cell.model_dump()) for cell in corrected.cells]
    with caller.desk(writes=True) as desk:
        return submissions.correct(desk, submission, edits, via="api", reason=corrected.reason)


class _Given(Body):
    """What is said beside the tables."""

    assignment: Annotated[str, Field(pattern=_ASSIGNMENT)]
    reason: Annotated[str, Field(max_length=_REASON)] = ""
    replace: bool = False


def _hand_in(caller: Caller, batch: int, given: _Given, files: Sequence[Upload]) -> SubmissionView:
    with said_plainly():
        return submissions.hand_in(
            caller.store, caller.actor, batch, given.assignment, files, via="api", reason=given.reason,
            replace=given.replace,
        )  # fmt: skip


def _files(form: FormData) -> list[UploadFile]:
    found = [one for one in form.getlist("file") if isinstance(one, UploadFile)]
    if not found:
        raise wrong(422, "MISSING", "没有文件", "字段 file 放填好的工作簿或各表的 CSV", where="$.file")
    return found


def _form(form: FormData) -> _Given:
    return _said({name: value for name, value in form.multi_items() if name != "file"})


def _tables(body: bytes) -> tuple[_Given, list[Upload]]:
    """What is said, and the tables as a file of JSON, numbers as they were written."""
    try:
        sent = json.loads(body, parse_float=str, parse_int=str, object_pairs_hook=_once)
        look_through(sent)
    except (ValueError, RecursionError) as error:
        raise wrong(422, "NOT-JSON", "不是完整的 JSON, 或有重复的键", "核对引号、逗号和括号", where="$") from error
    if not isinstance(sent, dict):
        raise wrong(422, "NOT-JSON", "不是对象", '写成 {"assignment": 31, "facts": [...]}', where="$")
    given = {name: sent.pop(name) for name in _Given.model_fields if name in sent}
    return _said(given), [Upload("提交.json", json.dumps(sent, ensure_ascii=False).encode())]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def _said(given: dict[str, Any]) -> _Given:
    """Raises RequestValidationError, as FastAPI does for a body that it reads itself."""
    try:
        return _Given.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error
