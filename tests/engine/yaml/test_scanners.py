"""The fast scanner splits a text as the exact one does, or leaves it to that one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from engine.yaml.document import _scanned

ROOT = Path(__file__).parents[3]
SHIPPED = sorted([*(ROOT / "configs").rglob("*.yaml"), *(ROOT / "tests" / "spec").rglob("*.yaml")])
PIECES = (
    *(
        ":",
        ": ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "'",
        '"',
        "#",
        " #",
        "\n",
        "\n  ",
        "\n    ",
        " ",
        "a",
        "1",
        "0.5",
        "? ",
    ),
    *("|", "|\n", "> ", ">-\n  ", "&a", "*a", "!", "甲", "：", "~", "@", "%", "<<", "...", "---", "\n\n", "-", "\t"),
    *("\x85", "\u2028", "\\n", "\r\n", "\r", "\ufeff"),
)


def seen(events: Any) -> list[tuple[Any, ...]]:
    """What the data are built from; an empty plain scalar stands on no line of its own."""
    return [
        (type(e).__name__, getattr(e, "value", None), getattr(e, "style", None) or None, _line(e))
        for e in events
        if type(e).__name__ not in {"StreamEndEvent", "DocumentEndEvent"}
    ]


def _line(event: Any) -> int | None:
    name = type(event).__name__
    plain = name == "ScalarEvent" and event.value == "" and not event.style
    return None if plain or name.endswith("EndEvent") else event.start_mark.line


def check(text: str) -> bool:
    """Whether the fast scanner took it; it then says what the exact one says."""
    fast = _scanned(text)
    if fast is None:
        return False
    try:
        exact = seen(YAML(typ="safe", pure=True).parse(text))
    except YAMLError as error:
        raise AssertionError(text) from error
    assert seen(fast) == exact, text
    return True


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_is_shipped_is_split_alike(path: Path) -> None:
    check(path.read_text(encoding="utf-8"))


def test_plans_and_packs_go_the_fast_way() -> None:
    slow = [path.name for path in SHIPPED if "configs" in path.parts and not check(path.read_text(encoding="utf-8"))]
    assert slow == []


@settings(max_examples=600)
@given(st.lists(st.sampled_from(PIECES), max_size=14), st.booleans())
def test_any_text_is_split_alike(pieces: list[str], in_mapping: bool) -> None:
    check(("k: " if in_mapping else "") + "".join(pieces) + "\n")
