"""Mail: one per notice, to who has an address, without what it is about."""

from __future__ import annotations

import socketserver
import threading

import pytest

from engine.schedule.worker import do_due
from engine.storage.desk import open_desk, program
from engine.storage.tables.people import Notice
from engine.storage.tables.work import Job
from engine.workflow import people
from engine.workflow.notices import tell
from tests.engine.workflow.flow import quick

ROOT = program("command")


class Server(socketserver.StreamRequestHandler):
    """Takes mail as an SMTP server does."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        body = None
        while line := self.rfile.readline():
            if body is not None:
                if line == b".\r\n":
                    self.server.taken.append(b"".join(body).decode())
                    body = None
                    self.wfile.write(b"250 taken\r\n")
                else:
                    body.append(line)
            elif line.upper().startswith(b"DATA"):
                body = []
                self.wfile.write(b"354 go on\r\n")
            elif line.upper().startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def server():
    with socketserver.TCPServer(("127.0.0.1", 0), Server) as made:
        made.taken = []
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()


@pytest.fixture
def told(store, monkeypatch):
    quick(monkeypatch)
    with open_desk(store, ROOT) as desk:
        for login, mail in (("a", "a@example.cn"), ("b", "")):
            people.create_user(desk, login=login, name="某（示例）", password="Long-enough-1", grants=[], mail=mail)  # noqa: S106
    with open_desk(store, ROOT) as desk:
        tell(desk, {people.find(desk, login).id for login in "ab"}, "remind.report", "batch/7")


def jobs_of(store):
    with open_desk(store, ROOT, writes=False) as desk:
        return [(job.state, job.result) for job in desk.rows(Job, Job.kind == "mail")]


@pytest.mark.usefixtures("told")
def test_who_has_an_address_is_sent_one_mail(store, server, monkeypatch):
    monkeypatch.setenv("LIANGYUN_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("LIANGYUN_SMTP_PORT", str(server.server_address[1]))
    monkeypatch.setenv("LIANGYUN_SMTP_TLS", "none")
    monkeypatch.setenv("LIANGYUN_SMTP_FROM", "liangyun@example.cn")
    do_due(store)
    assert jobs_of(store) == [("done", {"sent": True})]
    assert len(server.taken) == 1
    assert "To: a@example.cn" in server.taken[0]
    assert "某" not in server.taken[0]
    with open_desk(store, ROOT, writes=False) as desk:
        assert desk.count(Notice) == 2


@pytest.mark.usefixtures("told")
def test_where_there_is_no_server_nothing_is_sent_and_nothing_fails(store, monkeypatch):
    monkeypatch.delenv("LIANGYUN_SMTP_HOST", raising=False)
    do_due(store)
    assert jobs_of(store) == [("done", {"sent": False})]
