"""The parts of an .xlsx package: unpacked no further than is allowed, and read as XML by a parser.

Parts are found as the format says: the workbook through _rels/.rels, what belongs to it through its own relationships,
targets absolute or relative. A document type, which no part may have, is refused before anything of it is expanded.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.parsers import expat

from engine.read.refusal import Refusal, broken, locked, too_large

_FILES = 10_000
_CHUNK = 1 << 16


class _Begun(Exception):
    """The first element has begun: no document type stands before it."""


def local(tag: str) -> str:
    """The name of an element or attribute without its namespace: transitional, strict and any prefix are one."""
    return tag.rpartition("}")[2]


def attribute(element: Element, name: str) -> str:
    """An attribute in any namespace ("" if there is none)."""
    return next((value for key, value in element.items() if local(key) == name), "")


class Package:
    """The parts by name. Everything raises Refusal where the package is not read."""

    def __init__(self, path: Path | IO[bytes], max_bytes: int) -> None:
        self.left, self.most = max_bytes, max_bytes
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError):
            raise broken() from None
        infos = self._zip.infolist()
        if len(infos) > _FILES or sum(info.file_size for info in infos) > max_bytes:
            raise self._too_large()
        self._parts = {_plain(info.filename): info for info in infos}
        if any(name.endswith("vbaproject.bin") for name in self._parts):
            raise Refusal("FILE-MACRO", "不读可能带宏的工作簿", "另存为 .xlsx")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._parts

    def read(self, name: str) -> bytes:
        """One part's bytes, up to what is left of the limit: the sizes that a zip states of itself are not believed."""
        info = self._parts.get(_plain(name))
        if info is None:
            raise broken()
        if info.flag_bits & 1:
            raise locked()
        try:
            with self._zip.open(info) as part:
                raw = part.read(self.left + 1)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
            raise broken() from None
        self.left -= len(raw)
        if self.left < 0:
            raise self._too_large()
        return raw

    def elements(self, name: str, *tags: str) -> Iterator[Element]:
        """The elements of a part with one of these names, as each ends; emptied once the next one is asked for."""
        raw = self.read(name)
        _refuse_doctype(raw)
        parser: XMLPullParser[Any] = XMLPullParser(("end",))
        wanted = set(tags)
        try:
            for at in range(0, len(raw), _CHUNK):
                parser.feed(raw[at : at + _CHUNK])
                yield from _ended(parser, wanted)
            parser.close()
            yield from _ended(parser, wanted)
        except (ParseError, LookupError, ValueError):  # also an encoding that nobody knows
            raise broken() from None

    def links(self, name: str) -> dict[str, tuple[str, str]]:
        """The relationships of a part ("" for the package itself): id → kind (the type's last word), part."""
        folder, base = posixpath.split(name)
        listed = posixpath.join(folder, "_rels", f"{base}.rels")
        if listed not in self:
            return {}
        found = {}
        for link in self.elements(listed, "Relationship"):
            if attribute(link, "TargetMode").lower() != "external":
                target = unquote(attribute(link, "Target")).replace("\\", "/")
                place = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[attribute(link, "Id")] = attribute(link, "Type").rpartition("/")[2], place
        return found

    def _too_large(self) -> Refusal:
        return too_large(f"解压后大于 {self.most >> 20} MB")


def _plain(name: str) -> str:
    """A part's name as it is compared: without regard to case, "/" between folders."""
    return name.replace("\\", "/").lstrip("/").lower()


def _ended(parser: XMLPullParser[Any], wanted: set[str]) -> Iterator[Element]:
    events: Iterator[Any] = parser.read_events()
    for _, element in events:
        if local(element.tag) in wanted:
            yield element
            element.clear()


def _refuse_doctype(raw: bytes) -> None:
    """Entities can only be declared in a document type, before the first element. Raises Refusal."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise broken()

    def begun(*_: object) -> None:
        raise _Begun

    parser.StartDoctypeDeclHandler, parser.StartElementHandler = refuse, begun
    try:
        parser.Parse(raw)
    except _Begun:
        return
    except (expat.ExpatError, LookupError, ValueError):
        raise broken() from None
