"""`/api/v1/workdays`: days worked and days off, as they were imported over what the program knows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Query, UploadFile
from pydantic import BaseModel

from api.http.answering import Signed
from api.http.bodies import example
from api.http.handed import laid_out
from api.http.lists import Page, Part
from api.http.who import Caller
from engine.workflow import days
from engine.workflow.days import WorkdayView

_DAY = {"day": "2027-02-05", "working": False, "source": "国办发明电〔2026〕8号"}
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["schedules"])


class Imported(BaseModel):
    """How many days the table holds."""

    days: int


@router.get(
    "/workdays",
    summary="工作日表",
    responses={200: example({"items": [_DAY], "next": None})},
)
def listed(caller: Caller, part: Part, year: Annotated[int, Query(ge=1900, le=9998)]) -> Page[WorkdayView]:
    """The days of a year that were imported."""
    caller.need("schedule.read")
    with caller.desk() as desk:
        return part.whole(days.listed(desk, year))


@router.put(
    "/workdays",
    summary="导入工作日表",
    responses={200: example({"days": 33})},
    openapi_extra={"requestBody": {"content": {"multipart/form-data": {"example": {"file": "工作日.xlsx"}}}}},
)
def imported(caller: Caller, file: Annotated[UploadFile, File(description="日期、类型、来源")]) -> Imported:
    """Each day as the newest table says; terms and schedules go by it from now on."""
    caller.need("schedule.change")
    with laid_out([file]) as path, caller.desk(writes=True) as desk:
        return Imported(days=days.import_workdays(desk, path))
