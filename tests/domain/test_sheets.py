"""What spreadsheets take for a formula, and how it is kept from them."""

from __future__ import annotations

import pytest

from domain.sheets import formula_like, letters, neutral


@pytest.mark.parametrize("text", ["=1+1", "+1", "-a", "@x", "\t=1", "\r=1", "＝1", "－a", "＠x", "﹣a"])
def test_what_begins_like_a_formula(text: str) -> None:
    assert formula_like(text)


@pytest.mark.parametrize("text", ["", "a=1", "—", "——详见附件", "'=1", "1-2", "·"])
def test_what_does_not(text: str) -> None:
    assert not formula_like(text)
    assert neutral(text) == text


@pytest.mark.parametrize("text", ["-1,200.50", "-0.5%", "+3", "-"])
def test_numbers_stay_numbers_in_a_csv(text: str) -> None:
    assert neutral(text) == text


def test_a_formula_stands_behind_an_apostrophe() -> None:
    assert neutral('=HYPERLINK("http://x.invalid")') == '\'=HYPERLINK("http://x.invalid")'
    assert neutral("-2+3") == "'-2+3"


def test_columns_have_letters() -> None:
    assert [letters(column) for column in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
