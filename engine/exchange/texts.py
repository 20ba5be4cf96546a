"""The texts of a problem: how long they are, and which cannot be written out again."""

from __future__ import annotations

from domain.problems import Problems

_CONVERTED = 14_000  # bits of a number that Python still writes as text (4,300 digits)


def note_unwritable(found: Problems, data: object) -> None:
    """Note texts and names of fields with half a surrogate pair: no character, and nothing that can be written."""
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


def survey(data: object) -> tuple[bool, int]:
    """Whether every text can be written, and how long the longest text, name of a field or whole number is.

    The places of texts are only made where one is to be told.
    """
    longest, written = 0, True
    waiting = [data]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            longest = max(longest, len(one))
            written = written and (one.isascii() or _written(one) == one)
        elif isinstance(one, dict):
            waiting += one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, int):
            longest = max(longest, digits_of(one))
    return written, longest


def digits_of(number: int) -> int:
    """How many digits a whole number has; of very long ones about."""
    bits = number.bit_length()
    return len(str(abs(number))) if bits < _CONVERTED else bits * 30103 // 100_000


def _written(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
