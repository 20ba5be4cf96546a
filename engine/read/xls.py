"""A look into an .xls before it is opened: which Excel wrote it, password, what its cells hold besides values.

The file is a compound document with one stream of records ([MS-XLS]); only the records that matter here are looked at.
A formula's result is taken if a program has worked it out: an empty text, 0 and no are none where the workbook names no
program that calculated it (RecalcId, without which Excel works everything out on opening) or its sheet says that it was
saved uncalculated.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.read import formats
from engine.read.compound import workbook_stream
from engine.read.refusal import SAVE_AS, Refusal, broken, locked
from engine.read.values import UNCALCULATED, Fault, Percent

_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
_FORMULA, _STRING, _BOOLERR, _NUMBER, _RK, _MULRK = 0x0006, 0x0207, 0x0205, 0x0203, 0x027E, 0x00BD
_BOF, _EOF, _BOUNDSHEET, _FILEPASS, _FORMAT, _XF, _RECALCID, _UNCALCED = (
    0x0809,
    0x000A,
    0x0085,
    0x002F,
    0x041E,
    0x00E0,
    0x01C1,
    0x005E,
)
_BIFF8 = 0x0600
Cells = dict[tuple[int, int], Fault | Percent]


def old(version: str) -> Refusal:
    """A workbook whose records are other ones than those of .xls as it is read."""
    return Refusal("FILE-OLD", f"是 Excel {version} 的工作簿", SAVE_AS)


def examine(path: Path) -> dict[str, Cells]:
    """Errors, formulas not worked out and percentages by sheet name and 0-based (row, column).

    Raises Refusal.
    """
    stream = workbook_stream(path.read_bytes())
    try:
        return _Book(stream).read()
    except (struct.error, IndexError, ValueError):
        raise broken() from None


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _rk(packed: int) -> float:
    """A number in four bytes: the upper half of a double or a whole number, perhaps in hundredths."""
    if packed & 2:
        whole = packed >> 2
        value = float(whole - (1 << 30) if whole >> 29 else whole)
    else:
        (value,) = struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFFFFFC))
    return value / 100 if packed & 1 else value


@dataclass
class _Book:
    """The records of a workbook, one after the other."""

    stream: bytes
    names: dict[int, str] = field(default_factory=dict)  # of the sheets, by where their records begin
    codes: dict[int, str] = field(default_factory=dict)  # number formats
    percents: list[bool] = field(default_factory=list)  # by cell format
    inside: list[str] = field(default_factory=list)  # the sheets (and charts within them) that have begun
    calculated: bool = False  # a program says that it worked out the formulas
    uncalculated: set[str] = field(default_factory=set)  # sheets that say that theirs are not
    pending: tuple[int, int] | None = None  # a formula whose text follows
    found: dict[str, Cells] = field(default_factory=dict)

    def read(self) -> dict[str, Cells]:
        """What every sheet holds besides values."""
        for at, kind, body in _records(self.stream):
            if kind == _BOF:
                if struct.unpack_from("<H", body)[0] != _BIFF8:
                    raise old("5.0/95")
                self.inside.append(self.names.get(at, ""))
            elif kind == _EOF:
                self.inside.pop()
            elif self.inside:
                self._global(kind, body)
                self._cell(kind, body)
            elif not at:
                raise broken()
        return self.found

    def _global(self, kind: int, body: bytes) -> None:
        if kind == _FILEPASS:
            raise locked()
        if kind == _BOUNDSHEET:
            self.names[struct.unpack_from("<I", body)[0]] = _text(body, 6, body[6])
        elif kind == _FORMAT:
            number, length = struct.unpack_from("<HH", body)
            self.codes[number] = _text(body, 3, length)
        elif kind == _XF:
            number = struct.unpack_from("<H", body, 2)[0]
            self.percents.append(formats.look(number, self.codes.get(number)) == "percent")
        elif kind == _RECALCID:
            self.calculated = struct.unpack_from("<I", body, 4)[0] != 0
        elif kind == _UNCALCED:
            self.uncalculated.add(self.inside[-1])

    def _cell(self, kind: int, body: bytes) -> None:
        if kind == _STRING and self.pending:
            if not struct.unpack_from("<H", body)[0] and self._stale:
                self._put(*self.pending, UNCALCULATED)
            self.pending = None
        elif kind == _FORMULA:
            self._formula(body)
        elif kind == _BOOLERR and body[7]:
            row, column = struct.unpack_from("<HH", body)
            self._put(row, column, Fault(_ERRORS.get(body[6], "#N/A")))
        elif kind == _NUMBER:
            row, column, style, value = struct.unpack_from("<HHHd", body)
            self._number(row, column, style, value)
        elif kind == _RK:
            row, column, style, packed = struct.unpack_from("<HHHI", body)
            self._number(row, column, style, _rk(packed))
        elif kind == _MULRK:
            row, first = struct.unpack_from("<HH", body)
            for place in range((len(body) - 6) // 6):
                style, packed = struct.unpack_from("<HI", body, 4 + 6 * place)
                self._number(row, first + place, style, _rk(packed))

    def _formula(self, body: bytes) -> None:
        row, column, style = struct.unpack_from("<HHH", body)
        self.pending = None
        if body[12:14] != b"\xff\xff":
            (value,) = struct.unpack_from("<d", body, 6)
            if value == 0 and self._stale:
                self._put(row, column, UNCALCULATED)
            else:
                self._number(row, column, style, value)
        elif body[6] == 0:
            self.pending = row, column
        elif body[6] == 2:
            self._put(row, column, Fault(_ERRORS.get(body[8], "#N/A")))
        elif self._stale and (body[6] == 3 or not body[8]):
            self._put(row, column, UNCALCULATED)

    def _number(self, row: int, column: int, style: int, value: float) -> None:
        if style < len(self.percents) and self.percents[style]:
            self._put(row, column, Percent(value))

    def _put(self, row: int, column: int, value: Fault | Percent) -> None:
        self.found.setdefault(self.inside[-1], {})[row, column] = value

    @property
    def _stale(self) -> bool:
        """Whether what the formulas of this sheet hold may never have been worked out."""
        return not self.calculated or self.inside[-1] in self.uncalculated


def _text(body: bytes, at: int, length: int) -> str:
    """A text of `length` characters whose options stand one byte after `at`."""
    wide = body[at + 1] & 1
    return body[at + 2 : at + 2 + (length << wide)].decode("utf-16-le" if wide else "latin-1")
