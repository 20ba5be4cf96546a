"""Who sees what of a batch and when: another unit's rows, sums and files are not there, members wait for their time."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet
from python_calamine import CalamineSheet, CalamineWorkbook

from engine.schedule.worker import do_due
from engine.storage.desk import open_desk
from engine.storage.tables.results import Hold, Run
from engine.workflow import people
from engine.workflow.people import Wanted
from tests.api.http.quarter import Quarter, served_quarter
from tests.engine.workflow.flow import OPERATOR, SECRET, quick

MINE, OTHER = "T01", "T02"
SCORES, AMOUNTS = ("indicators", "scores", "totals"), ("pools", "allocations")
FOLDED = {MINE} | {f"V{n:03}" for n in range(1, 97, 14)}
"""What belongs to T01: itself and the clinics that it manages."""


@pytest.fixture
def quarter(store, clock, monkeypatch):
    quick(monkeypatch)
    with served_quarter(store, clock) as one:
        yield one


def statuses(quarter: Quarter, login: str, paths: list[str]) -> set[int]:
    return {quarter.get(login, path).status_code for path in paths}


def units_in(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {row["unit_code"] for row in csv.DictReader(io.StringIO(answer.text))}


def units_of(quarter: Quarter, login: str, path: str) -> set[str]:
    """The units of a table in every form; they are the same in each."""
    found = {}
    for form in ("json", "csv", "xlsx", "parquet"):
        answer = quarter.get(login, f"{path}?format={form}")
        assert answer.status_code == 200, answer.text
        match form:
            case "json":
                units = {row["unit_code"] for row in answer.json()["items"]}
            case "csv":
                units = units_in(answer)
            case "xlsx":
                (rows,) = (sheet.to_python() for sheet in sheets_of(answer.content))
                units = {str(row[rows[0].index("unit_code")]) for row in rows[1:]}
            case "parquet":
                units = set(parquet.read_table(io.BytesIO(answer.content)).column("unit_code").to_pylist())
        found[form] = units
    assert len(set(map(frozenset, found.values()))) == 1, found
    return found["json"]


def sheets_of(content: bytes) -> list[CalamineSheet]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]


def hand_in_own(quarter: Quarter, login: str, unit: str) -> dict[str, Any]:
    """What the assignment of a unit asks, as JSON, of one figure; what the unit's people see of it."""
    shown = quarter.get(login, f"batches/{quarter.number}").json()["assignments"]
    assert [one["filer"] for one in shown] == [unit]
    fact = {"period": "2026Q3", "unit_code": unit, "metric": "outreach_visits", "value": "100", "note": ""}
    body = {"assignment": shown[0]["id"], "facts": [fact]}
    sent = quarter.post(login, f"batches/{quarter.number}/submissions", body)
    assert sent.status_code == 201, sent.text
    return dict(sent.json())


def test_what_a_filer_handed_in_is_there_for_no_other(quarter):
    mine, other = hand_in_own(quarter, "clerk", MINE), hand_in_own(quarter, "other", OTHER)
    number = quarter.number
    assert [one["id"] for one in quarter.get("clerk", f"batches/{number}/submissions").json()["items"]] == [mine["id"]]
    assert quarter.get("clerk", f"submissions/{mine['id']}").json()["id"] == mine["id"]
    told = {one["subject"] for one in quarter.get("clerk", "events?limit=1000").json()["items"]}
    assert told >= {f"batch/{number}", f"submission/{mine['id']}"}
    assert f"submission/{other['id']}" not in told
    sha = mine["files"][0]["sha"]
    assert quarter.get("clerk", f"files/{sha}").status_code == 200
    assert quarter.get("checker", f"files/{sha}").status_code == 200
    template = quarter.get("clerk", f"batches/{number}/template?assignment={mine['assignment']}")
    assert template.content[:2] == b"PK"
    hidden = [
        f"submissions/{other['id']}",
        f"files/{other['files'][0]['sha']}",
        f"batches/{number}/template?assignment={other['assignment']}",
    ]
    assert statuses(quarter, "clerk", hidden) == {404}
    cells = {"cells": [{"table": "facts", "unit": OTHER, "period": "2026Q3", "code": "outreach_visits", "value": "1"}]}
    assert quarter.post("clerk", f"submissions/{other['id']}:correct", cells).status_code == 404
    fact = {"period": "2026Q3", "unit_code": OTHER, "metric": "outreach_visits", "value": "100"}
    body = {"assignment": other["assignment"], "facts": [fact]}
    assert quarter.post("clerk", f"batches/{number}/submissions", body).status_code == 404
    body["assignment"] = mine["assignment"]
    foreign = quarter.post("clerk", f"batches/{number}/submissions", body).json()
    assert (foreign["state"], {one["code"] for one in foreign["problems"]}) == ("faulty", {"NOT-YOURS"})
    assert quarter.post("clerk", f"submissions/{mine['id']}:accept").status_code == 403
    assert quarter.hand_in("clerk", "*", reason="全部").status_code == 403


def test_corrections_answers_and_returns(quarter):
    made = hand_in_own(quarter, "clerk", MINE)
    cell = {"table": "facts", "unit": MINE, "period": "2026Q3", "code": "outreach_visits", "value": "120"}
    again = quarter.post("clerk", f"submissions/{made['id']}:correct", {"cells": [cell], "reason": "抄录错误"})
    assert (again.status_code, again.json()["number"], again.json()["state"]) == (201, 2, "checked")
    assert quarter.get("clerk", f"submissions/{made['id']}").json()["state"] == "superseded"
    path = f"submissions/{again.json()['id']}"
    assert quarter.post("checker", f"{path}:return", {"reason": " "}).status_code == 409
    returned = quarter.post("checker", f"{path}:return", {"reason": "请核对七月"})
    assert (returned.json()["state"], returned.json()["returned_reason"]) == ("returned", "请核对七月")
    assert quarter.post("checker", f"{path}:accept").status_code == 409
    one = quarter.get("clerk", f"batches/{quarter.number}").json()["assignments"][0]
    waived = quarter.as_("appraiser").patch(
        f"/api/v1/batches/{quarter.number}/assignments/{one['id']}", json={"waived_reason": "本季度停业"}
    )
    assert waived.json()["waived_reason"] == "本季度停业"
    assert quarter.as_("checker").patch(
        f"/api/v1/batches/{quarter.number}/assignments/{one['id']}", json={"waived_reason": "x"}
    ).status_code == 403  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"files": {"other": ("a", b"x")}, "data": {"assignment": "*"}}, 422, "UNKNOWN-FIELD"),
        ({"files": {"file": ("a.xlsx", b"x")}}, 422, "MISSING"),
        ({"files": {"file": ("a.xlsx", b"x")}, "data": {"assignment": "x"}}, 422, "STRING-PATTERN-MISMATCH"),
        ({"files": {"file": ("a.xlsx", b"x")}, "data": {"assignment": "*"}}, 409, "REASON"),
        ({"content": b"[]", "headers": {"Content-Type": "application/json"}}, 422, "NOT-JSON"),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 422, "NOT-JSON"),
        ({"content": b'{"a": 1, "a": 2}', "headers": {"Content-Type": "application/json"}}, 422, "NOT-JSON"),
        ({"content": b"a,b", "headers": {"Content-Type": "text/csv"}}, 415, "CONTENT-TYPE"),
    ],
)
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_is_no_submission_is_refused(quarter, sent, status, code):
    answer = quarter.as_("checker").post(f"/api/v1/batches/{quarter.number}/submissions", **sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    if code == "STRING-PATTERN-MISMATCH":
        assert answer.json()["problems"][0]["remedy"] == "写填报任务的编号, 或 *"


def words_of(quarter, login, path):
    """Every text of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(quarter.get(login, path).content))
    cells = (cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    return {cell for cell in cells if isinstance(cell, str)}


def test_members_see_scores_from_confirming_and_amounts_from_disclosed_on(quarter):
    number = quarter.number
    quarter.to("scored")
    early = quarter.batch["score_run"]
    shown = [f"runs/{early}", f"runs/{early}/totals", f"runs/{early}/explain?unit={MINE}", f"runs/{early}/archive"]
    assert statuses(quarter, "viewer", [*shown, f"batches/{number}/confirmations"]) == {404}
    assert quarter.get("viewer", "runs").json()["items"] == []
    unmet = [one["unmet"] for one in quarter.get("viewer", f"batches/{number}/transitions").json()]
    assert {guard["code"] for several in unmet for guard in several} >= {"ROLE"}

    quarter.to("confirming")
    run = quarter.batch["score_run"]
    for name in SCORES:
        for login in ("viewer", "clerk"):
            assert units_of(quarter, login, f"runs/{run}/{name}") <= FOLDED, name
    assert MINE in units_of(quarter, "viewer", f"runs/{run}/totals")
    assert OTHER in units_of(quarter, "checker", f"runs/{run}/totals")
    hidden = [f"runs/{run}/{name}" for name in AMOUNTS] + [f"runs/{run}/archive", f"batches/{number}/dossier"]
    assert statuses(quarter, "viewer", hidden) <= {403, 404}
    assert statuses(quarter, "clerk", [f"runs/{run}/{name}" for name in AMOUNTS]) == {404}
    other = [f"runs/{run}/totals?unit={OTHER}", f"runs/{run}/explain?unit={OTHER}", f"runs/{run}/explain?unit=D01"]
    assert statuses(quarter, "viewer", other) == {404}
    assert quarter.get("viewer", f"runs/{run}").json()["warnings"] == []
    words = quarter.get("viewer", f"batches/{number}/confirmations").json()["items"]
    assert MINE in {one["unit"] for one in words} <= FOLDED
    word = next(one for one in words if one["unit"] == MINE)
    wide = quarter.get("checker", f"batches/{number}/confirmations?limit=1000").json()["items"]
    foreign = next(one for one in wide if one["unit"] == OTHER)
    body = {"unit": OTHER, "digest": foreign["digest"]}
    assert quarter.post("viewer", f"batches/{number}/confirmations", body).status_code == 404
    stale = quarter.post("viewer", f"batches/{number}/confirmations", {"unit": MINE, "digest": "0" * 64})
    assert (stale.status_code, stale.json()["code"]) == (409, "DIGEST")
    given = quarter.post("viewer", f"batches/{number}/confirmations", {"unit": MINE, "digest": word["digest"]})
    assert (given.status_code, given.json()["file"]) == (201, None)
    said = quarter.post(
        "other-viewer", f"batches/{number}/objections", {"unit": OTHER, "about": "得分", "text": "少计"}
    )
    assert (said.status_code, said.json()["state"]) == (201, "open")
    assert quarter.get("viewer", f"batches/{number}/objections").json()["items"] == []
    assert len(quarter.get("other-viewer", f"batches/{number}/objections").json()["items"]) == 1
    answer = {"outcome": "dismissed", "answer": "已核对", "minutes": quarter.upload("appraiser")}
    path = f"batches/{number}/objections/{said.json()['id']}:answer"
    assert quarter.post("viewer", path, answer).status_code == 403
    assert quarter.post("appraiser", path, answer).json()["state"] == "dismissed"

    quarter.to("approved")
    run = quarter.batch["run"]
    posted, signed = f"batches/{number}/sheets/public", f"batches/{number}/sheets/approval"
    hidden = [f"runs/{run}/{name}" for name in AMOUNTS] + [f"batches/{number}/payments", posted]
    assert statuses(quarter, "viewer", hidden) == {404}
    assert statuses(quarter, "maker", [posted, signed]) == {200}
    quarter.to("disclosed")
    assert statuses(quarter, "clerk", [posted]) == {200}
    assert statuses(quarter, "clerk", [signed]) == {403}
    shown = words_of(quarter, "viewer", posted)
    assert {quarter.name(MINE), quarter.name(OTHER)} <= shown
    assert MINE in units_of(quarter, "viewer", f"runs/{run}/allocations") <= FOLDED
    assert OTHER in units_of(quarter, "checker", f"runs/{run}/allocations")
    whole = [f"runs/{run}/archive", f"batches/{number}/dossier"]
    assert {quarter.get(login, path).status_code for login in ("viewer", "clerk") for path in whole} <= {403, 404}
    lines = quarter.get("viewer", f"batches/{number}/payments?limit=1000").json()["items"]
    assert MINE in {one["unit"] for one in lines} <= FOLDED
    pools = quarter.get("viewer", f"runs/{run}/pools").json()["items"]
    assert pools == []  # a pool's sums are its alliance's
    assert statuses(quarter, "viewer", [f"runs/{run}/allocations?unit={OTHER}", f"runs/{run}/pools?alliance=A01"]) == {
        404
    }
    pool = lines[0]["pool"]
    story = quarter.get("viewer", f"runs/{run}/explain?unit={MINE}&pool={pool}").json()
    assert story["unit"] == MINE
    assert f"{OTHER} " not in story["text"]

    assert quarter.get("viewer", f"runs/{early}").status_code == 200
    with open_desk(quarter.served.store, OPERATOR) as desk:
        desk.change(Run, Run.id == early, folder="0" * 64)  # of data that were given up
        desk.add(Hold(batch=number, alliance=lines[0]["alliance"], reason="示例", at=desk.now))
    assert quarter.get("viewer", f"runs/{early}").status_code == 404
    assert quarter.get("viewer", f"runs/{run}/allocations").json()["items"] == []  # of what is held nobody approved
    assert quarter.get("viewer", f"runs/{run}/explain?unit={MINE}&pool={pool}").status_code == 404
    assert quarter.get("viewer", f"runs/{run}/totals").json()["items"]
    told = words_of(quarter, "viewer", posted)
    assert shown & told
    assert quarter.name(MINE) not in told
    assert f"提示：{quarter.name(lines[0]['alliance'])}暂缓，考核结果和资金另行公示" in told


def test_files_are_kept_by_what_is_in_them(quarter):
    sha = quarter.upload("checker", b"the same", "a/../b.pdf")
    assert quarter.upload("appraiser", b"the same", "c.pdf") == sha
    answer = quarter.get("checker", f"files/{sha}")
    assert answer.content == b"the same"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert quarter.get("viewer", f"files/{sha}").status_code == 404
    assert quarter.get("checker", f"files/{'0' * 64}").status_code == 404
    assert quarter.upload("viewer", b"the same") == sha
    assert quarter.get("viewer", f"files/{sha}").status_code == 200  # who had it in hand already
    empty = quarter.as_("checker").post("/api/v1/files", files={"file": ("a.pdf", b"")})
    assert (empty.status_code, empty.json()["code"]) == (422, "FILE-EMPTY")


def test_a_preview_is_for_staff(quarter):
    quarter.hand_in("checker2", "*", reason="示例")
    trigger = {"plan": "demo-county", "period": "2026Q3", "region": "129901"}
    strict = quarter.post("appraiser", "evaluations:trigger", {**trigger, "want": "locked"})
    assert (strict.status_code, strict.json()["code"]) == (409, "NOT-LOCKED")
    never = {**trigger, "period": "2026Q2"}
    assert quarter.post("appraiser", "evaluations:trigger", never).status_code == 404
    strict = quarter.post("appraiser", "evaluations:trigger", {**never, "want": "locked"})
    assert (strict.status_code, strict.json()["code"]) == (409, "NOT-LOCKED")
    assert quarter.post("checker", "evaluations:trigger", trigger).status_code == 403
    asked = quarter.post("appraiser", "evaluations:trigger", trigger)
    assert (asked.status_code, asked.json()["official"]) == (202, False)
    for login in ("asks-too", "asks-not"):
        with open_desk(quarter.served.store, OPERATOR) as desk:
            people.create_user(desk, login=login, name=login, password=SECRET, grants=[Wanted(role="integration")])
    assert quarter.post("asks-too", "evaluations:trigger", trigger).json() == asked.json()

    do_due(quarter.served.store)
    done = quarter.get("appraiser", f"jobs/{asked.json()['job']}").json()
    assert done["state"] == "done", done
    run = done["result"]["run"]
    assert quarter.get("appraiser", f"runs/{run}/allocations").status_code == 200
    assert quarter.get("asks-too", f"runs/{run}/allocations").status_code == 200
    assert quarter.get("asks-not", f"runs/{run}/allocations").status_code == 404
    assert quarter.get("viewer", f"runs/{run}").status_code == 404
    assert quarter.get("appraiser", "runs?official=true").json()["items"] == []
