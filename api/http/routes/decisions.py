"""`/api/v1/batches/{id}/gates`, `/signed`, `/checks/{n}:answer`, `/confirmations`: what is said beside the steps."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from api.http.answering import Signed
from api.http.bodies import Body, Id, Sha, example
from api.http.lists import Page, Part
from api.http.routes.batches import ANSWER, answered
from api.http.versions import seen_version
from api.http.who import Caller
from engine.workflow import batches, confirmations, decisions
from engine.workflow.batches import BatchView
from engine.workflow.confirmations import MemberView
from engine.workflow.decisions import FindingView, SignedGiven

_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_TEXT = Annotated[str, Field(max_length=2000)]
_PAPER: dict[str, Any] = {
    "requestBody": {
        "content": {
            "application/json": {
                "example": {
                    "sheet": "审批表",
                    "file": _SHA,
                    "signer": "zhang",
                    "dated": "2026-10-21",
                    "digest": _SHA,
                }
            }
        }
    }
}
_FINDING = {
    "n": 2,
    "cell": "H01-2026Q3.xlsx 事实!D7",
    "unit": "H01",
    "what": "outreach_visits",
    "value": "52000",
    "expected": "31000",
    "rule": "jump",
    "severity": "confirm",
    "answer": "",
    "reason": "",
    "file": None,
}
router = APIRouter(prefix="/api/v1", route_class=Signed, tags=["batches"])


class GateGiven(Body):
    """The document of a gate."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "集体决策", "file": _SHA, "doc_no": "卫健〔2026〕12号", "dated": "2026-10-20"}]
        }
    )

    kind: Annotated[str, Field(max_length=64)]
    file: Sha
    doc_no: Annotated[str, Field(max_length=200)]
    dated: date


class GateView(BaseModel):
    """A gate that was answered."""

    id: int
    kind: str
    file: str
    doc_no: str
    dated: date


class Reason(Body):
    """Why a finding is as it is; file: what shows it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "新院区七月启用, 病床增加"}]})

    reason: _TEXT
    file: Sha | None = None


class ReasonView(BaseModel):
    """A finding that was answered."""

    n: int
    reason: str
    file: str | None


class Word(Body):
    """A member's word on the scores whose digest it saw; file: the scan of its sealed form."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"unit": "H01", "digest": _SHA}]})

    unit: Annotated[str, Field(max_length=64)]
    digest: Sha
    file: Sha | None = None


class WordView(BaseModel):
    """A confirmation."""

    id: int
    unit: str
    digest: str
    file: str | None


@router.post(
    "/batches/{batch}/gates",
    status_code=201,
    summary="前置手续",
    responses={
        201: example({"id": 3, "kind": "集体决策", "file": _SHA, "doc_no": "卫健〔2026〕12号", "dated": "2026-10-20"})
    },
)
def gate(caller: Caller, batch: Id, given: GateGiven) -> GateView:
    """The document that a gate of the plan asks for, with number and date."""
    caller.need("gate.answer")
    with caller.desk(writes=True) as desk:
        said = decisions.show_gate(desk, batch, given.kind, given.file, given.doc_no, given.dated)
    return GateView.model_validate(said)


@router.post(
    "/batches/{batch}/signed",
    summary="签字件",
    response_model=BatchView,
    responses={200: ANSWER, 412: {}},
    openapi_extra=_PAPER,
)
def signed(request: Request, caller: Caller, batch: Id, paper: SignedGiven) -> Response:
    """The scan of a signed sheet is its signer's hand: the review or approval that is next, if the plan has it.

    Its digest says what was signed; `If-Match` may say beside it which version was seen.
    """
    caller.need("sheet.sign")
    version = seen_version(request) if "if-match" in request.headers else None
    with caller.desk(writes=True) as desk:
        row = decisions.sign_on_paper(desk, batch, paper, version=version)
        return answered(batches.view(desk, row), 200)


@router.get(
    "/batches/{batch}/checks",
    summary="核对结果",
    responses={200: example({"items": [_FINDING], "next": None})},
)
def checks(caller: Caller, part: Part, batch: Id) -> Page[FindingView]:
    """What the checks of the data found about the caller's units; `confirm` ones need a reason before the lock."""
    caller.need("submission.read")
    after = part.number() or 0
    with caller.desk() as desk:
        found = [one for one in decisions.findings(desk, batch) if one.n > after]
    return part.page(found[: part.limit + 1], lambda one: one.n)


@router.post(
    "/batches/{batch}/checks/{n}:answer",
    summary="答复一条核查发现",
    responses={200: example({"n": 2, "reason": "新院区七月启用, 病床增加", "file": None})},
)
def answer(caller: Caller, batch: Id, n: Id, given: Reason) -> ReasonView:
    """The reason for a plausibility finding, without touching a fact."""
    caller.need("check.answer")
    with caller.desk(writes=True) as desk:
        said = decisions.answer_finding(desk, batch, n, given.reason, given.file or "")
    return ReasonView.model_validate(said)


@router.get(
    "/batches/{batch}/confirmations",
    summary="成员确认情况",
    responses={200: example({"items": [{"unit": "H01", "digest": _SHA, "confirmed": False}], "next": None})},
)
def words(caller: Caller, part: Part, batch: Id) -> Page[MemberView]:
    """The caller's member units: the digest of their scores as they are now, and whether it was confirmed."""
    caller.need("batch.read")
    with caller.desk() as desk:
        found = confirmations.listed(desk, batch)
    return part.cut(found, lambda one: one.unit)


@router.post(
    "/batches/{batch}/confirmations",
    status_code=201,
    summary="确认得分",
    responses={201: example({"id": 5, "unit": "H01", "digest": _SHA, "file": None})},
)
def word(caller: Caller, batch: Id, given: Word) -> WordView:
    """A member's word on its scores; a data checker uploads the scan of its sealed form with it."""
    caller.need("confirmation.make")
    with caller.desk(writes=True) as desk:
        said = decisions.confirm(desk, batch, given.unit, given.digest, given.file or "")
    return WordView.model_validate(said)
