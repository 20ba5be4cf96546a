"""Codes of units: what keys are put together with cannot be in them."""

from __future__ import annotations

from typing import Any

import pytest

from engine.read.cells import Bad, number, unit_code, yuan


@pytest.mark.parametrize(
    ("cell", "code"), [("T01", "T01"), (101, "101"), ("0012", "0012"), ("卫-1_a.b", "卫-1_a.b"), (None, "")]
)
def test_codes_as_written(cell: Any, code: str) -> None:
    assert unit_code(cell) == code


@pytest.mark.parametrize("cell", ["A/B", "A;B", "A:B", "A,B", "A|B"])
def test_separators_are_refused(cell: str) -> None:
    read = unit_code(cell)
    assert isinstance(read, Bad)
    assert read.code == "CODE"


@pytest.mark.parametrize("cell", ["-A", "=A", "+1", "@A", "＝A", "－A"])
def test_what_a_spreadsheet_takes_for_a_formula_is_refused(cell: str) -> None:
    read = unit_code(cell)
    assert isinstance(read, Bad)
    assert read.code == "TABLE-NAME"


@pytest.mark.parametrize("cell", ["12345①", "10²", "3⑳", "7₁"])
def test_the_mark_of_a_note_is_no_digit(cell: str) -> None:
    for read in (number(cell), yuan(cell, 1)):
        assert isinstance(read, Bad)
        assert read.code in {"NUMBER", "MONEY"}
    assert unit_code("T1①") != "T11"
