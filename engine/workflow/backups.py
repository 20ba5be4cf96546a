"""Backups and their way back: what must not happen a second time after a restore, and who says what was paid since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.problems import InputProblems, Problem
from engine.printing.files import check_out
from engine.storage import restore
from engine.storage.archive import Manifest, Told, is_backup
from engine.storage.audit import Record
from engine.storage.backup import write_backup
from engine.storage.claims import job_now
from engine.storage.desk import Desk, Store, open_desk
from engine.storage.query import among
from engine.storage.restore import Restored
from engine.storage.tables.people import SignIn, Token
from engine.storage.tables.period import Batch
from engine.storage.tables.proof import AuditHead
from engine.storage.tables.work import Job, Webhook
from engine.workflow.batch import ENDED, STATES
from engine.workflow.calendar import SHANGHAI
from engine.workflow.operations import anchors_of, answering, opened, operator
from engine.workflow.refusals import Guard, Unmet
from engine.workflow.roles import require
from engine.workflow.settings import Settings, read_settings
from engine.workflow.steps import batch_of

FOLDER = "backups"
"""Where backups lie below the installation's folder while LIANGYUN_BACKUP names no other."""
MOVED = frozenset(STATES) - ENDED
"""States from which money may have moved since the backup: what waited for its approval then may be paid by now."""
RESUMED = frozenset({"score", "allocate", "evaluate", "preview", "due-open", "due-evaluate", "anchor", "sweep"})
"""Kinds of jobs that neither pay nor tell anybody: they go on after a restore; the others are cancelled."""


@dataclass(frozen=True)
class Written:
    """A backup that was written."""

    path: Path
    manifest: Manifest


def write(path: Path | None, report: Told) -> Written:
    """Write a backup to a file, to a dated one in a folder, or to where the settings say.

    Raises Refused, InputProblems (OUT-EXISTS: another file than an earlier backup), OSError where the disk is full.
    """
    with opened() as store:
        target = target_of(read_settings(), path, store.clock())
        check_out(target, force=None, earlier=is_backup)
        said = write_backup(store, target, report)
        with open_desk(store, operator()) as desk:
            desk.audit(written(store, said))
    return Written(target, said)


def target_of(settings: Settings, path: Path | None, moment: datetime) -> Path:
    """The file to write: what was named, dated where that is a folder."""
    own = settings.place().home / FOLDER
    target = path or settings.backup or own
    if target == own:
        own.mkdir(mode=0o700, exist_ok=True)
    elif path is None and not target.is_dir():  # a disk that is not there: what is written below would fill another
        said = f"没有备份文件夹 {target}"
        raise InputProblems([Problem("LIANGYUN_BACKUP", "BACKUP-FOLDER", said, "接上备份磁盘, 或改正设置")])
    if not target.is_dir():
        return target
    return target / f"liangyun-{moment.astimezone(SHANGHAI):%Y%m%d-%H%M%S}.zip"


def written(store: Store, said: Manifest) -> Record:
    """What is recorded of a backup."""
    detail = {"size": said.seq, "head": said.head, "entries": said.entries, "missing": said.missing}
    return Record("service.backup", f"origin/{store.origin}", detail=detail)


def bring_back(path: Path, report: Told, *, anchors: Sequence[Path] = (), accept_broken: bool = False) -> Restored:
    """Restore a backup into the place of the settings, which must be empty. Raises as `engine.storage.restore`."""
    known = anchors_of(anchors)
    place = read_settings().place()
    with answering():
        return restore.restore(
            path, place, report, actor=operator(), settle=settle, anchors=known, accept_broken=accept_broken
        )


def settle(desk: Desk) -> dict[str, Any]:
    """What must not happen again: nobody is signed in, nothing is told twice, nothing is paid before somebody looked.

    How many of each there were.
    """
    told = desk.session.get_one(AuditHead, 1).event
    ended = job_now(desk)
    waiting = Job.state == "queued", Job.state == "running"
    again: dict[str, Any] = {"state": "queued", "owner": None, "lease": None}
    over: dict[str, Any] = {"state": "cancelled", "owner": None, "lease": None, "ended_at": ended}
    kinds = {kind for (kind,) in desk.values([Job.kind])}
    for state in waiting:
        desk.change(Job, state, among(Job.kind, RESUMED), **again)
    cancelled = sum(desk.change(Job, state, among(Job.kind, kinds - RESUMED), **over) for state in waiting)
    restored = desk.change(Batch, among(Batch.state, MOVED), restored=True, version=Batch.version + 1)
    desk.change(Webhook, sent=told)
    return {
        "sessions": desk.remove(SignIn),
        "tokens": desk.change(Token, Token.revoked == False, revoked=True),  # noqa: E712  (a column)
        "jobs": cancelled,
        "batches": restored,
    }


def acknowledge_restored(desk: Desk, number: int, said: str) -> Batch:
    """The payer states what was ordered since the backup; from here on the batch may go on.

    said: vouchers and dates, or that there was none. Lines that were ordered are recorded as any other before that.
    Raises NotThere, NotAllowed, Unmet (STATE), InputProblems (SAID).
    """
    batch = batch_of(desk, number, lock=True)
    require(desk.actor, "batch.pay", batch.region, batch.unit)
    if not batch.restored:
        raise Unmet([Guard("STATE", "这个批次不是由备份恢复的, 或已经说明过")])
    if not said.strip():
        problem = Problem("said", "SAID", "没有说明备份之后的付款情况", "写明已办的凭证号和日期, 没有也要写明")
        raise InputProblems([problem])
    batch.restored, batch.version = False, batch.version + 1
    desk.add(batch)
    subject = f"batch/{batch.id}"
    desk.audit(Record("batch.restored", subject, region=batch.region, unit=batch.unit, detail={"said": said.strip()}))
    desk.event("batch.restored", subject, region=batch.region, unit=batch.unit)
    return batch
