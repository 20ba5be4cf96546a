"""Anchors: size and head of the audit chain, signed, kept where the database does not reach.

`home/anchors/2026-10.jsonl` (or the folder that LIANGYUN_ANCHORS names, best on another machine's disk) has one line
each; whoever copies that folder elsewhere can prove by `audit verify --anchor` that nothing was cut off or written anew
since.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from domain.problems import Refused
from engine.storage import audit
from engine.storage.audit import Record
from engine.storage.desk import Desk, Store, open_desk, program
from engine.workflow.calendar import shanghai_day
from engine.workflow.settings import read_settings

FOLDER = "anchors"
LEAST_KEPT = timedelta(days=184)


def write_anchor(store: Store) -> tuple[Path, dict[str, Any]]:
    """Append an anchor of the chain as it is; the file, and what it says."""
    with open_desk(store, program("worker"), writes=False) as desk:
        said = audit.anchor(desk.session, store.keys, store.origin, desk.now)
        month = f"{shanghai_day(desk.now):%Y-%m}"
    folder = read_settings().anchors or store.home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{month}.jsonl"
    with path.open("a", encoding="utf-8") as file:  # one write of less than a block: lines of two writers do not mix
        file.write(json.dumps(said, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path, said


def expire_details(desk: Desk, before: datetime) -> int:
    """Let the details of records older than this go, which leaves the chain whole; how many went.

    Raises Refused (RETENTION) where one would be younger than half a year (网络安全法 21: 不少于六个月).
    """
    if before > desk.now - LEAST_KEPT:
        raise Refused(f"审计记录的详情至少保留 {LEAST_KEPT.days} 天 (RETENTION)")
    gone = audit.expire(desk.session, before)
    if gone:
        desk.audit(Record("audit.expire", "audit", detail={"before": before.isoformat(), "details": gone}))
    return gone
