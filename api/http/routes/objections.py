"""`/api/v1/batches/{id}/objections`: against scores, and against what hangs out; each gets an answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from api.http.answering import Signed
from api.http.bodies import Body, Id, Sha, example
from api.http.lists import Page, Part
from api.http.who import Caller
from engine.workflow import objections
from engine.workflow.objections import ObjectionView, Outcome

_TEXT = Annotated[str, Field(max_length=10_000)]
_OBJECTION = {
    "id": 4,
    "kind": "score",
    "unit": "H01",
    "about": "门诊人次",
    "text": "少计了七月的数据",
    "state": "open",
    "due": "2026-11-02T16:00:00Z",
    "answer": "",
    "file": None,
    "minutes": None,
    "at": "2026-10-20T02:00:00Z",
    "answered_at": None,
}
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["batches"])


class Said(Body):
    """What a unit, or the public about it, says."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"unit": "H01", "about": "门诊人次", "text": "少计了七月的数据"}]}
    )

    unit: Annotated[str, Field(max_length=64)]
    about: Annotated[str, Field(max_length=200)] = ""
    text: _TEXT
    file: Sha | None = None


class Answered(Body):
    """The answer to it, with the minutes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"outcome": "dismissed", "answer": "已核对原始凭证", "minutes": _SHA}]}
    )

    outcome: Outcome
    answer: _TEXT
    minutes: Sha


@router.get(
    "/batches/{batch}/objections", summary="异议", responses={200: example({"items": [_OBJECTION], "next": None})}
)
def listed(caller: Caller, part: Part, batch: Id) -> Page[ObjectionView]:
    """The objections of the caller's units."""
    caller.need("batch.read")
    after = part.number() or 0
    with caller.desk() as desk:
        found = [one for one in objections.listed(desk, batch) if one.id > after]
    return part.page(found[: part.limit + 1], lambda one: one.id)


@router.post("/batches/{batch}/objections", status_code=201, summary="提出异议", responses={201: example(_OBJECTION)})
def make(caller: Caller, batch: Id, said: Said) -> ObjectionView:
    """While scores are confirmed a member's, while it hangs out anybody's, written down by whoever takes it."""
    caller.need("objection.make")
    with caller.desk(writes=True) as desk:
        return objections.object_to(desk, batch, said.unit, said.about, said.text, said.file or "")


@router.post("/batches/{batch}/objections/{objection}:answer", summary="答复异议", responses={200: example(_OBJECTION)})
def answer(caller: Caller, batch: Id, objection: Id, answered: Answered) -> ObjectionView:
    """Upheld or dismissed, by another than who made it, with the minutes."""
    caller.need("objection.answer")
    with caller.desk(writes=True) as desk:
        return objections.answer(desk, batch, objection, answered.outcome, answered.answer, answered.minutes)
