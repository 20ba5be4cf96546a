"""The demo county's quarter over HTTP, from empty to closed: each answer, and each refusal's status on the way."""

from __future__ import annotations

import io
import json
import zipfile
from hashlib import sha256

import pytest

from engine.folder.verify import verify
from engine.run.result import FRAMES
from engine.schedule.worker import do_due
from engine.workflow import runs
from tests.api.http.quarter import served_quarter
from tests.engine.workflow.flow import quick

PROBLEM = "application/problem+json"


@pytest.fixture
def quarter(store, clock, monkeypatch):
    quick(monkeypatch)
    with served_quarter(store, clock) as one:
        yield one


def refusal(answer):
    assert answer.headers["content-type"] == PROBLEM, answer.text
    said = answer.json()
    assert set(said) <= {"code", "title", "problems", "unmet"}
    codes = {one["code"] for one in said.get("unmet", said["problems"])}
    assert ("unmet" in said) == (answer.status_code == 409)
    return answer.status_code, codes


def test_what_is_told_of_assignments_is_never_an_old_answer(quarter):
    path, sent = f"batches/{quarter.number}", 0

    def hand_in():
        nonlocal sent
        sent = quarter.hand_in("checker2", "*", reason="示例").json()["id"]

    def waive():
        path = f"/api/v1/batches/{quarter.number}/assignments/{quarter.batch['assignments'][0]['id']}"
        assert quarter.as_("appraiser").patch(path, json={"waived_reason": "示例"}).is_success

    for act in (
        hand_in,
        lambda: quarter.post("checker", f"submissions/{sent}:accept"),
        lambda: quarter.post("checker", f"submissions/{sent}:return", {"reason": "示例"}),
        waive,
    ):
        before = quarter.get("appraiser", path)
        seen = {"If-None-Match": before.headers["etag"]}
        act()
        after = quarter.get("appraiser", path, headers=seen)
        assert after.status_code == 200
        assert after.json()["assignments"] != before.json()["assignments"]


def test_a_quarter_from_empty_to_closed(quarter, tmp_path, monkeypatch):
    opened = quarter.batch
    assert [opened[name] for name in ("plan", "period", "region", "kind", "state", "version")] == [
        "demo-county", "2026Q3", "129901", "regular", "collecting", 1,
    ]  # fmt: skip
    assert 10 <= len(opened["assignments"]) <= 30
    assert set(opened["assignments"][0]["parts"][0]) == {"unit", "reporter"}
    number = quarter.number
    again = quarter.post("appraiser", "batches", {"plan": "demo-county", "period": "2026Q3", "kind": "regular"})
    assert refusal(again) == (409, {"BATCH-OPEN"})
    for code, where in (("2026Q5", "$.period"), ("2019Q1", "demo-county.yaml:")):  # no period; one before the plan
        refused = quarter.post("appraiser", "batches", {"plan": "demo-county", "period": code, "kind": "regular"})
        assert refusal(refused)[0] == 422
        assert all(one["where"].startswith(where) for one in refused.json()["problems"])

    # what a step is refused for
    path = f"batches/{number}:lock"
    assert refusal(quarter.post("checker", path, {})) == (428, {"IF-MATCH"})
    assert refusal(quarter.post("checker", path, headers={"If-Match": '"99"'})) == (412, {"VERSION"})  # without a body
    assert refusal(quarter.post("checker", path, {}, headers={"If-Match": '"99"'})) == (412, {"VERSION"})
    assert refusal(quarter.ask("maker", "lock")) == (403, {"ROLE"})
    assert refusal(quarter.ask("checker", "publish")) == (403, {"ROLE"})
    assert refusal(quarter.ask("checker", "lock", surprise=1)) == (422, {"UNKNOWN-FIELD"})
    status, codes = refusal(quarter.ask("checker", "lock"))
    assert (status, codes >= {"ASSIGNMENT-OPEN"}) == (409, True)
    assert refusal(quarter.ask("appraiser", "publish")) == (409, {"STATE"})
    assert refusal(quarter.post("checker", f"batches/{number}:dance", {})) == (404, {"NOT-THERE"})
    assert refusal(quarter.post("checker", "batches/999:lock", {}, headers={"If-Match": '"1"'})) == (404, {"NOT-THERE"})

    quarter.to("scored")
    transitions = quarter.get("appraiser", f"batches/{number}/transitions").json()
    by_step = {one["step"]: one for one in transitions}
    assert by_step["publish"]["allowed"]
    assert by_step["publish"]["unmet"] == []
    held = quarter.get("checker", f"batches/{number}/transitions").json()
    assert {unmet["code"] for one in held if one["step"] == "publish" for unmet in one["unmet"]} == {"ROLE"}
    trigger = {"plan": "demo-county", "period": "2026Q3", "region": "129901", "want": "locked"}
    asked = quarter.post("appraiser", "evaluations:trigger", trigger)
    assert (asked.status_code, asked.json()["official"]) == (202, True)
    assert asked.headers["location"] == f"/api/v1/jobs/{asked.json()['job']}"
    assert quarter.post("appraiser", "evaluations:trigger", trigger).json() == asked.json()
    do_due(quarter.served.store)
    score = quarter.batch["score_run"]
    assert refusal(quarter.get("auditor", f"runs/{score}/allocations")) == (404, {"NOT-THERE"})
    assert quarter.get("auditor", f"runs/{score}/totals").status_code == 200
    assert quarter.get("auditor", f"runs/{score}/checks").status_code == 200

    quarter.to("confirming")
    assert refusal(quarter.ask("appraiser", "settle")) == (409, {"MEMBER-UNCONFIRMED"})
    quarter.to("confirmed")
    with monkeypatch.context() as patched:
        patched.setattr(runs, "make", None)  # the allocation is the folder of the scores
        quarter.to("allocated")
    assert quarter.batch["run"] > score
    quarter.to("reviewing")
    digest = quarter.batch["digest"]
    assert refusal(quarter.ask("reviewer", "review", digest="0" * 64)) == (409, {"DIGEST"})
    assert refusal(quarter.ask("approver", "approve", digest=digest)) == (409, {"STAGE", "GATE"})
    assert refusal(quarter.ask("reviewer", "reject")) == (409, {"REASON"})
    paper = {"sheet": "审批表", "file": "0" * 64, "signer": "reviewer", "dated": "2026-10-08", "digest": digest}
    assert refusal(quarter.post("appraiser", f"batches/{number}/signed", paper)) == (409, {"FILE-NONE"})
    version = {"If-Match": f'"{quarter.batch["version"]}"'}
    assert refusal(quarter.post("appraiser", f"batches/{number}/signed", paper, headers=version)) == (
        409,
        {"FILE-NONE"},
    )
    paper["file"] = quarter.upload("appraiser", b"signed")
    own = quarter.post("appraiser", f"batches/{number}/signed", {**paper, "signer": "appraiser"}, headers=version)
    assert refusal(own) == (409, {"SIGNER"})
    made = quarter.post("maker", f"batches/{number}/signed", paper, headers=version)
    assert refusal(made) == (409, {"HAND"})
    other = quarter.post("appraiser", f"batches/{number}/signed", {**paper, "digest": "0" * 64}, headers=version)
    assert refusal(other) == (409, {"DIGEST"})
    old = quarter.post("appraiser", f"batches/{number}/signed", paper, headers={"If-Match": '"1"'})
    assert refusal(old) == (412, {"VERSION"})
    token = quarter.served.as_("reviewer", "approver")
    by_token = token.post(f"/api/v1/batches/{number}:review", json={"digest": digest}, headers={"If-Match": '"1"'})
    assert refusal(by_token) == (403, {"SIGN-IN-NEEDED"})
    signed = quarter.post("appraiser", f"batches/{number}/signed", paper, headers=version)
    assert (signed.status_code, signed.json()["state"]) == (200, "reviewing")
    assert signed.json()["hands"]["复核"] == "reviewer（示例）"
    assert quarter.gate().status_code == 201
    quarter.reviewed = True
    quarter.to("approved")
    assert refusal(quarter.ask("maker", "disclose")) == (409, {"POSTING"})
    quarter.to("disclosed")
    assert refusal(quarter.ask("maker", "release")) == (409, {"DISCLOSURE-TERM"})
    quarter.to("payable")
    assert refusal(quarter.ask("payer", "pay")) == (409, {"LINE-OPEN"})
    wrong = [{**quarter.lines("ordered")[0], "amount": "0.01"}, {**quarter.lines("ordered")[1], "voucher": ""}]
    refused = quarter.post("payer", f"batches/{number}/payments", {"lines": wrong})
    assert refusal(refused) == (422, {"LINE-AMOUNT", "LINE-VOUCHER"})
    quarter.to("paid")
    assert refusal(quarter.ask("payer", "close")) == (409, {"LINE-UNPAID"})
    quarter.to("closed")
    tables_are_the_folder_s(quarter, tmp_path)
    evidence(quarter)


def tables_are_the_folder_s(quarter, tmp_path):
    run = quarter.batch["run"]
    shown = quarter.get("auditor", f"runs/{run}")
    names = ["id", "kind", "period", "plan", "digest", "batch", "official", "superseded_by", "corrected_by", "warnings"]
    assert list(shown.json()) == names
    assert shown.headers["etag"] == f'"{sha256(shown.content).hexdigest()}"'
    tag = {"If-None-Match": shown.headers["etag"]}
    assert quarter.get("auditor", f"runs/{run}", headers=tag).status_code == 304
    digest = shown.json()["digest"]
    folder = quarter.served.store.files.folder("runs", digest)
    written = {path.stem for path in folder.glob("*.csv")} & set(FRAMES)
    assert {"allocations", "pools", "totals", "scores"} <= written
    for name in sorted(written):
        table = quarter.get("auditor", f"runs/{run}/{name}?format=csv")
        assert table.content == (folder / f"{name}.csv").read_bytes(), name
        assert table.headers["etag"] == f'"{digest}"'
        same = quarter.get("auditor", f"runs/{run}/{name}?format=csv", headers={"If-None-Match": f'"{digest}"'})
        assert (same.status_code, same.content) == (304, b"")
        rows = quarter.get("auditor", f"runs/{run}/{name}").json()
        assert rows["next"] is None
        assert len(rows["items"]) == len(table.text.splitlines()) - 1
    parts = [quarter.get("auditor", f"runs/{run}/totals?limit=7").json()]
    while parts[-1]["next"]:
        parts.append(quarter.get("auditor", f"runs/{run}/totals?limit=7&cursor={parts[-1]['next']}").json())
    assert [row for part in parts for row in part["items"]] == quarter.get("auditor", f"runs/{run}/totals").json()[
        "items"
    ]
    assert quarter.get("auditor", f"runs/{run}/totals?format=xlsx").content[:2] == b"PK"
    assert quarter.get("auditor", f"runs/{run}/totals?format=parquet").content[:4] == b"PAR1"
    assert refusal(quarter.get("auditor", f"runs/{run}/manifest")) == (404, {"NOT-THERE"})
    packed = quarter.get("auditor", f"runs/{run}/archive")
    zipfile.ZipFile(io.BytesIO(packed.content)).extractall(tmp_path / "carried")
    assert verify(tmp_path / "carried").problems == ()
    listed = quarter.get("auditor", "runs?plan=demo-county&official=true").json()["items"]
    assert [one["id"] for one in listed] == sorted((one["id"] for one in listed), reverse=True)
    assert run in [one["id"] for one in listed]
    line = quarter.lines("paid")[0]
    story = quarter.get("auditor", f"runs/{run}/explain?unit={line['unit']}&pool={line['pool']}").json()
    assert story["unit"] == line["unit"]
    assert story["text"]


def evidence(quarter):
    with zipfile.ZipFile(io.BytesIO(quarter.get("auditor", f"batches/{quarter.number}/dossier").content)) as packed:
        index = json.loads(packed.read("index.json"))["files"]
        assert {sha256(packed.read(name)).hexdigest() for name in index} == set(index.values())
        assert {"decisions.json", "vouchers.json", "audit.json", "gates.json"} <= set(index)
        records = {one["action"]: one["detail"] for one in json.loads(packed.read("audit.json"))}
    assert {"submission.accept", "run.made", "batch.release"} <= set(records)
    assert records["submission.accept"]["filer"] == "*"
