"""Remove what nobody will ask for: files and folders that no row names, answers kept beyond their time."""

from __future__ import annotations

from engine.storage.audit import Record
from engine.storage.backup import sweep
from engine.storage.desk import Desk, Store
from engine.storage.tables.work import Job
from engine.workflow.doing import Commit, Report
from engine.workflow.idempotency import expire


def work(store: Store, job: Job, report: Report) -> Commit:
    """What is gone is gone, whether this commits or not."""
    report(0, 1)
    gone = sweep(store)

    def commit(desk: Desk) -> dict[str, object]:
        if gone:
            subject = f"origin/{store.origin}"
            desk.audit(Record("file.sweep", subject, region=job.region, unit=job.unit, detail={"gone": gone}))
        return {"gone": gone, "answers": expire(desk)}

    return commit
