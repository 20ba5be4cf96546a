"""A schedule's: open the batch of a period. One that is open already, or was, is enough."""

from __future__ import annotations

from typing import Any

from engine.storage.desk import Desk, Store, program
from engine.storage.query import newest
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.work import Job
from engine.workflow import batches
from engine.workflow.doing import Commit, Report


def work(store: Store, job: Job, report: Report) -> Commit:  # noqa: ARG001  (every kind is given the same)
    """Opening is one transaction. Raises Unmet, as `open_batch`."""
    args = dict(job.args or {})

    def commit(desk: Desk) -> dict[str, Any]:
        plan, code = str(args["plan"]), str(args["period"])
        of = desk.first(PeriodRow, PeriodRow.plan == plan, PeriodRow.code == code, PeriodRow.region == job.region)
        found = desk.rows(Batch, Batch.period == of.id, order=newest(Batch.id)) if of else []
        there = next((batch for batch in found if batch.state != "abandoned"), None)
        if there is not None:
            return {"batch": there.id}
        desk.actor = program("worker", desk.actor.login)
        return {"batch": batches.open_batch(desk, plan, code, "regular").id}

    return commit
