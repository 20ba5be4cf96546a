"""The audit chain: every record's hash holds the one before it, so that none can be changed, left out or put in.

hash = sha256(prev ‖ JCS of seq, at, actor, via, action, subject, outcome, region, unit, detail_sha); the detail stands
beside, by its hash, so that it may go after its retention without breaking the chain. Whoever appends holds the one
head row locked (without it PostgreSQL forked 743 of 1,200 times). An anchor is size and head, signed, kept elsewhere:
against it also a cut-off tail and a chain written anew are found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, cast

import rfc8785
from sqlmodel import Session, col, delete, select

from domain.problems import InputProblems, Problem
from engine.storage.keys import Keys, holds
from engine.storage.tables.proof import Audit, AuditDetail, AuditHead

START = "0" * 64
_PAGE = 5000
_ANCHOR = ("origin", "size", "head", "at", "key", "signature")


@dataclass(frozen=True)
class Record:
    """What is to be written: action and subject by code, outcome done, refused or failed; the detail in full."""

    action: str
    subject: str
    outcome: str = "done"
    region: str = ""
    unit: str = ""
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Broken:
    """Where the chain does not hold, and how: a code."""

    seq: int
    code: str


def head(session: Session) -> AuditHead:
    """The head row, locked until the transaction ends."""
    return session.exec(select(AuditHead).where(AuditHead.id == 1).with_for_update()).one()


def append(
    session: Session, last: AuditHead, records: Sequence[Record], *, actor: str, via: str, now: datetime
) -> None:
    """Write records after the last one; `last` is locked and carries the chain on."""
    for record in records:
        detail = dict(record.detail or {})
        detail_sha = sha256(rfc8785.dumps(detail)).hexdigest()
        if session.get(AuditDetail, detail_sha) is None:
            session.add(AuditDetail(sha=detail_sha, detail=detail, at=now))
        row = Audit(
            seq=last.seq + 1,
            prev=last.hash,
            hash="",
            at=now,
            actor=actor,
            via=via,
            action=record.action,
            subject=record.subject,
            outcome=record.outcome,
            region=record.region,
            unit=record.unit,
            detail_sha=detail_sha,
        )
        row.hash = hash_of(row)
        session.add(row)
        last.seq, last.hash = row.seq, row.hash
    session.add(last)


def hash_of(row: Audit) -> str:
    """What a record's hash must be."""
    said: dict[str, Any] = {
        "seq": row.seq,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": row.actor,
        "via": row.via,
        "action": row.action,
        "subject": row.subject,
        "outcome": row.outcome,
        "region": row.region,
        "unit": row.unit,
        "detail_sha": row.detail_sha,
    }
    return sha256(row.prev.encode() + rfc8785.dumps(said)).hexdigest()


def verify(
    session: Session, anchors: Sequence[Mapping[str, Any]] = (), keys: Keys | None = None, origin: str = ""
) -> list[Broken]:
    """Everything that does not hold: of the chain itself, of the details that are there, against anchors.

    Codes: AUDIT-CHANGED, AUDIT-ORDER, AUDIT-DETAIL, AUDIT-HEAD, ANCHOR-SIGNATURE, ANCHOR-ORIGIN (another
    installation's), ANCHOR-SIZE (cut off), ANCHOR-HEAD (written anew).
    """
    broken = list(chain(_rows(session), session.exec(select(AuditHead)).first(), anchors))
    broken += _details(session)
    broken += [problem for anchor in anchors for problem in _signature(anchor, keys)]
    broken += [Broken(int(one["size"]), "ANCHOR-ORIGIN") for one in anchors if origin and one["origin"] != origin]
    return broken


def chain(rows: Iterable[Audit], last: AuditHead | None, anchors: Sequence[Mapping[str, Any]] = ()) -> Iterator[Broken]:
    """Where records, in their order, do not make one chain that ends in its head and goes through these anchors."""
    wanted: dict[int, set[str]] = {}
    for anchor in anchors:
        wanted.setdefault(int(anchor["size"]), set()).add(str(anchor["head"]))
    seq, prev = 0, START
    for row in rows:
        seq += 1
        if row.seq != seq or row.prev != prev:
            yield Broken(seq, "AUDIT-ORDER")
            seq = row.seq
        if row.hash != hash_of(row):
            yield Broken(row.seq, "AUDIT-CHANGED")
        prev = row.hash
        if wanted.pop(row.seq, {row.hash}) != {row.hash}:
            yield Broken(row.seq, "ANCHOR-HEAD")
    if last is None or (last.seq, last.hash) != (seq, prev):
        yield Broken(seq, "AUDIT-HEAD")
    yield from (Broken(size, "ANCHOR-SIZE") for size in wanted if size > 0)


def expire(session: Session, before: datetime) -> int:
    """Remove the details that no record since then has; how many went. The chain holds as it did."""
    since = select(Audit.detail_sha).where(col(Audit.at) >= before)
    gone = delete(AuditDetail).where(col(AuditDetail.at) < before, col(AuditDetail.sha).not_in(since))
    return int(cast("Any", session.exec(gone)).rowcount)


def printed(session: Session, hexes: str) -> Audit | None:
    """The record whose hash begins with what a sheet bears; None if there is none."""
    return session.exec(select(Audit).where(col(Audit.hash).startswith(hexes.lower()))).first()


def anchor(session: Session, keys: Keys, origin: str, now: datetime) -> dict[str, Any]:
    """Size and head of the chain now, signed."""
    last = session.exec(select(AuditHead)).one()
    said: dict[str, Any] = {
        "origin": origin,
        "size": last.seq,
        "head": last.hash,
        "at": now.astimezone(UTC).isoformat(),
    }
    return {**said, "key": keys.public, "signature": keys.sign(rfc8785.dumps(said))}


def read_anchor(content: bytes, where: str) -> list[dict[str, Any]]:
    """The anchors of a file, one JSON object a line. Raises InputProblems."""
    try:
        read = [json.loads(line) for line in content.decode("utf-8").splitlines() if line.strip()]
        anchors = [{name: one[name] for name in _ANCHOR} | {"size": int(one["size"])} for one in read]
    except (ValueError, TypeError, KeyError):
        anchors = []
    if not anchors:
        raise InputProblems([Problem(where, "ANCHOR-FILE", "不是锚定文件", "用 audit anchor 写出的文件")])
    return anchors


def _signature(one: Mapping[str, Any], keys: Keys | None) -> Iterator[Broken]:
    said = {name: one[name] for name in ("origin", "size", "head", "at")}
    public = keys.public if keys else str(one["key"])
    if not holds(public, rfc8785.dumps(said), str(one["signature"])):
        yield Broken(int(one["size"]), "ANCHOR-SIGNATURE")


def _rows(session: Session) -> Iterator[Audit]:
    after = 0
    while rows := session.exec(select(Audit).where(col(Audit.seq) > after).order_by(col(Audit.seq)).limit(_PAGE)).all():
        yield from rows
        after = rows[-1].seq
        session.expunge_all()


def _details(session: Session) -> list[Broken]:
    known = {
        row.sha: sha256(rfc8785.dumps(row.detail)).hexdigest() == row.sha for row in session.exec(select(AuditDetail))
    }
    used = session.exec(select(Audit.seq, Audit.detail_sha)).all()
    return [Broken(seq, "AUDIT-DETAIL") for seq, sha in used if not known.get(sha, True)]
