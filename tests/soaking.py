"""What the long runs saw, in docs/soak.json: one entry per run, of chunks that may be taken side by side."""

from __future__ import annotations

import fcntl
import json
import os
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.clock import machine

Json = dict[str, Any]
FILE = Path(__file__).parents[1] / "docs" / "soak.json"
RELIABILITY = FILE.with_name("reliability.json")


def versions() -> dict[str, str]:
    """What the figures were made with."""
    packages = {name: version(name) for name in ("liangyun", "pulp", "highspy", "hypothesis")}
    return {"python": platform.python_version(), **packages}


def record(name: str, chunk: int, figures: Json) -> Json:
    """Put one chunk's figures, numbers and tables of numbers, into the file; figures of other versions give way.

    The folder is locked meanwhile, since chunks run side by side. Returns the entry: sums, versions, chunks.
    """
    folder = os.open(FILE.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        stored = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
        entry = stored.get(name, {})
        chunks = entry.get("chunks", {}) if entry.get("versions") == versions() else {}
        chunks[f"{chunk:02d}"] = figures
        entry = {**_sum(chunks.values()), "versions": versions(), "chunks": dict(sorted(chunks.items()))}
        stored[name] = entry
        FILE.write_text(json.dumps(dict(sorted(stored.items())), indent=1) + "\n", "utf-8")
        return entry
    finally:
        os.close(folder)


def reliability(name: str, figures: Json) -> None:
    """Put what a storm of the service left into docs/reliability.json, in place of what the last one did.

    With it goes when and on what that was.
    """
    folder = os.open(RELIABILITY.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        stored = json.loads(RELIABILITY.read_text("utf-8")) if RELIABILITY.exists() else {}
        stored[name] = {**figures, "day": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine()}
        RELIABILITY.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", "utf-8")
    finally:
        os.close(folder)


def _sum(parts: Iterable[Mapping[str, Any]]) -> Json:
    total: Json = {}
    for part in parts:
        for key, value in part.items():
            if isinstance(value, Mapping):
                total[key] = _sum([total.get(key, {}), value])
            else:
                total[key] = round(total.get(key, 0) + value, 1)
    return total
