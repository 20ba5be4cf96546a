"""Runs of the service: made by jobs from a dataset and a bundle, kept as run folders, indexed in the database.

The folder is what holds: `liangyun verify` accepts it wherever it is carried; the index answers questions about it.
The score run is the whole run; nobody sees its amounts before `allocate`, which takes that very folder.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.period import Period
from domain.plan import Plan
from domain.workflow import stages_needed
from engine.folder.execute import execute
from engine.folder.others import NO_OTHERS, Others
from engine.folder.output import MANIFEST
from engine.policy.configs import PLAN
from engine.run import correction_lines as lines_changed
from engine.run.pools import Report
from engine.run.result import Result
from engine.run.say import Speaker
from engine.storage.desk import Desk, Store
from engine.storage.query import among, newest, true, under
from engine.storage.tables.base import Table
from engine.storage.tables.decisions import Confirmation, Decision
from engine.storage.tables.period import Batch
from engine.storage.tables.place import Membership
from engine.storage.tables.results import Amount, Delta, PayLine, Pool, Run, Score
from engine.workflow.batch import APPROVED
from engine.workflow.policies import Pinned
from engine.workflow.refusals import NotThere

DEPOSIT = "deposit/"
"""Before the pool whose deposit is given back, in the pool of a line."""


@dataclass(frozen=True)
class Made:
    """A run folder that was made, and what it says."""

    digest: str
    result: Result


class RunView(BaseModel):
    """A run as the API shows it."""

    model_config = ConfigDict(frozen=True)

    id: int
    kind: str
    period: str
    plan: str
    digest: str
    batch: int | None
    official: bool
    superseded_by: int | None
    corrected_by: int | None
    warnings: list[str]


def make(
    store: Store, pinned: Pinned, data: Path, period: Period, *, others: Others = NO_OTHERS, report: Report
) -> Made:
    """Run the engine as the command line does, and keep the folder. Raises InputProblems, Refused as `execute`."""
    made: list[Result] = []
    plan = pinned.folder / PLAN / f"{pinned.loaded.plan.id}.yaml"

    def build(folder: Path) -> str:
        inner = folder / "run"
        made.append(execute(pinned.configs, plan, data, period, inner, others=others, progress=report))
        for child in sorted(inner.iterdir()):
            child.rename(folder / child.name)
        inner.rmdir()
        return sha256((folder / MANIFEST).read_bytes()).hexdigest()

    digest = store.files.put_folder("runs", build)
    return Made(digest, made[0])


def index(desk: Desk, made: Made, row: Run, plan: Plan) -> Run:
    """Write the index of a run: scores, pools, amounts, what is to be paid, what a correction changes."""
    result = made.result
    row.folder, row.program = made.digest, version("liangyun")
    row.warnings = list(Speaker(result.labels).warnings(result.warnings))
    row.contradictions = sorted(result.contradictions)
    number = desk.add(row).id or 0
    region = row.region
    for one in _records(result, "totals"):
        score = None if one["score"] is None else Fraction(one["score"])
        place = {"region": region, "unit": one["unit_code"], "run": number}
        desk.session.add(
            Score(**place, scope=one["scope"], scorecard=one["scorecard"], score=score, grade=str(one["grade"] or ""))
        )
    for one in _records(result, "pools"):
        sums = {name: int(one[name]) for name in ("amount", "distributed", "undistributed")}
        desk.session.add(Pool(region=region, unit=one["alliance_code"], run=number, pool=one["pool"], **sums))
    for one in _records(result, "allocations"):
        place = {"region": region, "unit": one["unit_code"], "run": number, "alliance": one["alliance_code"]}
        desk.session.add(Amount(**place, pool=one["pool"], amount=int(one["amount"])))
    payers = {pool.id: pool.paid_by for pool in plan.pools}
    for (alliance, pool, unit), fen in sorted(lines_of(result).items()):
        payer = payers.get(pool_of(pool), "")
        place = {"region": region, "unit": unit, "run": number, "alliance": alliance}
        desk.session.add(PayLine(**place, pool=pool, amount=fen, payer=payer))
    desk.session.flush()
    return row


def values(row: Table) -> dict[str, Any]:
    """What stands in a row, as it stands there, but for its number."""
    return {name: getattr(row, name) for name in type(row).model_fields if name != "id"}


def index_again(desk: Desk, row: Run, same: Run) -> Run:
    """Write the index of a run that has the folder of another one."""
    number = desk.add(row).id or 0
    tables: tuple[Any, ...] = (Score, Pool, Amount, PayLine, Delta)
    for table in tables:
        for one in desk.rows(table, table.run == same.id):
            desk.session.add(table(**(values(one) | {"run": number})))
    desk.session.flush()
    return row


def index_deltas(desk: Desk, made: Made, row: Run, base: Run) -> None:
    """Write what a correction changes."""
    for one in _records(made.result, "deltas"):
        place = {"region": row.region, "unit": one["unit_code"], "alliance": one["alliance_code"], "pool": one["code"]}
        numbers: Any = {"run": row.id, "base_run": base.id, "old": int(one["old"]), "new": int(one["new"])}
        desk.session.add(Delta(**place, **numbers))
    desk.session.flush()


def lines_of(result: Result) -> dict[tuple[str, str, str], int]:
    """What is to be paid, in fen, by alliance, pool and unit.

    Of a settled pool what is paid now beyond what was prepaid; less what is held back as deposit; a deposit given back
    stands on a line of its own. Of a correction only what changes of these lines, signed. What is taken back of a
    settlement stands in the settlement and is set off by whoever pays next, never netted here.
    """
    if "deltas" in result.frames:
        return {line: fen for line, fen in _changed(result).items() if fen}
    lines = {
        (one["alliance_code"], one["pool"], one["unit_code"]): int(one["amount"])
        for one in _records(result, "allocations")
    }
    for one in _records(result, "settlements"):
        if one["line"] == "top_up":
            lines[one["alliance_code"], one["pool"], one["unit_code"]] = int(one["amount"])
    for one in _records(result, "deposits"):
        alliance, pool, unit = one["alliance_code"], one["pool"], one["unit_code"]
        if one["held"]:
            lines[alliance, pool, unit] = lines.get((alliance, pool, unit), 0) - int(one["held"])
        if one["released"]:
            lines[alliance, f"{DEPOSIT}{pool}", unit] = int(one["released"])
    return {line: fen for line, fen in lines.items() if fen}


def _changed(result: Result) -> dict[tuple[str, str, str], int]:
    """What a correction changes of each line; r, balances and parts of an overspend are of the same money and pay none.

    Of a settled pool the top-up changes what is paid, not the amount; what is held back more is paid less.
    """
    rows = list(_records(result, "deltas"))
    settlements = [*_records(result, "settlements"), *(one for one in rows if one["kind"] == lines_changed.SETTLEMENT)]
    settled = {(one["alliance_code"], one["pool"], one["unit_code"]) for one in settlements}
    lines: Counter[tuple[str, str, str]] = Counter()
    for one in rows:
        alliance, pool, unit = line = one["alliance_code"], one["pool"], one["unit_code"]
        match one["kind"], one["line"]:
            case lines_changed.POOL, _ if line not in settled:
                lines[line] += int(one["delta"])
            case lines_changed.SETTLEMENT, "top_up":
                lines[line] += int(one["delta"])
            case lines_changed.DEPOSITS, "held":
                lines[line] -= int(one["delta"])
            case lines_changed.DEPOSITS, "released":
                lines[alliance, f"{DEPOSIT}{pool}", unit] += int(one["delta"])
    return lines


def pool_of(line: str) -> str:
    """The pool of a line: itself, or the one whose deposit is given back."""
    return line.removeprefix(DEPOSIT)


def lines(desk: Desk, batch: Batch, held: frozenset[str] = frozenset()) -> list[PayLine]:
    """What the batch is to pay, but for alliances held back."""
    found = desk.rows(PayLine, PayLine.run == batch.run, order=(PayLine.alliance, PayLine.pool, PayLine.unit))
    return [line for line in found if line.alliance not in held]


def total(pools: Sequence[Pool]) -> int:
    """What a batch gives out, in fen."""
    return sum(pool.distributed for pool in pools)


def approvals_needed(plan: Plan, fen: int) -> list[dict[str, Any]]:
    """The stages that an amount has to pass, in order, as the batch keeps them."""
    return [
        {"stage": stage.stage, "title": stage.name, "count": stage.count}
        for stage in stages_needed(plan.approvals, fen)
    ]


def stages_open(desk: Desk, batch: Batch) -> list[dict[str, Any]]:
    """The stages of the current round that are still to be passed, the next one first, with how many are missing."""
    done = Counter(
        stage
        for (stage,) in desk.values(
            [Decision.stage],
            Decision.batch == batch.id,
            Decision.round == batch.round,
            among(Decision.step, {"review", "approve"}),
        )
    )
    missing = ((one, int(one["count"]) - done[one["title"]]) for one in batch.approvals or ())
    return [{**one, "count": count} for one, count in missing if count > 0]


def members(desk: Desk, batch: Batch) -> dict[str, str]:
    """By member unit of the score run, the digest of its own scores: what a confirmation is given to."""
    found: dict[str, list[str]] = defaultdict(list)
    run = batch.score_run
    rows = desk.rows(Score, Score.run == run, Score.scope == "member", order=(Score.unit, Score.scorecard))
    for row in rows:
        found[row.unit].append(f"{row.scorecard}={row.score}")
    return {unit: sha256("\n".join([unit, *said]).encode()).hexdigest() for unit, said in found.items()}


def words(desk: Desk, batch: Batch) -> list[tuple[str, str, bool]]:
    """Members by code, each with the digest of its scores as they are now and whether it gave its word on these."""
    given = {(one.unit, one.digest) for one in desk.rows(Confirmation, Confirmation.batch == batch.id)}
    return [(unit, digest, (unit, digest) in given) for unit, digest in sorted(members(desk, batch).items())]


def unconfirmed(desk: Desk, batch: Batch) -> list[str]:
    """The members whose word on the scores as they are now is missing."""
    return [unit for unit, _, given in words(desk, batch) if not given]


def alliances(desk: Desk) -> dict[str, frozenset[str]]:
    """By unit the alliances that the register has it in, ever; an alliance is its own."""
    found: dict[str, set[str]] = defaultdict(set)
    for unit, alliance in desk.values([Membership.unit, Membership.alliance]):
        found[unit].add(alliance)
        found[alliance].add(alliance)
    return {unit: frozenset(several) for unit, several in found.items()}


def of(desk: Desk, number: int) -> Run:
    """A run that is there for the caller. Raises NotThere."""
    row = desk.get(Run, number)
    if row is None:
        raise NotThere
    return row


def corrected(desk: Desk, batch: Batch) -> Run | None:
    """The run that a batch corrects; None of one that corrects none."""
    base = desk.get(Batch, batch.corrects) if batch.corrects is not None else None
    return desk.get(Run, base.run) if base is not None and base.run else None


def beside(store: Store, base: Run | None) -> Others:
    """What a run of a correction is given: the run that it corrects."""
    return NO_OTHERS if base is None else Others(before=store.files.folder("runs", base.folder))


def view(desk: Desk, row: Run) -> RunView:
    """A run as it is shown, with what came after it."""
    return views(desk, [row])[0]


def views(desk: Desk, rows: Sequence[Run]) -> list[RunView]:
    """Runs as they are shown, each with what came after it: as many queries for many as for one."""
    batches = {row.batch for row in rows if row.batch is not None}
    newer: dict[int | None, tuple[int, str]] = {}
    corrections: dict[int | None, int] = {}
    if batches:
        official = (among(Run.batch, batches), true(Run.official))
        for batch, number, folder in desk.values([Run.batch, Run.id, Run.folder], *official, order=Run.id):
            newer[batch] = (number, folder)
        settled = (among(Batch.corrects, batches), among(Batch.state, APPROVED))
        rows_of = desk.values([Batch.corrects, Batch.run], *settled, order=Batch.id)
        corrections = {batch: run for batch, run in rows_of if run is not None}
    return [_view(row, newer.get(row.batch), corrections.get(row.batch)) for row in rows]


def _view(row: Run, newer: tuple[int, str] | None, corrected_by: int | None) -> RunView:
    """newer: number and folder of the last official run of its batch."""
    superseded = newer[0] if newer and newer[1] != row.folder and newer[0] > (row.id or 0) else None
    return RunView(
        id=row.id or 0,
        kind=row.kind,
        period=row.period,
        plan=row.plan,
        digest=row.folder,
        batch=row.batch,
        official=row.official,
        superseded_by=superseded,
        corrected_by=corrected_by,
        warnings=row.warnings or [],
    )


def listed(
    desk: Desk,
    *,
    plan: str = "",
    period: str = "",
    region: str = "",
    kind: str = "",
    official: bool | None = None,
    below: int | None = None,
    limit: int = 100,
) -> list[Run]:
    """Runs, newest first; below: only those with a smaller number."""
    where: list[Any] = [
        *([Run.plan == plan] if plan else []),
        *([Run.period == period] if period else []),
        *([Run.region == region] if region else []),
        *([Run.kind == kind] if kind else []),
        *([Run.official == official] if official is not None else []),
        *([under(Run.id, below)] if below is not None else []),
    ]
    return desk.rows(Run, *where, order=newest(Run.id), limit=limit)


def _records(result: Result, name: str) -> Iterator[dict[str, Any]]:
    if name in result.frames:
        for row in result.frames[name].to_dict("records"):
            yield {str(column): value for column, value in row.items()}
