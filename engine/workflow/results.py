"""Results as they are read: tables, stories and folders of runs; the caller's units, from the state that shows them.

Members (reporter, unit_viewer, self, hr) see scores from confirming on and amounts from disclosed on; nobody sees the
amounts of an official run before `allocate`. Whoever sees all of a run gets the folder's own bytes.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from domain.problems import InputProblems
from engine.folder.explain import explain
from engine.folder.saved import Line
from engine.folder.story_text import say
from engine.printing.plain import parquet_of, workbook_of
from engine.run.result import FRAMES
from engine.storage.desk import Desk
from engine.storage.query import among
from engine.storage.scope import Scope
from engine.storage.tables.period import Batch
from engine.storage.tables.results import Amount, Hold, Run
from engine.storage.tables.work import Job
from engine.workflow import runs
from engine.workflow.batch import AMOUNTS_SHOWN, SCORES_SHOWN
from engine.workflow.jobs import asked_for
from engine.workflow.refusals import NotThere
from engine.workflow.roles import EARLY_VIEWERS, LATE_VIEWERS

Format = Literal["json", "csv", "xlsx", "parquet"]
MEDIA: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
SCORES = ("indicators", "scores", "totals")
CHECKS = ("checks",)
"""Findings of the data: with the scores, before there is an amount."""
TABLES = tuple(FRAMES)


@dataclass(frozen=True)
class Access:
    """What of a run the caller sees: everything, or rows of these places.

    held: alliances that are held back, whose amounts nobody approved: they are not for members.
    """

    everything: bool
    scopes: tuple[Scope, ...]
    region: str
    held: frozenset[str] = frozenset()

    def sees(self, unit: str) -> bool:
        """Whether a unit's rows are the caller's."""
        return self.everything or any(scope.sees("", unit) or unit in scope.units for scope in self.scopes)


@dataclass(frozen=True)
class Table:
    """A table of a run: its columns, the caller's rows as texts, and the folder's own bytes where those are all."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    whole: bytes | None
    digest: str


Holds = Mapping[int | None, frozenset[str]]
"""The alliances of batches that are held back."""


def access(desk: Desk, row: Run, *, amounts: bool, holds: Holds | None = None) -> Access:
    """What the caller sees of a run; holds: where they were read already. Raises NotThere where that is nothing."""
    actor, region = desk.actor, row.region
    batch = desk.get(Batch, row.batch) if row.batch else None
    allocated = batch is not None and batch.run is not None
    if amounts and row.official and not allocated:
        raise NotThere
    wide = [one.scope for one in actor.held if one.role in EARLY_VIEWERS and _may_integration(desk, row, one.role)]
    late = [one.scope for one in actor.held if one.role in LATE_VIEWERS]
    shown = batch is not None and _is_shown(desk, row, batch, amounts=amounts)
    seen = [scope for scope in (*wide, *(late if shown else ())) if scope.sees(region, region, covers=True)]
    if not seen:
        raise NotThere
    held = frozenset[str]()
    if amounts and not wide:
        held = (_holds(desk, {row.batch}) if holds is None else holds).get(row.batch, held)
    return Access(any(scope.sees(region, region) for scope in seen), tuple(seen), region, held)


@contextmanager
def known(desk: Desk, rows: Sequence[Run]) -> Iterator[Holds]:
    """While this lasts `access` asks nothing of these runs one by one that can be asked of all at once."""
    wanted = {row.batch for row in rows if row.batch is not None}
    batches = desk.rows(Batch, among(Batch.id, wanted))
    standing = {number for batch in batches for number in (batch.run, batch.score_run) if number is not None}
    held = [batches, desk.rows(Run, among(Run.id, standing)), desk.rows(Job, among(Job.id, {row.job for row in rows}))]
    try:
        yield _holds(desk, wanted)
    finally:
        held.clear()  # the session knows a row for as long as somebody holds it


def _holds(desk: Desk, batches: Collection[int | None]) -> Holds:
    """Of each of these batches, also of one that holds nothing back."""
    found: dict[int | None, set[str]] = {batch: set() for batch in batches}
    for batch, alliance in desk.values([Hold.batch, Hold.alliance], among(Hold.batch, {*batches} - {None})):
        found[batch].add(alliance)
    return {batch: frozenset(those) for batch, those in found.items()}


def table(desk: Desk, number: int, name: str, *, unit: str = "", alliance: str = "") -> Table:
    """A table of a run, the caller's rows; unit, alliance: only those.

    Raises NotThere, also for a unit or an alliance of which the caller sees nothing.
    """
    row = runs.of(desk, number)
    if name not in TABLES:
        raise NotThere
    seen = access(desk, row, amounts=name not in SCORES + CHECKS)
    if unit and not seen.sees(unit):
        raise NotThere
    path = desk.store.files.folder("runs", row.folder) / f"{name}.csv"
    if not path.is_file():
        raise NotThere
    read = read_table(path, row.folder)
    columns, rows = read[0], read[1:]
    if seen.everything and not seen.held and not unit and not alliance:
        return Table(name, columns, rows, path.read_bytes(), row.folder)
    kept = [one for one in rows if _matches(columns, one, seen, unit, alliance)]
    if alliance and not kept and not seen.sees(alliance):
        raise NotThere
    return Table(name, columns, kept, None, _digest(name, columns, kept))


def written(found: Table, fmt: Literal["csv", "xlsx", "parquet"]) -> bytes:
    """A table as a file; CSV of everything is the folder's own."""
    if fmt == "csv":
        return found.whole if found.whole is not None else _csv(found.columns, found.rows)
    if fmt == "xlsx":
        return workbook_of(found.name, found.columns, found.rows)
    return parquet_of(found.columns, found.rows)


def story(
    desk: Desk, number: int, unit: str, *, pool: str | None = None, indicator: str | None = None
) -> dict[str, Any]:
    """The story of a unit's numbers; of other units only sums. Raises NotThere, InputProblems (NO-NUMBER)."""
    row = runs.of(desk, number)
    seen = access(desk, row, amounts=False)
    paid = sees_amounts(desk, row, unit)
    if not seen.sees(unit) or (pool is not None and not paid):
        raise NotThere
    try:
        told = explain(desk.store.files.folder("runs", row.folder), unit, pool=pool, indicator=indicator)
    except InputProblems as error:
        if any(problem.code == "NO-UNIT" for problem in error.problems):
            raise NotThere from error
        asked = "pool" if pool is not None else "indicator"
        raise InputProblems(replace(problem, where=asked) for problem in error.problems) from error
    if not paid:
        scores = tuple(one for one in told.stories if one.kind == "score")
        told = replace(told, stories=scores, lines=(), members=(), pools=())
    if not seen.everything:
        told = replace(told, lines=tuple(map(_without_others, told.lines)), members=(), warnings=())
    return {**told.as_json(), "text": say(told)}


def archive(desk: Desk, number: int) -> bytes:
    """The run folder as .zip, which `liangyun verify` accepts; for whoever sees all of it. Raises NotThere."""
    row = runs.of(desk, number)
    seen = access(desk, row, amounts=True)
    if not seen.everything or seen.held:
        raise NotThere
    return zipped(desk.store.files.folder("runs", row.folder))


def zipped(folder: Path) -> bytes:
    """A folder as .zip, the same bytes for the same files."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return zip_of((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)


def zip_of(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """Files by their names as .zip; no time of day is in it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts:
            packed.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def sees_amounts(desk: Desk, row: Run, unit: str = "", *, holds: Holds | None = None) -> bool:
    """Whether the caller sees amounts of a run; unit: that unit's, whose alliance may be held back."""
    try:
        seen = access(desk, row, amounts=True, holds=holds)
    except NotThere:
        return False
    if not seen.held:
        return True
    paid_by = {alliance for (alliance,) in desk.values([Amount.alliance], Amount.run == row.id, Amount.unit == unit)}
    return bool(paid_by) and not paid_by & seen.held


def _may_integration(desk: Desk, row: Run, role: str) -> bool:
    """Other systems see official runs and the previews that they asked for."""
    if role != "integration" or row.official:
        return True
    job = desk.get(Job, row.job)
    return job is not None and asked_for(job, desk.actor.user)


def _is_shown(desk: Desk, row: Run, batch: Batch, *, amounts: bool) -> bool:
    """Whether members see a run: that of the batch as it stands, never one that was given up for it."""
    if not row.official or batch.state not in (AMOUNTS_SHOWN if amounts else SCORES_SHOWN):
        return False
    number = batch.run if amounts else batch.run or batch.score_run
    stands = desk.get(Run, number) if number else None
    return stands is not None and stands.folder == row.folder


def _without_others(line: Line) -> Line:
    """A line whose words name no other unit."""
    conflict = tuple(replace(one, code="") for one in line.conflict)
    unnamed = ("",) * len(line.gave_way)
    return replace(line, gave_way=unnamed, relief=(), warnings=(), conflict=conflict)


def _matches(columns: Sequence[str], row: Sequence[str], seen: Access, unit: str, alliance: str) -> bool:
    said = dict(zip(columns, row, strict=True))
    code = said.get("unit_code") or said.get("alliance_code", "")
    if unit and code != unit:
        return False
    if said.get("alliance_code") in seen.held or (alliance and said.get("alliance_code", alliance) != alliance):
        return False
    return seen.sees(code)


@lru_cache(maxsize=64)  # by its digest a folder never changes
def read_table(path: Path, digest: str) -> tuple[tuple[str, ...], ...]:
    """Columns and rows of a table of a folder that has this digest."""
    assert digest in path.parts  # noqa: S101  (what it is kept by)
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(tuple(row) for row in csv.reader(file))


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return held.getvalue().encode()


def _digest(name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return sha256(json.dumps([name, columns, rows], ensure_ascii=False).encode()).hexdigest()
