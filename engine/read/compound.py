"""Compound documents ([MS-CFB]): the container of .xls, and of what is locked with a password."""

from __future__ import annotations

import struct

from engine.read.refusal import SAVE_AS, Refusal, broken, locked

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # sector numbers from here on are marks, not sectors
_ENCRYPTED = frozenset({"EncryptedPackage", "EncryptionInfo"})


def workbook_stream(raw: bytes) -> bytes:
    """The bytes of the workbook. Raises Refusal.

    A document for two generations of Excel holds two streams: the newer one is taken.
    """
    try:
        return _stream(raw)
    except (struct.error, IndexError, ValueError, OverflowError, MemoryError):
        raise broken() from None


def _chain(first: int, table: tuple[int, ...]) -> list[int]:
    sectors: list[int] = []
    while first < _END:
        if len(sectors) > len(table):
            raise broken()
        sectors.append(first)
        first = table[first]
    return sectors


def _stream(raw: bytes) -> bytes:
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
    root, streams = _entries(b"".join(map(sector, _chain(directory, table))))
    if streams.keys() & _ENCRYPTED:
        raise locked()
    book = streams.get("Workbook") or streams.get("Book")
    if root is None:
        raise broken()
    if book is None:
        raise Refusal("FILE-UNREADABLE", "不是 Excel 工作簿", SAVE_AS)
    start, total = book
    if total >= cutoff:
        return b"".join(map(sector, _chain(start, table)))[:total]
    mini = b"".join(map(sector, _chain(root[0], table)))
    chain = _chain(start, numbers(_chain(small_first, table)))
    return b"".join(mini[one * small : (one + 1) * small] for one in chain)[:total]


def _entries(directory: bytes) -> tuple[tuple[int, int] | None, dict[str, tuple[int, int]]]:
    """First sector and size of the root's stream, and of every stream by name."""
    root: tuple[int, int] | None = None
    streams: dict[str, tuple[int, int]] = {}
    for at in range(0, len(directory) - 127, 128):
        entry = directory[at : at + 128]
        length = struct.unpack_from("<H", entry, 64)[0]
        name = entry[: max(0, length - 2)].decode("utf-16-le")
        place = struct.unpack_from("<II", entry, 116)
        if entry[66] == 5:
            root = place
        elif entry[66] == 2:
            streams[name] = place
    return root, streams
