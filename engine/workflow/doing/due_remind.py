"""A schedule's: remind who has something to do in a batch of a period: to file, to confirm, to decide.

Who leads the region is reminded, too, of tasks of the plan's documents whose deadline is near or over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.period import Period
from engine.storage.audit import Record
from engine.storage.desk import Desk, Store, open_desk, program
from engine.storage.query import among, newest
from engine.storage.tables.facts import Assignment, Submission
from engine.storage.tables.people import User
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.policy import Policy
from engine.storage.tables.work import Job
from engine.workflow import ledgers, people, runs
from engine.workflow.batch import BACKWARD, ENDED, steps_of
from engine.workflow.calendar import shanghai_day
from engine.workflow.doing import Commit, Report
from engine.workflow.notices import tell
from engine.workflow.roles import MAY


def work(store: Store, job: Job, report: Report) -> Commit:  # noqa: ARG001  (every kind is given the same)
    """Who is told is read and written in one transaction, so that nobody is reminded of what was just done."""
    args = dict(job.args or {})
    policy, tasks = _tasks(store, str(args["plan"]), str(args["period"]), job.region)

    def commit(desk: Desk) -> dict[str, Any]:
        plan, code = str(args["plan"]), str(args["period"])
        periods = desk.rows(PeriodRow, PeriodRow.plan == plan, PeriodRow.code == code, PeriodRow.region == job.region)
        told = 0
        for batch in desk.rows(Batch, among(Batch.period, [one.id for one in periods])):
            if batch.state not in ENDED:
                told += sum(_remind(desk, batch, *one) for one in _waiting(desk, batch))
        if tasks:
            told += _remind_of_tasks(desk, job.region, policy, code, tasks)
        return {"told": told, "tasks": len(tasks)}

    return commit


def _tasks(store: Store, plan: str, code: str, region: str) -> tuple[int, list[str]]:
    """The plan's newest published version, and the tasks of its documents that wait today."""
    with open_desk(store, program("worker"), writes=False) as desk:
        published = (Policy.kind == "plan", Policy.policy_id == plan, Policy.state == "published")
        policy = desk.first(Policy, *published, Policy.region == region, order=newest(Policy.number))
        of = desk.rows(PeriodRow, PeriodRow.plan == plan, PeriodRow.code == code, PeriodRow.region == region)
        batches = desk.rows(Batch, among(Batch.period, [one.id for one in of]), order=newest(Batch.id))
        dataset = next((one.dataset for one in batches if one.dataset and one.state != "abandoned"), "")
        day = shanghai_day(desk.now)
    if policy is None or not policy.bundle:
        return 0, []
    return policy.id or 0, ledgers.waiting(store, policy.bundle, Period.parse(code), dataset or "", day)


def _remind_of_tasks(desk: Desk, region: str, policy: int, code: str, tasks: list[str]) -> int:
    told = _holders(desk, frozenset({"appraiser"}), region, region)
    subject = f"policy/{policy}"
    tell(desk, told, "remind.ledger", subject)
    detail = {"period": code, "tasks": tasks}
    desk.audit(Record("ledger.remind", subject, region=region, unit=region, detail=detail))
    return len(told)


def _waiting(desk: Desk, batch: Batch) -> Iterator[tuple[frozenset[str], str, str]]:
    """Roles, the unit they hold it for, and what waits for them."""
    if batch.state == "collecting" and batch.kind == "pay":
        yield MAY["pay.work"], batch.unit, "people"
    elif batch.state == "collecting":
        done = {one for (one,) in desk.values([Submission.assignment], Submission.batch == batch.id,
                                              among(Submission.state, {"checked", "accepted"}))}  # fmt: skip
        for one in desk.rows(Assignment, Assignment.batch == batch.id):
            if one.id not in done and not one.waived_reason:
                yield frozenset({"reporter"}), one.unit, "report"
    elif batch.state == "confirming":
        for unit in runs.unconfirmed(desk, batch):
            yield frozenset({"unit_viewer"}), unit, "confirm"
    for step in steps_of(batch.kind).values():
        if batch.state in step.sources and step.name not in BACKWARD:
            yield MAY[step.action(batch.state)], batch.unit, step.name


def _remind(desk: Desk, batch: Batch, roles: frozenset[str], unit: str, what: str) -> int:
    told = _holders(desk, roles, batch.region, unit)
    tell(desk, told, f"remind.{what}", f"batch/{batch.id}")
    if told:
        desk.audit(Record("batch.remind", f"batch/{batch.id}", region=batch.region, unit=unit, detail={"what": what}))
    return len(told)


def _holders(desk: Desk, roles: frozenset[str], region: str, unit: str) -> set[int]:
    """The users who hold one of these roles for a unit of a region."""
    users = {user for role in roles for user in people.holders(desk, role)}
    actors = [
        (user.id or 0, people.actor_of(desk, user, "worker", signed_in=False))
        for user in desk.rows(User, among(User.id, users))
    ]
    return {number for number, one in actors if one.may(roles, region, unit)}
