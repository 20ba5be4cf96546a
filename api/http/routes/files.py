"""`/api/v1/files`: what gates, objections, confirmations and signed sheets name by its sha256."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Path, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from api.http.answering import Signed
from api.http.bodies import example
from api.http.who import Caller
from engine.workflow import uploads

_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["files"])


class FileView(BaseModel):
    """A file of the store; size in bytes."""

    sha: str
    name: str
    size: int


@router.post(
    "/files",
    status_code=201,
    summary="上传文件",
    responses={201: example({"sha": _SHA, "name": "决议.pdf", "size": 51234})},
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"example": {"file": "决议.pdf"}}}}},
)
def add(caller: Caller, file: Annotated[UploadFile, File()]) -> FileView:
    """Kept under the sha256 of its content; the same content again is the same file."""
    caller.need("file.add")
    content = file.file.read()
    with caller.desk(writes=True) as desk:
        region, unit = uploads.place_of(desk.actor)
        kept = uploads.keep(desk, file.filename or "", content, file.content_type or "", region=region, unit=unit)
    return FileView(sha=kept.sha, name=kept.name, size=kept.size)


@router.get(
    "/files/{sha}",
    summary="下载文件",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string"}, "example": "%PDF-…"}}}},
)
def content(caller: Caller, sha: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Response:
    """Its bytes, always as a download: no browser opens what somebody uploaded."""
    caller.need("file.read")
    with caller.desk() as desk:
        row, held = uploads.content(desk, sha)
    name = f"attachment; filename*=UTF-8''{quote(row.name)}"
    return Response(held, media_type="application/octet-stream", headers={"Content-Disposition": name})
