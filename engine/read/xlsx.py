"""An .xlsx as sheets of cells, read once by an XML parser, in any legal spelling of the format.

Cells and rows may lack their reference: they then stand behind the one before. A formula's cached value is taken if a
program has worked it out: no value, and a blank or 0 where the workbook says of itself that everything is still to be
calculated (fullCalcOnLoad), is none. An array formula is the formula of every cell of its range.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element

from engine.read import formats
from engine.read.formats import Look
from engine.read.package import Package, attribute, local
from engine.read.refusal import SAVE_AS, Refusal, broken, too_many_cells
from engine.read.values import UNCALCULATED, Fault

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TRUE = frozenset({"1", "true", "on"})
_NOTHING = frozenset({"", "0", "0.0", "false"})  # what writers put where a result will stand
Box = tuple[int, int, int, int]


@dataclass
class Grid:
    """One sheet: rows of cells (None where blank), merged cells as first row, first column, last row, last column.

    Everything is counted from 0.
    """

    name: str
    hidden: bool = False
    rows: list[list[Any]] = field(default_factory=list)
    merges: list[Box] = field(default_factory=list)


@dataclass(frozen=True)
class _Book:
    """What the cells of every sheet refer to. stale: the workbook says that nothing of it is calculated yet."""

    strings: list[str]
    looks: list[Look]
    since_1904: bool
    stale: bool


def read(path: Path | IO[bytes], *, max_bytes: int, max_cells: int) -> list[Grid]:
    """The worksheets in order.

    Raises Refusal. A cell far outside makes the used area large: that is counted too.
    """
    with Package(path, max_bytes) as package:
        main = _main(package)
        links = package.links(main)
        kinds = dict(links.values())
        since_1904 = stale = False
        listed = []
        for element in package.elements(main, "sheet", "workbookPr", "calcPr"):
            if local(element.tag) == "sheet":
                listed.append((attribute(element, "name"), attribute(element, "id"), element.get("state", "visible")))
            elif local(element.tag) == "workbookPr":
                since_1904 = element.get("date1904", "").lower() in _TRUE
            else:
                unfinished = element.get("calcCompleted", "1").lower() not in _TRUE
                stale = element.get("fullCalcOnLoad", "").lower() in _TRUE or unfinished
        strings = _strings(package, kinds["sharedStrings"]) if "sharedStrings" in kinds else []
        looks = _looks(package, kinds["styles"]) if "styles" in kinds else []
        book = _Book(strings, looks, since_1904, stale)
        grids, left = [], max_cells
        for name, link, state in listed:
            if link not in links:
                raise broken()
            kind, part = links[link]
            if kind == "worksheet":
                grid = _Sheet(book, Grid(_unescaped(name), hidden=state != "visible"), (left, max_cells)).read(
                    package, part
                )
                left -= len(grid.rows) * max(map(len, grid.rows), default=0)
                grids.append(grid)
    return grids


def _main(package: Package) -> str:
    """The part that is the workbook. Raises Refusal, saying what else the package is."""
    found = next((part for kind, part in package.links("").values() if kind == "officeDocument"), "")
    if found.lower().endswith(".bin"):
        raise Refusal("FILE-TYPE", "内容是二进制工作簿 (.xlsb)", SAVE_AS)
    if found and any(local(one.tag) == "workbook" for one in package.elements(found, "workbook", "document")):
        return found
    if "mimetype" in package and b"opendocument" in package.read("mimetype"):
        raise Refusal("FILE-TYPE", "内容是 OpenDocument 文件 (.ods)", "用打开它的程序另存为 .xlsx")
    raise Refusal("FILE-UNREADABLE", "压缩包里没有 Excel 工作簿", "核对文件, 或" + SAVE_AS)


def _unescaped(text: str) -> str:
    """A text with what XML cannot hold written as _x000D_ put back."""
    if "_x" not in text:
        return text
    units = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)  # two of them may be one character
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _rich(element: Element) -> str:
    """The text of <si> or <is>: plain or in runs, without what only says how it is pronounced."""
    parts = []
    for child in element:
        kind = local(child.tag)
        if kind == "t":
            parts.append(child.text or "")
        elif kind == "r":
            parts += [one.text or "" for one in child if local(one.tag) == "t"]
    return _unescaped("".join(parts))


def _strings(package: Package, part: str) -> list[str]:
    return [_rich(element) for element in package.elements(part, "si")]


def _looks(package: Package, part: str) -> list[Look]:
    """What each cell style makes of a number."""
    codes: dict[int, str] = {}
    looks: list[Look] = []
    for element in package.elements(part, "numFmts", "cellXfs"):
        for child in element:
            number = _whole(child.get("numFmtId"))
            if local(element.tag) == "numFmts":
                codes[number] = child.get("formatCode", "")
            else:
                looks.append(formats.look(number, codes.get(number)))
    return looks


def _whole(written: str | None) -> int:
    """A number of the format (0 where it is left out)."""
    if written and not written.strip().isdecimal():
        raise broken()
    return int(written or 0)


def _place(reference: str) -> tuple[int, int]:
    match = _REFERENCE.fullmatch(reference)
    if match is None or match[2] == "0" * len(match[2]):
        raise broken()
    position = 0
    for letter in match[1].upper():
        position = position * 26 + ord(letter) - 64
    return int(match[2]) - 1, position - 1


def _box(reference: str) -> Box:
    first, _, last = reference.partition(":")
    return *_place(first), *_place(last or first)


class _Sheet:
    """One sheet being read: its cells by place, how far they reach, the ranges of its array formulas.

    limit: how many cells may still be taken, and how many there might have been.
    """

    def __init__(self, book: _Book, grid: Grid, limit: tuple[int, int]) -> None:
        self.book, self.grid, self.left, self.most = book, grid, *limit
        self.cells: dict[int, dict[int, Any]] = {}
        self.height = self.width = 0
        self.arrays: list[Box] = []
        self.told: set[tuple[int, int]] = set()  # cells with a value, be it an empty text

    def read(self, package: Package, part: str) -> Grid:
        row = -1
        for element in package.elements(part, "row", "mergeCell"):
            if local(element.tag) == "row":
                row = self._row(element, row)
            else:
                self.grid.merges.append(_box(element.get("ref", "")))
        for box in self.arrays:
            self._spread(box)
        self.grid.rows = [[None] * self.width for _ in range(self.height)]
        for at, cells in self.cells.items():
            line = self.grid.rows[at]
            for position, value in cells.items():
                line[position] = value
        return self.grid

    def _row(self, element: Element, before: int) -> int:
        """One row's cells; the row it is, counted from 0."""
        given = element.get("r")
        row = int(given) - 1 if given and given.isdecimal() else before + 1
        position = -1
        for cell in element:
            if local(cell.tag) != "c":
                continue
            reference = cell.get("r")
            at, position = _place(reference) if reference else (row, position + 1)
            value = self._value(cell, at, position)
            if value is not None:
                self._put(at, position, value)
        return row

    def _put(self, row: int, position: int, value: Any) -> None:
        if row >= self.height or position >= self.width:
            self.height, self.width = max(self.height, row + 1), max(self.width, position + 1)
            if self.height * self.width > self.left:
                raise too_many_cells(self.most)
        self.cells.setdefault(row, {})[position] = value

    def _value(self, cell: Element, row: int, position: int) -> Any:
        kind = cell.get("t", "n")
        raw, formula, inline = None, None, None
        for child in cell:
            name = local(child.tag)
            if name == "v":
                raw = child.text or ""
            elif name == "f":
                formula = child
            elif name == "is":
                inline = _rich(child)
        if formula is not None and formula.get("ref") and formula.get("t") in {"array", "dataTable"}:
            self.arrays.append(_box(formula.get("ref", "")))
        if kind == "inlineStr" and inline is not None:
            raw = inline
        if self._worked_out(kind, raw):
            self.told.add((row, position))
        elif formula is not None:
            return UNCALCULATED
        return self._typed(kind, raw, _whole(cell.get("s"))) if raw is not None else None

    def _worked_out(self, kind: str, raw: str | None) -> bool:
        """Whether what a cell holds may be the result of a formula: a formula may well give an empty text."""
        if raw is None or not (raw.strip() or kind in {"str", "inlineStr"}):
            return False
        return not (self.book.stale and kind != "s" and raw.strip().lower() in _NOTHING)

    def _typed(self, kind: str, raw: str, style: int) -> Any:
        """The value of one cell by its type (None where blank)."""
        if kind == "s":
            index = int(raw) if raw.strip().isdecimal() else -1
            if not 0 <= index < len(self.book.strings):
                raise broken()
            text = self.book.strings[index]
            return text if text and not text.isspace() else None
        if kind in {"str", "inlineStr"}:
            text = raw if kind == "inlineStr" else _unescaped(raw)
            return text if text and not text.isspace() else None
        written = raw.strip()
        if not written:
            return None
        if kind == "e":
            return Fault(written)
        if kind == "b":
            return written.lower() in _TRUE
        if kind == "d":
            return _day(written)
        value = float(written) if _NUMBER.fullmatch(written) else math.inf
        if not math.isfinite(value):
            return written  # no number: told at its cell
        look: Look = self.book.looks[style] if style < len(self.book.looks) else "plain"
        return value if look == "plain" else formats.shown(value, look, since_1904=self.book.since_1904)

    def _spread(self, box: Box) -> None:
        """The cells of an array formula's range in which no result stands."""
        top, left, bottom, right = box
        if (bottom - top + 1) * (right - left + 1) > self.left:
            raise too_many_cells(self.most)
        for row in range(top, bottom + 1):
            for position in range(left, right + 1):
                if (row, position) not in self.told:
                    self._put(row, position, UNCALCULATED)


def _day(written: str) -> date | str:
    """A day written out (strict workbooks); what is none stays a text."""
    try:
        moment = datetime.fromisoformat(written.removesuffix("Z"))
    except ValueError:
        return written
    return moment if moment.time().isoformat() != "00:00:00" else moment.date()
