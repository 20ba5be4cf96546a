"""Sign the head of the audit chain and keep it outside the database; details go whose years of keeping are over."""

from __future__ import annotations

from datetime import timedelta

from engine.storage.audit import Record
from engine.storage.desk import Desk, Store
from engine.storage.tables.work import Job
from engine.workflow.anchors import expire_details, write_anchor
from engine.workflow.doing import Commit, Report
from engine.workflow.settings import read_settings


def work(store: Store, job: Job, report: Report) -> Commit:
    """The anchor is a file by the time its record is written; an anchor more of the same chain does no harm."""
    report(0, 1)
    _, said = write_anchor(store)
    anchored = {"size": said["size"], "head": said["head"]}

    def commit(desk: Desk) -> dict[str, object]:
        subject = f"audit/{said['size']}"
        desk.audit(Record("audit.anchor", subject, region=job.region, unit=job.unit, detail=anchored))
        expire_details(desk, desk.now - timedelta(days=366 * read_settings().audit_years))
        return anchored

    return commit
