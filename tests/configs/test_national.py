"""The national systems: how many lines they have, what is marked as unsure, and that nothing stands in for a gap."""

from __future__ import annotations

import pytest

from engine.policy import load_pack
from engine.readings import UNAVAILABLE
from indicators.registry import indicators


def rows(name: str) -> list[int]:
    """The published rows that the named entries cite, each once."""
    return sorted({int(entry.cite.clause) for entry in load_pack(name).named})


@pytest.mark.parametrize(("name", "count"), [("monitor-2024", 14), ("monitor-2020", 26)])
def test_every_row_of_the_list_is_there(name: str, count: int) -> None:
    assert rows(name) == list(range(1, count + 1))


def test_the_eleven_criteria() -> None:
    assert [entry.cite.clause for entry in load_pack("monitor-2020").duties] == [f"标准 {at}" for at in range(1, 12)]


@pytest.mark.parametrize("name", ["monitor-2024", "monitor-2020", "alliance-2018"])
def test_unsure_formulas_are_marked(name: str) -> None:
    known = indicators()
    for entry in load_pack(name).named:
        if entry.indicator is None:
            assert entry.note.startswith(UNAVAILABLE), entry.id
            assert entry.formula_status == "background", entry.id
        elif known[entry.indicator].formula_status == "background":
            assert entry.formula_status == "background", entry.id


def test_what_the_sources_state() -> None:
    stated = {entry.id for entry in load_pack("monitor-2024").named if entry.formula_status != "background"}
    assert stated == {"MN24-04", "MN24-07"}
    for name in ("monitor-2020", "alliance-2018"):
        assert {entry.formula_status for entry in load_pack(name).entries()} == {"background"}
