"""Opening a batch, looking at batches, terms and waivers of assignments, alliances held back."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.period import Period
from domain.plan import Plan
from domain.problems import InputProblems, Problem
from domain.workflow import DUTY_TITLES
from engine.storage.audit import Record
from engine.storage.connect import Taken
from engine.storage.desk import Desk
from engine.storage.query import among, newest, under
from engine.storage.tables.decisions import Answer
from engine.storage.tables.facts import Assignment, Part, Submission
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.results import Hold, Run
from engine.template.filers import assignments
from engine.workflow import collected, hands, policies, units
from engine.workflow.batch import KINDS
from engine.workflow.cases import Case
from engine.workflow.days import term_end
from engine.workflow.refusals import Guard, NotThere, Unmet
from engine.workflow.roles import require
from engine.workflow.steps import batch_of


class PartView(BaseModel):
    """A unit's facts of a reporting body."""

    model_config = ConfigDict(frozen=True)

    unit: str
    reporter: str


class AssignmentView(BaseModel):
    """What one filer has to hand in. state: open, checked, faulty, accepted, returned or waived."""

    model_config = ConfigDict(frozen=True)

    id: int
    filer: str
    parts: list[PartView]
    state: str
    due: datetime | None
    waived_reason: str | None
    submission: int | None


class BatchView(BaseModel):
    """A batch as the API shows it."""

    model_config = ConfigDict(frozen=True)

    id: int
    plan: str
    period: str
    region: str
    kind: str
    number: int
    state: str
    version: int
    round: int
    policy: str
    dataset: str | None
    score_run: int | None
    run: int | None
    digest: str | None
    deadline: datetime | None
    approvals: list[dict[str, Any]] | None
    corrects: int | None
    posted: dict[str, Any] | None
    restored: bool
    job: int | None
    hands: dict[str, str]
    holds: dict[str, str]
    warnings: list[dict[str, Any]] = Field(default_factory=list)
    assignments: list[AssignmentView]


def open_batch(
    desk: Desk, plan: str, code: str, kind: str, *, fresh: bool = False, corrects: int | None = None
) -> BatchView:
    """Open a batch: an assignment per filer, and what was accepted of an abandoned or corrected one is taken over.

    fresh: nothing is taken over. Raises NotAllowed, Unmet (BATCH-OPEN, POLICY-UNPUBLISHED, PLAN-UNSAID,
    CORRECTS-NONE), InputProblems (PERIOD, PERIOD-KIND) and Refused, both also as loading the plan.
    """
    row = policies.published(desk, plan)
    region = row.region
    require(desk.actor, "batch.open", region, region)
    try:
        period = Period.parse(code)
    except ValueError as error:
        raise InputProblems([Problem("$.period", "PERIOD", str(error))]) from error
    if kind not in KINDS or kind == "pay":
        raise Unmet([Guard("KIND", f"没有这种批次: {kind}")])
    loaded = policies.pinned(desk.store, row.bundle or "", period).loaded
    _check_kind(loaded.plan, period)
    due = term_end(desk, loaded.plan, "report", desk.now)
    if kind == "correction" and loaded.plan.corrections is None:
        raise Unmet([Guard("PLAN-UNSAID", "方案没有写更正差额的资金来源 (corrections)")])
    of = period_of(desk, region, plan, code)
    base = _corrected(desk, of, kind, corrects)
    earlier = desk.rows(Batch, Batch.period == of.id, order=newest(Batch.number), limit=1)
    batch = Batch(
        region=region, unit=region, period=of.id or 0, number=earlier[0].number + 1 if earlier else 1, kind=kind,
        corrects=base.id if base else None, state="collecting", policy=row.bundle or "", opened_by=desk.actor.user,
        opened_at=desk.now,
    )  # fmt: skip
    try:
        desk.add(batch)
    except Taken as taken:
        raise Unmet([Guard("BATCH-OPEN", f"{code} 已有同类批次在办: 办到可发放或废止后再开")]) from taken
    _assign(desk, batch, due, loaded.plan, policies.pinned(desk.store, row.bundle or "", period), period)
    if not fresh:
        old = base or _abandoned(desk, of, kind)
        collected.take_over(desk, batch, old)
        _answers(desk, batch, old)
    desk.audit(
        Record("batch.open", f"batch/{batch.id}", region=region, unit=region,
               detail={"plan": plan, "period": code, "kind": kind, "policy": batch.policy})
    )  # fmt: skip
    desk.event("batch.open", f"batch/{batch.id}", region=region, unit=region, payload={"state": batch.state})
    missing = [dict(guard.as_json()) for guard in hands.left(desk, batch, loaded.plan.hands, _ONE_OF_EACH)]
    return view(desk, batch, warnings=missing)


KIND_TITLES: dict[str, str] = {"year": "年", "half": "半年", "quarter": "季度", "month": "月"}


def _check_kind(plan: Plan, period: Period) -> None:
    """A plan that pays has something to pay in a period of this kind. Raises InputProblems (PERIOD-KIND)."""
    kinds = {kind for pool in plan.pools for kind in pool.periods}
    if kinds and period.kind not in kinds:
        known = "、".join(KIND_TITLES[kind] for kind in KIND_TITLES if kind in kinds)
        said = f"{period.title}: 方案按{known}分配, 没有按{KIND_TITLES[period.kind]}的资金池"
        raise InputProblems([Problem("$.period", "PERIOD-KIND", said, "照方案写期间, 如 2026Q3、2026H1、2026")])


_ONE_OF_EACH = ({"stage": "review", "title": "", "count": 1}, {"stage": "approve", "title": "", "count": 1})


def listed(desk: Desk, *, below: int | None = None, limit: int = 100, **having: str) -> list[BatchView]:
    """Batches, newest first. having: plan, period, region, kind, state."""
    where: list[Any] = [*([under(Batch.id, below)] if below is not None else [])]
    if having.get("state"):
        where.append(Batch.state == having["state"])
    if having.get("kind"):
        where.append(Batch.kind == having["kind"])
    if having.get("region"):
        where.append(Batch.region == having["region"])
    if having.get("plan") or having.get("period"):
        of = [
            *([PeriodRow.plan == having["plan"]] if having.get("plan") else []),
            *([PeriodRow.code == having["period"]] if having.get("period") else []),
        ]
        where.append(among(Batch.period, [row.id for row in desk.rows(PeriodRow, *of)]))
    found = desk.rows(Batch, *where, order=newest(Batch.id), limit=limit)
    return [view(desk, batch, whole=False) for batch in found]


def view(desk: Desk, batch: Batch, *, whole: bool = True, warnings: list[dict[str, Any]] | None = None) -> BatchView:
    """A batch as it is shown; whole: with its assignments, as far as they are the caller's."""
    of = desk.get(PeriodRow, batch.period)
    assert of is not None  # noqa: S101  (a foreign key)
    named = {DUTY_TITLES[duty]: name for duty, name in hands.of(desk, batch).items()}  # type: ignore[index]
    return BatchView(
        id=batch.id or 0,
        plan=of.plan,
        period=of.code,
        region=batch.region,
        kind=batch.kind,
        number=batch.number,
        state=batch.state,
        version=batch.version,
        round=batch.round,
        policy=batch.policy,
        dataset=batch.dataset,
        score_run=batch.score_run,
        run=batch.run,
        digest=batch.seen or _digest(desk, batch),
        deadline=batch.deadline,
        approvals=batch.approvals,
        corrects=batch.corrects,
        posted=batch.posted,
        restored=batch.restored,
        job=batch.job,
        hands=named,
        holds={
            hold.alliance: hold.reason
            for hold in desk.rows(Hold, Hold.batch == batch.id)
            if desk.actor.scope.sees(batch.region, batch.unit) or desk.actor.scope.sees("", hold.alliance)
        },
        warnings=warnings or [],
        assignments=assigned(desk, batch) if whole else [],
    )


def assigned(desk: Desk, batch: Batch) -> list[AssignmentView]:
    """The assignments of a batch that are the caller's, by filer."""
    parts: dict[int, list[PartView]] = defaultdict(list)
    for part in desk.rows(Part, Part.batch == batch.id, order=(Part.unit, Part.reporter)):
        parts[part.assignment].append(PartView(unit=part.unit, reporter=part.reporter))
    last: dict[int, Submission] = {}
    for submission in desk.rows(Submission, Submission.batch == batch.id, order=Submission.number):
        last[submission.assignment] = submission
    found = desk.rows(Assignment, Assignment.batch == batch.id, order=Assignment.filer)
    return [_assignment(one, parts[one.id or 0], last.get(one.id or 0)) for one in found]


def change_assignment(
    desk: Desk, number: int, assignment: int, *, due: datetime | None = None, waived_reason: str | None = None
) -> AssignmentView:
    """Give a filer another term, or let it off with a reason."""
    batch = batch_of(desk, number, lock=True)
    require(desk.actor, "assignment.change", batch.region, batch.unit)
    row = desk.get(Assignment, assignment)
    if row is None or row.batch != batch.id:
        raise NotThere
    if batch.state != "collecting":
        raise Unmet([Guard("STATE", "锁定后不能再改填报任务")])
    if due is not None:
        row.due = due
    if waived_reason is not None:
        row.waived_reason = waived_reason.strip() or None
    desk.add(row)
    detail = {"due": str(row.due or ""), "waived": row.waived_reason or ""}
    desk.audit(Record("assignment.change", f"assignment/{row.id}", region=row.region, unit=row.unit, detail=detail))
    return next(one for one in assigned(desk, batch) if one.id == row.id)


def hold(desk: Desk, number: int, alliance: str, reason: str) -> BatchView:
    """Hold an alliance back with a reason while the others go on. Raises Unmet (STATE, REASON, ALLIANCE)."""
    batch = batch_of(desk, number, lock=True)
    require(desk.actor, "hold.change", batch.region, batch.unit)
    if batch.state not in {"confirming", "confirmed", "allocated"}:
        raise Unmet([Guard("STATE", "得分公布后、报审前才能暂缓")])
    if not reason.strip():
        raise Unmet([Guard("REASON", "写明暂缓的理由 (reason)")])
    if alliance not in units.alliances(desk, batch):
        raise Unmet([Guard("ALLIANCE", f"没有医联体 {alliance}")])
    row = desk.first(Hold, Hold.batch == batch.id, Hold.alliance == alliance)
    row = row or Hold(batch=batch.id or 0, alliance=alliance, at=desk.now)
    row.reason, row.by, row.at = reason, desk.actor.user, desk.now
    return _held(desk, batch, row, "batch.hold", reason)


def go_on(desk: Desk, number: int, alliance: str) -> BatchView:
    """Let an alliance that was held back go on again."""
    batch = batch_of(desk, number, lock=True)
    require(desk.actor, "hold.change", batch.region, batch.unit)
    row = desk.first(Hold, Hold.batch == batch.id, Hold.alliance == alliance)
    if row is None:
        raise NotThere
    if batch.state not in {"confirming", "confirmed", "allocated"}:
        raise Unmet([Guard("STATE", "报审后不能解除暂缓: 退回后再办")])
    desk.remove(Hold, Hold.batch == batch.id, Hold.alliance == alliance)
    return _held(desk, batch, None, "batch.go-on", alliance)


def _held(desk: Desk, batch: Batch, row: Hold | None, action: str, said: str) -> BatchView:
    if row is not None:
        desk.add(row)
    batch.version += 1
    desk.add(batch)
    desk.audit(
        Record(action, f"batch/{batch.id}", region=batch.region, unit=batch.unit,
               detail={"alliance": row.alliance if row else said, "reason": said})
    )  # fmt: skip
    return view(desk, batch)


def period_of(desk: Desk, region: str, plan: str, code: str) -> PeriodRow:
    """The period of a plan in a region, made where there is none."""
    found = desk.first(PeriodRow, PeriodRow.region == region, PeriodRow.plan == plan, PeriodRow.code == code)
    return found or desk.add(PeriodRow(region=region, plan=plan, code=code))


def _corrected(desk: Desk, of: PeriodRow, kind: str, corrects: int | None) -> Batch | None:
    """The batch that a correction corrects: the one that was named, else the last of the period that may be paid."""
    if kind != "correction":
        return None
    payable = among(Batch.state, {"payable", "paid", "closed"})
    found = desk.rows(Batch, Batch.period == of.id, payable, order=newest(Batch.number))
    base = next((one for one in found if corrects in (None, one.id) and one.run is not None), None)
    if base is None:
        raise Unmet([Guard("CORRECTS-NONE", "没有可更正的批次: 交付发放之后才有更正, 之前退回重算")])
    return base


def _abandoned(desk: Desk, of: PeriodRow, kind: str) -> Batch | None:
    found = desk.rows(Batch, Batch.period == of.id, Batch.kind == kind, order=newest(Batch.number), limit=2)
    return next((one for one in found if one.state == "abandoned"), None)


def _answers(desk: Desk, batch: Batch, old: Batch | None) -> None:
    """A reason stands for the cell and value it was given for, also in the batch that takes these over."""
    for row in desk.rows(Answer, Answer.batch == old.id) if old is not None else ():
        same = {name: getattr(row, name) for name in ("finding", "reason", "file", "by", "at")}
        desk.add(Answer(batch=batch.id or 0, **same))


def _assign(desk: Desk, batch: Batch, due: datetime, plan: Any, pinned: policies.Pinned, period: Period) -> None:
    """An assignment per filer; on an empty register one for everything, whose tables become the register."""
    known = units.register(desk, batch.region)
    wanted: dict[str, list[tuple[str, str]]] = {}
    if len(known.institutions):
        reporters = units.reporters(desk, batch.region)
        wanted = assignments(plan, pinned.configs.catalogue, known.institutions, known.memberships, reporters, period)
    for filer in wanted or {collected.EVERYTHING: []}:
        unit = batch.region if filer == collected.EVERYTHING else filer
        row = desk.add(Assignment(region=batch.region, unit=unit, batch=batch.id or 0, filer=filer, due=due))
        for part_unit, reporter in wanted.get(filer, ()):
            desk.add(Part(assignment=row.id or 0, batch=batch.id or 0, unit=part_unit, reporter=reporter))


def _assignment(row: Assignment, parts: list[PartView], last: Submission | None) -> AssignmentView:
    state = "waived" if row.waived_reason else "open"
    if last is not None and last.state != "superseded":
        state = last.state
    return AssignmentView(
        id=row.id or 0,
        filer=row.filer,
        parts=parts,
        state=state,
        due=row.due,
        waived_reason=row.waived_reason,
        submission=last.id if last else None,
    )


def _digest(desk: Desk, batch: Batch) -> str | None:
    if batch.kind == "pay":
        return Case(desk, batch).digest or None
    number = batch.run or batch.score_run
    run = desk.get(Run, number) if number else None
    return run.folder if run else None
