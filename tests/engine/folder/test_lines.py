"""explain.json by line: the same content as any JSON, and a whole story in the line that names it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.folder.lines import by_line

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_content_and_order_stay(parts: dict[str, object]) -> None:
    read = json.loads(by_line(parts))
    assert read == parts
    assert json.dumps(read) == json.dumps(parts)  # with the order of keys


def test_a_line_for_every_entry() -> None:
    told = {"plan": "县\n一", "traces": {"a": {"cells": ["x"]}, "b": {}}, "warnings": ["一", "二"], "none": {}}
    assert by_line(told) == (
        "{\n"
        '  "plan": "县\\n一",\n'
        '  "traces": {\n'
        '    "a": {"cells": ["x"]},\n'
        '    "b": {}\n'
        "  },\n"
        '  "warnings": [\n'
        '    "一",\n'
        '    "二"\n'
        "  ],\n"
        '  "none": {}\n'
        "}\n"
    )


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        by_line({"traces": {"a": float("nan")}})
