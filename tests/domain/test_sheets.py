"""Names of places in spreadsheets."""

from __future__ import annotations

from domain.sheets import letters


def test_letters() -> None:
    assert [letters(column) for column in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
