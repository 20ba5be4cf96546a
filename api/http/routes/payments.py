"""`/api/v1/batches/{id}/payments`, `/dossier`: every line with its voucher; all evidence of a batch."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.http.answering import Signed
from api.http.bodies import Body, Id, example
from api.http.lists import Page, Part
from api.http.who import Caller
from engine.workflow import backups, dossier, payments
from engine.workflow.payments import LineGiven, LineView

_GIVEN: dict[str, Any] = {
    "alliance": "YGT01",
    "pool": "reward",
    "unit": "H01",
    "amount": "480000.00",
    "state": "ordered",
    "voucher": "2026-10-0031",
    "date": "2026-10-30",
    "reason": "",
}
_LINE = {**_GIVEN, "payer": "医保"}
ZIP = "application/zip"
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["batches"])


class Since(Body):
    """What the payer found out of the time since the backup; empty lists nothing and is refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"said": "备份之后没有付款指令"}]})

    said: Annotated[str, Field(min_length=1, max_length=2000)]


class Lines(Body):
    """What was ordered, paid, returned or held; all of it or nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lines": [_GIVEN]}]})

    lines: Annotated[list[LineGiven], Field(min_length=1, max_length=100_000)]


class Restored(BaseModel):
    """The batch, which goes on."""

    id: int
    restored: bool


@router.get("/batches/{batch}/payments", summary="付款登记", responses={200: example({"items": [_LINE], "next": None})})
def listed(caller: Caller, part: Part, batch: Id) -> Page[LineView]:
    """Every line that is the caller's, with what was last said of it."""
    caller.need("payment.read")
    with caller.desk() as desk:
        found = payments.listed(desk, batch)
    return part.cut(found, lambda one: f"{one.alliance}/{one.pool}/{one.unit}")


@router.post(
    "/batches/{batch}/payments", summary="登记付款", responses={200: example({"items": [_LINE], "next": None})}
)
def record(caller: Caller, batch: Id, lines: Lines) -> Page[LineView]:
    """An amount must be the line's, to the fen; every line that is wrong is told."""
    caller.need("payment.write")
    with caller.desk(writes=True) as desk:
        return Page(items=payments.record(desk, batch, lines.lines), next=None)


@router.post(
    "/batches/{batch}/restored", summary="恢复备份后核对付款", responses={200: example({"id": 1, "restored": False})}
)
def restored(caller: Caller, batch: Id, since: Since) -> Restored:
    """After a restore nothing of the batch goes on until the payer has said what was ordered since the backup."""
    caller.need("payment.write")
    with caller.desk(writes=True) as desk:
        backups.acknowledge_restored(desk, batch, since.said)
    return Restored(id=batch, restored=False)


@router.get(
    "/batches/{batch}/dossier",
    summary="全部凭据 (.zip)",
    response_class=Response,
    responses={200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}, "example": "PK…"}}}},
)
def evidence(caller: Caller, batch: Id) -> Response:
    """All evidence with an index of hashes, for the file that is kept thirty years; for who sees the batch whole."""
    caller.need("dossier.read")
    with caller.desk(writes=True) as desk:
        content = dossier.dossier(desk, batch)
    name = f'attachment; filename="batch-{batch}.zip"'
    return Response(content, media_type=ZIP, headers={"Content-Disposition": name})
