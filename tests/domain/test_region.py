"""Administrative codes: what an area's code covers."""

from __future__ import annotations

import pytest

from domain.region import contains, level, stem


@pytest.mark.parametrize(
    ("code", "digits", "what"),
    [
        ("220281", "220281", "county"),
        ("220200", "2202", "city"),
        ("220000", "22", "province"),
        ("990000", "99", "province"),
        ("000000", "", "province"),
        ("110010", "110010", "county"),  # a zero within a pair ends nothing
        ("100000", "10", "province"),
    ],
)
def test_stem_and_level(code: str, digits: str, what: str) -> None:
    assert stem(code) == digits
    assert level(code) == what


def test_containment() -> None:
    assert contains("220000", "220281")
    assert contains("220200", "220281")
    assert contains("220281", "220281")
    assert not contains("220200", "220381")
    assert not contains("220281", "220200")
    assert contains("000000", "990101")
