"""The pay folder of a batch: its people paid as the command line pays them, and the folder verified at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from domain.period import Period
from domain.problems import InputProblems, Problem
from engine.folder.output import MANIFEST
from engine.pay.folder.complete import pay_complete
from engine.pay.folder.compute import Asked
from engine.pay.folder.correct import pay_correct
from engine.pay.folder.done import Done
from engine.pay.folder.execute import Against, pay_run, pay_teams
from engine.pay.folder.verify import verify_payment
from engine.pay.result import Payment
from engine.policy.configs import PLAN
from engine.printing.system import in_memory
from engine.run.say import Speaker
from engine.storage.desk import Desk, Store, open_desk, program
from engine.storage.tables.decisions import File
from engine.storage.tables.pay import PayBatch, PayFolder, PayPeople
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.results import Run
from engine.storage.tables.work import Job
from engine.workflow import evaluating, jobs, pay, pay_folders, policies
from engine.workflow.doing import Commit, Report
from engine.workflow.refusals import NotThere

PAUSES = (10, 60)
ended = partial(evaluating.back, "pay")


@dataclass(frozen=True)
class _Before:
    """What it starts from. run, base: folders, of the amounts and of the payment put right or completed (`completes`).

    teams: whether only teams are divided among.
    """

    batch: Batch
    period: Period
    month: str
    people: File
    run: Path | None
    base: Path | None
    completes: bool
    teams: bool
    earlier: tuple[Path, ...]


def work(store: Store, job: Job, report: Report) -> Commit:
    """Pay. Raises InputProblems with all problems at their cells, Refused; then nothing of the batch changes."""
    args = dict(job.args or {})
    with open_desk(store, program("worker"), writes=False) as desk:
        before = _before(desk, int(args["batch"]), int(args["people"]))
    content, made = store.files.get(before.people.sha, personal=True), list[Done]()

    def build(folder: Path) -> str:
        inner = folder / "pay"
        with in_memory(content, before.people.name) as people:
            made.append(_paid(store, before, people, inner))
        report(1, 2, "复核发放结果")
        _check(made[0].payment, inner)
        for child in sorted(inner.iterdir()):
            child.rename(folder / child.name)
        inner.rmdir()
        return sha256((folder / MANIFEST).read_bytes()).hexdigest()

    report(0, 2, "计算到人")
    with pay_folders.keyed(store):
        digest = store.files.put_folder("runs", build)

    def commit(desk: Desk) -> dict[str, Any]:
        batch = evaluating.unchanged(desk, args)
        people = desk.get(PayPeople, int(args["people"]))
        if batch is None or people is None:
            raise jobs.Outdated
        slips = made[0].payment.tables.get("payslips")
        row = PayFolder(
            region=batch.region, unit=batch.unit, batch=batch.id or 0, folder=digest, people=people.file, at=desk.now,
            kind=pay_folders.PAY if slips is not None else pay_folders.TEAMS,
            amount=0 if slips is None else int(sum(slips["payable"])), lines=0 if slips is None else len(slips),
        )  # fmt: skip
        desk.add(row)
        people.folder = digest
        if slips is not None:
            batch.state = "allocated"
        evaluating.moved(desk, batch, "pay" if slips is not None else "teams", {"digest": digest, "people": people.id})
        return {"digest": digest, "warnings": list(Speaker().warnings(made[0].warnings))}

    return commit


def _paid(store: Store, before: _Before, people: Path, out: Path) -> Done:
    pinned = policies.pinned(store, before.batch.policy, before.period, alone=True)
    plan = pinned.folder / PLAN / f"{pinned.loaded.plan.id}.yaml"
    asked = Asked(before.period, before.month, (before.batch.unit,))
    if before.base is not None and before.completes:
        return pay_complete(before.base, people, out)
    if before.base is not None:
        return pay_correct(pinned.configs, plan, people, asked, out, before=before.base, run=before.run)
    if before.teams:
        return pay_teams(pinned.configs, plan, people, asked, out, run=before.run)
    against = Against(before.earlier, first=not before.earlier)
    return pay_run(pinned.configs, plan, people, asked, out, run=before.run, against=against)


def _check(payment: Payment, folder: Path) -> None:
    """An amount that cannot be divided is no payment, nor is a folder that does not say the truth."""
    problems: list[Problem] = [one for told in payment.unmet.values() for one in told]
    problems += verify_payment(folder).problems if not problems else ()
    if problems:
        raise InputProblems(problems)


def _before(desk: Desk, number: int, handed: int) -> _Before:
    batch, own, people = desk.get(Batch, number), desk.get(PayBatch, number), desk.get(PayPeople, handed)
    file = desk.get(File, people.file) if people else None
    period = desk.get(PeriodRow, batch.period) if batch else None
    if batch is None or own is None or people is None or file is None or period is None:
        raise NotThere
    run = desk.get(Run, own.run) if own.run else None
    base = pay_folders.before(desk, batch)
    folders: Sequence[Path] = () if base else pay_folders.earlier(desk)
    return _Before(
        batch,
        Period.parse(period.code),
        own.month,
        file,
        desk.store.files.folder("runs", run.folder) if run else None,
        desk.store.files.folder("runs", pay_folders.of(desk, base).folder) if base else None,
        own.completes is not None,
        people.what == pay.TEAMS,
        tuple(folders),
    )
