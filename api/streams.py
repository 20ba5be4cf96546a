"""Standard output and error that survive any code page: a console or pipe in GBK has no minus sign U+2212.

A sign that a stream cannot say becomes the plain one that means the same (`−` → `-`), else its number as JSON writes
it, so that what reads `--json` from a pipe gets the very sign back.
"""

from __future__ import annotations

import codecs
import io
import sys

_NAME = "liangyun"
_PLAIN = {"−": "-", "–": "-", "²": "2", "³": "3", "\u00a0": " "}


def survive() -> None:
    """Have both streams say what they can of anything."""
    codecs.register_error(_NAME, _said)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_NAME)


def _said(error: UnicodeError) -> tuple[str, int]:
    """What stands for the signs that could not be said, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_one(sign) for sign in error.object[error.start : error.end]), error.end


def _one(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass")
    numbers = "".join(f"\\u{int.from_bytes(units[at : at + 2], 'big'):04x}" for at in range(0, len(units), 2))
    return _PLAIN.get(sign, numbers)
