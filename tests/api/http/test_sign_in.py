"""Who comes in, by what, from where; what strangers and callers are refused."""

from __future__ import annotations

import httpx
import pyotp
import pytest

from api.http.settings import HttpSettings
from api.http.who import COOKIE
from tests.api.http.serving import WORDS, serving

NEW = "autumn-wind-88"


def signed_in(served, login: str, *, change: bool = True) -> httpx.Response:
    body = {"login": login, "password": WORDS, **({"new_password": NEW} if change else {})}
    return served.client.post("/api/v1/session", json=body)


def fresh(served, headers: dict[str, str] | None = None, secret: str = "") -> httpx.Client:
    cookies = {COOKIE: secret} if secret else None
    return httpx.Client(base_url=served.url, headers=headers, cookies=cookies)


def test_a_session_by_password(served):
    served.user("li", "appraiser")
    answer = signed_in(served, "li")
    assert answer.status_code == 201
    assert answer.json()["must_change"] is False
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # over plain http a browser would drop it
    me = served.client.get("/api/v1/me").json()
    assert (me["login"], me["roles"], me["units"], me["must_change"]) == ("li", ["appraiser"], ["000000"], False)
    assert served.client.delete("/api/v1/session", headers={"Origin": served.url}).status_code == 204
    with fresh(served, secret=answer.json()["secret"]) as old:
        assert old.get("/api/v1/me").status_code == 401


def test_the_first_password_must_be_changed(served):
    served.user("wang", "appraiser")
    secret = signed_in(served, "wang", change=False).json()["secret"]
    with fresh(served, {"Authorization": f"Bearer {secret}"}) as client:
        assert client.get("/api/v1/me").json()["must_change"] is True
        refused = client.get("/api/v1/jobs/1")
        assert (refused.status_code, refused.json()["code"]) == (403, "PASSWORD-CHANGE")
        short = client.put("/api/v1/me/password", json={"password": WORDS, "new_password": "short"})
        assert (short.status_code, short.json()["code"]) == (422, "PASSWORD")
        made = client.put("/api/v1/me/password", json={"password": WORDS, "new_password": NEW})
        assert (made.status_code, made.json()["must_change"]) == (200, False)
        assert client.get("/api/v1/me").status_code == 401  # the session before has ended
    with fresh(served, {"Authorization": f"Bearer {made.json()['secret']}"}) as client:
        assert client.get("/api/v1/jobs/1").status_code == 404


def test_a_token_changes_no_password(served):
    client = served.as_("appraiser")
    answer = client.put("/api/v1/me/password", json={"password": WORDS, "new_password": NEW})
    assert (answer.status_code, answer.json()["code"]) == (403, "SIGN-IN-NEEDED")


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "SELF"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "SELF", "Sec-Fetch-Site": "cross-site"}, False),
    ],
)
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_an_unsafe_method_with_a_cookie_comes_from_this_site(served, headers, allowed):
    served.user("li", "appraiser")
    secret = signed_in(served, "li").json()["secret"]
    sent = {name: value.replace("SELF", served.url) for name, value in headers.items()}
    with fresh(served, sent, secret) as browser:
        assert browser.get("/api/v1/me").status_code == 200
        answer = browser.post("/api/v1/jobs/1:cancel")
    assert (answer.status_code, answer.json()["code"]) == ((404, "NOT-THERE") if allowed else (403, "CSRF"))
    with fresh(served, {**sent, "Authorization": f"Bearer {secret}"}) as program:
        assert program.post("/api/v1/jobs/1:cancel").status_code == 404  # no browser sends that by itself


def test_another_site_signs_nobody_in(served):
    served.user("li", "appraiser")
    body = {"login": "li", "password": WORDS}
    answer = served.client.post("/api/v1/session", json=body, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.json()["code"]) == (403, "CSRF")


def test_strangers_are_counted_by_address_and_minute(store, clock):
    with serving(store, HttpSettings(refusals=3)) as served:
        served.user("li", "appraiser")
        seen = [
            served.client.get("/api/v1/me", headers={"Authorization": f"Bearer x{n}"}).status_code for n in range(5)
        ]
        assert seen == [401, 401, 401, 429, 429]
        waiting = signed_in(served, "li")
        assert (waiting.status_code, waiting.json()["code"]) == (429, "TOO-MANY")
        assert 0 < int(waiting.headers["retry-after"]) <= 60
        assert served.as_("auditor").get("/api/v1/me").status_code == 200  # who is signed in is not held up
        clock.forward(minutes=1)
        assert signed_in(served, "li").status_code == 201
        assert "liangyun_stranger_refusals_total 5.0" in served.client.get("/metrics").text
    assert [what for what in served.audited() if what[1] == "stranger"] == [("system", "stranger", "http")]


def test_a_second_factor_is_set_asked_for_and_ended_by_its_person(served, clock):
    served.user("li", "appraiser")
    me = {"Authorization": f"Bearer {signed_in(served, 'li').json()['secret']}"}
    with fresh(served, me) as client:
        given = client.post("/api/v1/me/totp").json()
        assert f"secret={given['secret']}" in given["address"]
        code = pyotp.TOTP(given["secret"]).at
        factor = {"password": NEW, "secret": given["secret"], "code": code(clock())}
        assert client.put("/api/v1/me/totp", json={**factor, "password": "wrong-password-1"}).status_code == 401
        assert client.put("/api/v1/me/totp", json={**factor, "code": "000000"}).json()["code"] == "TOTP"
        assert sign_in(served, NEW).status_code == 201  # nothing is asked for yet
        assert client.put("/api/v1/me/totp", json=factor).status_code == 204
        assert sign_in(served, NEW).json()["code"] == "TOTP-NEEDED"
        clock.forward(seconds=30)
        assert sign_in(served, NEW, code(clock())).status_code == 201
        assert client.post("/api/v1/me/totp:end", json={"password": "wrong-password-1"}).status_code == 401
        assert sign_in(served, NEW).json()["code"] == "TOTP-NEEDED"
        assert client.post("/api/v1/me/totp:end", json={"password": NEW}).status_code == 204
        assert sign_in(served, NEW).status_code == 201
    refused = ("li", "user.prove", "user/li")
    assert [one for one in served.audited() if one == refused] == [refused, refused]
    assert {("li", "totp.set", "user/li"), ("li", "totp.end", "user/li")} <= set(served.audited("done"))


def test_wrong_passwords_at_a_factor_lock_like_those_at_the_door(served):
    served.user("li", "appraiser")
    with fresh(served, {"Authorization": f"Bearer {signed_in(served, 'li').json()['secret']}"}) as client:
        for _ in range(5):
            assert client.post("/api/v1/me/totp:end", json={"password": "wrong-password-1"}).status_code == 401
        assert client.post("/api/v1/me/totp:end", json={"password": NEW}).status_code == 401
    assert sign_in(served, NEW).json()["code"] == "SIGN-IN"


def test_a_person_ends_its_sessions_elsewhere(served):
    for login in ("li", "wang"):
        served.user(login, "appraiser")
    here, there, others = signed_in(served, "li"), sign_in(served, NEW), signed_in(served, "wang")
    opened = [fresh(served, {"Authorization": f"Bearer {one.json()['secret']}"}) for one in (here, there, others)]
    assert opened[0].delete("/api/v1/me/sessions").json() == {"sessions": 1}
    assert [one.get("/api/v1/me").status_code for one in opened] == [200, 401, 200]
    assert ("li", "session.end", "user/li") in served.audited("done")
    for one in opened:
        one.close()


def sign_in(served, password: str, totp: str = "", login: str = "li") -> httpx.Response:
    return served.client.post("/api/v1/session", json={"login": login, "password": password, "totp": totp})


def test_a_wrong_password_is_told_like_an_unknown_login(served):
    served.user("li", "appraiser")
    told = [
        served.client.post("/api/v1/session", json={"login": login, "password": "wrong-password-1"}).json()
        for login in ("li", "nobody")
    ]
    assert told[0] == told[1]
    assert told[0]["code"] == "SIGN-IN"


def test_what_a_caller_is_refused_stands_in_the_audit(served):
    client = served.as_("auditor")
    assert client.get("/api/v1/jobs/77").status_code == 404
    assert client.post("/api/v1/jobs/77:cancel").status_code == 403
    assert ("auditor", "GET /api/v1/jobs/{job}", "jobs/77") in served.audited()
    assert ("auditor", "POST /api/v1/jobs/{job}:cancel", "jobs/77:cancel") in served.audited()


@pytest.mark.parametrize("given", ["Basic eDp5", "Bearer", "token abc", "Bearer lyt_nothing"])
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_is_no_token_is_refused(served, given):
    answer = served.client.get("/api/v1/me", headers={"Authorization": given})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
