"""Jobs: once for their key, claimed for a lease, committed under their attempt; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.problems import InputProblems, Problem, Refused
from engine.storage.desk import Actor, Held, open_desk, program
from engine.storage.scope import EVERYWHERE, OutOfScope, Scope
from engine.storage.tables.place import Unit
from engine.storage.tables.proof import Audit
from engine.storage.tables.work import Event, Job
from engine.workflow import jobs
from engine.workflow.doing import PAUSES, Kind
from engine.workflow.jobs import Fenced
from engine.workflow.refusals import NotAllowed, NotThere, Unmet

REGION = "330103"
HOME = Scope(regions=frozenset({REGION}))
ZHAO = Actor("zhao", "http", person="p1", name="赵某（示例）", held=(Held("appraiser", REGION, HOME),), scope=HOME)
CLOCK = program("worker")


@pytest.fixture(autouse=True)
def no_kinds(monkeypatch):
    """These jobs are of no kind that the program knows."""
    monkeypatch.setattr(jobs, "kinds", dict)


def ask(store, key="k", actor=ZHAO, **more):
    said = {"title": "计算", "region": REGION, "unit": REGION, **more}
    with open_desk(store, actor) as desk:
        return jobs.request(desk, key, "run", {"n": 1}, **said)


def claim(store, owner="w1", kinds=("run",)):
    return jobs.claim(store, owner, kinds)


def later(store, seconds):
    """Let time pass for jobs, whichever clock is theirs."""
    with open_desk(store, CLOCK) as desk:
        for job in desk.rows(Job):
            job.at -= timedelta(seconds=seconds)
            job.due -= timedelta(seconds=seconds)
            job.lease = job.lease and job.lease - timedelta(seconds=seconds)


def view(store, job):
    with open_desk(store, ZHAO, writes=False) as desk:
        return jobs.job_view(desk, job.id)


def told(store):
    with open_desk(store, CLOCK, writes=False) as desk:
        return [kind for (kind,) in desk.values([Event.kind], order=Event.seq)]


def nothing(_desk):
    return None


def unit(desk):
    desk.add(Unit(region=REGION, unit="A01", kind="institution", name="甲院（示例）"))
    return {"run": 7}


def units(store):
    with open_desk(store, CLOCK, writes=False) as desk:
        return desk.count(Unit)


def test_the_same_key_is_the_same_job_whoever_asks(store):
    first = ask(store)
    assert ask(store).id == first.id == ask(store, actor=CLOCK).id
    other = ask(store, "other", CLOCK)
    assert other.id != first.id
    assert told(store) == ["job.queued", "job.queued"]
    with open_desk(store, CLOCK, writes=False) as desk:
        assert desk.values([Audit.action, Audit.actor, Audit.subject]) == [("job.request", "zhao", f"job/{first.id}")]


def test_a_job_outside_the_caller_s_places_is_not_made(store):
    with pytest.raises(OutOfScope):
        ask(store, region="220000", unit="220000")
    assert told(store) == []


def test_done_once_with_its_results_and_never_again(store):
    asked = ask(store)
    job = claim(store)
    assert (job.id, job.attempt, job.owner, job.args) == (asked.id, 1, "w1", {"n": 1})
    assert claim(store, "w2") is None
    jobs.finish(store, job, unit)
    assert view(store, job).model_dump() == {
        "id": job.id, "kind": "run", "state": "done", "done": 0, "of": 0, "title": "计算", "result": {"run": 7},
        "problems": (),
    }  # fmt: skip
    assert units(store) == 1
    assert ask(store).state == "done"
    assert claim(store) is None
    assert told(store) == ["job.queued", "job.done"]


def test_who_asked_is_who_commits(store):
    ask(store)
    acting = []
    jobs.finish(store, claim(store), lambda desk: acting.append(desk.actor))
    assert [(one.login, one.via, one.person, one.name, one.scope) for one in acting] == [
        ("zhao", "worker", "p1", "赵某（示例）", EVERYWHERE)
    ]


def test_only_known_kinds_and_only_what_is_due_are_taken(store):
    with open_desk(store, CLOCK) as desk:
        due = desk.now + timedelta(minutes=5)
    ask(store, due=due)
    assert claim(store) is None
    later(store, 299)
    assert claim(store) is None
    later(store, 2)
    assert claim(store, kinds=("mail",)) is None
    assert claim(store) is not None


def test_the_oldest_due_first(store):
    first, second = ask(store, "b"), ask(store, "a")
    assert [claim(store).id, claim(store, "w2").id] == [first.id, second.id]


def test_a_lapsed_lease_is_the_next_worker_s_and_the_first_may_write_nothing(store):
    ask(store)
    first = claim(store)
    later(store, jobs.LEASE - 1)
    assert claim(store, "w2") is None
    assert jobs.beat(store, first)
    later(store, jobs.LEASE - 1)
    assert claim(store, "w2") is None
    later(store, 2)
    second = claim(store, "w2")
    assert (second.attempt, second.failures, second.owner) == (2, 1, "w2")
    assert not jobs.beat(store, first)
    for late in (
        lambda: jobs.finish(store, first, unit),
        lambda: jobs.fail(store, first, ValueError()),
        lambda: jobs.fail(store, first, Refused("不行")),
        lambda: jobs.progress(store, first, 1, 2),
    ):
        with pytest.raises(Fenced):
            late()
    assert not jobs.give_back(store, first)
    assert units(store) == 0
    jobs.finish(store, second, unit)
    assert units(store) == 1


def test_a_lease_written_before_the_clock_was_set_back_ends(store):
    ask(store)
    claim(store)
    later(store, -3600)
    assert claim(store, "w2").attempt == 2


def test_what_the_commit_refuses_leaves_nothing(store):
    ask(store)
    job = claim(store)

    def refuses(desk):
        unit(desk)
        raise Refused("不行")

    with pytest.raises(Refused):
        jobs.finish(store, job, refuses)
    assert (units(store), view(store, job).state) == (0, "running")


def test_failures_by_chance_are_tried_again_after_growing_pauses(store):
    ask(store)
    for pause in PAUSES:
        jobs.fail(store, claim(store), ValueError("张三"))
        later(store, pause - 1)
        assert claim(store) is None
        later(store, 2)
    last = claim(store)
    assert view(store, last).state == "running"
    jobs.fail(store, last, ValueError("张三"))
    seen = view(store, last)
    assert (seen.state, last.attempt) == ("failed", len(PAUSES) + 1)
    assert [(one.code, one.message) for one in seen.problems] == [("JOB-ERROR", "程序出错 ValueError")]
    later(store, 10**6)
    assert claim(store) is None
    assert told(store) == ["job.queued", "job.failed"]


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (InputProblems([Problem("a!B2", "X-1", "不对", "改正")]), ("a!B2", "X-1", "不对", "改正")),
        (Refused("不行 (NO)"), ("任务", "REFUSED", "不行 (NO)", "")),
    ],
)
def test_what_is_refused_is_not_tried_again(store, error, problem):
    ask(store)
    job = claim(store)
    jobs.fail(store, job, error)
    seen = view(store, job)
    assert (seen.state, [tuple(one.model_dump().values()) for one in seen.problems]) == ("failed", [problem])


def test_a_failed_or_cancelled_job_is_queued_again_by_the_next_request(store):
    job = ask(store)
    jobs.fail(store, claim(store), Refused("不行"))
    again = ask(store)
    assert (again.id, again.state, again.failures) == (job.id, "queued", 0)
    with open_desk(store, ZHAO) as desk:
        assert jobs.cancel(desk, job.id).state == "cancelled"
    assert claim(store) is None
    with open_desk(store, ZHAO) as desk:
        assert jobs.retry(desk, job.id).state == "queued"
    taken = claim(store)
    assert taken.attempt == 2
    jobs.finish(store, taken, unit)
    assert told(store) == [
        "job.queued", "job.failed", "job.queued", "job.cancelled", "job.queued", "job.done",
    ]  # fmt: skip


def test_a_cancelled_job_commits_nothing(store):
    ask(store)
    job = claim(store)
    with open_desk(store, ZHAO) as desk:
        jobs.cancel(desk, job.id)
    assert not jobs.beat(store, job)
    with pytest.raises(Fenced):
        jobs.finish(store, job, unit)
    assert units(store) == 0


def test_what_is_ended_is_not_cancelled_and_what_is_open_not_retried(store):
    job = ask(store)
    with open_desk(store, ZHAO) as desk, pytest.raises(Unmet, match="JOB-OPEN"):
        jobs.retry(desk, job.id)
    jobs.finish(store, claim(store), nothing)
    with open_desk(store, ZHAO) as desk, pytest.raises(Unmet, match="JOB-ENDED"):
        jobs.cancel(desk, job.id)
    with open_desk(store, ZHAO) as desk, pytest.raises(Unmet, match="JOB-OPEN"):
        jobs.retry(desk, job.id)


def test_a_job_of_another_region_is_not_there(store):
    job = ask(store, "far", CLOCK, region="220000", unit="220000")
    for look in (jobs.job_view, jobs.cancel, jobs.retry):
        with open_desk(store, ZHAO) as desk, pytest.raises(NotThere):
            look(desk, job.id)


def test_how_far_it_is_and_what_it_does(store):
    ask(store)
    job = claim(store)
    jobs.progress(store, job, 3, 10, "分配")
    seen = view(store, job)
    assert (seen.done, seen.of, seen.title, seen.state) == (3, 10, "分配", "running")
    jobs.progress(store, job, 4, 10)
    assert (view(store, job).done, view(store, job).title) == (4, "分配")
    jobs.finish(store, job, unit)
    assert (view(store, job).done, view(store, job).of, view(store, job).state) == (10, 10, "done")


def test_given_back_it_is_the_next_worker_s_at_once(store):
    ask(store)
    assert jobs.give_back(store, claim(store))
    assert (claim(store, "w2").attempt, told(store)) == (2, ["job.queued"])


def test_what_is_asked_for_otherwise_while_it_is_under_way_begins_anew(store):
    job = ask(store)
    first = claim(store)
    with open_desk(store, ZHAO) as desk:
        again = jobs.request(desk, "k", "run", {"n": 2}, title="重算", region=REGION, unit=REGION)
    assert (again.id, again.state, again.title) == (job.id, "queued", "重算")
    with pytest.raises(Fenced):
        jobs.finish(store, first, unit)
    second = claim(store, "w2")
    assert (second.args, second.attempt) == ({"n": 2}, 2)
    jobs.finish(store, second, unit)
    with open_desk(store, ZHAO) as desk:
        assert jobs.request(desk, "k", "run", {"n": 3}, title="重算", region=REGION, unit=REGION).state == "done"


def test_what_says_nothing_any_more_is_cancelled_and_may_be_asked_for_again(store):
    job = ask(store)
    jobs.outdated(store, claim(store))
    assert view(store, job).state == "cancelled"
    with pytest.raises(Fenced):
        jobs.outdated(store, job)
    assert ask(store).state == "queued"


def test_a_job_that_takes_every_worker_with_it_is_given_up(store):
    ask(store)
    for _ in range(jobs.LAPSES + 1):
        jobs.check_lapses(claim(store))
        later(store, jobs.LEASE + 1)
    job = claim(store)
    with pytest.raises(jobs.Interrupted) as told:
        jobs.check_lapses(job)
    jobs.fail(store, job, told.value)
    assert [one.code for one in view(store, job).problems] == ["JOB-LOST"]


BACK = []


@pytest.fixture
def stepping(monkeypatch):
    """A kind of job that a step of a batch asks for."""
    BACK.clear()
    step = Kind(lambda *_: nothing, (), lambda desk, job, problems: BACK.extend(one.code for one in problems))
    monkeypatch.setattr(jobs, "kinds", lambda: {"run": step})
    return step


def test_what_a_step_asked_for_goes_back_when_it_ends_without_result(store, stepping):
    ask(store)
    job = claim(store)
    jobs.fail(store, job, ValueError(), stepping.pauses, stepping.ended)
    assert BACK == ["JOB-ERROR"]
    again = ask(store)
    with open_desk(store, ZHAO) as desk:
        jobs.cancel(desk, again.id)
    assert BACK == ["JOB-ERROR", "JOB-CANCELLED"]
    with open_desk(store, ZHAO) as desk, pytest.raises(Unmet, match="JOB-STEP"):
        jobs.retry(desk, again.id)


def test_only_its_asker_and_who_leads_the_place_cancel_or_retry(store):
    job = ask(store)
    clerk = Actor("li", "http", user=9, held=(Held("reporter", REGION, HOME),), scope=HOME)
    for act in (jobs.cancel, jobs.retry):
        with open_desk(store, clerk) as desk, pytest.raises(NotAllowed):
            act(desk, job.id)
    assert view(store, job).state == "queued"


def test_what_tells_events_makes_none(store):
    with open_desk(store, CLOCK) as desk:
        jobs.request(desk, "w", "webhook", {}, title="通知", region=REGION, unit=REGION)
    jobs.finish(store, claim(store, kinds=("webhook",)), nothing)
    assert told(store) == []
