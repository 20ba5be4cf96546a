"""Who may what, route by route: the routes are read from the application, and one without expectation fails.

The expectations are the contract's words, written here again; what the program goes by is `engine.workflow.roles`.
"""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from api.http.answering import Signed
from api.http.openapi import routes_of
from engine.storage.desk import open_desk, program
from engine.storage.tables.decisions import Objection
from engine.storage.tables.facts import Assignment, Submission
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.place import Unit
from engine.storage.tables.results import Run
from engine.storage.tables.work import Event, Job
from engine.workflow import uploads

ADMINS = ("system_admin", "security_admin", "audit_admin")
STAFF = ("data_checker", "appraiser", "maker", "reviewer", "approver", "payer", "hr")
MEMBERS = ("reporter", "unit_viewer", "self")
BUSINESS = (*STAFF, *MEMBERS, "auditor", "integration")
EVERYBODY = (*BUSINESS, *ADMINS)
READERS = tuple(role for role in BUSINESS if role != "integration")
PAY_READERS = ("hr", "reviewer", "approver", "payer", "auditor")
WHO: dict[str, tuple[str, ...]] = {
    "GET /me": EVERYBODY,
    "GET /me/inbox": EVERYBODY,
    "PUT /me/password": EVERYBODY,
    "POST /me/totp": EVERYBODY,
    "PUT /me/totp": EVERYBODY,
    "POST /me/totp:end": EVERYBODY,
    "DELETE /me/sessions": EVERYBODY,
    "DELETE /session": EVERYBODY,
    "POST /allocations:solve": EVERYBODY,
    "GET /batches": READERS,
    "POST /batches": ("appraiser",),
    "GET /batches/{}": READERS,
    "GET /batches/{}/transitions": READERS,
    "POST /batches/{}:{}": ("data_checker",),  # of the example's step, `lock`; the others by tests of the workflow
    "PATCH /batches/{}/assignments/{}": ("appraiser",),
    "POST /batches/{}/holds": ("appraiser", "maker"),
    "DELETE /batches/{}/holds/{}": ("appraiser", "maker"),
    "POST /batches/{}/gates": ("maker", "appraiser"),
    "POST /batches/{}/signed": ("maker", "appraiser"),
    "POST /batches/{}/checks/{}:answer": ("maker", "appraiser"),
    "GET /batches/{}/checks": (*STAFF, "reporter", "auditor", "integration"),
    "GET /batches/{}/confirmations": READERS,
    "POST /batches/{}/confirmations": ("unit_viewer", "data_checker"),
    "GET /batches/{}/objections": READERS,
    "POST /batches/{}/objections": ("unit_viewer", "data_checker"),
    "POST /batches/{}/objections/{}:answer": ("appraiser",),
    "GET /batches/{}/payments": (*STAFF, "auditor", "unit_viewer"),
    "POST /batches/{}/payments": ("payer",),
    "POST /batches/{}/restored": ("payer",),
    "GET /batches/{}/dossier": ("appraiser", "maker", "reviewer", "approver", "payer", "auditor"),
    "GET /batches/{}/sheets/{}": (*STAFF, "auditor"),
    "GET /batches/{}/template": (*STAFF, "reporter", "auditor", "integration"),
    "GET /batches/{}/submissions": (*STAFF, "reporter", "auditor", "integration"),
    "POST /batches/{}/submissions": ("reporter", "data_checker", "integration"),
    "GET /submissions/{}": (*STAFF, "reporter", "auditor", "integration"),
    "POST /submissions/{}:accept": ("data_checker", "appraiser"),
    "POST /submissions/{}:return": ("data_checker", "appraiser"),
    "POST /submissions/{}:correct": ("reporter", "data_checker", "integration"),
    "POST /files": (*STAFF, "reporter", "unit_viewer"),
    "GET /files/{}": tuple(role for role in READERS if role != "self"),
    "POST /evaluations:trigger": ("integration", "appraiser"),
    "GET /jobs/{}": BUSINESS,
    "GET /jobs/{}/events": BUSINESS,
    "POST /jobs/{}:retry": ("appraiser", "integration"),
    "POST /jobs/{}:cancel": ("appraiser", "integration"),
    "GET /runs": BUSINESS,
    "GET /runs/{}": BUSINESS,
    "GET /runs/{}/explain": BUSINESS,
    "GET /runs/{}/archive": BUSINESS,
    "GET /runs/{}/{}": BUSINESS,
    "GET /schedules": (*STAFF, "auditor"),
    "POST /schedules": ("appraiser",),
    "GET /schedules/{}": (*STAFF, "auditor"),
    "PATCH /schedules/{}": ("appraiser",),
    "DELETE /schedules/{}": ("appraiser",),
    "GET /workdays": (*STAFF, "auditor"),
    "PUT /workdays": ("appraiser",),
    "GET /units": BUSINESS,
    "PUT /units": ("appraiser",),
    "GET /events": BUSINESS,
    "GET /webhooks": ("appraiser",),
    "POST /webhooks": ("appraiser",),
    "DELETE /webhooks/{}": ("appraiser",),
    "POST /webhooks/{}:rotate": ("appraiser",),
    "GET /policies": tuple(role for role in READERS if role != "self"),
    "POST /policies": ("appraiser",),
    "GET /policies/{}": tuple(role for role in READERS if role != "self"),
    "POST /policies/{}:publish": ("appraiser",),
    "POST /policies/{}:withdraw": ("appraiser",),
    "GET /policies/{}/diff": tuple(role for role in READERS if role != "self"),
    "POST /pay": ("hr",),
    "GET /pay": PAY_READERS,
    "GET /pay/{}": PAY_READERS,
    "POST /pay/{}/people": ("hr",),
    "POST /pay/{}/teams": ("hr",),
    "POST /pay/{}/accounts": ("hr",),
    "POST /pay/{}/completions": ("hr",),
    "GET /pay/{}/template": ("hr",),
    "POST /pay/{}/exports/sheet:check": ("hr", "payer"),
    "POST /pay/{}/cases": ("hr",),
    "POST /pay/{}:{}": ("hr",),  # of the example's step, `submit`
    "GET /pay/{}/explain": PAY_READERS,
    "GET /pay/{}/archive": PAY_READERS,
    "GET /pay/{}/exports": PAY_READERS,
    "GET /pay/{}/exports/{}": ("hr", "payer"),  # of `sheet`; `audit` goes by codes
    "POST /pay/{}/exports/bank": ("hr", "payer"),
    "POST /pay/{}/exports/bank:void": ("hr", "payer"),
    "POST /pay/{}/results": ("payer",),
    "POST /pay/{}/payments": ("payer",),
    "GET /pay/{}/{}": PAY_READERS,
    "GET /me/slips": ("self",),
    "GET /audit": ("audit_admin", "auditor"),
    "GET /users": ("system_admin", "security_admin"),
    "POST /users": ("system_admin", "security_admin"),
    "POST /users/{}:disable": ("system_admin", "security_admin"),
    "POST /users/{}:enable": ("system_admin", "security_admin"),
    "POST /users/{}:reset": ("security_admin",),
    "POST /users/{}/grants": ("security_admin",),
    "GET /users/{}/tokens": ("system_admin", "security_admin"),
    "POST /users/{}/tokens": ("security_admin",),
    "DELETE /users/{}/tokens/{}": ("security_admin",),
    "GET /grants": ("system_admin", "security_admin"),
    "POST /grants/{}:confirm": ("security_admin",),
    "PATCH /grants/{}": ("security_admin",),
}
"""Route → who may. Of a step the batch's own table says who (tests of the workflow)."""
NO_TOKEN = frozenset(
    {
        *("PUT /me/password", "POST /me/totp", "PUT /me/totp", "POST /me/totp:end", "DELETE /me/sessions"),
        *("POST /users", "POST /users/{}:disable", "POST /users/{}:enable"),
        *("POST /users/{}:reset", "POST /users/{}/grants", "POST /users/{}/tokens", "DELETE /users/{}/tokens/{}"),
        *("POST /grants/{}:confirm", "PATCH /grants/{}"),
        *("GET /pay/{}/exports/{}", "POST /pay/{}/exports/bank", "POST /pay/{}/exports/bank:void"),
        *("POST /pay/{}/accounts", "POST /pay/{}/exports/sheet:check"),
    }
)
"""What no token does."""
HERE, THERE = "330103", "330104"


def name_of(method: str, path: str) -> str:
    return f"{method} {re.sub(r'{[^}]*}', '{}', path.removeprefix('/api/v1'))}"


def signed_routes(app: Any) -> list[tuple[str, str]]:
    return [(method, path) for method, path, route in routes_of(app) if isinstance(route, Signed)]


def asked(client: httpx.Client, said: dict[str, Any], method: str, path: str, ids: dict[str, Any]) -> httpx.Response:
    """A request as the document's examples have it."""
    one = said["paths"][path][method.lower()]
    given = {
        "sha": "0" * 64,
        "step": "lock",
        "sheet": "approval",
        "table": "totals",
        "alliance": "A01",
        "login": "nobody",
        "name": "0",
        "kind": "sheet",
    } | ({"step": "submit", "table": "lines"} if "/pay/" in path else {})
    url = re.sub(r"\{(\w+)\}", lambda found: str({**given, **ids}.get(found[1], 999_999)), path)
    needed = [one for one in one.get("parameters", []) if one["in"] == "query" and one["required"]]
    query = {one["name"]: {"year": 2026, "with": 1}.get(one["name"], "1") for one in needed}
    content = one.get("requestBody", {}).get("content", {})
    headers = {"If-Match": '"1"'} if "428" in one["responses"] else {}
    if "application/json" in content:
        schema = content["application/json"]["schema"]
        model = said["components"]["schemas"].get(str(schema.get("$ref", "")).rpartition("/")[2], {})
        example = content["application/json"].get("example", (model.get("examples") or [{}])[0])
        return client.request(method, url, params=query, json=example, headers=headers)
    if content:
        return client.request(method, url, params=query, files={"file": ("a.csv", b"a,b\n")}, headers=headers)
    return client.request(method, url, params=query, headers=headers)


def test_every_route_has_its_expectation(served):
    routes = {name_of(method, path) for method, path in signed_routes(served.app)}
    assert routes <= set(WHO), routes - set(WHO)
    assert set(WHO) - routes <= LATER, set(WHO) - routes - LATER


LATER = frozenset(name for name in WHO if re.search("schedules|webhooks|/checks$|submissions|template", name))


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # who may does not depend on the database
def test_who_may_what(served):
    said = served.app.openapi()
    wrong: list[str] = []
    for role in EVERYBODY:
        client = served.as_(role if role in ADMINS else f"{role}@{HERE}")
        for method, path in signed_routes(served.app):
            name = name_of(method, path)
            if name == "DELETE /session":
                continue
            answer = asked(client, said, method, path, {})
            code = answer.json().get("code", "") if answer.status_code >= 400 else ""
            allowed = code not in {"ROLE", "NOT-SIGNED-IN"}
            if allowed != (role in WHO[name]) or answer.status_code >= 500:
                wrong.append(f"{role} {name}: {answer.status_code} {code}")
            if role in WHO[name] and (code == "SIGN-IN-NEEDED") != (name in NO_TOKEN):
                wrong.append(f"{role} {name} with a token: {answer.status_code} {code}")
            if str(answer.status_code) not in said["paths"][path][method.lower()]["responses"]:
                wrong.append(f"{name}: {answer.status_code} is not in the document")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_nobody_is_told_anything_without_a_sign_in(served):
    said = served.app.openapi()
    for method, path in signed_routes(served.app):
        answer = asked(served.client, said, method, path, {})
        assert answer.status_code in {401, 429}, (method, path)
        assert set(answer.json()) == {"code", "title", "problems"}


def seeded(served: Any) -> dict[str, Any]:
    """One of everything in a region, as rows."""
    with open_desk(served.store, program("command")) as desk:
        now, place = desk.now, {"region": HERE, "unit": HERE}
        period = desk.add(PeriodRow(region=HERE, plan="p", code="2026Q3"))
        batch = desk.add(Batch(**place, period=period.id, number=1, kind="regular", state="collecting", opened_at=now))
        job = desk.add(Job(**place, key="k", kind="evaluate", state="failed", due=now, at=now, title="t", args={}))
        run = desk.add(
            Run(**place, batch=batch.id, kind="score", plan="p", period="2026Q3", policy="", folder="0" * 64,
                program="", official=True, job=job.id, at=now)
        )  # fmt: skip
        task = desk.add(Assignment(**place, batch=batch.id, filer="H01"))
        made = desk.add(
            Submission(**place, batch=batch.id, assignment=task.id, number=1, via="api", at=now, state="checked")
        )
        objection = desk.add(Objection(**place, batch=batch.id, kind="score", about="", text="t", state="open", at=now))
        for code, region in (("H01", HERE), ("H02", THERE)):
            desk.add(Unit(region=region, unit=code, kind="institution", name=code))
        kept = uploads.keep(desk, "a.pdf", b"a", "", **place)
        desk.event("batch.open", f"batch/{batch.id}", **place)
        return {
            "batch": batch.id, "job": job.id, "run": run.id, "assignment": task.id, "submission": made.id,
            "objection": objection.id, "sha": kept.sha, "n": 1,
        }  # fmt: skip


def test_what_is_another_region_s_is_not_there(served):
    ids, said = seeded(served), served.app.openapi()
    routes = [(m, p) for m, p in signed_routes(served.app) if set(re.findall(r"{(\w+)}", p)) & set(ids)]
    assert len(routes) > 20
    for role in BUSINESS:
        client = served.as_(f"{role}@{THERE}")
        for method, path in routes:
            name = name_of(method, path)
            if role in WHO[name] and name not in NO_TOKEN:  # of pay's exports: test_pay.py
                answer = asked(client, said, method, path, ids)
                assert answer.status_code == 404, (role, method, path, answer.text)
                assert answer.json()["code"] == "NOT-THERE"
    for role in ("appraiser", "auditor"):
        client = served.as_(f"{role}@{THERE}")
        assert [client.get(f"/api/v1/{path}").json()["items"] for path in ("batches", "runs", "events")] == [[], [], []]
        assert [one["unit"] for one in client.get("/api/v1/units").json()["items"]] == ["H02"]
    for role in ADMINS:
        assert served.as_(role).get(f"/api/v1/batches/{ids['batch']}/transitions").status_code == 403
    mine = served.as_(f"appraiser@{HERE}")
    for path in ("/batches", "/runs", "/events", "/units"):
        assert mine.get(f"/api/v1{path}").json()["items"] != [], path
    for path in (f"/jobs/{ids['job']}", f"/runs/{ids['run']}", f"/files/{ids['sha']}"):
        assert mine.get(f"/api/v1{path}").status_code == 200, path


def test_an_auditor_sees_the_records_of_its_region_and_no_person(served):
    ids = seeded(served)
    served.as_(f"maker@{HERE}").post("/api/v1/files", files={"file": ("b.pdf", b"b")})
    for place, some in ((HERE, True), (THERE, False)):
        records = served.as_(f"auditor@{place}").get("/api/v1/audit").json()["items"]
        assert bool(records) == some
        assert {one["actor"] for one in records} <= {"***"}
        assert {one["region"] for one in records} <= {HERE}
    whole = served.as_("audit_admin").get("/api/v1/audit?limit=1000").json()["items"]
    assert f"maker.{HERE}" in {one["actor"] for one in whole}
    assert any(one["subject"] == f"file/{ids['sha']}" for one in whole)
    numbers = [one["seq"] for one in whole]
    assert numbers == sorted(numbers)


def test_events_come_by_number(served):
    seeded(served)
    client = served.as_(f"integration@{HERE}")
    first = client.get("/api/v1/events?limit=1").json()
    assert len(first["items"]) == 1
    assert client.get(f"/api/v1/events?after={first['next']}&wait=1").json() == {"items": [], "next": first["next"]}
    with open_desk(served.store, program("command"), writes=False) as desk:
        assert desk.count(Event) == 1
