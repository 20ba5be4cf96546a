"""A backup into the folder of the settings, by a schedule."""

from __future__ import annotations

from engine.storage.backup import write_backup
from engine.storage.desk import Desk, Store
from engine.storage.tables.work import Job
from engine.workflow.backups import target_of, written
from engine.workflow.doing import Commit, Report
from engine.workflow.settings import read_settings


def work(store: Store, job: Job, report: Report) -> Commit:
    """The file is named after when it was asked for: done twice, it is the same file."""
    target = target_of(read_settings(), None, job.at)
    said = write_backup(store, target, report)

    def commit(desk: Desk) -> dict[str, object]:
        desk.audit(written(store, said))
        return {"file": target.name, "missing": len(said.missing)}

    return commit
