"""Jobs: everything slow or later, once for its key.

A key is of the business (`evaluate:score:330103:plan:2026Q3:…`), never expires and never names a schedule: the same key
is the same job, whoever asks. queued → running → done, or failed, or cancelled; what failed or was cancelled is queued
again by the next request for its key.

A worker takes a job for a lease (`claim`), renews it (`beat`) and commits under its attempt (`finish`): if the attempt
is another by then, or the job was cancelled, nothing of it stays (Fenced). Work may be done twice, its effect is once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.problems import Contradiction, InputProblems, LiangyunError, Problem
from engine.storage.audit import Record
from engine.storage.claims import is_waiting, job_now, put_once, take
from engine.storage.desk import Actor, Desk, Store, open_desk, program
from engine.storage.query import among
from engine.storage.tables.work import Job
from engine.workflow.doing import PAUSES, Ended, kinds
from engine.workflow.refusals import Guard, NotAllowed, NotThere, Unmet

State = Literal["queued", "running", "done", "failed", "cancelled"]
LEASE = 30.0
"""Seconds that an owner is believed without a sign of life."""
LAPSES = 20
"""How often a job may fail or take its worker with it before it is given up."""
SILENT = frozenset({"webhook", "mail"})
"""Kinds that tell events: an event of their own would have to be told again, without end."""
_OPEN, _ENDED = ("queued", "running"), ("failed", "cancelled")
WORKER = program("worker")


class Fenced(Exception):
    """The job is not this worker's any more: it was cancelled, or its lease is another's."""


class Outdated(Exception):
    """What was made says nothing any more: things moved on meanwhile. The job is cancelled."""


class Interrupted(LiangyunError):
    """The job was begun again and again and never ended."""


_CODES = ((Contradiction, "CONTRADICTION"), (Interrupted, "JOB-LOST"))


class ProblemView(BaseModel):
    """One thing that is wrong, as answers carry it."""

    model_config = ConfigDict(frozen=True)

    where: str
    code: str
    message: str
    remedy: str = ""


class JobView(BaseModel):
    """A job as answers carry it. done, of: how far it is; title: what it does just now; result: ids of what it made."""

    model_config = ConfigDict(frozen=True)

    id: int
    kind: str
    state: State
    done: int
    of: int
    title: str
    result: dict[str, Any] | None
    problems: tuple[ProblemView, ...]


def request(
    desk: Desk,
    key: str,
    kind: str,
    args: Mapping[str, Any],
    *,
    title: str,
    region: str,
    unit: str,
    due: datetime | None = None,
) -> Job:
    """The job of a key, queued if it is new, failed or cancelled; else as it stands.

    One that is under way for other arguments begins anew with these: what was made for the others is not committed.
    due: not before this instant of the desk's clock. title: in Chinese. Whoever asks is kept as its actor; a person's
    request is audited where it queued anything.
    """
    now = job_now(desk)
    asked = desk.actor
    fresh: dict[str, Any] = {
        "args": dict(args),
        "title": title,
        "due": now if due is None or due <= desk.now else now + (due - desk.now),
        "at": now,
        "by": asked.user,
        "actor": {"login": asked.login, "name": asked.name, "person": asked.person, "via": asked.via},
        "state": "queued",
        "ended_at": None,
    }
    again = {**fresh, "done": 0, "of": 0, "failures": 0, "owner": None, "lease": None, "result": None, "error": None}
    queued = put_once(desk, Job(key=key, kind=kind, region=region, unit=unit, **fresh))
    with desk.beyond():
        queued = queued or desk.change(Job, Job.key == key, among(Job.state, _ENDED), **again) == 1
        job = desk.first(Job, Job.key == key)
        if job is None:
            raise LookupError(key)
        if not queued and job.args != dict(args):
            queued = desk.change(Job, Job.key == key, among(Job.state, _OPEN), **again) == 1
        if not queued:
            _asks_too(desk, job)
    if queued:
        _told(desk, job, "queued")
        _audited(desk, job, "job.request")
    return job


def asked_for(job: Job, user: int | None) -> bool:
    """Whether a user asked for it, first or after somebody else."""
    return user is not None and (user == job.by or user in dict(job.actor or {}).get("also", ()))


def _asks_too(desk: Desk, job: Job) -> None:
    """Keep who else asked for what is there already: it may see what comes of it."""
    user = desk.actor.user
    if user is None or asked_for(job, user):
        return
    desk.session.refresh(job, with_for_update=True)
    said = dict(job.actor or {})
    job.actor = {**said, "also": sorted({*said.get("also", ()), user})}
    desk.session.flush()


def claim(store: Store, owner: str, known: Collection[str], lease: float = LEASE) -> Job | None:
    """The oldest due job of the known kinds, now the owner's; None if there is none. Raises Busy."""
    with open_desk(store, WORKER, writes=False) as desk:
        if not is_waiting(desk, lease, known):
            return None
    with open_desk(store, WORKER) as desk:
        return take(desk, owner, lease, known)


def check_lapses(job: Job) -> None:
    """Raise Interrupted where a job took too many workers with it to be begun once more."""
    if job.failures > LAPSES:
        raise Interrupted(f"执行 {job.failures} 次都中断了: 请系统管理员查看日志 (JOB-LOST)")


def beat(store: Store, job: Job, lease: float = LEASE) -> bool:
    """Renew the lease; False where the job is not this attempt's any more. Raises Busy."""
    with open_desk(store, WORKER) as desk:
        return desk.change(Job, *_mine(job), lease=job_now(desk) + timedelta(seconds=lease)) == 1


def progress(store: Store, job: Job, done: int, of: int, title: str = "") -> None:
    """Note how far it is; title: what is being done now. Raises Fenced, Busy."""
    said = {"done": done, "of": of, **({"title": title} if title else {})}
    with open_desk(store, WORKER) as desk:
        if desk.change(Job, *_mine(job), **said) != 1:
            raise Fenced(job.key)


def finish(store: Store, job: Job, commit: Callable[[Desk], Mapping[str, Any] | None]) -> None:
    """What `commit` writes and the job's end, in one transaction, under this attempt. Raises Fenced and what it raises.

    The job's row is locked first, so that whoever else wants it waits or passes by.
    """
    with open_desk(store, acting(job)) as desk:
        if desk.change(Job, *_mine(job), state="done", done=Job.of, lease=None, ended_at=job_now(desk)) != 1:
            raise Fenced(job.key)
        result = commit(desk)
        desk.change(Job, Job.id == job.id, result=None if result is None else dict(result), error=None)
        _told(desk, job, "done")


def fail(store: Store, job: Job, error: Exception, pauses: Sequence[int] = PAUSES, ended: Ended | None = None) -> None:
    """Note that it failed: queued again after a pause, or for good (then `ended` is called). Raises Fenced, Busy.

    What the program refuses on purpose (LiangyunError) would be refused again: it fails at once.
    """
    with open_desk(store, WORKER) as desk:
        said = {"error": [_problem(problem) for problem in problems_of(error)], "failures": job.failures + 1}
        if isinstance(error, LiangyunError) or job.failures >= len(pauses):
            if _end(desk, job, "failed", **said) != 1:
                raise Fenced(job.key)
            if ended is not None:
                ended(desk, job, problems_of(error))
            return
        due = job_now(desk) + timedelta(seconds=pauses[job.failures])
        if desk.change(Job, *_mine(job), state="queued", owner=None, lease=None, due=due, **said) != 1:
            raise Fenced(job.key)


def outdated(store: Store, job: Job) -> None:
    """Note that what was made says nothing any more. Raises Fenced, Busy."""
    with open_desk(store, WORKER) as desk:
        if _end(desk, job, "cancelled") != 1:
            raise Fenced(job.key)


def give_back(store: Store, job: Job) -> bool:
    """Queue it again as it was, for the next worker: this one must go. False where it was not its own any more."""
    with open_desk(store, WORKER) as desk:
        return desk.change(Job, *_mine(job), state="queued", owner=None, lease=None) == 1


def cancel(desk: Desk, number: int) -> JobView:
    """Cancel what is not ended; what it was asked for goes back. Raises NotThere, NotAllowed, Unmet (JOB-ENDED)."""
    job = _found(desk, number)
    _check_may(desk, job)
    values: dict[str, Any] = {"state": "cancelled", "lease": None, "ended_at": job_now(desk)}
    if desk.change(Job, Job.id == number, among(Job.state, _OPEN), **values) != 1:
        raise Unmet([Guard("JOB-ENDED", "任务已经结束, 不能取消")])
    kind = kinds().get(job.kind)
    if kind is not None and kind.ended is not None:
        with desk.beyond():
            kind.ended(desk, job, [Problem("任务", "JOB-CANCELLED", "任务已取消")])
    _told(desk, job, "cancelled")
    _audited(desk, job, "job.cancel")
    return _view(_found(desk, number))


def retry(desk: Desk, number: int) -> JobView:
    """Queue again what failed or was cancelled, for whoever asks.

    Raises NotThere, NotAllowed, Unmet (JOB-OPEN; JOB-STEP: what it belongs to went back, and asks for it anew).
    """
    job = _found(desk, number)
    _check_may(desk, job)
    if job.state not in _ENDED:
        raise Unmet([Guard("JOB-OPEN", "只有失败或取消的任务可以重试")])
    kind = kinds().get(job.kind)
    if kind is not None and kind.ended is not None:
        raise Unmet([Guard("JOB-STEP", "这个任务由批次的步骤发起: 改正后重新办理那一步")])
    return _view(request(desk, job.key, job.kind, job.args, title=job.title, region=job.region, unit=job.unit))


def job_view(desk: Desk, number: int) -> JobView:
    """A job; its problems, which name cells of units, where the caller sees its place whole. Raises NotThere."""
    job = _found(desk, number)
    found = _view(job)
    return found if desk.actor.scope.sees(job.region, job.unit) else found.model_copy(update={"problems": ()})


def acting(job: Job) -> Actor:
    """On whose behalf the worker commits: whoever asked, through the worker, which sees everything."""
    asked = dict(job.actor or {})
    login, person, name = (str(asked.get(part) or "") for part in ("login", "person", "name"))
    return replace(program("worker", login or WORKER.login), user=job.by, person=person, name=name)


def problems_of(error: Exception) -> tuple[Problem, ...]:
    """What a job's failure says to people; never the text of an unforeseen exception, which may hold data of people."""
    if isinstance(error, InputProblems):
        return error.problems
    if isinstance(error, Unmet):
        return tuple(Problem("任务", guard.code, guard.message, guard.advice) for guard in error.guards)
    if isinstance(error, LiangyunError):
        code = next((code for kind, code in _CODES if isinstance(error, kind)), "REFUSED")
        return (Problem("任务", code, str(error)),)
    return (Problem("任务", "JOB-ERROR", f"程序出错 {type(error).__name__}", "请系统管理员查看日志后重试"),)


def _check_may(desk: Desk, job: Job) -> None:
    """Its asker, and whoever leads or runs the place. Raises NotAllowed."""
    actor = desk.actor
    mine = actor.via == "command" or (actor.user is not None and actor.user == job.by)
    if not mine and not actor.may({"appraiser", "system_admin"}, job.region, job.unit, covers=True):
        raise NotAllowed("ROLE", "任务由发起人或考核主管取消、重试")


def _found(desk: Desk, number: int) -> Job:
    job = desk.get(Job, number)
    if job is None:
        raise NotThere("没有这个任务")
    return job


def _view(job: Job) -> JobView:
    return JobView.model_validate(
        {
            **job.model_dump(include={"id", "kind", "state", "done", "of", "title", "result"}),
            "problems": job.error or (),
        }
    )


def _mine(job: Job) -> tuple[Any, ...]:
    """What holds while the job is this attempt's."""
    return Job.id == job.id, Job.attempt == job.attempt, Job.state == "running"


def _end(desk: Desk, job: Job, state: State, **values: Any) -> int:
    changed = desk.change(Job, *_mine(job), state=state, lease=None, ended_at=job_now(desk), **values)
    if changed:
        _told(desk, job, state)
    return changed


def _told(desk: Desk, job: Job, what: str) -> None:
    if job.kind not in SILENT:
        about = {"id": job.id, "kind": job.kind}
        desk.event(f"job.{what}", f"job/{job.id}", region=job.region, unit=job.unit, payload=about)


def _audited(desk: Desk, job: Job, action: str) -> None:
    if desk.actor.via != WORKER.via:
        detail = {"key": job.key, "kind": job.kind}
        desk.audit(Record(action, f"job/{job.id}", region=job.region, unit=job.unit, detail=detail))


def _problem(problem: Problem) -> dict[str, str]:
    return {"where": problem.where, "code": problem.code, "message": problem.message, "remedy": problem.remedy}
