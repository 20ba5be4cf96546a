"""Reminders: whoever has something to do is told, and who leads the region of tasks whose deadline is near or over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.period import Period
from engine.storage.desk import open_desk
from engine.storage.tables.people import Notice, User
from engine.storage.tables.proof import Audit, AuditDetail
from engine.storage.tables.work import Job
from engine.workflow import jobs, ledgers, policies
from tests.engine.workflow.flow import OPERATOR, REGION, STAFF, County, quick

PLAN = "demo-county"


@pytest.fixture
def county(store, clock, monkeypatch):
    quick(monkeypatch)
    return County(store, clock, staff={**STAFF, "far": "appraiser@T01", "near": f"appraiser@{REGION}"})


def remind(county, instant):
    args = {"plan": PLAN, "period": "2026Q3", "region": REGION}
    with open_desk(county.store, OPERATOR) as desk:
        key = f"due:remind:{instant}"
        jobs.request(desk, key, "due-remind", args, title="催办", region=REGION, unit=REGION)
    county.work()
    with open_desk(county.store, OPERATOR, writes=False) as desk:
        job = desk.first(Job, Job.key == key)
        assert job.state == "done", job.error
        names = {row.id: row.login for row in desk.rows(User)}
        told = sorted((names[row.user], row.kind) for row in desk.rows(Notice))
        return job.result, told


def test_who_leads_the_region_is_told_of_tasks_that_are_due_and_of_its_batch(county):
    result, told = remind(county, 1)
    assert result["tasks"] > 0
    assert told == [("appraiser", "remind.ledger"), ("near", "remind.ledger")]
    with open_desk(county.store, OPERATOR, writes=False) as desk:
        (row,) = desk.rows(Audit, Audit.action == "ledger.remind")
        tasks = desk.get(AuditDetail, row.detail_sha).detail["tasks"]
        bundle = policies.published(desk, PLAN).bundle
    assert (row.region, len(tasks)) == (REGION, result["tasks"])
    county.open()
    _, told = remind(county, 2)
    assert ("reporter", "remind.report") in told
    assert ("checker", "remind.lock") in told
    assert not [kind for login, kind in told if login == "far"]
    day, period = date(2026, 10, 8), Period.parse("2026Q3")
    assert ledgers.waiting(county.store, bundle, period, "", day) == tasks
    before = ledgers.waiting(county.store, bundle, period, "", day - timedelta(days=4000))
    assert before == []
