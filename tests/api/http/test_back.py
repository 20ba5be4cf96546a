"""The ways back: held alliances, a rejected round, an unlocked batch, a withdrawn one, a correction of one paid."""

from __future__ import annotations

import pytest

from tests.api.http.quarter import PLAN, Quarter, served_quarter
from tests.engine.workflow.flow import ROOT, quick


@pytest.fixture
def quarter(store, clock, monkeypatch):
    quick(monkeypatch)
    with served_quarter(store, clock) as one:
        yield one


def codes(answer):
    assert answer.status_code == 409, answer.text
    return {one["code"] for one in answer.json()["unmet"]}


def corrected(quarter: Quarter, submission: int) -> None:
    """One cell of T01 as it should have been, accepted by another than who corrected it."""
    cell = {"table": "facts", "unit": "T01", "period": "2026Q3", "code": "outreach_visits", "value": "1"}
    made = quarter.post("checker2", f"submissions/{submission}:correct", {"cells": [cell], "reason": "抄录错误"})
    assert (made.status_code, made.json()["state"]) == (201, "checked"), made.text
    assert quarter.post("checker", f"submissions/{made.json()['id']}:accept").json()["state"] == "accepted"
    found = quarter.get("clerk", f"batches/{quarter.number}/checks").json()["items"]
    asked = [one for one in found if one["severity"] == "confirm" and not one["reason"]]
    assert [one["unit"] for one in asked] == ["T01"]
    assert codes(quarter.ask("checker", "lock")) == {"CHECK-UNANSWERED"}
    answer = quarter.post("appraiser", f"batches/{quarter.number}/checks/{asked[0]['n']}:answer", {"reason": "已核实"})
    assert (answer.status_code, answer.json()["reason"]) == (200, "已核实")


def test_back_from_approval_and_from_what_was_locked(quarter):
    number = quarter.number
    holds = f"batches/{number}/holds"
    assert codes(quarter.post("appraiser", holds, {"alliance": "A01", "reason": "示例"})) == {"STATE"}
    quarter.to("confirming")
    assert codes(quarter.post("appraiser", holds, {"alliance": "A01", "reason": " "})) == {"REASON"}
    assert codes(quarter.post("appraiser", holds, {"alliance": "A99", "reason": "示例"})) == {"ALLIANCE"}
    assert quarter.post("checker", holds, {"alliance": "A01", "reason": "示例"}).status_code == 403
    assert quarter.post("appraiser", holds, {"alliance": "A01", "reason": "示例"}).json()["holds"] == {"A01": "示例"}
    assert quarter.get("viewer", f"batches/{number}").json()["holds"] == {}
    freed = quarter.as_("appraiser").delete(f"/api/v1/{holds}/A01")
    assert (freed.status_code, freed.json()["holds"]) == (200, {})
    assert quarter.as_("appraiser").delete(f"/api/v1/{holds}/A01").status_code == 404

    quarter.to("reviewing")
    first = quarter.batch["digest"]
    assert quarter.step("approver", "reject", reason="请说明") == "allocated"
    assert quarter.batch["round"] == 2
    assert quarter.step("maker", "submit") == "reviewing"
    assert quarter.batch["digest"] == first  # nothing was recalculated
    assert quarter.step("approver", "reject", reason="数据有误") == "allocated"
    assert codes(quarter.ask("appraiser", "unlock", reason="更正")) == {"MINUTES"}
    minutes = quarter.upload("appraiser", b"minutes")
    run = quarter.batch["run"]
    assert quarter.step("appraiser", "unlock", reason="更正", minutes=minutes) == "collecting"
    assert quarter.get("auditor", f"runs/{run}/allocations").status_code == 404  # of no allocated batch any more
    assert quarter.get("auditor", f"runs/{run}/totals").status_code == 200
    last = quarter.get("checker", f"batches/{number}/submissions").json()["items"][0]["id"]
    corrected(quarter, last)
    assert quarter.step("checker", "lock") == "scored"
    assert quarter.batch["dataset"] is not None
    quarter.to("approved")
    assert quarter.batch["digest"] != first
    assert quarter.get("auditor", f"runs/{run}").json()["superseded_by"] == quarter.batch["run"]

    assert codes(quarter.ask("approver", "withdraw")) == {"REASON", "MINUTES"}
    assert quarter.step("approver", "withdraw", reason="异议成立", minutes=minutes) == "abandoned"
    again = quarter.open()
    assert again["number"] == 2
    taken = quarter.get("checker", f"batches/{again['id']}/submissions").json()["items"]
    assert [one["state"] for one in taken] == ["accepted"]
    assert quarter.step("checker", "lock") == "scored"


@pytest.fixture
def redividing(store, clock, monkeypatch, tmp_path):
    """The county whose plan says where the money of corrections comes from."""
    quick(monkeypatch)
    plan = tmp_path / f"{PLAN}.yaml"
    shipped = (ROOT / "configs" / "plans" / plan.name).read_text("utf-8")
    plan.write_text(f"{shipped}\ncorrections: {{funding: redivide}}\n", "utf-8")
    with served_quarter(store, clock, plan=str(plan)) as one:
        yield one


def test_a_plan_that_says_nothing_of_corrections_has_none(quarter):
    asked = quarter.post("appraiser", "batches", {"plan": PLAN, "period": "2026Q3", "kind": "correction"})
    assert codes(asked) == {"PLAN-UNSAID"}


def test_what_was_paid_is_only_corrected(redividing):
    quarter = redividing
    body = {"plan": PLAN, "period": "2026Q3", "kind": "correction"}
    assert codes(quarter.post("appraiser", "batches", body)) == {"CORRECTS-NONE"}
    quarter.to("payable")
    first = quarter.batch
    old = {(one["alliance"], one["pool"], one["unit"]): one["amount"] for one in quarter.lines("ordered")}
    opened = quarter.post("appraiser", "batches", body)
    assert (opened.status_code, opened.json()["corrects"]) == (201, first["id"]), opened.text
    quarter.number, quarter.reviewed = opened.json()["id"], False
    last = quarter.get("checker", f"batches/{quarter.number}/submissions").json()["items"][0]
    assert last["state"] == "accepted"
    corrected(quarter, last["id"])
    assert quarter.step("checker", "lock") == "scored"
    quarter.to("payable")
    run = quarter.batch["run"]
    deltas = quarter.get("auditor", f"runs/{run}/deltas?limit=1000").json()["items"]
    moved = {(one["alliance_code"], one["pool"], one["unit_code"]): one["delta"] for one in deltas}
    moved = {line: amount for line, amount in moved.items() if float(amount)}
    assert moved
    assert {(one["alliance"], one["pool"], one["unit"]): one["amount"] for one in quarter.lines("ordered")} == moved
    assert set(moved) <= set(old)
    assert quarter.get("auditor", f"runs/{first['run']}").json()["corrected_by"] == run
    minutes = quarter.upload("approver", b"minutes")
    assert quarter.step("approver", "withdraw", reason="异议成立", minutes=minutes) == "abandoned"
    assert quarter.get("auditor", f"runs/{first['run']}").json()["corrected_by"] is None
