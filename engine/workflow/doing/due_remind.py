"""A schedule's: remind who has something to do in a batch of a period: to file, to confirm, to decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.storage.audit import Record
from engine.storage.desk import Desk, Store
from engine.storage.query import among
from engine.storage.tables.facts import Assignment, Submission
from engine.storage.tables.people import User
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.work import Job
from engine.workflow import people, runs
from engine.workflow.batch import BACKWARD, ENDED, steps_of
from engine.workflow.doing import Commit, Report
from engine.workflow.notices import tell
from engine.workflow.roles import MAY


def work(store: Store, job: Job, report: Report) -> Commit:  # noqa: ARG001  (every kind is given the same)
    """Who is told is read and written in one transaction, so that nobody is reminded of what was just done."""
    args = dict(job.args or {})

    def commit(desk: Desk) -> dict[str, Any]:
        plan, code = str(args["plan"]), str(args["period"])
        periods = desk.rows(PeriodRow, PeriodRow.plan == plan, PeriodRow.code == code, PeriodRow.region == job.region)
        told = 0
        for batch in desk.rows(Batch, among(Batch.period, [one.id for one in periods])):
            if batch.state not in ENDED:
                told += sum(_remind(desk, batch, *one) for one in _waiting(desk, batch))
        return {"told": told}

    return commit


def _waiting(desk: Desk, batch: Batch) -> Iterator[tuple[frozenset[str], str, str]]:
    """Roles, the unit they hold it for, and what waits for them."""
    if batch.state == "collecting":
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
    users = {user for role in roles for user in people.holders(desk, role)}
    actors = [
        (user.id or 0, people.actor_of(desk, user, "worker", signed_in=False))
        for user in desk.rows(User, among(User.id, users))
    ]
    told = {number for number, one in actors if one.may(roles, batch.region, unit)}
    tell(desk, told, f"remind.{what}", f"batch/{batch.id}")
    if told:
        desk.audit(Record("batch.remind", f"batch/{batch.id}", region=batch.region, unit=unit, detail={"what": what}))
    return len(told)
