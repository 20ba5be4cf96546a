"""Two people act on one batch at once: exactly one wins, the other is told so, and one decision stands."""

from __future__ import annotations

import pytest

from tests.api.http.quarter import served_quarter
from tests.api.http.racing import SECOND, pairs, races
from tests.engine.workflow.flow import quick
from tests.soaking import reliability

ROUNDS = 200
EARLY = {("collecting", "lock", "lock"), ("scored", "publish", "abandon"), ("confirming", "settle", "unlock")}


@pytest.fixture
def quarter(store, clock, monkeypatch):
    quick(monkeypatch)
    with served_quarter(store, clock, SECOND) as one:
        yield one


def test_one_of_two_wins(quarter):
    told = races(quarter, 3, lambda *pair: pair in EARLY, last="confirming")
    assert (told["pairs"], told["rounds"]) == (3, 9)
    assert told["lost by 412"] == 9


def test_a_step_meets_every_other_of_its_state():
    assert pairs("approved") == [("disclose", "disclose"), ("disclose", "withdraw"), ("withdraw", "withdraw")]
    assert pairs("confirmed")[0] == ("allocate", "allocate")


@pytest.mark.soak
def test_one_of_two_wins_of_every_pair(quarter, request):
    told = races(quarter, ROUNDS)
    reliability(f"two at once on {request.node.callspec.params['place']}", told)
    assert told["rounds"] == told["pairs"] * ROUNDS
