"""A schedule's: evaluate what is locked, else what has come in; where nothing has, there is nothing to do."""

from __future__ import annotations

from typing import Any

from engine.storage.desk import Desk, Store
from engine.storage.tables.work import Job
from engine.workflow import evaluating
from engine.workflow.doing import Commit, Report
from engine.workflow.refusals import NotThere, Unmet


def work(store: Store, job: Job, report: Report) -> Commit:  # noqa: ARG001  (every kind is given the same)
    """The evaluation is a job of its own, the same that anybody gets who asks for these data and policies."""
    args = dict(job.args or {})

    def commit(desk: Desk) -> dict[str, Any]:
        try:
            made, official = evaluating.trigger(
                desk, str(args["plan"]), str(args["period"]), job.region, want_locked=False
            )
        except (NotThere, Unmet):
            return {}
        return {"job": made.id, "official": official}

    return commit
