"""What a key of a plan is called in Chinese, what it means, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Key:
    """A key, or (under the name of a model) all that stands in it.

    title, text: in Chinese; example: a value as a plan writes it (None: none is needed, as of what holds other keys);
    values: what may stand there, by code, with the Chinese name of each.
    """

    title: str
    text: str = ""
    example: Any = None
    values: Mapping[str, str] = field(default_factory=dict)


Keys = Mapping[str, Key]
"""By name of a key ("share"), of a key of one model ("Line.points") or of a model ("Line")."""


def example_text(example: Any) -> str:
    """An example as YAML writes it in one line."""
    if isinstance(example, Mapping):
        return "{" + ", ".join(f"{key}: {example_text(value)}" for key, value in example.items()) + "}"
    if isinstance(example, list):
        return "[" + ", ".join(map(example_text, example)) + "]"
    if isinstance(example, bool):
        return "true" if example else "false"
    if isinstance(example, str) and (example in ("yes", "no", "") or not example.strip("+-0123456789.%")):
        return f'"{example}"'
    return str(example)
