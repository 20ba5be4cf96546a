"""What a worker can do: one file per kind of job, found by looking into the folder.

A file has `work(store, job, report)`, which does the slow part outside any transaction and returns what is to be
committed: a function of a desk, whose answer is the job's `result` (ids, no amount and no name; None for nothing).
`due_open.py` is the kind `due-open`. PAUSES, where the usual ones do not fit: seconds before each new try of what
failed by chance; () is one try. `ended(desk, job, problems)`, where something must go back when the job has failed for
good: in the transaction that says so.

`work` may be done twice (a worker died, stood still, was told to go): what it does outside the commit must do no harm
then. `report(done, of, title)` tells how far it is and raises Fenced where the job is not this worker's any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeAlias

from domain.modules import modules
from engine.storage.desk import Desk, Store
from engine.storage.tables.work import Job
from engine.workflow.jobs import PAUSES, Ended


class Report(Protocol):
    """Told how far a job is."""

    def __call__(self, done: int, of: int, title: str = "") -> None:
        """`done` of `of` steps are done; title: what is being done now. Raises Fenced."""


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
