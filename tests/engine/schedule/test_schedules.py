"""Schedules: what is due becomes a job once, whatever is done to the schedule; on both databases."""

from __future__ import annotations

from datetime import datetime

import pytest
from pydantic import ValidationError

from domain.problems import InputProblems
from engine.schedule.schedules import (
    NewSchedule,
    ScheduleChange,
    add_schedule,
    change_schedule,
    remove_schedule,
    schedule_view,
    schedule_views,
)
from engine.schedule.ticking import tick
from engine.storage.desk import Actor, Held, open_desk, program
from engine.storage.query import begins
from engine.storage.scope import Scope
from engine.storage.tables.work import Job, Schedule
from engine.workflow.calendar import SHANGHAI
from engine.workflow.refusals import NotAllowed, NotThere, Stale

REGION = "330103"
HOME = Scope(regions=frozenset({REGION}))
CHEN = Actor("chen", "http", user=None, person="p2", held=(Held("appraiser", REGION, HOME),), scope=HOME)
READER = Actor("li", "http", person="p3", held=(Held("auditor", REGION, HOME),), scope=HOME)
FIFTH = {"working_day": 5, "after": "quarter", "at": "08:00"}
DAILY = {"cron": "0 8 * * MON-FRI"}


def new(what="open", plan="demo", region=REGION, rule=FIFTH, **more):
    return NewSchedule.model_validate({"what": what, "plan": plan, "region": region, "rule": rule, **more})


def add(store, actor=CHEN, **more):
    with open_desk(store, actor) as desk:
        return add_schedule(desk, new(**more))


def change(store, number, version=None, **changes):
    with open_desk(store, CHEN) as desk:
        return change_schedule(desk, number, ScheduleChange.model_validate(changes), version)


def remove(store, number):
    with open_desk(store, CHEN) as desk:
        remove_schedule(desk, number)


def shanghai(*when):
    return datetime(*when, tzinfo=SHANGHAI)


def due(store, clock, *when):
    """The keys of jobs once the clock is there and was looked at."""
    clock.time = shanghai(*when)
    tick(store)
    tick(store)
    with open_desk(store, program("worker"), writes=False) as desk:
        return [key for (key,) in desk.values([Job.key], begins(Job.key, "due:"), order=Job.id)]


def test_the_next_five_instants(store):
    made = add(store)
    assert made.model_dump(include={"what", "plan", "region", "period", "enabled", "catch_up", "version"}) == {
        "what": "open", "plan": "demo", "region": REGION, "period": "quarter", "enabled": True, "catch_up": "latest",
        "version": 1,
    }  # fmt: skip
    # 1st to 7th October are days off, Saturday 10th is worked: 8, 9, 10, 12, 13
    assert made.next[0] == shanghai(2026, 10, 13, 8)
    assert len(made.next) == 5
    assert [one.code for one in made.warnings] == ["CALENDAR-GUESSED"]
    assert add(store, rule=DAILY, enabled=False).next == ()


def test_what_is_due_is_a_job_once(store, clock):
    add(store)
    assert due(store, clock, 2026, 10, 13, 7, 59) == []
    assert due(store, clock, 2026, 10, 13, 8, 0) == ["due:open:330103:demo:2026Q3"]
    assert due(store, clock, 2026, 10, 13, 7, 0) == ["due:open:330103:demo:2026Q3"]
    assert due(store, clock, 2026, 10, 13, 9, 0) == ["due:open:330103:demo:2026Q3"]
    with open_desk(store, program("worker"), writes=False) as desk:
        job = desk.first(Job, begins(Job.key, "due:"))
    assert (job.kind, job.title, job.region, job.args) == ("due-open", "2026年第3季度 建立批次", REGION, {
        "plan": "demo", "region": REGION, "period": "2026Q3", "instant": "2026-10-13T00:00:00+00:00",
    })  # fmt: skip


def test_changed_deleted_or_made_anew_it_brings_no_past_period_again(store, clock):
    first = add(store)
    once = ["due:open:330103:demo:2026Q3"]
    assert due(store, clock, 2026, 10, 13, 8, 1) == once
    change(store, first.id, rule={**FIFTH, "working_day": 6})
    assert due(store, clock, 2026, 10, 14, 8, 1) == once  # the 6th working day: of the same period
    remove(store, first.id)
    clock.time = shanghai(2026, 10, 13, 7)  # the clock was set back meanwhile
    add(store)
    assert due(store, clock, 2026, 10, 13, 8, 1) == once
    add(store)  # a second one that says the same
    assert due(store, clock, 2027, 1, 11, 8, 1) == [*once, "due:open:330103:demo:2026Q4"]


@pytest.mark.parametrize("how", ["change", "remove", "disable"])
def test_what_was_due_before_a_change_is_not_lost(store, clock, how):
    made = add(store)
    clock.time = shanghai(2026, 10, 13, 8, 0, 5)  # nobody looked yet
    if how == "remove":
        remove(store, made.id)
    elif how == "disable":
        change(store, made.id, enabled=False)
    else:
        change(store, made.id, rule={**FIFTH, "at": "07:00"})
    assert due(store, clock, 2026, 10, 13, 8, 1) == ["due:open:330103:demo:2026Q3"]


def test_while_disabled_nothing_is_due_and_nothing_afterwards(store, clock):
    made = add(store, rule=DAILY, what="remind")
    change(store, made.id, enabled=False)
    assert due(store, clock, 2026, 10, 12, 9, 0) == []
    change(store, made.id, enabled=True)
    assert due(store, clock, 2026, 10, 12, 10, 0) == []
    assert due(store, clock, 2026, 10, 13, 8, 0) == ["due:remind:330103:demo:2026Q3:20261013T0000Z"]


@pytest.mark.parametrize(
    ("mode", "days"),
    [("latest", ["13"]), ("all", ["09", "12", "13"]), ("none", [])],
)
def test_after_a_stop(store, clock, mode, days):
    add(store, what="evaluate", rule=DAILY, catch_up=mode)
    stopped = [f"due:evaluate:330103:demo:2026Q3:202610{day}T0000Z" for day in days]
    # every morning since the 8th was missed but the 14th, which is looked at in time
    assert due(store, clock, 2026, 10, 14, 8, 1) == [*stopped, "due:evaluate:330103:demo:2026Q3:20261014T0000Z"]


def test_backup_and_anchor_have_no_plan(store, clock):
    add(store, what="backup", plan="", region="000000", rule={"cron": "0 2 * * *"})
    assert due(store, clock, 2026, 10, 9, 2, 0) == ["due:backup:000000:20261008T1800Z"]
    with pytest.raises(InputProblems, match="SCHEDULE-PLAN"):
        add(store, what="anchor")


def test_an_anchor_and_a_sweep_a_day_without_any_schedule(store, clock):
    for when in ((2026, 10, 9, 0, 1), (2026, 10, 9, 23, 59), (2026, 10, 10, 0, 1)):
        due(store, clock, *when)
    with open_desk(store, program("worker"), writes=False) as desk:
        made = sorted(key for (key,) in desk.values([Job.key]))
    assert made == ["anchor:2026-10-09", "anchor:2026-10-10", "sweep:2026-10-09", "sweep:2026-10-10"]


def test_what_is_not_said_is_told_at_once(store):
    with pytest.raises(InputProblems) as told:
        add(store, plan="", region="000000")
    assert [problem.code for problem in told.value.problems] == ["SCHEDULE-PLAN", "SCHEDULE-REGION"]
    with pytest.raises(InputProblems, match="SCHEDULE-PERIOD"):
        add(store, period="month")
    with pytest.raises(ValidationError, match="用了数字"):
        new(rule={"cron": "0 8 * * 1-5"})


def test_a_rule_of_cron_says_which_period_or_it_is_the_quarter(store, clock):
    add(store, rule=DAILY, catch_up="none")
    monthly = add(store, rule=DAILY, period="month", plan="other", catch_up="none")
    assert due(store, clock, 2026, 11, 2, 8, 0) == ["due:open:330103:demo:2026Q3", "due:open:330103:other:2026-10"]
    assert change(store, monthly.id, rule=FIFTH).period == "quarter"


def test_who_may(store):
    for what in ("open", "backup"):
        with pytest.raises(NotAllowed):
            add(store, READER, what=what, plan="demo" if what == "open" else "")
    one = Scope(units=frozenset({"T01"}), homes=frozenset({REGION}))
    of_a_unit = Actor("wang", "http", person="p4", held=(Held("appraiser", "T01", one),), scope=one)
    with pytest.raises(NotAllowed):
        add(store, of_a_unit)
    assert add(store, of_a_unit, what="backup", plan="").what == "backup"
    number = add(store).id
    with open_desk(store, READER) as desk:
        assert schedule_view(desk, number).id == number
        with pytest.raises(NotAllowed):
            remove_schedule(desk, number)
    elsewhere = Actor("far", "http", held=(Held("appraiser", "220000", HOME),), scope=Scope(regions=frozenset({"22"})))
    with open_desk(store, elsewhere) as desk:
        assert schedule_views(desk) == ()
        for act in (schedule_view, remove_schedule):
            with pytest.raises(NotThere):
                act(desk, number)


def test_two_that_change_it_at_once_are_told(store):
    made = add(store)
    assert change(store, made.id, 1, catch_up="all").version == 2
    with pytest.raises(Stale):
        change(store, made.id, 1, catch_up="none")
    with open_desk(store, CHEN, writes=False) as desk:
        assert [one.catch_up for one in schedule_views(desk)] == ["all"]
        assert schedule_views(desk, after=made.id) == ()
        assert desk.count(Schedule) == 1
