"""What is said beside the steps: gates, signed sheets, answers to findings, confirmations."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from engine.storage.audit import Record
from engine.storage.desk import Actor, Desk
from engine.storage.query import false
from engine.storage.tables.decisions import Answer, Confirmation, Gate, Signed
from engine.storage.tables.people import User
from engine.storage.tables.period import Batch
from engine.workflow import collected, hands, people, runs, uploads
from engine.workflow.calendar import shanghai_day
from engine.workflow.cases import Case, Given
from engine.workflow.notices import tell
from engine.workflow.refusals import Guard, NotAllowed, NotThere, Unmet
from engine.workflow.roles import require
from engine.workflow.steps import batch_of, take


def show_gate(desk: Desk, number: int, kind: str, file: str, doc_no: str, dated: date) -> dict[str, Any]:
    """Show the document of a gate. Raises Unmet (GATE-UNKNOWN, FILE-NONE, DATED-LATER)."""
    batch = _prepared(desk, number, "gate.answer")
    known = {gate.kind for gate in Case(desk, batch).plan.gates}
    if kind not in known:
        raise Unmet([Guard("GATE-UNKNOWN", f"方案没有前置手续 {kind}, 有: {'、'.join(sorted(known)) or '无'}")])
    if not doc_no.strip():
        raise Unmet([Guard("DOC-NO", "写明文号 (doc_no)")])
    if dated > shanghai_day(desk.now):
        raise Unmet([Guard("DATED-LATER", "文件日期还没有到")])
    row = desk.add(
        Gate(
            batch=batch.id or 0, kind=kind, file=uploads.needed(desk, file), doc_no=doc_no, dated=dated,
            by=desk.actor.user, at=desk.now,
        )
    )  # fmt: skip
    _noted(desk, batch, "gate", {"kind": kind, "file": file, "doc_no": doc_no, "dated": str(dated)})
    return {"id": row.id, "kind": kind, "file": file, "doc_no": doc_no, "dated": str(dated)}


class FindingView(BaseModel):
    """A finding of the checks of the data, and the reason that was given for it ("" none)."""

    model_config = ConfigDict(frozen=True)

    n: int
    cell: str
    unit: str
    what: str
    value: str
    expected: str
    rule: str
    severity: str
    answer: str
    reason: str
    file: str | None


def findings(desk: Desk, number: int) -> list[FindingView]:
    """The findings of a batch about the caller's units. Raises NotThere, NotAllowed."""
    batch = batch_of(desk, number)
    require(desk.actor, "submission.read")
    given = {one.finding: one for one in desk.rows(Answer, Answer.batch == batch.id)}
    found: list[FindingView] = []
    for one in collected.findings(desk, batch, Case(desk, batch).period):
        said = given.get(one.digest)
        if desk.actor.scope.sees(batch.region, one.unit or batch.unit):
            more = {"reason": said.reason if said else "", "file": said.file if said else None}
            found.append(FindingView.model_validate(asdict(one) | more))
    return found


_DECIDED = frozenset({"reviewing", "approved", "disclosed"})
"""Where what was answered is what is decided on."""


def answer_finding(desk: Desk, number: int, n: int, reason: str, file: str = "") -> dict[str, Any]:
    """Give the reason for a finding, without touching a fact. Raises NotThere, Unmet (REASON, FILE-NONE)."""
    batch = _prepared(desk, number, "check.answer")
    if batch.state in _DECIDED:
        raise Unmet([Guard("STATE", "报审后不再改核对结果的理由: 退回后再写")])
    case = Case(desk, batch)
    found = next((one for one in collected.findings(desk, batch, case.period) if one.n == n), None)
    if found is None:
        raise NotThere
    if not reason.strip():
        raise Unmet([Guard("REASON", "写明理由 (reason)")])
    row = desk.first(Answer, Answer.batch == batch.id, Answer.finding == found.digest)
    row = row or Answer(batch=batch.id or 0, finding=found.digest, at=desk.now)
    row.reason, row.by, row.at = reason, desk.actor.user, desk.now
    row.file = uploads.needed(desk, file) if file else None
    desk.add(row)
    _noted(desk, batch, "answer", {"n": n, "finding": found.digest, "reason": reason})
    return {"n": n, "reason": reason, "file": row.file}


def confirm(desk: Desk, number: int, unit: str, digest: str, file: str = "") -> dict[str, Any]:
    """A member's word on its scores as they are now; or, by a data checker, the scan of its sealed form.

    Raises NotThere, NotAllowed, Unmet (STATE, DIGEST, FILE-NONE).
    """
    batch = batch_of(desk, number, lock=True)
    actor = desk.actor
    own = actor.may(frozenset({"unit_viewer"}), batch.region, unit)
    scan = bool(file) and actor.may(frozenset({"data_checker"}), batch.region, unit)
    if not (own or scan):
        if actor.may(frozenset({"data_checker"}), batch.region, unit):
            raise Unmet([Guard("FILE", "代录确认须上传盖章的扫描件 (file)")])
        if actor.scope.sees(batch.region, unit):
            raise NotAllowed("ROLE", "确认得分须有单位查看角色, 或由数据审核上传盖章扫描件")
        raise NotThere
    if batch.state != "confirming":
        raise Unmet([Guard("STATE", "得分公布后、确认前才能办理")])
    with desk.beyond():
        wanted = runs.members(desk, batch).get(unit)
    if wanted is None:
        raise NotThere
    if digest != wanted:
        raise Unmet([Guard("DIGEST", "写明的摘要不是现在的得分: 看过现在的得分后再确认", (("digest", wanted),))])
    there = desk.first(Confirmation, Confirmation.batch == batch.id, Confirmation.unit == unit,
                       Confirmation.digest == digest)  # fmt: skip
    if there is None:
        there = desk.add(
            Confirmation(
                region=batch.region, unit=unit, batch=batch.id or 0, digest=digest,
                file=uploads.needed(desk, file) if file else None, by=actor.user, at=desk.now,
            )
        )  # fmt: skip
        _noted(desk, batch, "confirm", {"unit": unit, "digest": digest, "file": file}, unit=unit)
    return {"id": there.id, "unit": unit, "digest": digest, "file": there.file}


class SignedGiven(BaseModel):
    """A signed sheet: which, its scan, who signed it (login), when, and the digest printed on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sheet: str = Field(min_length=1, max_length=64)
    file: str = Field(max_length=64)
    signer: str = Field(max_length=64)
    dated: date
    digest: str = Field(max_length=64)


def sign_on_paper(desk: Desk, number: int, paper: SignedGiven, *, version: int | None = None) -> Batch:
    """The scan of a signed sheet is its signer's hand: the review or approval that is next; the signer is told.

    Uploaded by somebody other than the maker and the signer. version: the one that was seen, where that is said beside
    the sheet's digest. Raises Stale, Unmet (PAPER, DIGEST, SIGNER, STAGE …).
    """
    batch = batch_of(desk, number, lock=True)
    case = Case(desk, batch)
    require(desk.actor, "sheet.sign", batch.region, batch.unit)
    if case.plan.approvals is None or not case.plan.approvals.paper:
        raise Unmet([Guard("PAPER", "方案没有规定可以纸质审批 (approvals.paper)")])
    made = hands.persons(desk, batch, "made")
    person = desk.first(User, User.login == paper.signer, false(User.disabled))
    missing: list[Guard] = []
    if desk.actor.person in made:
        missing.append(Guard("HAND", "签字件由制表人以外的人上传"))
    if person is None or person.person == desk.actor.person:
        missing.append(Guard("SIGNER", "写明签字人的登录名, 且不是上传的人"))
    if paper.dated > shanghai_day(desk.now):
        missing.append(Guard("DATED-LATER", "签字日期还没有到"))
    todo = runs.stages_open(desk, batch)
    if batch.state != "reviewing" or not todo:
        missing.append(Guard("STATE", "报审后才能上传签字件"))
    if missing or person is None:
        raise Unmet(missing)
    uploads.needed(desk, paper.file)
    desk.add(
        Signed(
            batch=batch.id or 0, round=batch.round, sheet=paper.sheet, file=paper.file, signer=person.id or 0,
            dated=paper.dated, digest=paper.digest, by=desk.actor.user, at=desk.now,
        )
    )  # fmt: skip
    tell(desk, {person.id or 0}, "batch.signed", f"batch/{batch.id}")
    uploader, signing = desk.actor, _signer(desk, person)
    desk.audit(
        Record("batch.signed", f"batch/{batch.id}", region=batch.region, unit=batch.unit,
               detail={**paper.model_dump(mode="json"), "by": uploader.login})
    )  # fmt: skip
    desk.actor = signing
    try:
        step = todo[0]["stage"]
        given = Given(digest=paper.digest, file=paper.file, reason=f"纸质签字 {paper.dated}")
        return take(desk, number, step, given, version=batch.version if version is None else version)[0]
    finally:
        desk.actor = uploader


def _signer(desk: Desk, person: User) -> Actor:
    with desk.beyond():
        return people.actor_of(desk, person, "paper", signed_in=True)


def _prepared(desk: Desk, number: int, action: str) -> Batch:
    batch = batch_of(desk, number, lock=True)
    require(desk.actor, action, batch.region, batch.unit)
    if batch.state in {"payable", "paid", "closed", "abandoned"}:
        raise Unmet([Guard("STATE", "批次已交付发放或已结束")])
    return batch


def _noted(desk: Desk, batch: Batch, what: str, detail: dict[str, Any], *, unit: str = "") -> None:
    desk.audit(
        Record(f"batch.{what}", f"batch/{batch.id}", region=batch.region, unit=unit or batch.unit, detail=detail)
    )
    desk.event(f"batch.{what}", f"batch/{batch.id}", region=batch.region, unit=unit or batch.unit)
