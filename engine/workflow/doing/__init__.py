"""What a worker can do: one file per kind of job, found by looking into the folder.

A file has `work(store, job, report)`, which does the slow part outside any transaction and returns what is to be
committed: a function of a desk, whose answer is the job's `result` (ids, no amount and no name; None for nothing).
`due_open.py` is the kind `due-open`. PAUSES, where the usual ones do not fit: seconds before each new try of what
failed by chance; () is one try. `ended(desk, job, problems)`, where something must go back when the job has failed for
good or was cancelled: in the transaction that says so; such a job is asked for again by its step, not by a retry.

`work` may be done twice (a worker died, stood still, was told to go): what it does outside the commit must do no harm
then. A commit that finds that what was made says nothing any more raises `jobs.Outdated`: the job is cancelled, and
queued by the next request for its key. `report(done, of, title)` tells how far it is and raises Fenced where the job is
not this worker's any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeAlias

from domain.modules import modules
from domain.problems import Problem
from engine.storage.desk import Desk, Store
from engine.storage.tables.work import Job

PAUSES = (10, 60, 300, 900)
"""Seconds before each new try of what failed by chance; after the last it has failed."""


class Report(Protocol):
    """Told how far a job is."""

    def __call__(self, done: int, of: int, title: str = "") -> None:
        """`done` of `of` steps are done; title: what is being done now. Raises Fenced."""


Ended: TypeAlias = Callable[[Desk, Job, Sequence[Problem]], None]
"""What else happens in the transaction in which a job fails for good or is cancelled."""
Commit: TypeAlias = Callable[[Desk], Mapping[str, Any] | None]
Work: TypeAlias = Callable[[Store, Job, Report], Commit]


@dataclass(frozen=True)
class Kind:
    """A kind of job."""

    work: Work
    pauses: Sequence[int] = PAUSES
    ended: Ended | None = None


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its code."""
    found = modules(__name__)
    return {
        name.replace("_", "-"): Kind(file.work, getattr(file, "PAUSES", PAUSES), getattr(file, "ended", None))
        for name, file in sorted(found.items())
    }
