"""JSON by line: an object of parts, with a line for every entry of every part.

Whoever searches the text for an entry's key finds the line that holds all of it; and Python's fast encoder, which knows
no indents, writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

_line = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def by_line(parts: Mapping[str, Any]) -> str:
    """The JSON of `parts`, in their order, with LF at the end of every line."""
    return _braced("{}", (f"{_line(name)}: {_part(part)}" for name, part in parts.items()), "  ") + "\n"


def _part(part: Any) -> str:
    if isinstance(part, Mapping):
        return _braced("{}", (f"{_line(key)}: {_line(entry)}" for key, entry in part.items()), "    ")
    return _braced("[]", map(_line, part), "    ") if isinstance(part, list) else _line(part)


def _braced(braces: str, lines: Iterable[str], margin: str) -> str:
    inside = ",\n".join(margin + line for line in lines)
    return f"{braces[0]}\n{inside}\n{margin[2:]}{braces[1]}" if inside else braces
