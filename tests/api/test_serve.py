"""`serve` and `work`: ready, working, and gone within ten seconds; on both databases."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError
from urllib.request import urlopen

import httpx
import pytest

from api.commands import serve
from engine.storage.desk import open_desk, program
from engine.storage.install import open_store
from engine.storage.tables.work import Job
from engine.workflow import jobs, people, sign_in
from tests.api.http.serving import WORDS

ROOT = Path(__file__).parents[2]
PATIENCE = 170
"""Seconds for what a busy machine starts slowly."""


def environment(place, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIANGYUN_")}
    said = {"LIANGYUN_HOME": str(place.home), "LIANGYUN_DATABASE": place.url, "PYTHONPATH": str(ROOT), **more}
    return {**kept, **said}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def running(place, *command, log=subprocess.PIPE, **more):
    """log: where its lines go; a pipe that nobody reads holds it up after some hundred answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", *command], cwd=ROOT, env=environment(place, **more),
        stdout=subprocess.PIPE, stderr=log, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(what, process=None):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process is not None and process.poll() is not None:
            pytest.fail(process.stderr.read())
        with suppress(URLError, OSError):
            if found := what():
                return found
        time.sleep(0.1)
    return pytest.fail("not in time")


def answer(port, path):
    with urlopen(f"http://127.0.0.1:{port}{path}") as answered:
        return json.load(answered)


def done(place, key):
    store = open_store(place)
    try:
        with open_desk(store, program("worker"), writes=False) as desk:
            return desk.count(Job, Job.key == key, Job.state == "done")
    finally:
        store.engine.dispose()


def asked(place, key):
    store = open_store(place)
    try:
        with open_desk(store, program("command")) as desk:
            jobs.request(desk, key, "anchor", {}, title="锚定", region="330103", unit="330103")
    finally:
        store.engine.dispose()


def token(place, login, role):
    store = open_store(place)
    try:
        with open_desk(store, program("command")) as desk:
            wanted = [people.Wanted.parse(role)]
            people.create_user(desk, login=login, name=login, password=WORDS, grants=wanted)
            return sign_in.make_token(desk, login, 1)
    finally:
        store.engine.dispose()


def gone(process):
    """How long it takes after SIGTERM; its exit code."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    return process.wait(20), time.monotonic() - began


def test_serve_is_ready_works_and_ends_with_a_stream_open(place):
    port = free_port()
    with running(place, "serve", LIANGYUN_BIND=f"127.0.0.1:{port}") as server:
        assert until(lambda: answer(port, "/readyz"), server) == {"status": "ok"}
        asked(place, "anchor:test")
        until(lambda: done(place, "anchor:test"), server)
        with socket.create_connection(("127.0.0.1", port)) as stream:
            stream.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                           b"Content-Length: 100\r\n\r\n{")  # fmt: skip
            time.sleep(0.5)
            code, seconds = gone(server)
        assert code == 0
        assert seconds < 10
        assert f"服务在 http://127.0.0.1:{port}\n" == server.stdout.read()
        asked(place, "anchor:later")
    time.sleep(1)
    assert not done(place, "anchor:later")  # its worker is gone too


def test_who_waits_for_events_is_answered_when_the_server_ends(place):
    port, header = free_port(), {"Authorization": f"Bearer {token(place, 'waits', 'appraiser')}"}
    url = f"http://127.0.0.1:{port}/api/v1/events?after=1000000&wait=30"
    with running(place, "serve", LIANGYUN_BIND=f"127.0.0.1:{port}") as server, ThreadPoolExecutor(1) as beside:
        until(lambda: answer(port, "/readyz"), server)
        waiting = beside.submit(lambda: httpx.get(url, headers=header, timeout=40).json())
        time.sleep(1)
        assert not waiting.done()
        code, seconds = gone(server)
        assert waiting.result(1) == {"items": [], "next": 1_000_000}
        assert (code, "Traceback" in server.stderr.read()) == (0, False)
        assert seconds < 10


def test_a_worker_that_died_is_started_again_and_told(monkeypatch, caplog):
    monkeypatch.setattr(serve, "sys", SimpleNamespace(executable="false"))
    monkeypatch.setattr(serve, "PAUSE", 0.01)
    beside = serve._Beside()
    beside.start()
    until(lambda: len(caplog.messages) > 1)
    beside.stop()
    beside.wait()
    assert set(caplog.messages) == {"worker ended unexpectedly, code 1; started again"}


def test_work_is_one_more_worker(place):
    asked(place, "anchor:test")
    with running(place, "work") as worker:
        until(lambda: done(place, "anchor:test"), worker)
        code, seconds = gone(worker)
    assert code == 0
    assert seconds < 10


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"LIANGYUN_BIND": "0.0.0.0:0"}, "BIND-OPEN"),
        ({"LIANGYUN_BIND": "127.0.0.1:{taken}"}, "已被别的程序占用, 或服务已在运行): 换一个 LIANGYUN_BIND (BIND-BUSY)"),
        ({"LIANGYUN_DATABASE": "postgresql+psycopg://u:secret@127.0.0.1:{dead}/x"}, "LIANGYUN_DATABASE 的地址"),
        ({"LIANGYUN_DATABASE": "postgresql+psycopg//u:secret@h/x"}, "DATABASE-URL"),
    ],
)
def test_what_is_refused_before_anything_is_served(templates, tmp_path, said, code):
    from engine.storage.install import Place  # noqa: PLC0415  (as tests/databases.py)

    home, _ = templates("sqlite")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = {name: value.format(taken=taken.getsockname()[1], dead=free_port()) for name, value in said.items()}
        with running(Place(home), "serve", **said) as server:
            _, error = server.communicate(timeout=PATIENCE)
    assert server.returncode == 4
    assert code in error
    assert "secret" not in error
