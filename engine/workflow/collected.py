"""What was collected for a batch as one dataset: looked at while it grows, locked, and taken over by a later batch.

Of every assignment its accepted submission counts; `*` stands for those that have none. While the batch is collected
the dataset is made again of what is accepted then; what is looked at is kept by its digest, so nothing is read twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import pandas as pd

from domain.period import Period
from domain.problems import InputProblems, Problem
from engine.folder.others import Others
from engine.folder.output import frame_of
from engine.policy.configs import PLAN, run_configs
from engine.storage.audit import Record
from engine.storage.desk import Desk
from engine.storage.query import among
from engine.storage.tables.facts import Assignment, Fact, Part, Submission
from engine.storage.tables.facts import Dataset as Locked
from engine.storage.tables.period import Batch
from engine.storage.tables.results import Run
from engine.workflow import datasets, policies, runs, units
from engine.workflow.datasets import Dataset, assemble, write_dataset
from engine.workflow.figures import Figure
from engine.workflow.submitted import outside

EVERYTHING = "*"
"""The filer of the one assignment that holds everything."""
_COLUMNS = ("table", "unit", "period", "code", "value", "document", "word", "note", "place")
_PART = tuple[str, str]


@dataclass(frozen=True)
class DryRead:
    """What a run of what was accepted would refuse. sha: of the dataset ("" where it cannot be made)."""

    problems: tuple[Problem, ...]
    sha: str


@dataclass(frozen=True)
class Finding:
    """One finding of the checks. n: as in `checks.csv`; digest: of the check, unit, cell and value it is about."""

    n: int
    digest: str
    cell: str
    unit: str
    what: str
    value: str
    expected: str
    rule: str
    severity: str
    answer: str


@dataclass(frozen=True)
class _Chosen:
    """The submissions that count, by filer, and the parts that each assignment has."""

    submissions: dict[str, Submission]
    parts: dict[str, frozenset[_PART]]

    @property
    def own(self) -> frozenset[_PART]:
        """The parts that somebody handed in by himself."""
        return frozenset(
            part for filer in self.submissions if filer != EVERYTHING for part in self.parts.get(filer, frozenset())
        )


def figures_in(desk: Desk, made: Submission) -> list[Figure]:
    """The rows of a submission, in the order in which they were handed in."""
    columns = [getattr(Fact, name) for name in _COLUMNS]
    rows = desk.values(columns, Fact.submission == made.id, order=Fact.id)
    return [Figure(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def keep_figures(desk: Desk, made: Submission, figures: Iterable[Figure]) -> None:
    """Keep the rows of a submission, in their order."""
    values = ({name: getattr(figure, name) for name in _COLUMNS} for figure in figures)
    desk.session.add_all([Fact(submission=made.id or 0, **one) for one in values])
    desk.session.flush()


def lock(desk: Desk, batch: Batch, period: Period) -> str:
    """Make the dataset of what is accepted, and the register of its two tables where there was none; its sha.

    Raises InputProblems as `assemble`.
    """
    with desk.beyond():
        chosen = _chosen(desk, batch, ("accepted",))
        sha = write_dataset(_dataset(desk, batch, period, chosen), desk.store.files)
        if not len(units.register(desk, batch.region).institutions):
            catalogue = policies.pinned(desk.store, batch.policy, period).configs.catalogue
            units.adopt(desk, desk.store.files.folder("datasets", sha), catalogue)
        if desk.get(Locked, sha) is None:
            members = sorted(made.id or 0 for made in chosen.submissions.values())
            desk.add(
                Locked(
                    region=batch.region, unit=batch.unit, sha=sha, batch=batch.id or 0, by=desk.actor.user,
                    at=desk.now, members=members,
                )
            )  # fmt: skip
    return sha


def preview(desk: Desk, batch: Batch, period: Period) -> str:
    """The sha of a dataset of what is accepted or checked so far; "" where nothing is. Raises InputProblems."""
    with desk.beyond():
        chosen = _chosen(desk, batch, ("checked", "accepted"))
        if not chosen.submissions:
            return ""
        return write_dataset(_dataset(desk, batch, period, chosen), desk.store.files)


def dry_read(desk: Desk, batch: Batch, period: Period) -> DryRead:
    """What a run of what is accepted would refuse; nothing of it where nothing is accepted."""
    with desk.beyond():
        chosen = _chosen(desk, batch, ("accepted",))
        if not chosen.submissions:
            return DryRead((), "")
        try:
            sha = write_dataset(_dataset(desk, batch, period, chosen), desk.store.files)
        except InputProblems as refused:
            return DryRead(refused.problems, "")
    return DryRead(_looked_at(desk, batch, sha, period).problems, sha)


def findings(desk: Desk, batch: Batch, period: Period) -> list[Finding]:
    """What the checks of the data found: of the score run, before it of what was locked or is accepted so far."""
    run = desk.get(Run, batch.score_run) if batch.score_run else None
    if run is not None:
        return list(_findings(frame_of(desk.store.files.folder("runs", run.folder), "checks")))
    sha = batch.dataset if batch.dataset and batch.state != "collecting" else dry_read(desk, batch, period).sha
    return list(_findings(_looked_at(desk, batch, sha, period).findings)) if sha else []


def unseen(desk: Desk, batch: Batch) -> set[str]:
    """The units of which something was handed in by `*` and not by its own filer."""
    with desk.beyond():
        chosen = _chosen(desk, batch, ("accepted",))
        everything = chosen.submissions.get(EVERYTHING)
        if everything is None:
            return set()
        own = chosen.own
        asked = {part for parts in chosen.parts.values() for part in parts}
        if asked:
            return {unit for unit, reporter in asked if (unit, reporter) not in own}
        return {str(unit) for (unit,) in desk.values([Fact.unit], Fact.submission == everything.id)}


def take_over(desk: Desk, batch: Batch, old: Batch | None) -> None:
    """What was accepted for an abandoned or corrected batch is accepted for this one, where the same is asked."""
    if old is None:
        return
    with desk.beyond():
        before, now = _chosen(desk, old, ("accepted",)), _parts(desk, batch)
        rows = {row.filer: row for row in desk.rows(Assignment, Assignment.batch == batch.id)}
        for filer, made in sorted(before.submissions.items()):
            if filer == EVERYTHING and filer not in rows:
                rows[filer] = desk.add(
                    Assignment(region=batch.region, unit=batch.region, batch=batch.id or 0, filer=EVERYTHING)
                )
            same = filer == EVERYTHING or before.parts.get(filer) == now.get(filer)
            if filer in rows and same:
                _copy(desk, batch, rows[filer], made)


def _copy(desk: Desk, batch: Batch, row: Assignment, made: Submission) -> None:
    same = ("files", "via", "by", "at", "reason", "state", "problems", "checked_by", "checked_at")
    copy = desk.add(
        Submission(
            region=row.region, unit=row.unit, batch=batch.id or 0, assignment=row.id or 0, number=1,
            taken_from=made.id, **{name: getattr(made, name) for name in same},
        )
    )  # fmt: skip
    keep_figures(desk, copy, figures_in(desk, made))
    subject = f"submission/{copy.id}"
    desk.audit(Record("submission.take-over", subject, region=row.region, unit=row.unit, detail={"from": made.id or 0}))
    desk.event("submission.take-over", subject, region=row.region, unit=row.unit, payload={"batch": batch.id or 0})


def _chosen(desk: Desk, batch: Batch, states: tuple[str, ...]) -> _Chosen:
    """The submission of each filer that counts: of the later of these states before the earlier, the newest."""
    filers = {row.id: row.filer for row in desk.rows(Assignment, Assignment.batch == batch.id)}
    found = desk.rows(
        Submission, Submission.batch == batch.id, among(Submission.state, states), order=Submission.number
    )
    best: dict[str, Submission] = {}
    for made in sorted(found, key=lambda one: (states.index(one.state), one.number)):
        best[filers[made.assignment]] = made
    return _Chosen(best, _parts(desk, batch))


def _parts(desk: Desk, batch: Batch) -> dict[str, frozenset[_PART]]:
    filers = {row.id: row.filer for row in desk.rows(Assignment, Assignment.batch == batch.id)}
    found: dict[str, set[_PART]] = defaultdict(set)
    for part in desk.rows(Part, Part.batch == batch.id):
        found[filers[part.assignment]].add((part.unit, part.reporter))
    return {filer: frozenset(parts) for filer, parts in found.items()}


def _dataset(desk: Desk, batch: Batch, period: Period, chosen: _Chosen) -> Dataset:
    catalogue = policies.pinned(desk.store, batch.policy, period).configs.catalogue
    known = units.register(desk, batch.region)
    handed_in = {filer: figures_in(desk, made) for filer, made in sorted(chosen.submissions.items())}
    if EVERYTHING in handed_in:
        handed_in[EVERYTHING] = outside(handed_in[EVERYTHING], chosen.own, catalogue)
    return assemble(known if len(known.institutions) else None, [*handed_in.values()], catalogue)


def _looked_at(desk: Desk, batch: Batch, sha: str, period: Period) -> datasets.DryRead:
    """What a dataset says as the batch's run would read it: a correction beside the run that it corrects."""
    store = desk.store
    folder = policies.pinned(store, batch.policy, period).folder
    with desk.beyond():
        others = runs.beside(store, runs.corrected(desk, batch))
    return _read(folder, store.files.folder("datasets", sha), period, others)


@lru_cache(maxsize=16)  # named by their digests no folder changes, and a reading takes seconds
def _read(policy: Path, dataset: Path, period: Period, others: Others) -> datasets.DryRead:
    (plan,) = sorted((policy / PLAN).glob("*.yaml"))
    read = datasets.dry_read(run_configs(policy), plan, dataset, period, others=others)
    return datasets.DryRead(read.problems, read.findings, None)  # the result is large, and nobody asks for it


def _findings(checks: pd.DataFrame) -> Iterable[Finding]:
    for row in checks.to_dict("records"):
        cell, unit, rule, value = (str(row[name]) for name in ("cell", "unit_code", "rule", "value"))
        digest = sha256(f"{rule}\n{unit}\n{cell}\n{value}".encode()).hexdigest()
        what, expected, severity, answer = (str(row[name]) for name in ("what", "expected", "severity", "answer"))
        yield Finding(int(row["n"]), digest, cell, unit, what, value, expected, rule, severity, answer)
