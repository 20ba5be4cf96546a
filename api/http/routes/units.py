"""`/api/v1/units`: the register of units and memberships."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from pydantic import BaseModel

from api.http.answering import Signed
from api.http.bodies import example
from api.http.handed import laid_out
from api.http.lists import Page, Part
from api.http.who import Caller
from engine.workflow import units
from engine.workflow.jobs import ProblemView
from engine.workflow.units import UnitView

_UNIT = {
    "unit": "H01",
    "name": "林西县医院",
    "kind": "institution",
    "tier": "lead",
    "region": "330103",
    "ownership": "public",
    "credit_code": "",
    "managing_unit": "",
    "memberships": [{"alliance": "YGT01", "since": "2024-01-01", "until": None}],
}
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["units"])


class Imported(BaseModel):
    """How many units the tables hold, and what will be awkward about them."""

    units: int
    warnings: list[ProblemView]


@router.get("/units", summary="单位登记", responses={200: example({"items": [_UNIT], "next": None})})
def listed(caller: Caller, part: Part) -> Page[UnitView]:
    """The caller's units, by code."""
    caller.need("unit.read")
    with caller.desk() as desk:
        found = units.listed(desk, after=part.text() or "", limit=part.limit + 1)
    return part.page(found, lambda one: one.unit)


@router.put(
    "/units",
    summary="导入单位登记",
    responses={200: example({"units": 214, "warnings": []})},
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"example": {"file": ["单位.xlsx"]}}}}},
)
def imported(caller: Caller, file: Annotated[list[UploadFile], File(description="一个工作簿, 或各表")]) -> Imported:
    """Institutions, memberships and reporters, as run.md has them; nobody is left out by not being named."""
    caller.need("unit.change")
    with laid_out(file) as path, caller.desk(writes=True) as desk:
        taken = units.import_register(desk, path)
    return Imported(units=taken.units, warnings=[ProblemView(**asdict(one)) for one in taken.warnings])
