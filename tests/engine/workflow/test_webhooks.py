"""Events reach the hosts that are listed, in order, signed; what is not taken is sent again."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from domain.problems import InputProblems
from engine.schedule.clock import start_clock
from engine.schedule.worker import do_due
from engine.storage.desk import open_desk, program
from engine.storage.tables.work import Job, Webhook
from engine.workflow import webhooks

OPERATOR = program("command")
PLACE = {"region": "330103", "unit": "330103"}


class Receiver(BaseHTTPRequestHandler):
    got: ClassVar[list] = []
    answers: ClassVar[list[int]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append((self.path, dict(self.headers), body))
        status = self.answers.pop(0) if self.answers else 204
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver(monkeypatch):
    Receiver.got.clear()
    Receiver.answers.clear()
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    host = f"127.0.0.1:{server.server_port}"
    monkeypatch.setenv("LIANGYUN_WEBHOOK_HOSTS", host)
    yield host
    server.shutdown()
    thread.join()
    server.server_close()


def add(store, host, *kinds):
    with open_desk(store, OPERATOR) as desk:
        return webhooks.add(desk, f"http://{host}/hook?a=1", kinds, "330103", [host])


def happen(store, kind, number, **place):
    with open_desk(store, OPERATOR) as desk:
        desk.event(kind, f"batch/{number}", **(place or PLACE), payload={"state": "locked"})


def told():
    return [json.loads(body)["subject"] for _, _, body in Receiver.got]


def test_what_happens_is_sent_once_in_order(store, receiver):
    happen(store, "batch.open", 1)
    _, secret = add(store, receiver, "batch", "job.done")
    for number, kind in enumerate(("batch.lock", "job.done", "job.queued", "batches"), start=2):
        happen(store, kind, number)
    happen(store, "batch.lock", 9, region="330104", unit="330104")
    assert webhooks.ask(store) == webhooks.ask(store) == 1
    do_due(store)
    assert told() == ["batch/2", "batch/3"]
    path, headers, body = Receiver.got[0]
    assert path == "/hook?a=1"
    assert set(json.loads(body)) == {"seq", "kind", "subject", "payload", "at"}
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(key, said, sha256)).decode()
    happen(store, "batch.publish", 5)
    assert webhooks.ask(store) == 1
    do_due(store)
    assert told() == ["batch/2", "batch/3", "batch/5"]
    assert webhooks.ask(store) == 0


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_clock_looks_what_is_to_be_sent(store, receiver):
    add(store, receiver)
    happen(store, "batch.lock", 1)
    clock = start_clock(store, every=0.1)
    try:
        for _ in range(200):
            do_due(store)
            if Receiver.got:
                break
            time.sleep(0.05)
    finally:
        clock.shutdown()
    assert told() == ["batch/1"]


@pytest.mark.parametrize("status", [302, 500])
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_is_not_taken_comes_again_and_no_redirect_is_followed(store, receiver, clock, status):
    add(store, receiver)
    happen(store, "batch.lock", 1)
    happen(store, "batch.lock", 2)
    Receiver.answers[:] = [200, status]
    webhooks.ask(store)
    do_due(store)
    assert told() == ["batch/1", "batch/2"]
    assert {path for path, _, _ in Receiver.got} == {"/hook?a=1"}
    clock.forward(seconds=11)
    do_due(store)
    assert told() == ["batch/1", "batch/2", "batch/2"]
    assert Receiver.got[1][1]["webhook-id"] == Receiver.got[2][1]["webhook-id"]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_after_a_day_it_is_given_up_and_goes_on_when_somebody_looked(store, receiver, clock):
    made, _ = add(store, receiver)
    happen(store, "batch.lock", 1)
    Receiver.answers[:] = [500] * 10
    webhooks.ask(store)
    for _ in range(10):
        do_due(store)
        clock.forward(hours=9)
    assert len(Receiver.got) == 10
    with open_desk(store, OPERATOR, writes=False) as desk:
        assert desk.get(Webhook, made.id).enabled is False
        assert [job.state for job in desk.rows(Job)] == ["failed"]
    assert webhooks.ask(store) == 0
    with open_desk(store, OPERATOR) as desk:
        view, second = webhooks.rotate(desk, made.id)
    assert (view.enabled, view.secrets) == (True, 2)
    webhooks.ask(store)
    do_due(store)
    signatures = Receiver.got[-1][1]["webhook-signature"].split()
    headers, body = Receiver.got[-1][1:]
    wanted = webhooks.signature(second, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    assert len(signatures) == 2
    assert signatures[0] == wanted


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_host_that_is_not_listed_any_more_gets_nothing(store, receiver, monkeypatch):
    add(store, receiver)
    happen(store, "batch.lock", 1)
    monkeypatch.setenv("LIANGYUN_WEBHOOK_HOSTS", "other.example")
    webhooks.ask(store)
    do_due(store)
    assert Receiver.got == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://his.example/a", ""),
        ("https://HIS.example:8443/a", ""),
        ("https://other.example/a", "WEBHOOK-HOST"),
        ("https://his.example.evil.example/", "WEBHOOK-HOST"),
        ("https://his.example@evil.example/", "WEBHOOK-URL"),
        ("ftp://his.example/", "WEBHOOK-URL"),
        ("file:///etc/passwd", "WEBHOOK-URL"),
        ("https://his.example:99999/", "WEBHOOK-URL"),
        ("https://his.example/a\r\nx: y", "WEBHOOK-URL"),
    ],
)
def test_where_nothing_may_be_sent(url, code):
    if not code:
        webhooks.check_url(url, ["his.example"])
        return
    with pytest.raises(InputProblems) as error:
        webhooks.check_url(url, ["his.example"])
    assert [one.code for one in error.value.problems] == [code]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_secrets_lie_encrypted(store, receiver):
    made, secret = add(store, receiver)
    with open_desk(store, OPERATOR, writes=False) as desk:
        assert secret not in str(desk.get(Webhook, made.id).secrets)
