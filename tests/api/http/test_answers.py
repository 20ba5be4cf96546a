"""What every route shares: problems, headers, lists, versions, the log, the measures, progress as events."""

from __future__ import annotations

import base64
import json
import re
import runpy
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from starlette.requests import Request

from api.http.answering import Open
from api.http.bodies import Id
from api.http.lists import Page, Part
from api.http.problems import TITLES
from api.http.settings import HttpSettings
from api.http.versions import seen_version, unchanged
from domain.problems import InputProblems, Problem, Refused
from engine.storage.connect import Busy
from engine.storage.desk import open_desk, program
from engine.storage.tables.work import Job
from engine.workflow import jobs, webhooks
from engine.workflow.jobs import WORKER
from engine.workflow.refusals import Guard, NotAllowed, NotThere, Stale, Unavailable, Unmet
from engine.workflow.remedies import REMEDIES
from tests.api.http.serving import Served, serving

ROOT = Path(__file__).parents[3]
PLACE = {"region": "330103", "unit": "330103"}
router = APIRouter(prefix="/try", route_class=Open)
ERRORS: dict[str, Exception] = {
    "input": InputProblems(
        [Problem("a.csv B2", "NOT-MONEY", "不是金额", "写元"), Problem("a.csv B3", "FLOAT", "浮点")]
    ),
    "unmet": Unmet([Guard("ROLE", "角色"), Guard("GATE", "手续", (("kind", "x"),))]),
    "stale": Stale(8),
    "allowed": NotAllowed("HAND", "已经办过"),
    "there": NotThere(),
    "refused": Refused("不行"),
    "busy": Unavailable("数据库正忙", seconds=3),
    "broken": ZeroDivisionError("秘密的内容"),
}


@router.get("/fail/{what}")
def fail(what: str) -> None:
    raise ERRORS[what]


@router.get("/list")
def listed(part: Part) -> Page[int]:
    return part.page([n for n in range(25) if n > (part.number() or -1)][: part.limit + 1], lambda n: n)


@router.get("/version")
def version(request: Request) -> Any:
    return unchanged(request, '"7"') or {"seen": seen_version(request)}


@router.post("/number/{n}")
def number(n: Id, body: dict[str, str]) -> dict[str, str]:
    return {"n": str(n), **body}


@pytest.fixture
def tried(store: Any):
    with serving(store, HttpSettings(json_bytes=1_000)) as served:
        served.app.include_router(router)
        yield served


pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("input", 422, "NOT-MONEY"),
        ("unmet", 409, "ROLE"),
        ("stale", 412, "VERSION"),
        ("allowed", 403, "HAND"),
        ("there", 404, "NOT-THERE"),
        ("refused", 409, "REFUSED"),
        ("busy", 503, "BUSY"),
        ("broken", 500, "UNEXPECTED"),
    ],
)
def test_every_refusal_is_a_problem(tried, what, status, code):
    answer = tried.client.get(f"/try/fail/{what}")
    said = answer.json()
    assert (answer.status_code, said["code"], said["title"]) == (status, code, TITLES[status])
    assert answer.headers["content-type"] == "application/problem+json"
    assert [set(one) for one in said["problems"]] == [{"where", "code", "message", "remedy"}] * len(said["problems"])
    if what == "input":
        assert [one["where"] for one in said["problems"]] == ["a.csv B2", "a.csv B3"]
    if what == "unmet":
        assert said["unmet"] == [{"code": "ROLE", "message": "角色"}, {"code": "GATE", "message": "手续", "kind": "x"}]
        assert [one["remedy"] for one in said["problems"]] == [REMEDIES["ROLE"], REMEDIES["GATE"]]
    if what == "stale":
        assert answer.headers["etag"] == '"8"'
    if what == "busy":
        assert answer.headers["retry-after"] == "3"


def test_what_nobody_expected_is_told_by_its_number_alone(tried):
    answer = tried.client.get("/try/fail/broken")
    assert "秘密" not in answer.text
    assert "Traceback" not in answer.text
    lines = [json.loads(line) for line in tried.log.getvalue().splitlines()]
    (line,) = [one for one in lines if one["event"] == "unexpected"]
    assert line["id"] == answer.json()["id"] == answer.headers["x-request-id"]
    assert line["kind"] == "ZeroDivisionError"
    assert "秘密" not in tried.log.getvalue()


def written(log):
    """What stands in the log, which gets its line only when the answer is gone."""
    until = time.monotonic() + 10
    while not log.getvalue() and time.monotonic() < until:
        time.sleep(0.01)
    return log.getvalue()


def test_the_log_holds_no_address_no_path_and_no_name(tried):
    tried.client.get("/try/fail/there?name=zhangsan", headers={"Authorization": "Bearer lyt_secret"})
    log = written(tried.log)
    assert not re.search("zhangsan|lyt_secret|127.0.0.1|fail/there", log)
    (line,) = [json.loads(line) for line in log.splitlines()]
    assert (line["route"], line["method"], line["status"]) == ("/try/fail/{what}", "GET", 404)


def test_every_answer_is_protected(tried):
    for path in ("/healthz", "/nowhere", "/try/fail/broken", "/api/docs"):
        headers = tried.client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "x-request-id" in headers
        assert "server" not in headers or "python" not in headers["server"].lower()


def test_what_is_no_route_or_method_is_a_problem(tried):
    for method, path, status in (("GET", "/nowhere", 404), ("POST", "/healthz", 405), ("BREW", "/healthz", 405)):
        answer = tried.client.request(method, path)
        assert (answer.status_code, answer.json()["title"]) == (status, TITLES[status])
    assert tried.client.post("/healthz").headers["allow"] == "GET"
    assert tried.client.get("/healthz?x=%00").status_code == 422


def test_a_list_is_read_page_by_page(tried):
    seen, cursor = [], ""
    while cursor is not None:
        page = tried.client.get("/try/list", params={"limit": 10, "cursor": cursor}).json()
        seen += page["items"]
        cursor = page["next"]
    assert seen == list(range(25))


CURSORS = ("cursor=x", "cursor=bnVsbA", "cursor=W3RydWVd", "cursor=WyJhIl0")


@pytest.mark.parametrize("query", [*CURSORS, "limit=0", "limit=1001", "limit=a"])
def test_a_cursor_or_limit_that_is_none_is_refused(tried, query):
    answer = tried.client.get(f"/try/list?{query}")
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["where"] in {"?cursor", "?limit"}


def test_versions(tried):
    def status(**headers: str) -> int:
        return tried.client.get(
            "/try/version", headers={k.replace("_", "-"): v for k, v in headers.items()}
        ).status_code

    assert status() == 428
    assert status(If_Match='"7"') == 200
    assert [status(If_Match=value) for value in ("7", 'W/"7"', '"x"', "*", '"7", "8"')] == [412] * 5
    assert status(If_None_Match='"7"') == 304
    assert status(If_None_Match='W/"7", "6"') == 304
    assert status(If_None_Match='"6"', If_Match='"6"') == 200


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b'{"a": "b"}', "application/json", 200, ""),
        (b'{"a": "b"}', "text/plain", 415, "CONTENT-TYPE"),
        (b'{"a": "' + b"x" * 1000 + b'"}', "application/json", 413, "TOO-LARGE"),
        (b"{", "application/json", 422, "NOT-JSON"),
        (b"\xff", "application/json", 422, "BODY"),
        (b'{"a": "\\u0000"}', "application/json", 422, "NOT-TEXT"),
        (b'{"a": "\\ud800"}', "application/json", 422, "NOT-TEXT"),
        (b'{"a": 1}', "application/json", 422, "NOT-TEXT"),
        (b"", "application/json", 422, "MISSING"),
    ],
)
def test_bodies(tried, body, kind, status, code):
    answer = tried.client.post("/try/number/1", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json().get("code", "")) == (status, code)


@pytest.mark.parametrize("number", ["0", "-1", "a", "9" * 30, "1:x"])
def test_a_number_that_is_none_is_not_there(tried, number):
    assert tried.client.post(f"/try/number/{number}", json={}).status_code == 404


def test_a_chunked_body_is_bounded_too(tried):
    answer = tried.client.post(
        "/try/number/1", content=iter([b"x" * 600] * 3), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


def test_health_and_measures(tried, monkeypatch):
    assert tried.client.get("/healthz").json() == tried.client.get("/readyz").json() == {"status": "ok"}
    monkeypatch.setattr("engine.workflow.desks.open_desk", lambda *_, **__: (_ for _ in ()).throw(Busy("x")))
    answer = tried.client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE-DOWN")
    measures = tried.client.get("/metrics").text
    assert 'liangyun_answers_total{method="GET",route="/readyz",status="503"} 1.0' in measures


def job(served: Served) -> int:
    with open_desk(served.store, program("command")) as desk:
        made = jobs.request(desk, "key", "evaluate", {}, title="评价", **PLACE)
        return int(made.id or 0)


def followed(client: httpx.Client, number: int, last: str = "") -> list[dict[str, Any]]:
    headers = {"Last-Event-ID": last} if last else {}
    with client.stream("GET", f"/api/v1/jobs/{number}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text())
    fields = [
        dict(line.split(": ", 1) for line in block.splitlines() if ": " in line) for block in text.split("\r\n\r\n")
    ]
    return [{"number": one["id"], **json.loads(one["data"])} for one in fields if "data" in one]


def test_a_job_is_followed_to_its_end_and_again_from_where_it_was(served):
    number, client = job(served), served.as_("appraiser@330103")
    assert client.get(f"/api/v1/jobs/{number}").json()["state"] == "queued"
    taken = jobs.claim(served.store, "me", {"evaluate"})
    jobs.progress(served.store, taken, 1, 2, "算")
    jobs.finish(served.store, taken, lambda _: {"run": 3})
    seen = followed(client, number)
    assert [(one["state"], one["result"]) for one in seen] == [("done", {"run": 3})]
    assert followed(client, number, seen[-1]["number"]) == []


def test_a_job_is_cancelled_and_tried_again(served):
    number, client = job(served), served.as_("appraiser@330103")
    assert client.post(f"/api/v1/jobs/{number}:retry").json()["code"] == "JOB-OPEN"
    assert client.post(f"/api/v1/jobs/{number}:cancel").json()["state"] == "cancelled"
    assert client.post(f"/api/v1/jobs/{number}:cancel").json()["code"] == "JOB-ENDED"
    assert client.post(f"/api/v1/jobs/{number}:retry").json()["state"] == "queued"
    with open_desk(served.store, WORKER, writes=False) as desk:
        assert desk.count(Job) == 1


def test_the_document_s_check_of_a_webhook_is_the_program_s(served, tmp_path):
    code = re.findall(r"```python\n(.*?)```", (ROOT / "docs/api.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "genuine.py").write_text(code[0])
    genuine = runpy.run_path(str(tmp_path / "genuine.py"))["genuine"]
    key = "whsec_" + base64.b64encode(bytes(32)).decode()
    headers = {"webhook-id": "o-1-2", "webhook-timestamp": "5"}
    headers["webhook-signature"] = f"v1,x {webhooks.signature(key, 'o-1-2', 5, b'{}')}"
    assert genuine(key, headers, b"{}")
    assert not genuine(key, headers, b"{ }")


def test_whatever_a_caller_is_refused_is_recorded(served):
    client, opening = served.as_("maker", "appraiser"), {"plan": "none", "period": "2026Q3", "kind": "regular"}
    asked = [
        (404, "GET /api/v1/batches/{batch}", client.get("/api/v1/batches/7")),
        (409, "POST /api/v1/batches", client.post("/api/v1/batches", json=opening)),
        (403, "GET /api/v1/users", client.get("/api/v1/users")),
    ]
    assert [answer.status_code for _, _, answer in asked] == [status for status, _, _ in asked]
    assert [action for _, action, _ in served.audited()] == [action for _, action, _ in asked]
