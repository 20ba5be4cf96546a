"""A look into an .xls before it is opened: password, Excel error values.

The file is a compound document ([MS-CFB]) with one stream of records ([MS-XLS]); only the records that matter here
are looked at: FilePass, BoundSheet8, BoolErr, Formula.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_FORMULA, _BOOLERR, _BOUNDSHEET, _FILEPASS, _BOF = 0x0006, 0x0205, 0x0085, 0x002F, 0x0809
_END = 0xFFFFFFFA  # sector numbers from here on are marks, not sectors


class EncryptedError(ValueError):
    """The workbook asks for a password (an encrypted .xlsx is a compound document too)."""


class BrokenError(ValueError):
    """The compound document does not hold together."""


def examine(path: Path) -> dict[str, dict[tuple[int, int], str]]:
    """Excel error values by sheet name and 0-based (row, column). Raises EncryptedError, BrokenError."""
    try:
        return _errors(_stream(path.read_bytes()))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BrokenError(str(error)) from error


def _chain(first: int, table: tuple[int, ...]) -> list[int]:
    sectors: list[int] = []
    while first < _END:
        if len(sectors) > len(table):
            raise BrokenError("扇区链成环")
        sectors.append(first)
        first = table[first]
    return sectors


def _stream(raw: bytes) -> bytes:
    """The bytes of the Workbook stream."""
    size, small = (1 << power for power in struct.unpack_from("<HH", raw, 30))
    directory, cutoff, small_first = (struct.unpack_from("<I", raw, at)[0] for at in (48, 56, 60))

    def sector(number: int) -> bytes:
        return raw[(number + 1) * size : (number + 2) * size]

    def numbers(sectors: list[int]) -> tuple[int, ...]:
        joined = b"".join(map(sector, sectors))
        return struct.unpack(f"<{len(joined) // 4}I", joined[: len(joined) // 4 * 4])

    listed = [one for one in struct.unpack_from("<109I", raw, 76) if one < _END]
    extra = struct.unpack_from("<I", raw, 68)[0]
    for _ in range(len(raw) // size):
        if extra >= _END:
            break
        *more, extra = numbers([extra])
        listed += [one for one in more if one < _END]
    table = numbers(listed)
    entries = b"".join(map(sector, _chain(directory, table)))
    root: tuple[int, int] | None = None
    book: tuple[int, int] | None = None
    for at in range(0, len(entries) - 127, 128):
        entry = entries[at : at + 128]
        length = struct.unpack_from("<H", entry, 64)[0]
        name = entry[: max(0, length - 2)].decode("utf-16-le")
        start, total = struct.unpack_from("<II", entry, 116)
        if name in {"EncryptedPackage", "EncryptionInfo"}:
            raise EncryptedError
        if entry[66] == 5:
            root = start, total
        elif name in {"Workbook", "Book"}:
            book = start, total
    if book is None or root is None:
        raise BrokenError("没有 Workbook")
    start, total = book
    if total >= cutoff:
        return b"".join(map(sector, _chain(start, table)))[:total]
    mini = b"".join(map(sector, _chain(root[0], table)))
    chain = _chain(start, numbers(_chain(small_first, table)))
    return b"".join(mini[one * small : (one + 1) * small] for one in chain)[:total]


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _errors(stream: bytes) -> dict[str, dict[tuple[int, int], str]]:
    names: dict[int, str] = {}
    found: dict[str, dict[tuple[int, int], str]] = {}
    current = ""
    for at, kind, body in _records(stream):
        if kind == _FILEPASS:
            raise EncryptedError
        if kind == _BOUNDSHEET:
            coding = "utf-16-le" if body[7] & 1 else "latin-1"
            names[struct.unpack_from("<I", body)[0]] = body[8:].decode(coding)[: body[6]]
        elif kind == _BOF:
            current = names.get(at, "")
        elif (kind == _BOOLERR and body[7]) or (kind == _FORMULA and body[6] == 2 and body[12:14] == b"\xff\xff"):
            row, column = struct.unpack_from("<HH", body)
            value = body[6] if kind == _BOOLERR else body[8]
            found.setdefault(current, {})[row, column] = _ERRORS.get(value, "#N/A")
    return found
