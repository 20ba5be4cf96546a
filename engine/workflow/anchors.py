"""Anchors: size and head of the audit chain, signed, kept where the database does not reach.

`home/anchors/2026-10.jsonl` has one line each; whoever copies that folder elsewhere can prove by `audit verify
--anchor` that nothing was cut off or written anew since.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from engine.storage import audit
from engine.storage.desk import Store, open_desk, program
from engine.workflow.calendar import shanghai_day

FOLDER = "anchors"


def write_anchor(store: Store) -> tuple[Path, dict[str, Any]]:
    """Append an anchor of the chain as it is; the file, and what it says."""
    with open_desk(store, program("worker"), writes=False) as desk:
        said = audit.anchor(desk.session, store.keys, store.origin, desk.now)
        month = f"{shanghai_day(desk.now):%Y-%m}"
    folder = store.home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{month}.jsonl"
    with path.open("a", encoding="utf-8") as file:  # one write of less than a block: lines of two writers do not mix
        file.write(json.dumps(said, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path, said
