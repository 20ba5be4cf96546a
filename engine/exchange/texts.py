"""Texts of a problem that cannot be written out again."""

from __future__ import annotations

from domain.problems import Problems


def note_unwritable(found: Problems, data: object) -> None:
    """Note texts and names of fields with half a surrogate pair: no character, and nothing that can be written."""
    if _all_written(data):
        return
    waiting = [("$", data)]
    while waiting:
        where, one = waiting.pop()
        if isinstance(one, str) and _written(one) != one:
            found.add(where, "NOT-TEXT", f"{_written(one)} 中有不成对的代理字符, 不是文本", "核对编码")
        elif isinstance(one, dict):
            for key in one:
                if _written(key) != key:
                    found.add(where, "NOT-TEXT", f"字段名 {_written(key)} 中有不成对的代理字符, 不是文本", "核对编码")
            inner = [(f"{where}.{key}", value) for key, value in one.items() if _written(key) == key]
            waiting += reversed(inner)
        elif isinstance(one, list):
            waiting += reversed([(f"{where}[{i}]", value) for i, value in enumerate(one)])


def _all_written(data: object) -> bool:
    """Whether there is no such text at all: the places of texts are only made where one is to be told."""
    waiting = [data]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if not one.isascii() and _written(one) != one:
                return False
        elif isinstance(one, dict):
            waiting += one.values()
            if any(not key.isascii() and _written(key) != key for key in one):
                return False
        elif isinstance(one, list):
            waiting += one
    return True


def _written(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
