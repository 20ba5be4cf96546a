"""Users at once on PostgreSQL against `liangyun serve`: no error, nothing lost, nothing doubled."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from engine.storage.install import open_store
from tests.api.crowd import Crowd, Scene
from tests.api.test_serve import answer, free_port, running, until
from tests.engine.workflow import stages
from tests.engine.workflow.collecting import SMALL
from tests.engine.workflow.flow import County, quick
from tests.soaking import reliability

pytestmark = pytest.mark.parametrize("place", ["postgresql"], indirect=True)


def scene(county: County, number: int, filers: list[str], metric: str) -> Scene:
    """A batch whose scores are confirmed, and the next that collects."""
    run = county.batch(number).score_run
    later = county.open("2026Q4").id
    return Scene(county.region, county.plan, "2026Q3", number, later, run, filers, metric, "2026Q4")


def crowd(place: Any, store: Any, scene: Scene, **said: Any) -> dict[str, Any]:
    """The figures of a crowd at a server of its own."""
    port = free_port()
    with (
        (place.home.parent / "log").open("w") as log,
        running(place, "serve", log=log, LIANGYUN_BIND=f"127.0.0.1:{port}"),
    ):
        until(lambda: answer(port, "/readyz"))
        now = open_store(place)
        try:
            return Crowd(f"http://127.0.0.1:{port}", now, scene, **said).run()
        finally:
            now.engine.dispose()


def test_some_users_at_once(place, store, tmp_path, monkeypatch):
    quick(monkeypatch)
    shutil.copytree(SMALL, tmp_path / "small")
    county = stages.confirmed(stages.scored(store, tmp_path / "small"))
    there = scene(county, stages.BATCH, ["T1", "T2"], "heads_on_post")
    found = crowd(place, store, there, users=5, seconds=3, pause=0.2)
    assert found["requests"] > 10
    assert found["submissions"] > 0
    assert found["runs"] == 2


@pytest.mark.soak
def test_fifty_users_for_a_minute(place, store, clock, monkeypatch):
    quick(monkeypatch)
    county = County(store, clock)
    number = county.confirmed()
    filers = [f"T{one:02}" for one in range(1, 11)]
    found = crowd(place, store, scene(county, number, filers, "outreach_visits"), users=50, seconds=60, pause=1)
    reliability("50 users on postgresql", found)
    assert found["errors"] == 0
