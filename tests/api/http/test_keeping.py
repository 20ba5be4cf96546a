"""What the administrators and the appraiser keep: users, the register, working days, policies, schedules, webhooks."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir
from typing import Any

import httpx

from api.http.settings import HttpSettings
from tests.api.http.serving import WORDS, serving

ROOT = Path(__file__).parents[3]
REGISTER = ROOT / "examples" / "county" / "register.xlsx"
NEW = "autumn-wind-88"


def signed_in(served: Any, login: str, words: str = WORDS) -> httpx.Client:
    """A client with a session of a user whose password was changed."""
    body = {"login": login, "password": words, "new_password": f"{NEW}-{login}"}
    answer = served.client.post("/api/v1/session", json=body)
    assert answer.status_code == 201, answer.text
    served.clients[f"session {login}"] = httpx.Client(
        base_url=served.url, headers={"Authorization": f"Bearer {answer.json()['secret']}"}, timeout=60
    )
    served.client.cookies.clear()
    return served.clients[f"session {login}"]


def test_a_user_from_the_first_day_to_the_last(served):
    served.user("admin", "security_admin")
    admin = signed_in(served, "admin")
    made = admin.post("/api/v1/users", json={"login": "li", "name": "李四", "grants": [{"role": "maker"}]})
    assert made.status_code == 201
    assert made.json()["grants"][0]["pending"] is False
    li = signed_in(served, "li", made.json()["password"])
    assert li.get("/api/v1/me").json()["roles"] == ["maker"]
    again = admin.post("/api/v1/users", json={"login": "li", "name": "李四"})
    assert (again.status_code, again.json()["code"]) == (422, "LOGIN-TAKEN")
    grant = admin.post("/api/v1/users/li/grants", json={"role": "reviewer", "until": "2026-12-31"})
    assert grant.status_code == 201
    ended = admin.patch(f"/api/v1/grants/{grant.json()['id']}", json={"until": "2026-10-07"})
    assert ended.json()["until"] == "2026-10-07"
    apart = admin.post("/api/v1/users/li/grants", json={"role": "audit_admin"})
    assert (apart.status_code, apart.json()["code"]) == (422, "ROLE-APART")
    token = admin.post("/api/v1/users/li/tokens", json={"days": 3}).json()["token"]
    header = {"Authorization": f"Bearer {token}"}
    assert served.client.get("/api/v1/me", headers=header).json()["login"] == "li"
    (name,) = [one["name"] for one in admin.get("/api/v1/users/li/tokens").json()["items"]]
    assert admin.delete(f"/api/v1/users/li/tokens/{name}").status_code == 204
    assert served.client.get("/api/v1/me", headers=header).status_code == 401
    reset = admin.post("/api/v1/users/li:reset", json={})
    assert reset.status_code == 200
    assert li.get("/api/v1/me").status_code == 401
    assert [one["login"] for one in admin.get("/api/v1/users").json()["items"]] == ["admin", "li"]
    assert admin.post("/api/v1/users/li:disable").json()["disabled"] is True
    body = {"login": "li", "password": reset.json()["password"]}
    assert served.client.post("/api/v1/session", json=body).status_code == 401
    for path in ("users/nobody:disable", "users/nobody:enable"):
        assert admin.post(f"/api/v1/{path}").status_code == 404
    assert admin.get("/api/v1/users/nobody/tokens").status_code == 404


def test_the_register_is_handed_in_and_read_by_code(served):
    appraiser = served.as_("appraiser")
    with REGISTER.open("rb") as file:
        answer = appraiser.put("/api/v1/units", files={"file": ("register.xlsx", file)})
    assert answer.status_code == 200, answer.text
    count = answer.json()["units"]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = appraiser.get("/api/v1/units", params={"limit": 7, "cursor": cursor}).json()
        seen += [one["unit"] for one in page["items"]]
        cursor = page["next"]
    assert seen == sorted(set(seen))
    assert len(seen) >= count > 7
    wrong = appraiser.put("/api/v1/units", files={"file": ("../units.xlsx.exe", b"x")})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "FILE-NAME")
    broken = appraiser.put("/api/v1/units", files={"file": ("register.xlsx", b"x")})
    assert broken.status_code == 422
    assert gettempdir() not in broken.text


def test_working_days_are_handed_in(served):
    appraiser = served.as_("appraiser@330103")
    table = "日期,类型,来源\n2031-01-01,休息日,示例〔2030〕1号\n2031-02-08,工作日,示例〔2030〕1号\n"
    answer = appraiser.put("/api/v1/workdays", files={"file": ("workdays.csv", table.encode())})
    assert answer.json() == {"days": 2}
    listed = appraiser.get("/api/v1/workdays?year=2031").json()["items"]
    assert [(one["day"], one["working"]) for one in listed] == [("2031-01-01", False), ("2031-02-08", True)]
    assert appraiser.get("/api/v1/workdays?year=2030").json() == {"items": [], "next": None}


def test_a_policy_is_published_by_another_than_its_author(served):
    author, other = served.as_("appraiser"), served.as_("appraiser@330103")
    draft = {"kind": "pack", "policy_id": "broken-2026", "content": "id: [\n"}
    made = author.post("/api/v1/policies", json=draft)
    assert made.status_code == 201
    assert made.json()["problems"][0]["where"].startswith("packs/broken-2026.yaml:")
    assert author.post(f"/api/v1/policies/{made.json()['id']}:publish").json()["code"] == "HAND"
    wrong = other.post(f"/api/v1/policies/{made.json()['id']}:publish")
    assert wrong.status_code == 422
    assert gettempdir() not in wrong.text
    assert other.get(f"/api/v1/policies/{made.json()['id']}").json()["content"] == "id: [\n"
    second = author.post("/api/v1/policies", json={**draft, "policy_id": "broken-2027", "content": "id: {\n"}).json()
    diff = author.get(f"/api/v1/policies/{second['id']}/diff", params={"with": made.json()["id"]})
    assert "-id: [\n+id: {" in diff.text
    assert [one["id"] for one in author.get("/api/v1/policies?limit=1").json()["items"]] == [second["id"]]


def test_a_schedule_is_made_changed_and_removed(served):
    client = served.as_("appraiser@330103")
    rule = {"working_day": 5, "after": "quarter", "at": "08:00"}
    body = {"what": "remind", "plan": "p", "region": "330103", "rule": rule}
    made = client.post("/api/v1/schedules", json=body)
    assert made.status_code == 201
    assert len(made.json()["next"]) == 5
    path, tag = made.headers["location"], made.headers["etag"]
    assert client.patch(path, json={"enabled": False}, headers={"If-Match": tag}).json()["next"] == []
    stale = client.patch(path, json={"enabled": True}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION")
    for wrong, where in (
        ({"cron": "0 8 * * 1-5"}, "$.rule.cron"),
        ({**rule, "at": "8"}, "$.rule.at"),
        ({"cron": "0 8 * * MON", "daily": True}, "$.rule.daily"),
    ):
        for answer in (
            client.post("/api/v1/schedules", json={**body, "rule": wrong}),
            client.patch(path, json={"rule": wrong}),
        ):
            assert answer.status_code == 422
            assert [one["where"] for one in answer.json()["problems"]] == [where]
    assert served.as_("appraiser@330104").get(path).status_code == 404
    assert client.delete(path).status_code == 204
    assert client.get("/api/v1/schedules").json() == {"items": [], "next": None}


def test_a_webhook_goes_only_where_the_operator_says(store):
    with serving(store, HttpSettings(webhook_hosts=("his.example",))) as served:
        client = served.as_("appraiser@330103")
        body = {"url": "https://his.example/a", "region": "330103", "kinds": ["batch"]}
        made = client.post("/api/v1/webhooks", json=body)
        assert made.status_code == 201
        assert made.json()["secret"].startswith("whsec_")
        other = client.post("/api/v1/webhooks", json={**body, "url": "https://other.example/a"})
        assert (other.status_code, other.json()["code"]) == (422, "WEBHOOK-HOST")
        elsewhere = client.post("/api/v1/webhooks", json={**body, "region": "330104"})
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "ROLE")
        (listed,) = client.get("/api/v1/webhooks").json()["items"]
        assert "secret" not in listed
        path = f"/api/v1/webhooks/{listed['id']}"
        assert client.post(f"{path}:rotate").json()["secrets"] == 2
        assert served.as_("appraiser@330104").delete(path).status_code == 404
        assert client.delete(path).status_code == 204


def test_the_inbox_of_a_person(served):
    served.user("admin", "security_admin")
    served.user("wang", "reviewer")  # waits: there is a security administrator by now
    admin = signed_in(served, "admin")
    inbox = admin.get("/api/v1/me/inbox").json()
    assert [one["what"] for one in inbox["waiting"]] == ["grant.confirm"]
    assert [one["kind"] for one in inbox["told"]] == ["grant.pending"]
    (grant,) = admin.get("/api/v1/grants").json()["items"]
    waits = signed_in(served, "wang")
    me = waits.get("/api/v1/me")
    assert (me.status_code, me.json()["login"], me.json()["roles"]) == (200, "wang", [])
    assert waits.get("/api/v1/batches").status_code == 403
    assert admin.post(f"/api/v1/grants/{grant['id']}:confirm").json()["pending"] is False
    assert admin.get("/api/v1/me/inbox").json()["waiting"] == []
