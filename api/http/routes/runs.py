"""`/api/v1/runs`: what was made of which data, its tables, its stories, its folder."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.http.answering import Signed
from api.http.bodies import Id, example
from api.http.lists import MOST, Asked, Page, Part
from api.http.versions import etag, unchanged
from api.http.who import Caller
from engine.workflow import results, runs_shown
from engine.workflow.results import MEDIA, Format, Table
from engine.workflow.runs import RunView

ZIP = "application/zip"
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_RUN = {
    "id": 21,
    "kind": "allocation",
    "period": "2026Q3",
    "plan": "linxi-2026",
    "digest": _SHA,
    "batch": 7,
    "official": True,
    "superseded_by": None,
    "corrected_by": None,
    "warnings": [],
}
_SAME: dict[int | str, dict[str, Any]] = {304: {"description": "没有变"}}
_ROW = {"unit_code": "H01", "pool": "reward", "amount": "480000.00"}
TABLE: dict[str, Any] = {
    "application/json": {"schema": {"type": "object"}, "example": {"items": [_ROW], "next": None}},
    "text/csv": {"schema": {"type": "string"}, "example": "unit_code,pool,amount\n"},
    MEDIA["xlsx"]: {"schema": {"type": "string", "format": "binary"}, "example": "PK…"},
    MEDIA["parquet"]: {"schema": {"type": "string", "format": "binary"}, "example": "PAR1…"},
}
_STORY = {"unit": "H01", "stories": [], "text": "…"}
_Code = Annotated[str, Query(max_length=64)]
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["runs"])


class Having(BaseModel):
    """Which runs are wanted; "" whichever."""

    plan: Annotated[str, Field(max_length=200)] = ""
    period: Annotated[str, Field(max_length=20)] = ""
    region: Annotated[str, Field(max_length=20)] = ""
    kind: Annotated[str, Field(max_length=20)] = ""
    official: bool | None = None


class Rows(BaseModel):
    """Which rows are wanted, and how: `format=json` in parts where a limit or cursor is given, else all of them."""

    format: Format = "json"
    unit: Annotated[str, Field(max_length=64)] = ""
    alliance: Annotated[str, Field(max_length=64)] = ""
    limit: Annotated[int | None, Field(ge=1, le=MOST, description="至多几行; 不写则全部")] = None
    cursor: Annotated[str, Field(max_length=400, description="上一页的 next")] = ""


@router.get("/runs", summary="运行结果", responses={200: example({"items": [_RUN], "next": None})})
def listed(caller: Caller, part: Part, having: Annotated[Having, Query()]) -> Page[RunView]:
    """Newest first."""
    caller.need("run.read")
    with caller.desk() as desk:
        found = runs_shown.listed(desk, below=part.number(), limit=part.limit + 1, **having.model_dump())
    return part.page(found, lambda one: one.id)


@router.get("/runs/{run}", summary="一次运行", response_model=RunView, responses={200: example(_RUN), **_SAME})
def one(request: Request, caller: Caller, run: Id) -> Response:
    """Which data and policies, and what came after it; the hash of the answer is its `ETag`."""
    caller.need("run.read")
    with caller.desk() as desk:
        answer = JSONResponse(runs_shown.shown(desk, run).model_dump(mode="json"))
    return tagged(request, answer, sha256(bytes(answer.body)).hexdigest())


@router.get("/runs/{run}/explain", summary="来龙去脉", responses={200: example(_STORY)})
def explain(
    caller: Caller,
    run: Id,
    unit: Annotated[str, Query(min_length=1, max_length=64)],
    pool: _Code | None = None,
    indicator: _Code | None = None,
) -> dict[str, Any]:
    """The story of a unit's numbers, from the cell that was filled in to the amount; of other units only sums."""
    caller.need("run.read")
    with caller.desk() as desk:
        return results.story(desk, run, unit, pool=pool, indicator=indicator)


@router.get(
    "/runs/{run}/archive",
    summary="结果文件夹 (.zip)",
    response_class=Response,
    responses={200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}, "example": "PK…"}}}, **_SAME},
)
def archive(request: Request, caller: Caller, run: Id) -> Response:
    """The run folder, which `liangyun verify` accepts; for who sees all of it."""
    caller.need("run.read")
    with caller.desk() as desk:
        digest, content = runs_shown.shown(desk, run).digest, results.archive(desk, run)
    return tagged(request, Response(content, media_type=ZIP, headers=as_file(f"run-{run}.zip")), digest)


@router.get(
    "/runs/{run}/{table}",
    summary="一张结果表",
    response_class=Response,
    responses={200: {"content": TABLE}, **_SAME},
)
def table(request: Request, caller: Caller, run: Id, table: str, rows: Annotated[Rows, Query()]) -> Response:
    """The caller's rows; csv is byte for byte the run folder's file where the caller sees all."""
    caller.need("run.read")
    with caller.desk() as desk:
        found = results.table(desk, run, table, unit=rows.unit, alliance=rows.alliance)
    return table_answer(request, found, rows)


def table_answer(request: Request, found: Table, rows: Rows) -> Response:
    """A table in the format that is wanted, its digest as the `ETag`."""
    tag, kind = etag(found.digest), rows.format
    same = unchanged(request, tag)
    if same is not None:
        return same
    headers = {"ETag": tag} | ({} if kind == "json" else as_file(f"{found.name}.{kind}"))
    if kind == "json":
        return JSONResponse(_part(found, rows).model_dump(), headers=headers)
    return Response(results.written(found, kind), media_type=MEDIA[kind], headers=headers)


def _part(found: Table, rows: Rows) -> Page[dict[str, str]]:
    """The rows that are wanted."""
    limit = rows.limit or (MOST if rows.cursor else max(len(found.rows), 1))
    page = Asked(rows.cursor, limit).whole(found.rows)
    return Page(items=[dict(zip(found.columns, row, strict=True)) for row in page.items], next=page.next)


def tagged(request: Request, answer: Response, digest: str) -> Response:
    """The answer with the digest as its `ETag`, or 304."""
    answer.headers["ETag"] = etag(digest)
    return unchanged(request, etag(digest)) or answer


def as_file(name: str) -> dict[str, str]:
    """The header of a download."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}
