"""The jobs that evaluate: the score run of a batch, its allocation, previews of what has come in so far.

Each makes a run folder outside any transaction; what it found is written inside the fenced one, and only while the
batch is still what it was: a step taken meanwhile (unlock, abandon) leaves the folder without a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from domain.period import Period
from domain.problems import Problem
from engine.storage.audit import Record
from engine.storage.desk import Desk, Store, open_desk, program
from engine.storage.query import newest
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.results import Run
from engine.storage.tables.work import Job
from engine.workflow import collected, jobs, policies, runs
from engine.workflow.doing import Commit, Report
from engine.workflow.refusals import Guard, NotThere, Unmet
from engine.workflow.roles import why_not

SCORE, ALLOCATE, PREVIEW, ANCHOR = "score", "allocate", "preview", "anchor"


@dataclass(frozen=True)
class _Before:
    """What a job starts from."""

    batch: Batch
    period: Period
    plan: str
    base: Run | None
    score: Run | None


def key_of(kind: str, region: str, plan: str, period: str, policy: str, dataset: str) -> str:
    """The business key of an evaluation: whoever asks, whenever, gets the same job for the same data and policies."""
    return f"evaluate:{kind}:{region}:{plan}:{period}:{policy}:{dataset}"


def request_score(desk: Desk, batch: Batch, period: PeriodRow) -> Job:
    """The score run of what was locked."""
    return _request(desk, batch, period, SCORE, "评分")


def request_allocation(desk: Desk, batch: Batch, period: PeriodRow) -> Job:
    """The allocation run: the gates that were answered belong to it."""
    return _request(desk, batch, period, ALLOCATE, "分配")


def request_anchor(desk: Desk, batch: Batch) -> Job:
    """An anchor of the audit chain after an approval."""
    return jobs.request(
        desk, f"anchor:batch:{batch.id}:{batch.round}", ANCHOR, {}, title="锚定审计记录", region=batch.region,
        unit=batch.unit,
    )  # fmt: skip


def _request(desk: Desk, batch: Batch, period: PeriodRow, kind: str, title: str) -> Job:
    number = f"{kind}/{batch.id}/{batch.round}"
    job = jobs.request(
        desk, key_of(number, batch.region, period.plan, period.code, batch.policy, batch.dataset or ""), kind,
        {"batch": batch.id, "version": batch.version + 1}, title=f"{period.plan} {period.code} {title}",
        region=batch.region, unit=batch.unit,
    )  # fmt: skip
    batch.job = job.id
    return job


def work_of(kind: str, store: Store, job: Job, report: Report) -> Commit:
    """The score or allocation run of a batch; the latter takes the score run's folder where it is of the same.

    Raises InputProblems, Refused as `execute`.
    """
    args = dict(job.args or {})
    with open_desk(store, program("worker"), writes=False) as desk:
        before = _before(desk, int(args["batch"]))
    if kind == ALLOCATE and before.score is not None and _is_same(store, before, before.score):
        return _taken(args, job, before.score)
    pinned = policies.pinned(store, before.batch.policy, before.period)
    data = store.files.folder("datasets", before.batch.dataset or "")
    made = runs.make(store, pinned, data, before.period, others=runs.beside(store, before.base), report=_told(report))

    def commit(desk: Desk) -> dict[str, Any]:
        batch = unchanged(desk, args)
        if batch is None:
            raise jobs.Outdated
        row = Run(
            region=batch.region, unit=batch.unit, batch=batch.id, kind=_KINDS[kind], plan=before.plan,
            period=str(before.period), dataset=batch.dataset or "", policy=batch.policy, folder=made.digest,
            program="", official=True, job=job.id or 0, by=job.by, at=desk.now,
        )  # fmt: skip
        runs.index(desk, made, row, pinned.loaded.plan)
        if before.base is not None:
            runs.index_deltas(desk, made, row, before.base)
        if kind == SCORE:
            batch.state, batch.score_run = "scored", row.id
        else:
            batch.state, batch.run = "allocated", row.id
        moved(desk, batch, kind, {"run": row.id, "digest": made.digest})
        return {"run": row.id}

    return commit


def _is_same(store: Store, before: _Before, score: Run) -> bool:
    """Whether an allocation run would make the score run's very folder: of the same data, policies and program."""
    of = (score.dataset, score.policy, score.program)
    same = of == (before.batch.dataset, before.batch.policy, version("liangyun"))
    return same and store.files.has_folder("runs", score.folder)


def _taken(args: dict[str, Any], job: Job, score: Run) -> Commit:
    def commit(desk: Desk) -> dict[str, Any]:
        batch = unchanged(desk, args)
        if batch is None:
            raise jobs.Outdated
        said = runs.values(score) | {
            "kind": _KINDS[ALLOCATE],
            "job": job.id,
            "by": job.by,
            "at": desk.now,
        }
        row = runs.index_again(desk, Run(**said), score)
        batch.state, batch.run = "allocated", row.id
        moved(desk, batch, ALLOCATE, {"run": row.id, "digest": row.folder})
        return {"run": row.id}

    return commit


def back(kind: str, desk: Desk, job: Job, problems: Sequence[Problem]) -> None:
    """The batch goes back to where it was before the step; the job has the problems."""
    batch = unchanged(desk, dict(job.args or {}))
    if batch is None:
        return
    if kind == SCORE:
        batch.state = "collecting"
    moved(desk, batch, f"{kind}-failed", {"job": job.id, "problems": [one.code for one in problems]})


def work_asked(store: Store, job: Job, report: Report) -> Commit:
    """An evaluation that somebody asked for: of what is locked (official), or of what has come in so far (preview)."""
    args = dict(job.args or {})
    period = Period.parse(str(args["period"]))
    pinned = policies.pinned(store, str(args["policy"]), period)
    data = store.files.folder("datasets", str(args["dataset"]))
    official = bool(args["official"])
    with open_desk(store, program("worker"), writes=False) as desk:
        base = _before(desk, int(args["batch"])).base if official else None
    made = runs.make(store, pinned, data, period, others=runs.beside(store, base), report=_told(report))

    def commit(desk: Desk) -> dict[str, Any]:
        batch = desk.get(Batch, int(args["batch"]), lock=True)
        if official and (batch is None or batch.dataset != args["dataset"] or batch.state == "collecting"):
            raise jobs.Outdated  # what was locked was given up meanwhile
        row = Run(
            region=job.region, unit=job.unit, batch=args["batch"], kind="score" if official else PREVIEW,
            plan=str(args["plan"]), period=str(period), dataset=str(args["dataset"]), policy=str(args["policy"]),
            folder=made.digest, program="", official=official, job=job.id or 0, by=job.by, at=desk.now,
        )  # fmt: skip
        runs.index(desk, made, row, pinned.loaded.plan)
        if base is not None:
            runs.index_deltas(desk, made, row, base)
        place = {"region": row.region, "unit": row.unit}
        desk.audit(Record("run.made", f"run/{row.id}", **place, detail={"kind": row.kind, "digest": row.folder}))
        desk.event("run.made", f"run/{row.id}", **place, payload={"kind": row.kind})
        return {"run": row.id}

    return commit


def trigger(desk: Desk, plan: str, code: str, region: str, *, want_locked: bool) -> tuple[Job, bool]:
    """Evaluate what is locked, else a preview of what is accepted or checked so far; whether it is official.

    Raises NotThere (no batch of this plan, period and region), Unmet (NOT-LOCKED, NOTHING-YET).
    """
    periods = desk.rows(PeriodRow, PeriodRow.plan == plan, PeriodRow.code == code, PeriodRow.region == region)
    found = [batch for row in periods for batch in desk.rows(Batch, Batch.period == row.id, order=newest(Batch.id))]
    batches = [batch for batch in found if batch.state != "abandoned" and batch.kind != "pay"]
    locked = next((batch for batch in batches if batch.dataset and batch.state != "collecting"), None)
    theirs = why_not(desk.actor, "evaluation.trigger", region, region) is None
    if locked is None and want_locked and (batches or theirs):
        raise Unmet([Guard("NOT-LOCKED", "本期还没有锁定的数据: 锁定后再触发, 或不写 want")])
    if not batches:
        raise NotThere
    batch = locked or batches[0]
    period = Period.parse(code)
    dataset = locked.dataset if locked else collected.preview(desk, batch, period)
    if not dataset:
        raise Unmet([Guard("NOTHING-YET", "还没有可以评价的填报")])
    args = {
        "plan": plan, "period": code, "policy": batch.policy, "dataset": dataset, "official": locked is not None,
        "batch": batch.id,
    }  # fmt: skip
    kind = "official" if locked else PREVIEW
    job = jobs.request(
        desk, key_of(kind, region, plan, code, batch.policy, dataset), "evaluate", args, title=f"{plan} {code} 评价",
        region=batch.region, unit=batch.unit,
    )  # fmt: skip
    return job, locked is not None


_KINDS = {SCORE: "score", ALLOCATE: "allocation"}


def _before(desk: Desk, number: int) -> _Before:
    batch = desk.get(Batch, number)
    period = desk.get(PeriodRow, batch.period) if batch else None
    if batch is None or period is None:
        raise NotThere
    score = desk.get(Run, batch.score_run) if batch.score_run else None
    return _Before(batch, Period.parse(period.code), period.plan, runs.corrected(desk, batch), score)


def unchanged(desk: Desk, args: dict[str, Any]) -> Batch | None:
    """The batch, if no step was taken since the job was asked for: what was made of it then says nothing now."""
    batch = desk.get(Batch, int(args["batch"]), lock=True)
    return batch if batch is not None and batch.version == int(args["version"]) else None


def _told(report: Report) -> Callable[[str, int, int], None]:
    """What a run says of its progress, as a job takes it."""
    return lambda title, done, of: report(done, of, title)


def moved(desk: Desk, batch: Batch, what: str, detail: dict[str, Any]) -> None:
    """What a job came to, told of its batch."""
    batch.version += 1
    desk.add(batch)
    desk.audit(
        Record(f"batch.{what}", f"batch/{batch.id}", region=batch.region, unit=batch.unit,
               detail={"state": batch.state, **detail})
    )  # fmt: skip
    desk.event(
        f"batch.{what}", f"batch/{batch.id}", region=batch.region, unit=batch.unit, payload={"state": batch.state}
    )
