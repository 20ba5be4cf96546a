"""Files that people hand in: content-addressed, written before their row; a name is text and never a path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from domain.problems import InputProblems, Problem
from engine.storage.audit import Record
from engine.storage.desk import Actor, Desk
from engine.storage.tables.decisions import File
from engine.workflow.places import WHOLE, is_region
from engine.workflow.refusals import Guard, NotThere, Unmet
from engine.workflow.roles import MAY

MOST = 50 * 1024 * 1024
"""Bytes of one file."""
PERSONAL = "personal"
"""The class of a file that holds people."""
_NAME = 200
_SHARED = ""
"""The unit of a file that several handed in: whoever knows its hash has had it in hand."""
_STRAY = re.compile(r"[\x00-\x1f\x7f/\\]+")


@dataclass(frozen=True)
class Uploaded:
    """A file of the store."""

    sha: str
    name: str
    size: int


def keep(
    desk: Desk, name: str, content: bytes, media: str, *, region: str, unit: str, personal: bool = False
) -> Uploaded:
    """Keep a file for a place; personal: it holds people, so it lies encrypted and is downloaded by nobody.

    Raises InputProblems (FILE-EMPTY, FILE-LARGE).
    """
    shown = plain_name(name)
    if not content:
        raise InputProblems([Problem(shown, "FILE-EMPTY", "文件是空的", "重新选择文件")])
    if len(content) > MOST:
        said = f"文件超过 {MOST // 1024 // 1024} MB"
        raise InputProblems([Problem(shown, "FILE-LARGE", said, "压缩或拆分后再上传")])
    sha = sha256(content).hexdigest()
    with desk.beyond():
        there = desk.get(File, sha)
    personal = personal or (there is not None and there.kind == PERSONAL)  # it may come once more, as any file
    desk.store.files.put(content, personal=personal)
    with desk.beyond():
        if there is None:
            row = File(
                sha=sha, name=shown, type=media[:100], size=len(content), by=desk.actor.user, at=desk.now,
                region=region, unit=unit, kind=PERSONAL if personal else "plain",
            )  # fmt: skip
            desk.add(row)
        elif (there.region, there.unit) != (region, unit) and there.unit:
            there.unit = _SHARED
        if there is not None and personal:
            there.kind = PERSONAL
        desk.session.flush()
    desk.audit(Record("file.upload", f"file/{sha}", region=region, unit=unit, detail={"size": len(content)}))
    return Uploaded(sha, shown, len(content))


def place_of(actor: Actor) -> tuple[str, str]:
    """Where a file that somebody uploads belongs: (region, unit) of the first role that may upload."""
    for held in sorted(actor.held, key=lambda one: (one.role, one.unit)):
        if held.role in MAY["file.add"]:
            region = next(iter(sorted(held.scope.regions | held.scope.homes)), WHOLE)
            return region, region if is_region(held.unit) or not held.unit else held.unit
    raise NotThere


def plain_name(name: str) -> str:
    """A name as text: no folders, no control characters, bounded."""
    return _STRAY.sub("_", name).strip(" .")[-_NAME:] or "文件"


def needed(desk: Desk, sha: str) -> str:
    """The sha of a file that was uploaded. Raises Unmet (FILE-NONE)."""
    if found(desk, sha) is None:
        raise Unmet([Guard("FILE-NONE", "没有这个文件: 先上传", (("file", sha),))])
    return sha


def content(desk: Desk, sha: str) -> tuple[File, bytes]:
    """A file of the caller's places and its bytes. Raises NotThere."""
    row = found(desk, sha)
    if row is None:
        raise NotThere
    return row, desk.store.files.get(sha)


def found(desk: Desk, sha: str) -> File | None:
    """A file of the caller's places, one of its own, or one that several handed in; none that holds people."""
    row = desk.get(File, sha)
    if row is not None and row.kind == PERSONAL:
        return None
    if row is None or row.unit == _SHARED or row.by == desk.actor.user:
        return row
    return row if desk.actor.scope.sees(row.region, row.unit) else None
