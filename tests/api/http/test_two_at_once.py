"""Two people act on one batch at once: exactly one wins, the other is told so, and one decision stands."""

from __future__ import annotations

import shutil

import pytest

from tests.api.http.racing import Track, pairs, races
from tests.engine.workflow.collecting import SMALL
from tests.engine.workflow.flow import quick
from tests.soaking import reliability

ROUNDS = 200
EARLY = {("collecting", "lock", "lock"), ("scored", "publish", "abandon"), ("confirming", "settle", "unlock")}


@pytest.fixture
def track(served, clock, monkeypatch, tmp_path):
    quick(monkeypatch)
    shutil.copytree(SMALL, tmp_path / "small")
    return Track(served, clock, tmp_path / "small")


def test_one_of_two_wins(track):
    told = races(track, 3, lambda *pair: pair in EARLY, last="confirming")
    assert (told["pairs"], told["rounds"]) == (3, 9)
    assert told["lost by 412"] == 9


def test_a_step_meets_every_other_of_its_state():
    assert pairs("approved") == [("disclose", "disclose"), ("disclose", "withdraw"), ("withdraw", "withdraw")]
    assert pairs("confirmed")[0] == ("allocate", "allocate")


@pytest.mark.soak
def test_one_of_two_wins_of_every_pair(track, request):
    told = races(track, ROUNDS)
    reliability(f"two at once on {request.node.callspec.params['place']}", told)
    assert told["rounds"] == told["pairs"] * ROUNDS
