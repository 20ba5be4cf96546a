"""Taking a step of a batch: one transaction of version check, guards, hand, decision, audit, event and job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from engine.storage.audit import Record
from engine.storage.desk import Actor, Desk
from engine.storage.tables.decisions import Decision
from engine.storage.tables.period import Batch, Due
from engine.storage.tables.work import Job
from engine.workflow import collected, evaluating, hands, runs, uploads
from engine.workflow.batch import GUARDS, STATES, Step, steps_of
from engine.workflow.calendar import shanghai_day
from engine.workflow.cases import Case, Given
from engine.workflow.guards import deadline, unmet
from engine.workflow.pay_guards import minutes_wanted
from engine.workflow.refusals import Guard, NotAllowed, NotThere, Stale, Unmet
from engine.workflow.roles import require, why_not


@dataclass(frozen=True)
class Transition:
    """A step as it stands for the caller now. needs: what must be given with it, as its body names it."""

    step: str
    to: str
    allowed: bool
    unmet: tuple[Guard, ...]
    needs: tuple[str, ...]


def transitions(desk: Desk, number: int) -> list[Transition]:
    """Every step that the state knows, whether it is allowed to the caller now, and if not everything missing."""
    batch = batch_of(desk, number)
    case = Case(desk, batch)
    found: list[Transition] = []
    for step in steps_of(batch.kind).values():
        if batch.state in step.sources:
            missing = tuple(_missing(case, step))
            found.append(Transition(step.name, step.to, not missing, missing, needs(case, step)))
    return found


def needs(case: Case, step: Step) -> tuple[str, ...]:
    """What must be given with a step now, as its body names it: minutes that nobody attached before, too."""
    found = step.needs(case.batch.state)
    wanted = "minutes_there" in step.guards and "minutes" not in found and minutes_wanted(case)
    return (*found, "minutes") if wanted else found


def take(desk: Desk, number: int, name: str, given: Given, *, version: int) -> tuple[Batch, Job | None]:
    """Take a step; the batch as it is then, and the job that goes on with it.

    Raises NotThere, NotAllowed (ROLE, HAND, SIGN-IN-NEEDED), Stale, Unmet with every guard that is not met.
    """
    batch = batch_of(desk, number, lock=True)
    step = steps_of(batch.kind).get(name)
    if step is None:
        raise NotThere
    case = Case(desk, batch, given)
    _may(case, step)
    if batch.version != version:
        raise Stale(batch.version)
    if batch.state not in step.sources:
        raise Unmet([_wrong_state(batch, step)])
    missing = [*_not_given(case, step), *unmet(case, step.guards)]
    if missing:
        raise Unmet(missing)
    return _done(case, step)


def need(actor: Actor, name: str, kind: str = "regular") -> None:
    """Raises NotAllowed where the actor may not take this step of any batch of the kind, NotThere where it has none."""
    step = steps_of(kind).get(name)
    if step is None:
        raise NotThere
    refusals = [why_not(actor, action) for action in sorted({step.action(state) for state in step.sources})]
    if all(refusals) and (first := refusals[0]):
        raise NotAllowed(first.code, f"{first.message}: {first.remedy}")


def batch_of(desk: Desk, number: int, *, lock: bool = False) -> Batch:
    """A batch that is there for the caller. Raises NotThere."""
    batch = desk.get(Batch, number, lock=lock)
    if batch is None:
        raise NotThere
    return batch


def _missing(case: Case, step: Step) -> list[Guard]:
    found: list[Guard] = []
    actor, batch = case.desk.actor, case.batch
    problem = why_not(actor, step.action(batch.state), batch.region, batch.unit)
    if problem is not None:
        found.append(Guard(problem.code, f"{problem.message}: {problem.remedy}"))
    held = _held(case, step)
    whole = actor.scope.sees(batch.region, batch.unit)
    return [*found, *([held] if held else []), *(unmet(case, step.guards) if whole else _in_general(case, step))]


def _in_general(case: Case, step: Step) -> list[Guard]:
    """The guards that are not met, for whoever does not see the batch whole: nothing of other units is in them."""
    with case.desk.beyond():
        found = ((name, unmet(case, (name,))) for name in step.guards)
        codes = [(guard.code, GUARDS[name]) for name, missing in found for guard in missing]
    return [Guard(code, f"还没有做到: {said}") for code, said in dict.fromkeys(codes)]


def _may(case: Case, step: Step) -> None:
    actor, batch = case.desk.actor, case.batch
    require(actor, step.action(batch.state), batch.region, batch.unit)
    held = _held(case, step)
    if held is not None:
        raise NotAllowed(held.code, held.message)


def _held(case: Case, step: Step) -> Guard | None:
    """What the caller did of the batch before that keeps it from this step."""
    desk, batch, person = case.desk, case.batch, case.desk.actor.person
    duty = hands.may(desk, batch, person, step.hand(batch.state), case.plan.hands)
    return duty or hands.once(desk, batch, person, step.name)


def _wrong_state(batch: Batch, step: Step) -> Guard:
    now, wanted = STATES[batch.state], "、".join(STATES[one] for one in step.sources)  # type: ignore[index]
    return Guard("STATE", f"批次现在是{now}, {step.title}要在{wanted}时办理", (("state", batch.state),))


def _not_given(case: Case, step: Step) -> list[Guard]:
    """What the caller has to give with the step and did not."""
    given, batch, found = case.given, case.batch, list[Guard]()
    if given is None:
        return found
    wanted = step.needs(batch.state)
    if "reason" in wanted and not given.reason.strip():
        found.append(Guard("REASON", f"写明{step.title}的理由 (reason)"))
    if "minutes" in wanted and not given.minutes:
        found.append(Guard("MINUTES", f"上传{step.title}的会议纪要 (minutes)"))
    for sha in (given.minutes, given.file):
        if sha and uploads.found(case.desk, sha) is None:
            found.append(Guard("FILE-NONE", "没有这个文件: 先上传", (("file", sha),)))
    return found


def _done(case: Case, step: Step) -> tuple[Batch, Job | None]:
    desk, batch, given = case.desk, case.batch, case.given or Given()
    before = batch.state
    stage = ""
    if step.name in {"review", "approve"}:
        stage = runs.stages_open(desk, batch)[0]["title"]
    hands.take(desk, batch, desk.actor.person, step.hand(before))
    decision = Decision(
        batch=batch.id or 0, round=batch.round, step=step.name, stage=stage, from_state=before, to_state=step.to,
        reason=given.reason, seen=given.digest or (batch.seen or ""), more=given.model_dump(mode="json"),
        via=desk.actor.via, by=desk.actor.user, at=desk.now,
    )  # fmt: skip
    desk.add(decision)
    batch.state = step.to
    job = EFFECTS[step.name](case) if step.name in EFFECTS else None
    decision.to_state = batch.state
    batch.version += 1
    desk.add(batch)
    desk.audit(
        Record(
            f"batch.{step.name}", f"batch/{batch.id}", region=batch.region, unit=batch.unit,
            detail={"from": before, "to": batch.state, "reason": given.reason, "seen": decision.seen,
                    "stage": stage, "version": batch.version, "dataset": batch.dataset or ""},
        )
    )  # fmt: skip
    desk.event(
        f"batch.{step.name}", f"batch/{batch.id}", region=batch.region, unit=batch.unit, payload={"state": batch.state}
    )
    return batch, job


def _lock(case: Case) -> Job:
    """The accepted submissions become one dataset; policies are pinned; the score run begins."""
    desk, batch = case.desk, case.batch
    batch.dataset = collected.lock(desk, batch, case.period)
    batch.score_run = batch.run = batch.seen = batch.deadline = None
    return evaluating.request_score(desk, batch, case.period_row)


def _publish(case: Case) -> None:
    case.batch.deadline = deadline(case, "confirm")


def _allocate(case: Case) -> Job:
    """The state stays until the job is done; of the same data and policies it makes the score run's very folder."""
    case.batch.state = "confirmed"
    return evaluating.request_allocation(case.desk, case.batch, case.period_row)


def _submit(case: Case) -> None:
    """The stages are fixed by the amount; what is to be approved is the digest of the run with what is held back."""
    batch = case.batch
    batch.approvals = runs.approvals_needed(case.plan, case.total)
    said = "\n".join([case.digest, *sorted(case.held)])
    batch.seen = sha256(said.encode()).hexdigest() if case.held else case.digest


def _sign(case: Case) -> None:
    """Approved when the last stage is passed."""
    if runs.stages_open(case.desk, case.batch):
        case.batch.state = "reviewing"
    else:
        evaluating.request_anchor(case.desk, case.batch)


def _reject(case: Case) -> None:
    """A new round; nothing is deleted, nothing recalculated."""
    case.batch.round += 1
    case.batch.seen = None


def _unlock(case: Case) -> None:
    """Old dataset and runs stay; a job that is under way finds its batch changed and leaves nothing."""
    batch = case.batch
    batch.run = batch.score_run = batch.seen = batch.deadline = None
    batch.round += 1


def _disclose(case: Case) -> None:
    given, batch = case.given or Given(), case.batch
    batch.posted = {
        "posted_on": str(given.posted_on or shanghai_day(case.desk.now)),
        "where": given.where,
        "file": given.file,
    }
    batch.deadline = deadline(case, "disclosure")


def _release(case: Case) -> None:
    desk, batch = case.desk, case.batch
    if batch.kind in {"correction", "pay"}:
        return
    for pool in case.pools:
        row = Due(period=batch.period, alliance=pool.unit, pool=pool.pool, batch=batch.id or 0, amount=pool.distributed)
        desk.add(row)


def _withdraw(case: Case) -> None:
    """Nothing of it was ordered: what it had released may be released by the batch that follows."""
    case.desk.remove(Due, Due.batch == case.batch.id)


EFFECTS: Mapping[str, Callable[[Case], Any]] = {
    "lock": _lock,
    "publish": _publish,
    "allocate": _allocate,
    "submit": _submit,
    "review": _sign,
    "approve": _sign,
    "reject": _reject,
    "unlock": _unlock,
    "disclose": _disclose,
    "release": _release,
    "withdraw": _withdraw,
}
