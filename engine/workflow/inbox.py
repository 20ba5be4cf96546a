"""What waits for a person: a query over what stands open, not a table of messages; and what it was told."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from engine.storage.desk import Desk
from engine.storage.query import among, newest, true
from engine.storage.tables.facts import Assignment, Submission
from engine.storage.tables.people import Grant, Notice
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.work import Job
from engine.workflow import hands, pay_folders, runs, steps
from engine.workflow.batch import BACKWARD, ENDED, RELEASED, STATES, steps_of
from engine.workflow.cases import Case
from engine.workflow.roles import MAY, why_not

_TOLD = 50


class Item(BaseModel):
    """Something that waits. subject: of what; due: its term; path: where it is sent to; needs: what must be given.

    what: a step, report, accept, confirm, grant.confirm, restored (a word on what was paid since the backup), of pay
    people (the workbook to hand in) or complete (payslips that wait for data).
    """

    model_config = ConfigDict(frozen=True)

    what: str
    title: str
    subject: str
    due: datetime | None
    path: str = ""
    needs: tuple[str, ...] = ()


class Told(BaseModel):
    """What the person was told."""

    model_config = ConfigDict(frozen=True)

    kind: str
    subject: str
    at: datetime


class Inbox(BaseModel):
    """Both."""

    model_config = ConfigDict(frozen=True)

    waiting: list[Item]
    told: list[Told]


def inbox(desk: Desk) -> Inbox:
    """What waits for the caller now, the most urgent first."""
    waiting: list[Item] = []
    for batch in desk.rows(Batch, among(Batch.state, set(STATES) - ENDED)):
        waiting += _of_batch(desk, batch)
    if "security_admin" in desk.actor.roles:
        with desk.beyond():
            waiting += [
                Item(what="grant.confirm", title="确认授权", subject=f"grant/{row.id}", due=None)
                for row in desk.rows(Grant, true(Grant.pending))
            ]
    far = datetime.max.replace(tzinfo=desk.now.tzinfo)
    waiting.sort(key=lambda one: (one.due or far, one.subject, one.what))
    with desk.beyond():
        told = desk.rows(Notice, Notice.user == desk.actor.user, order=newest(Notice.id), limit=_TOLD)
    return Inbox(waiting=waiting, told=[Told(kind=one.kind, subject=one.subject, at=one.at) for one in told])


def _of_batch(desk: Desk, batch: Batch) -> list[Item]:
    of = desk.get(PeriodRow, batch.period)
    name = f"{of.plan} {of.code}" if of else ""
    found: list[Item] = []
    for step in steps_of(batch.kind).values():
        if batch.state not in step.sources or step.name in BACKWARD:
            continue
        if why_not(desk.actor, step.action(batch.state), batch.region, batch.unit) is not None:
            continue
        person = desk.actor.person
        held = hands.may(desk, batch, person, step.hand(batch.state), None)
        if held is None and hands.once(desk, batch, person, step.name) is None:
            title = f"{name} {STATES[batch.state]}: {step.title}"
            subject, path = f"batch/{batch.id}", f"{_ROOTS[batch.kind == 'pay']}/{batch.id}:{step.name}"
            needs = steps.needs(Case(desk, batch), step)
            found.append(Item(what=step.name, title=title, subject=subject, due=batch.deadline, path=path, needs=needs))
    if batch.restored and desk.actor.may(MAY["batch.pay"], batch.region, batch.unit):
        title = f"{name}: 说明备份之后办了哪些付款"
        found.append(Item(what="restored", title=title, subject=f"batch/{batch.id}", due=None))
    if batch.kind == "pay":
        found += _paying(desk, batch, name)
    elif batch.state == "collecting":
        found += _filing(desk, batch, name)
    elif batch.state == "confirming":
        mine = [one for one in runs.unconfirmed(desk, batch) if desk.actor.may({"unit_viewer"}, batch.region, one)]
        found += [
            Item(what="confirm", title=f"{name} {unit}: 确认得分", subject=f"batch/{batch.id}", due=batch.deadline)
            for unit in mine
        ]
    return found


def _paying(desk: Desk, batch: Batch, name: str) -> list[Item]:
    """The workbook of people that a pay batch waits for, or the data of those that it left open."""
    if why_not(desk.actor, "pay.work", batch.region, batch.unit) is not None:
        return []
    subject, root = f"batch/{batch.id}", f"{_ROOTS[True]}/{batch.id}"
    if batch.state == "collecting" and hands.may(desk, batch, desk.actor.person, "made", None) is None:
        job = desk.get(Job, batch.job) if batch.job else None
        if job is not None and job.state in {"queued", "running"}:
            return []
        failed = job is not None and job.state == "failed"
        title = f"{name} {batch.unit}: " + ("改正人员工作簿 (问题见任务), 再交一次" if failed else "交人员工作簿")
        path = f"{root}/people"
        return [Item(what="people", title=title, subject=subject, due=None, path=path, needs=("file",))]
    if batch.state in RELEASED:
        waiting = pay_folders.left_open(desk, batch)
        if waiting and all(one.state == "abandoned" for one in pay_folders.completions(desk, batch)):
            title = f"{name} {batch.unit}: {len(waiting)} 条工资条待补数据, 数据到齐后补付"
            return [Item(what="complete", title=title, subject=subject, due=None, path=f"{root}/completions")]
    return []


def _filing(desk: Desk, batch: Batch, name: str) -> list[Item]:
    """Workbooks that the caller has to hand in, and those it has to look at."""
    last: dict[int, Submission] = {}
    for row in desk.rows(Submission, Submission.batch == batch.id, among(Submission.state, _LIVE)):
        last[row.assignment] = row
    found: list[Item] = []
    for one in desk.rows(Assignment, Assignment.batch == batch.id):
        there = last.get(one.id or 0)
        if one.waived_reason or (there is not None and there.state == "accepted"):
            continue
        subject = f"assignment/{one.id}"
        if there is None and desk.actor.may({"reporter", "integration"}, batch.region, one.unit):
            found.append(Item(what="report", title=f"{name} {one.filer}: 填报", subject=subject, due=one.due))
        if there is not None and desk.actor.may({"data_checker"}, batch.region, one.unit):
            title = f"{name} {one.filer}: 审核填报"
            found.append(Item(what="accept", title=title, subject=f"submission/{there.id}", due=one.due))
    return found


_ROOTS = {False: "/api/v1/batches", True: "/api/v1/pay"}
"""Where steps are sent to, by whether the batch pays people."""
_LIVE = frozenset({"checked", "accepted"})
