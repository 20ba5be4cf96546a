"""The dossier of a batch: all evidence in one .zip with an index of hashes, for the file that is kept thirty years."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from engine.storage.audit import Record
from engine.storage.desk import Desk
from engine.storage.query import among
from engine.storage.tables.base import Table
from engine.storage.tables.decisions import (
    Answer,
    Confirmation,
    Decision,
    File,
    Gate,
    Hand,
    Objection,
    Signed,
    Voucher,
)
from engine.storage.tables.facts import Assignment, Submission
from engine.storage.tables.pay import PayBatch, PayExport, PayFolder, PayPeople, PayResult, PaySaid
from engine.storage.tables.people import User
from engine.storage.tables.period import Batch
from engine.storage.tables.proof import Audit, AuditDetail
from engine.storage.tables.results import Hold, Run
from engine.workflow import uploads
from engine.workflow.refusals import NotThere
from engine.workflow.results import zip_of
from engine.workflow.roles import why_not
from engine.workflow.steps import batch_of

_TABLES: dict[str, type[Table]] = {
    "assignments": Assignment,
    "submissions": Submission,
    "hands": Hand,
    "decisions": Decision,
    "gates": Gate,
    "confirmations": Confirmation,
    "objections": Objection,
    "answers": Answer,
    "signed": Signed,
    "holds": Hold,
    "vouchers": Voucher,
    "pay_batch": PayBatch,
    "pay_people": PayPeople,
    "pay_folders": PayFolder,
    "pay_exports": PayExport,
    "pay_results": PayResult,
    "pay_said": PaySaid,
}
_SUBJECTS: dict[str, Any] = {"assignment": Assignment, "submission": Submission, "objection": Objection, "run": Run}
"""What has records of its own in the audit."""
_PERSONS = ("by", "answered_by", "checked_by", "signer")


def dossier(desk: Desk, number: int) -> bytes:
    """Everything about a batch: its rows as JSON, the files they name, its run folders, dataset and policies, audit.

    `index.json` has the sha256 of every file in it. Raises NotThere for whoever does not see the batch whole.
    """
    batch = batch_of(desk, number)
    action = "pay.read" if batch.kind == "pay" else "dossier.read"
    if why_not(desk.actor, action, batch.region, batch.unit) is not None:
        raise NotThere
    with desk.beyond():
        parts = dict(_parts(desk, batch))
    index = {name: sha256(content).hexdigest() for name, content in sorted(parts.items())}
    parts["index.json"] = _json({"batch": batch.id, "files": index})
    desk.audit(Record("batch.dossier", f"batch/{batch.id}", region=batch.region, unit=batch.unit))
    return zip_of(sorted(parts.items()))


def _parts(desk: Desk, batch: Batch) -> Iterator[tuple[str, bytes]]:
    shas: set[str] = set()
    yield "batch.json", _json(batch.model_dump(mode="json"))
    logins = {user.id: user.login for user in desk.rows(User)}
    for name, table in _TABLES.items():
        rows = [row.model_dump(mode="json") for row in desk.rows(table, table.batch == batch.id)]  # type: ignore[attr-defined]
        for row in rows:
            for said in (row, row.get("more") or {}):
                shas |= {str(said[key]) for key in ("file", "minutes") if said.get(key)}
            shas |= {str(one["sha"]) for one in row.get("files") or ()}
            row.update({key: logins.get(row[key], "") for key in _PERSONS if key in row})
        yield f"{name}.json", _json(rows)
    yield "audit.json", _json(_audited(desk, batch))
    for sha in sorted(shas):
        row_of = desk.get(File, sha)
        if row_of is not None and row_of.kind != uploads.PERSONAL:
            yield f"files/{sha}-{row_of.name}", desk.store.files.get(sha)
    for run in desk.rows(Run, Run.batch == batch.id):
        if run.official and batch.run is None:
            continue  # nobody sees its amounts before `allocate`
        yield from _folder(desk, "runs", run.folder)
    for made in desk.rows(PayFolder, PayFolder.batch == batch.id):
        yield from _folder(desk, "runs", made.folder)
    if batch.dataset:
        yield from _folder(desk, "datasets", batch.dataset)
    if batch.policy:
        yield from _folder(desk, "policies", batch.policy)


def _audited(desk: Desk, batch: Batch) -> list[dict[str, Any]]:
    """The records of the batch and of what belongs to it, each with its detail while that is kept."""
    subjects = {f"batch/{batch.id}"}
    for noun, table in _SUBJECTS.items():
        subjects |= {f"{noun}/{number}" for (number,) in desk.values([table.id], table.batch == batch.id)}
    told = desk.rows(Audit, among(Audit.subject, subjects))
    shas = {row.detail_sha for row in told}
    details = {row.sha: row.detail for row in desk.rows(AuditDetail, among(AuditDetail.sha, shas))}
    return [{**row.model_dump(mode="json"), "detail": details.get(row.detail_sha)} for row in told]


def _folder(desk: Desk, kind: Any, digest: str) -> Iterator[tuple[str, bytes]]:
    folder = desk.store.files.folder(kind, digest)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"{kind}/{digest}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
