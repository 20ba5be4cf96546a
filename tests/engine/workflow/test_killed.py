"""Kill -9 in the midst of what people do: nothing half is left, and it can be done again; on both databases."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

from engine.storage.install import open_store
from tests.engine.workflow import stages
from tests.engine.workflow.collecting import SMALL
from tests.engine.workflow.flow import quick
from tests.engine.workflow.killing import Ground, Killer, forging
from tests.soaking import reliability

MOMENTS = 100
ON = {
    "register": "published",
    "submission": "collecting",
    "lock": "filed",
    "run": "locked",
    "approval": "reviewed",
    "backup": "reviewed",
    "upgrade": "nothing",
    "downgrade": "reviewed",
}
"""Act → the stage on which it is done."""


@pytest.fixture
def killer(place: Any, tmp_path: Any, request: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Killer]:
    """The small county, kept at each stage."""
    quick(monkeypatch)
    postgres = request.getfixturevalue("postgres") if place.url else None
    ground = Ground(place, tmp_path / "kept", postgres)
    began = time.time()
    clock = stages.Running(began)
    shutil.copytree(SMALL, tmp_path / "small")
    store = open_store(place, clock=clock)
    county = stages.published(store, tmp_path / "small")
    for stage, act in {
        "published": lambda: None,
        "collecting": lambda: stages.collecting(county),
        "filed": lambda: stages.filed(county),
        "locked": lambda: stages.lock(store),
        "reviewed": lambda: (stages.run(store), stages.reviewed(county)),
    }.items():
        act()
        store.engine.dispose()
        ground.keep(stage)
    with forging(tmp_path / "out", began) as forge:
        yield Killer(ground, tmp_path / "out", clock, forge)
    ground.drop()


def test_what_was_killed_can_be_done_again(killer):
    for act, stage in ON.items():
        seen = killer.rounds(act, stage, 2)
        assert seen["moments"] == 2
    killer.ground.back("reviewed")
    (run, *_) = (killer.ground.place.home / "runs").iterdir()
    (run / "totals.csv").unlink()
    with pytest.raises(AssertionError, match="totals"):
        killer.look()


@pytest.mark.soak
def test_what_was_killed_at_any_moment_can_be_done_again(killer, request):
    for act, stage in ON.items():
        seen = killer.rounds(act, stage, MOMENTS)
        reliability(f"killed in {act} on {request.node.callspec.params['place']}", seen)
        assert seen["moments"] == MOMENTS
