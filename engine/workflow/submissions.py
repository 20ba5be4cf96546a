"""What filers hand in: read outside any transaction, kept in one, accepted or returned by somebody else.

    task = asked(desk, batch, assignment)            who may, and what it is read against
    read = read_submission(uploads, task.asked)      slow, no transaction
    submit(desk, task, uploads, read, via="upload")  the row, its facts, its files

`hand_in` does the three; `correct` makes a new submission of an earlier one with single cells corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.period import Period
from domain.problems import InputProblems, Problem
from engine.read.uploads import Upload
from engine.storage.audit import Record
from engine.storage.desk import Actor, Desk, Store, open_desk
from engine.storage.query import among, newest, over
from engine.storage.tables.facts import Assignment, Part, Submission
from engine.storage.tables.period import Batch, PeriodRow
from engine.template.filing import write_filing
from engine.template.workbook import write_template
from engine.workflow import hands, policies, units, uploads
from engine.workflow.collected import EVERYTHING, figures_in, keep_figures
from engine.workflow.refusals import Guard, NotAllowed, NotThere, Unmet
from engine.workflow.roles import require
from engine.workflow.steps import batch_of
from engine.workflow.submitted import Asked, Edit, Submitted, corrected, read_figures, read_submission

_MEDIA = "application/octet-stream"


class SubmissionView(BaseModel):
    """A submission. state: checked, faulty, accepted, returned or superseded; findings: missing, refuses nothing."""

    model_config = ConfigDict(frozen=True)

    id: int
    batch: int
    assignment: int
    filer: str
    number: int
    state: str
    via: str
    at: datetime
    reason: str
    returned_reason: str
    files: list[dict[str, Any]]
    problems: list[dict[str, str]]
    findings: list[dict[str, str]]


@dataclass(frozen=True)
class Task:
    """What is handed in for whom. assignment: None where `*` has no row yet."""

    batch: int
    assignment: int | None
    filer: str
    asked: Asked


def asked(desk: Desk, number: int, assignment: int | str) -> Task:
    """What an assignment (its number, or `*`) is read against.

    Raises NotThere, NotAllowed, Unmet (STATE), InputProblems and Refused as loading the plan.
    """
    batch = batch_of(desk, number)
    row = _assignment(desk, batch, assignment)
    _may_make(desk, batch, row)
    return _task(desk, batch, row)


def hand_in(
    store: Store,
    actor: Actor,
    number: int,
    assignment: int | str,
    files: Sequence[Upload],
    *,
    via: str,
    reason: str = "",
    replace: bool = False,
) -> SubmissionView:
    """Read files for an assignment and keep what is in them; everything else as `submit`."""
    too_large([*files])
    with open_desk(store, actor, writes=False) as desk:
        task = asked(desk, number, assignment)
    read = read_submission(files, task.asked)
    with open_desk(store, actor) as desk:
        return submit(desk, task, files, read, via=via, reason=reason, replace=replace)


def too_large(files: Iterable[Upload]) -> None:
    """Raise InputProblems (FILE-LARGE) before anything is read."""
    said = f"文件超过 {uploads.MOST // 1024 // 1024} MB"
    found = [
        Problem(one.known_as, "FILE-LARGE", said, "拆分后再交") for one in files if len(one.content) > uploads.MOST
    ]
    if found:
        raise InputProblems(found)


def submit(
    desk: Desk,
    task: Task,
    files: Sequence[Upload],
    read: Submitted,
    *,
    via: str,
    reason: str = "",
    replace: bool = False,
) -> SubmissionView:
    """Keep what was read: files, row and facts; an earlier one that nobody accepted is superseded.

    replace: of `*`, what others handed in and was accepted gives way to it, and they are told; else both stand.
    Raises NotThere, NotAllowed, Unmet (STATE, REASON).
    """
    batch = batch_of(desk, task.batch, lock=True)
    row = _assignment(desk, batch, task.assignment if task.assignment is not None else EVERYTHING)
    _may_make(desk, batch, row)
    if row.filer == EVERYTHING and not reason.strip():
        raise Unmet([Guard("REASON", "一份代全部须写明理由 (reason)")])
    if row.id is None:
        row = desk.add(row)
    kept = [
        uploads.keep(desk, one.known_as, one.content, _MEDIA, region=batch.region, unit=row.unit)
        for one in files
        if one.content
    ]
    named = [{"sha": one.sha, "name": one.name} for one in kept]
    made = _keep(desk, batch, row, read, files=named, via=via, reason=reason)
    if replace and row.filer == EVERYTHING and made.state == "checked":
        _replace(desk, batch, row)
    return view(made, row)


def correct(desk: Desk, number: int, edits: Sequence[Edit], *, via: str, reason: str = "") -> SubmissionView:
    """A new submission: an earlier one with single cells corrected, each with who, when and what stood there.

    Raises NotThere, NotAllowed, Unmet (STATE, NOT-WHOLE), InputProblems (EDIT-TABLE, EDIT-SEVERAL).
    """
    old, row, batch = _of(desk, number, lock=True)
    _may_make(desk, batch, row)
    figures = figures_in(desk, old)
    if not figures:
        raise Unmet([Guard("NOT-WHOLE", "这一份有读不出的行, 不能逐格更正: 改好文件重新提交")])
    by = desk.actor.name or desk.actor.login
    read = read_figures(corrected(figures, edits, by=by, at=desk.now), _task(desk, batch, row).asked)
    made = _keep(desk, batch, row, read, files=list(old.files or []), via=via, reason=reason)
    return view(made, row)


def accept(desk: Desk, number: int) -> SubmissionView:
    """Accept a submission, by somebody who did not hand it in; the one that was accepted before is superseded.

    It is the duty `checked` of the batch. Raises NotThere, NotAllowed (ROLE, HAND), Unmet (STATE, FAULTY).
    """
    made, row, batch = _of(desk, number, lock=True)
    require(desk.actor, "submission.accept", row.region, row.unit)
    if made.by is not None and made.by == desk.actor.user:
        raise NotAllowed("HAND", "自己交的由别人接收: 换一位数据审核或考核主管")
    period = _period(desk, batch)
    joined = policies.pinned(desk.store, batch.policy, period).loaded.plan.hands
    held = hands.may(desk, batch, desk.actor.person, "checked", joined)
    if held is not None:
        raise NotAllowed(held.code, held.message)
    if made.state == "accepted":
        return view(made, row)
    unmet = _not_acceptable(desk, made, row)
    if unmet:
        raise Unmet(unmet)
    hands.take(desk, batch, desk.actor.person, "checked")
    desk.change(Submission, Submission.assignment == row.id, Submission.state == "accepted", state="superseded")
    made.state, made.checked_by, made.checked_at = "accepted", desk.actor.user, desk.now
    return _told(desk, made, row, "accept")


def _not_acceptable(desk: Desk, made: Submission, row: Assignment) -> list[Guard]:
    found: list[Guard] = []
    if view(made, row).problems:  # of one that is superseded too
        found.append(Guard("FAULTY", "这一份有错误, 不能接收: 退回或更正"))
    if made.state == "returned":
        found.append(Guard("STATE", "已退回的不能接收: 重新提交"))
    # What gave way to one for everything is still its filer's last word, and may come back.
    newer = (Submission.assignment == row.id, over(Submission.number, made.number))
    if made.state == "superseded" and desk.count(Submission, *newer):
        found.append(Guard("STATE", "已有更新的一份, 不能接收这一份: 接收最新的"))
    return found


def return_(desk: Desk, number: int, reason: str) -> SubmissionView:
    """Send a submission back with a reason; nothing of it is deleted."""
    made, row, _ = _of(desk, number, lock=True)
    require(desk.actor, "submission.return", row.region, row.unit)
    if not reason.strip():
        raise Unmet([Guard("REASON", "写明退回的理由 (reason)")])
    if made.state == "superseded":
        raise Unmet([Guard("STATE", "已有更新的一份, 不必退回")])
    made.state, made.returned_reason = "returned", reason.strip()
    made.checked_by, made.checked_at = desk.actor.user, desk.now
    return _told(desk, made, row, "return")


def shown(desk: Desk, number: int) -> SubmissionView:
    """A submission that is the caller's to see."""
    made, row, _ = _of(desk, number, open_only=False)
    require(desk.actor, "submission.read", row.region, row.unit)
    return view(made, row)


def listed(desk: Desk, number: int) -> list[SubmissionView]:
    """The submissions of a batch that are the caller's to see, newest first."""
    batch = batch_of(desk, number)
    require(desk.actor, "submission.read")
    rows = {row.id: row for row in desk.rows(Assignment, Assignment.batch == batch.id)}
    found = desk.rows(Submission, Submission.batch == batch.id, order=newest(Submission.id))
    return [view(made, rows[made.assignment]) for made in found if made.assignment in rows]


def template(desk: Desk, number: int, assignment: int | str) -> tuple[str, bytes]:
    """The workbook to fill in for an assignment: its name and its bytes."""
    batch = batch_of(desk, number)
    row = _assignment(desk, batch, assignment)
    require(desk.actor, "submission.read", row.region, row.unit)
    task = _task(desk, batch, row, open_only=False)
    one = task.asked
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        if one.register is None or one.parts is None:
            write_template(one.plan, one.catalogue, one.period, path, one.register, one.packs)
        else:
            packs = one.packs
            write_filing(one.plan, one.catalogue, one.period, path, one.parts, facts=one.register, packs=packs)
        name = "全部" if row.filer == EVERYTHING else row.filer
        return uploads.plain_name(f"{name}-{one.period}.xlsx"), path.read_bytes()


def view(made: Submission, row: Assignment) -> SubmissionView:
    """A submission as it is shown."""
    told: list[dict[str, str]] = list(made.problems or [])
    return SubmissionView(
        id=made.id or 0,
        batch=made.batch,
        assignment=row.id or 0,
        filer=row.filer,
        number=made.number,
        state=made.state,
        via=made.via,
        at=made.at,
        reason=made.reason,
        returned_reason=made.returned_reason,
        files=list(made.files or []),
        problems=[one for one in told if one["code"] != "MISSING"],
        findings=[one for one in told if one["code"] == "MISSING"],
    )


def _assignment(desk: Desk, batch: Batch, assignment: int | str) -> Assignment:
    """The row of an assignment; of `*` a new one, not yet kept, where nobody used it before. Raises NotThere."""
    if str(assignment) == EVERYTHING:
        found = desk.first(Assignment, Assignment.batch == batch.id, Assignment.filer == EVERYTHING)
        return found or Assignment(region=batch.region, unit=batch.region, batch=batch.id or 0, filer=EVERYTHING)
    row = desk.get(Assignment, int(assignment)) if str(assignment).isdecimal() else None
    if row is None or row.batch != batch.id:
        raise NotThere
    return row


def _may_make(desk: Desk, batch: Batch, row: Assignment) -> None:
    action = "submission.make_all" if row.filer == EVERYTHING else "submission.make"
    require(desk.actor, action, row.region, row.unit)
    _collecting(batch)


def _collecting(batch: Batch) -> None:
    if batch.state != "collecting":
        raise Unmet([Guard("STATE", "批次不在收集中: 解锁后才能改填报", (("state", batch.state),))])


def _task(desk: Desk, batch: Batch, row: Assignment, *, open_only: bool = True) -> Task:
    if open_only:
        _collecting(batch)
    period = _period(desk, batch)
    pinned = policies.pinned(desk.store, batch.policy, period)
    known = units.register(desk, batch.region)
    parts = None
    if row.filer != EVERYTHING:
        parts = frozenset((one.unit, one.reporter) for one in desk.rows(Part, Part.assignment == row.id))
    against = Asked(
        pinned.configs.catalogue,
        pinned.loaded.plan,
        period,
        pinned.loaded.packs,
        register=known if len(known.institutions) else None,
        parts=parts,
    )
    return Task(batch.id or 0, row.id, row.filer, against)


def _period(desk: Desk, batch: Batch) -> Period:
    row = desk.get(PeriodRow, batch.period)
    assert row is not None  # noqa: S101  (a foreign key)
    return Period.parse(row.code)


def _of(desk: Desk, number: int, *, lock: bool = False, open_only: bool = True) -> tuple[Submission, Assignment, Batch]:
    made = desk.get(Submission, number)
    row = desk.get(Assignment, made.assignment) if made else None
    if made is None or row is None:
        raise NotThere
    batch = batch_of(desk, made.batch, lock=lock)
    if open_only:
        _collecting(batch)
    return made, row, batch


def _keep(
    desk: Desk, batch: Batch, row: Assignment, read: Submitted, *, files: list[dict[str, Any]], via: str, reason: str
) -> Submission:
    earlier = desk.rows(Submission, Submission.assignment == row.id, order=newest(Submission.number), limit=1)
    waiting = among(Submission.state, {"checked", "faulty"})
    desk.change(Submission, Submission.assignment == row.id, waiting, state="superseded")
    made = desk.add(
        Submission(
            region=row.region, unit=row.unit, batch=batch.id or 0, assignment=row.id or 0,
            number=earlier[0].number + 1 if earlier else 1, files=files, via=via, by=desk.actor.user, at=desk.now,
            reason=reason.strip(), state="faulty" if read.problems else "checked",
            problems=[_problem(one) for one in (*read.problems, *read.findings)],
        )
    )  # fmt: skip
    if read.whole:  # of one with lost rows nothing is kept: what was corrected in it would lack them in silence
        keep_figures(desk, made, read.figures)
    _told(desk, made, row, "submit")
    return made


def _problem(one: Problem) -> dict[str, str]:
    return {"where": one.where, "code": one.code, "message": one.message, "remedy": one.remedy}


def _replace(desk: Desk, batch: Batch, everything: Assignment) -> None:
    """What was accepted of the others gives way; each of them is told."""
    accepted = (Submission.batch == batch.id, Submission.state == "accepted", Submission.assignment != everything.id)
    rows = {row.id: row for row in desk.rows(Assignment, Assignment.batch == batch.id)}
    for made in desk.rows(Submission, *accepted):
        made.state = "superseded"
        _told(desk, made, rows[made.assignment], "replace")


def _told(desk: Desk, made: Submission, row: Assignment, what: str) -> SubmissionView:
    """What every change of a submission brings with it."""
    desk.add(made)
    detail = {
        "batch": made.batch, "filer": row.filer, "number": made.number, "state": made.state, "reason": made.reason,
        "returned": made.returned_reason, "files": [one["sha"] for one in made.files or ()],
    }  # fmt: skip
    subject = f"submission/{made.id}"
    desk.audit(Record(f"submission.{what}", subject, region=row.region, unit=row.unit, detail=detail))
    payload = {"batch": made.batch, "state": made.state}
    desk.event(f"submission.{what}", subject, region=row.region, unit=row.unit, payload=payload)
    return view(made, row)
