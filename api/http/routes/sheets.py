"""`/api/v1/batches/{id}/sheets/{sheet}`: what is printed of a batch: the sheet to sign, the one for the public."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path
from starlette.responses import Response

from api.http.answering import Signed
from api.http.bodies import Id
from api.http.who import Caller
from engine.workflow.sheets import SHEETS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Sheet = Annotated[Literal["approval", "public"], Path(description="审批单, 公示表", examples=["approval"])]
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["batches"])


@router.get(
    "/batches/{batch}/sheets/{sheet}",
    summary="审批单、公示表 (.xlsx)",
    response_class=Response,
    responses={200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}, "example": "PK…"}}}},
)
def printed(caller: Caller, batch: Id, sheet: Sheet) -> Response:
    """The sheet to sign from `submit` on, with digest and anchor; the public one once it is approved.

    Once it was posted, the public one is there for everybody whom the batch covers.
    """
    caller.need("posting.read" if sheet == "public" else "sheet.read")
    with caller.desk(writes=True) as desk:
        name, content = SHEETS[sheet](desk, batch)
    given = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=XLSX, headers={"Content-Disposition": given})
