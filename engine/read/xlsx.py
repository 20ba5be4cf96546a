"""A look into an .xlsx before it is opened: size, macros, used area, Excel error values."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from pathlib import Path

from engine.read.words import UNCALCULATED

_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>/]*>')
_ERROR = re.compile(rb'<(?:\w+:)?c\s([^>/]*\bt="e"[^>/]*)>.*?<(?:\w+:)?v[^>]*>([^<]*)<', re.DOTALL)
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>]*[^>/])>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_SHEET = re.compile(r'<(?:\w+:)?sheet\s[^>]*?\bname="([^"]*)"[^>]*?\b\w+:id="([^"]*)"')
_LINK = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_FILES = 10_000


class TooLargeError(ValueError):
    """The workbook would unpack to more than is read."""


class MacroError(ValueError):
    """The workbook holds macros, whatever its name says."""


def examine(path: Path, *, max_bytes: int, max_cells: int) -> dict[str, dict[tuple[int, int], str]]:
    """Excel error values, and formulas without a value, by sheet name and 0-based (row, column).

    Raises TooLargeError, MacroError, zipfile.BadZipFile. The parts are really unpacked, up to the limit: the sizes that
    a zip file states about itself are not believed. A cell far outside makes the used area large: that is counted too.
    """
    errors: dict[str, dict[tuple[int, int], str]] = {}
    left, cells = max_bytes, 0
    with zipfile.ZipFile(path) as book:
        infos = book.infolist()
        if len(infos) > _FILES or sum(info.file_size for info in infos) > max_bytes:
            raise TooLargeError(f"解压后大于 {max_bytes >> 20} MB")
        if any(info.filename.lower().endswith("vbaproject.bin") for info in infos):
            raise MacroError
        for info in infos:
            with book.open(info) as part:
                raw = part.read(left + 1)
            left -= len(raw)
            if left < 0:
                raise TooLargeError(f"解压后大于 {max_bytes >> 20} MB")
            if "/worksheets/" not in f"/{info.filename}" or not info.filename.endswith(".xml"):
                continue
            cells += _area(raw)
            if cells > max_cells:
                raise TooLargeError(f"用到的区域多于 {max_cells:,} 个单元格")
            if found := _errors(raw):
                errors[info.filename] = found
        if not errors:
            return {}
        names = _names(book)
    return {names[part]: found for part, found in errors.items() if part in names}


def _place(column: bytes, row: bytes) -> tuple[int, int]:
    position = 0
    for letter in column:
        position = position * 26 + letter - 64
    return int(row) - 1, position - 1


def _area(raw: bytes) -> int:
    """Cells of the rectangle from A1 to the last row and column with content."""
    found = _CELL.findall(raw)
    columns = {column for column, _ in found}
    rows = {row for _, row in found}
    width = max((_place(column, b"1")[1] + 1 for column in columns), default=0)
    return width * max(map(int, rows), default=0)


def _errors(raw: bytes) -> dict[tuple[int, int], str]:
    found = {}
    for attributes, value in _ERROR.findall(raw) if b't="e"' in raw else ():
        place = _REFERENCE.search(b" " + attributes)
        if place:
            found[_place(*place.groups())] = html.unescape(value.decode("ascii", "replace"))
    for attributes in _FORMULA.findall(raw):
        place = _REFERENCE.search(b" " + attributes)
        if place and b't="str"' not in attributes:  # a formula may well give an empty text
            found[_place(*place.groups())] = UNCALCULATED
    return found


def _names(book: zipfile.ZipFile) -> dict[str, str]:
    """Part name → sheet name."""
    links = {}
    for tag in _LINK.findall(book.read("xl/_rels/workbook.xml.rels").decode("utf-8")):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        target = given.get("Target", "")
        links[given.get("Id", "")] = (
            target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        )
    sheets = _SHEET.findall(book.read("xl/workbook.xml").decode("utf-8"))
    return {links[link]: html.unescape(name) for name, link in sheets if link in links}
