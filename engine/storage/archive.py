"""The file of a backup: a zip of tables and files, with a signed manifest that has a hash of everything.

    manifest.json                what it is, of which schema and keys, what every table comes to; signed
    contents.jsonl               every other entry: name, size, sha256
    tables/<name>.jsonl          the rows (engine.storage.rows)
    files/ab/<sha>  runs/<digest>/…  datasets/…  policies/…     as they lie in the store

It is written beside its place and renamed when it is whole; no key is in it.
"""

from __future__ import annotations

import json
import os
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile, mkstemp
from typing import IO, TypeAlias

import rfc8785
from pydantic import BaseModel, ConfigDict, ValidationError

from domain.problems import InputProblems, Problem
from engine.printing.files import writing_to
from engine.printing.system import sync_folder
from engine.storage.files import DAY
from engine.storage.keys import Keys, holds

FORMAT = 1
MANIFEST, CONTENTS = "manifest.json", "contents.jsonl"
STORE = ("files", "runs", "datasets", "policies")
_CHUNK = 1024 * 1024
_PART = ".liangyun-backup-"
_BROKEN = (zipfile.BadZipFile, zlib.error, ValidationError, ValueError, KeyError, EOFError, NotImplementedError)
Told: TypeAlias = Callable[[int, int, str], None]
"""Told that so many of so many are done, and what is done now."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Said):
    """An entry of the archive."""

    name: str
    size: int
    sha256: str


class TableSaid(_Said):
    """What a table comes to; sums as text, for JSON's numbers end at 2⁵³."""

    rows: int
    sha256: str
    sums: dict[str, str]


class KeysSaid(_Said):
    """Which keys it needs, by name: the fingerprint and the ids of the column keys."""

    fingerprint: str
    columns: list[str]


class Manifest(_Said):
    """What the backup is. at: when; revision: of the schema; seq, head: of the audit chain.

    missing: what rows name and the store did not have.
    """

    format: int
    program: str
    revision: str
    origin: str
    at: str
    keys: KeysSaid
    seq: int
    head: str
    tables: dict[str, TableSaid]
    contents: Entry
    entries: int
    missing: list[str]


class Writer:
    """An archive that is being written."""

    def __init__(self, target: zipfile.ZipFile, contents: IO[bytes]) -> None:
        self._zip, self._contents = target, contents
        self.entries = 0

    def add(self, name: str, chunks: Iterable[bytes]) -> Entry:
        """One more entry."""
        entry = self._put(name, chunks)
        self._contents.write(entry.model_dump_json().encode() + b"\n")
        self.entries += 1
        return entry

    def close(self, manifest: Callable[[Entry, int], Manifest], keys: Keys) -> Manifest:
        """Write the contents and the manifest that `manifest` makes of them."""
        self._contents.seek(0)
        contents = self._put(CONTENTS, _chunks(self._contents))
        said = manifest(contents, self.entries)
        plain = said.model_dump(mode="json")
        signed = {**plain, "signature": keys.sign(rfc8785.dumps(plain))}
        self._put(MANIFEST, [json.dumps(signed, ensure_ascii=False, indent=1).encode()])
        return said

    def _put(self, name: str, chunks: Iterable[bytes]) -> Entry:
        info = zipfile.ZipInfo(name)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        size, sha = 0, sha256()
        with self._zip.open(info, "w", force_zip64=True) as entry:
            for chunk in chunks:
                entry.write(chunk)
                sha.update(chunk)
                size += len(chunk)
        return Entry(name=name, size=size, sha256=sha.hexdigest())


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """An archive at `path`, there whole when the block ends and not at all, or as it was, when it raises."""
    place = Path(os.path.realpath(path))
    with writing_to(path):
        _sweep(place.parent)
        handle, name = mkstemp(prefix=_PART, suffix=".part", dir=place.parent)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as raw, TemporaryFile(dir=place.parent) as contents:
                with zipfile.ZipFile(raw, "w", compresslevel=1) as target:
                    yield Writer(target, contents)
                raw.flush()
                os.fsync(raw.fileno())
            part.replace(place)
            sync_folder(place.parent)
        finally:
            part.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what backups that were killed left behind, a day later."""
    for part in folder.glob(f"{_PART}*.part"):
        if time.time() - part.stat().st_mtime > DAY:
            part.unlink(missing_ok=True)


def file_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a piece at a time."""
    with path.open("rb") as file:
        yield from _chunks(file)


class Archive:
    """A backup that is being read."""

    def __init__(self, path: Path, source: zipfile.ZipFile) -> None:
        self.path, self._zip = path, source
        with self.sound():
            said = json.loads(self._zip.read(MANIFEST))
            self._signature = str(said.pop("signature"))
            self.manifest = Manifest.model_validate(said)
            if self.manifest.format != FORMAT:
                raise ValueError(self.manifest.format)

    @contextmanager
    def sound(self) -> Iterator[None]:
        """What is wrong with the file becomes InputProblems (BACKUP-BROKEN)."""
        try:
            yield
        except _BROKEN as error:
            raise self._broken(str(error) if isinstance(error, KeyError) else MANIFEST) from error

    def check(self, keys: Keys, report: Told) -> None:
        """Look at every byte. Raises InputProblems (BACKUP-BROKEN) naming the entry that is not as it was written."""
        said = rfc8785.dumps(self.manifest.model_dump(mode="json"))
        if not holds(keys.public, said, self._signature):
            raise self._broken(MANIFEST)
        self._look(self.manifest.contents)
        wanted = {MANIFEST, CONTENTS}
        for done, entry in enumerate(self.entries()):
            report(done, self.manifest.entries, "核对备份")
            if entry.name in wanted or not _is_plain(entry.name):
                raise self._broken(entry.name)
            wanted.add(entry.name)
            self._look(entry)
        if sorted(self._zip.namelist()) != sorted(wanted):
            raise self._broken(CONTENTS)

    def entries(self) -> Iterator[Entry]:
        """What is in it, in the order in which it was written."""
        for line in self.lines(CONTENTS):
            yield Entry.model_validate_json(line)

    def lines(self, name: str) -> Iterator[str]:
        """An entry as lines."""
        with self.sound(), self._zip.open(name) as entry:
            for line in entry:
                yield line.decode("utf-8")

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """An entry's bytes; at their end it is known whether they were those."""
        sha, size = sha256(), 0
        try:
            with self._zip.open(entry.name) as held:
                for chunk in _chunks(held):
                    sha.update(chunk)
                    size += len(chunk)
                    yield chunk
        except _BROKEN as error:
            raise self._broken(entry.name) from error
        if (size, sha.hexdigest()) != (entry.size, entry.sha256):
            raise self._broken(entry.name)

    def _look(self, entry: Entry) -> None:
        for _ in self.chunks(entry):
            pass

    def _broken(self, name: str) -> InputProblems:
        said = f"备份不完整或被改动: {name}"
        return InputProblems([Problem(str(self.path), "BACKUP-BROKEN", said, "换一份备份")])


@contextmanager
def reading(path: Path) -> Iterator[Archive]:
    """A backup, opened. Raises InputProblems (BACKUP-NONE, BACKUP-BROKEN)."""
    if not path.is_file():
        raise InputProblems([Problem(str(path), "BACKUP-NONE", "没有这个备份文件", "核对路径")])
    try:
        source = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError) as error:
        said = "不是备份文件, 或不完整"
        raise InputProblems([Problem(str(path), "BACKUP-BROKEN", said, "换一份备份")]) from error
    with source:
        yield Archive(path, source)


def is_backup(path: Path) -> bool:
    """Whether a file is a backup that was written whole."""
    try:
        with reading(path):
            return True
    except (InputProblems, OSError):
        return False


def _is_plain(name: str) -> bool:
    """Whether a name stays where it belongs, whatever whoever wrote it meant."""
    parts = PurePosixPath(name).parts
    return (
        str(PurePosixPath(*parts)) == name
        and len(parts) > 1
        and parts[0] in ("tables", *STORE)
        and not any(part in {"..", "."} or "\\" in part or ":" in part or "\0" in part for part in parts)
    )


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
