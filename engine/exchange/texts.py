"""The texts of a problem: how long they are, which cannot be written out again, and where they stand."""

from __future__ import annotations

from typing import Any

from domain.problems import Problems

_CONVERTED = 14_000  # bits of a number that Python still writes as text (4,300 digits)
_NAMED = 200
"""Characters of a field's name that are told of it."""

Place = tuple["Place | None", str | int]
"""A field or an item with what it stands in: only what is told is spelled out."""


def spelled(place: Place | None) -> str:
    """A place as $.members[3].merit."""
    parts = []
    while place is not None:
        place, part = place
        parts.append(f"[{part}]" if isinstance(part, int) else f".{part[:_NAMED]}")
    return "$" + "".join(reversed(parts))


def inside(place: Place | None, one: object) -> list[tuple[Place, Any]]:
    """What an object or a list holds, with its places, in order; nothing of what holds nothing."""
    parts = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
    return [((place, part), value) for part, value in parts]


def writable(found: Problems, data: object) -> Any:
    """A copy without half surrogate pairs, which are no characters and cannot be written: they are noted.

    In texts they are spelled, fields that they name are left out: so what else is wrong can be told as well.
    """
    root = [data]
    waiting: list[tuple[Any, Any, Place | None]] = [(root, 0, None)]
    while waiting:
        holder, at, place = waiting.pop()
        one = holder[at]
        if isinstance(one, str):
            holder[at] = _written(one)
            if holder[at] != one:
                found.add(spelled(place), "NOT-TEXT", f"{holder[at]} 中有不成对的代理字符, 不是文本", "核对编码")
        elif isinstance(one, dict):
            for key in one:
                if _written(key) != key:
                    said = f"字段名 {_written(key)[:_NAMED]} 中有不成对的代理字符, 不是文本"
                    found.add(spelled(place), "NOT-TEXT", said, "核对编码")
            holder[at] = copy = {key: value for key, value in one.items() if _written(key) == key}
            waiting += [(copy, key, (place, key)) for key in reversed(copy)]
        elif isinstance(one, list):
            holder[at] = items = one.copy()
            waiting += [(items, i, (place, i)) for i in reversed(range(len(items)))]
    return root[0]


def survey(data: object) -> tuple[bool, int]:
    """Whether every text can be written, and how long the longest text, name of a field or whole number is."""
    texts: list[str] = []
    numbers: list[int] = []
    waiting = [data]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            texts += one
        for inner in one.values() if isinstance(one, dict) else one if isinstance(one, list) else (one,):
            if isinstance(inner, str):
                texts.append(inner)
            elif isinstance(inner, dict | list):
                waiting.append(inner)
            elif isinstance(inner, int):
                numbers.append(inner)
    longest = max(max(map(len, texts), default=0), max(map(digits_of, numbers), default=0))
    together = "".join(texts)
    return together.isascii() or _written(together) == together, longest


def digits_of(number: int) -> int:
    """How many digits a whole number has; of very long ones about."""
    bits = number.bit_length()
    return len(str(abs(number))) if bits < _CONVERTED else bits * 30103 // 100_000


def _written(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
