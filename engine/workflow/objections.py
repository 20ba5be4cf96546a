"""Objections: of a member to its scores, of anybody to what hangs out; each with a deadline, an answer and minutes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from engine.storage.audit import Record
from engine.storage.desk import Desk
from engine.storage.tables.decisions import Objection
from engine.storage.tables.period import Batch
from engine.workflow import uploads
from engine.workflow.cases import Case
from engine.workflow.days import term_end
from engine.workflow.refusals import Guard, NotAllowed, NotThere, Unmet
from engine.workflow.roles import require
from engine.workflow.steps import batch_of

Outcome = Literal["upheld", "dismissed"]
_TAKING = frozenset({"appraiser", "data_checker", "maker"})
"""Who writes down what the public says."""


class ObjectionView(BaseModel):
    """An objection as it is shown."""

    model_config = ConfigDict(frozen=True)

    id: int
    kind: str
    unit: str
    about: str
    text: str
    state: str
    due: datetime | None
    answer: str
    file: str | None
    minutes: str | None
    at: datetime
    answered_at: datetime | None


def object_to(desk: Desk, number: int, unit: str, about: str, text: str, file: str = "") -> ObjectionView:
    """A member objects to its scores (while they are confirmed), or something is said against 公示 (while it hangs).

    Raises NotThere, NotAllowed, Unmet (STATE, TEXT, PLAN-UNSAID).
    """
    batch = batch_of(desk, number, lock=True)  # else it is put down while the batch goes on
    kind = _kind(batch)
    own = desk.actor.may(frozenset({"unit_viewer"}), batch.region, unit)
    takes = desk.actor.may(_TAKING if kind == "disclosure" else frozenset({"data_checker"}), batch.region, unit)
    if not own and not takes:
        if desk.actor.scope.sees(batch.region, unit):
            raise NotAllowed("ROLE", "提出异议须有单位查看角色")
        raise NotThere
    if takes and not own and kind == "score" and not file:
        raise Unmet([Guard("FILE", "代录异议须上传盖章的扫描件 (file)")])
    if not text.strip():
        raise Unmet([Guard("TEXT", "写明异议内容 (text)")])
    due = term_end(desk, Case(desk, batch).plan, "objection", desk.now)
    row = desk.add(
        Objection(
            region=batch.region, unit=unit, batch=batch.id or 0, kind=kind, about=about, text=text, state="open",
            due=due, file=uploads.needed(desk, file) if file else None, by=desk.actor.user, at=desk.now,
        )
    )  # fmt: skip
    _noted(desk, batch, row, "objection.made")
    return view(row)


def answer(desk: Desk, number: int, objection: int, outcome: Outcome, text: str, minutes: str) -> ObjectionView:
    """Answer an objection, with minutes. Raises NotThere, NotAllowed, Unmet (STATE, TEXT, MINUTES)."""
    batch = batch_of(desk, number, lock=True)
    require(desk.actor, "objection.answer", batch.region, batch.unit)
    row = desk.get(Objection, objection)
    if row is None or row.batch != batch.id:
        raise NotThere
    missing: list[Guard] = []
    if row.state != "open":
        missing.append(Guard("STATE", "异议已经答复"))
    if row.by is not None and row.by == desk.actor.user:
        missing.append(Guard("HAND", "异议由提出人以外的人答复"))
    if not text.strip():
        missing.append(Guard("TEXT", "写明答复 (text)"))
    if not minutes:
        missing.append(Guard("MINUTES", "上传会议纪要 (minutes)"))
    if missing:
        raise Unmet(missing)
    row.state, row.answer, row.minutes = outcome, text, uploads.needed(desk, minutes)
    row.answered_by, row.answered_at = desk.actor.user, desk.now
    desk.add(row)
    _noted(desk, batch, row, "objection.answered")
    return view(row)


def listed(desk: Desk, number: int) -> list[ObjectionView]:
    """The objections of a batch that are the caller's."""
    batch = batch_of(desk, number)
    return [view(row) for row in desk.rows(Objection, Objection.batch == batch.id)]


def view(row: Objection) -> ObjectionView:
    """An objection as it is shown."""
    return ObjectionView.model_validate(row.model_dump(include=set(ObjectionView.model_fields)))


def _kind(batch: Batch) -> str:
    if batch.state == "confirming":
        return "score"
    if batch.state == "disclosed":
        return "disclosure"
    raise Unmet([Guard("STATE", "得分公布期间或公示期间才能提出异议")])


def _noted(desk: Desk, batch: Batch, row: Objection, action: str) -> None:
    detail: dict[str, Any] = {"batch": batch.id, "kind": row.kind, "state": row.state, "about": row.about}
    desk.audit(Record(action, f"objection/{row.id}", region=row.region, unit=row.unit, detail=detail))
    desk.event(action, f"objection/{row.id}", region=row.region, unit=row.unit, payload={"batch": batch.id})
