"""The list of faults does not rot: each can still be planted. Who notices them is asked by `make soak` (plant.py)."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.plant import ROOMS, ROOT, Fault, faults


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.id)
def test_a_fault_can_be_planted(fault: Fault) -> None:
    assert fault.wrong(ROOT) == []


def test_there_are_so_many_over_the_rooms() -> None:
    rooms = Counter(fault.room for fault in faults())
    assert rooms == {"allocation": 12, "indicators": 10, "engine": 119, "domain": 7, "api": 3}
    assert set(rooms) == set(ROOMS)
    assert len({fault.id for fault in faults()}) == rooms.total() == 151


def test_each_wing_of_the_service_has_some() -> None:
    wings = Counter(fault.file.split("/")[1] for fault in faults() if fault.of_service)
    assert wings == {"storage": 6, "workflow": 41, "schedule": 1, "http": 3}
