"""A real server over a store, and people who may come in."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn

from api.http.app import create_app
from api.http.settings import HttpSettings
from engine.storage.desk import open_desk, program
from engine.workflow import people, sign_in
from engine.workflow.people import Wanted

WORDS = "spring-rain-77"


@dataclass
class Served:
    """A server. client: without sign-in; log: its lines."""

    store: Any
    app: Any
    url: str
    log: io.StringIO
    client: httpx.Client
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def user(self, login: str, *grants: str) -> str:
        """A new user; the login."""
        with open_desk(self.store, program("command")) as desk:
            wanted = [Wanted.parse(one) for one in grants]
            people.create_user(desk, login=login, name=login.title(), password=WORDS, grants=wanted)
        return login

    def token(self, login: str) -> str:
        """A token of a user."""
        with open_desk(self.store, program("command")) as desk:
            return sign_in.make_token(desk, login, 30)

    def as_(self, *grants: str) -> httpx.Client:
        """A client with the token of a user who has these grants."""
        name = "-".join(grants).replace("@", ".") or "nobody"
        if name not in self.clients:
            header = {"Authorization": f"Bearer {self.token(self.user(name, *grants))}"}
            self.clients[name] = httpx.Client(base_url=self.url, headers=header, timeout=60)
        return self.clients[name]

    def audited(self, outcome: str = "refused") -> list[tuple[str, str, str]]:
        """(actor, action, subject) of the records."""
        from engine.storage.tables.proof import Audit  # noqa: PLC0415

        with open_desk(self.store, program("command"), writes=False) as desk:
            return [(row.actor, row.action, row.subject) for row in desk.rows(Audit, Audit.outcome == outcome)]


@contextmanager
def serving(store: Any, settings: HttpSettings | None = None) -> Iterator[Served]:
    """A server on a free port."""
    log = io.StringIO()
    app = create_app(store, settings, log=log)
    config = uvicorn.Config(app, "127.0.0.1", 0, log_config=None, ws="none", timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        with httpx.Client(base_url=url, timeout=60) as client:
            served = Served(store, app, url, log, client)
            yield served
            for one in served.clients.values():
                one.close()
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
