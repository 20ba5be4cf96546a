"""The list of faults does not rot: each can still be planted. Who notices them is asked by `make soak` (plant.py)."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.plant import ROOMS, ROOT, Fault, faults


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.id)
def test_a_fault_can_be_planted(fault: Fault) -> None:
    assert fault.wrong(ROOT) == []


def test_there_are_forty_over_the_four_rooms() -> None:
    rooms = Counter(fault.room for fault in faults())
    assert rooms == {"allocation": 12, "indicators": 10, "engine": 12, "domain": 6}
    assert set(rooms) == set(ROOMS)
    assert len({fault.id for fault in faults()}) == rooms.total() == 40
