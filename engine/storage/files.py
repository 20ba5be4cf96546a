"""Content-addressed files and folders beside the database: written, synced, renamed; then the row that names them.

    files/ab/<sha256>      what was uploaded; of class `personal` encrypted
    runs/<digest>/         run folders        datasets/<digest>/        policies/<digest>/

A name that somebody gave is never a path. What no row names is swept after a day.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp, mkstemp
from typing import Literal

from domain.problems import Refused
from engine.printing.system import sync_folder, sync_tree
from engine.storage.keys import Keys

Kind = Literal["runs", "datasets", "policies"]
DAY = 24 * 3600
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class Files:
    """The store below a folder."""

    home: Path
    keys: Keys

    def put(self, content: bytes, *, personal: bool = False) -> str:
        """Keep these bytes; their sha256, under which they are found again."""
        sha = sha256(content).hexdigest()
        path = self._path(sha)
        if personal or not path.is_file():  # what somebody put here in clear before lies encrypted from now on
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            held = self.keys.encrypt(content, f"file {sha}") if personal else content
            handle, part = mkstemp(prefix=".part-", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(held)
                    file.flush()
                    os.fsync(file.fileno())
                Path(part).replace(path)
            except BaseException:
                Path(part).unlink(missing_ok=True)
                raise
            sync_folder(path.parent)
        else:
            os.utime(path)  # it may be an orphan that is about to be swept: it is as young as its new row
        return sha

    def get(self, sha: str, *, personal: bool = False) -> bytes:
        """The bytes again. Raises Refused where they are gone or are not those that were kept."""
        path = self._path(sha)
        try:
            held = path.read_bytes()
        except OSError as error:
            raise Refused(f"文件 {sha[:16]} 不在存放处, 从备份取回 (FILE-GONE)") from error
        content = self.keys.decrypt(held, f"file {sha}") if personal else held
        if sha256(content).hexdigest() != sha:
            raise Refused(f"文件 {sha[:16]} 已被改动, 从备份取回 (FILE-CHANGED)")
        return content

    def folder(self, kind: Kind, digest: str) -> Path:
        """Where a folder lies. Raises Refused where it is gone."""
        path = self.home / kind / _checked(digest)
        if not path.is_dir():
            raise Refused(f"{kind} {digest[:16]} 不在存放处, 从备份取回 (FOLDER-GONE)")
        return path

    def has_folder(self, kind: Kind, digest: str) -> bool:
        """Whether it is there."""
        return (self.home / kind / _checked(digest)).is_dir()

    def has(self, sha: str) -> bool:
        """Whether a file is there."""
        return self._path(sha).is_file()

    def put_folder(self, kind: Kind, build: Callable[[Path], str]) -> str:
        """Keep a folder: `build` fills an empty one and returns the digest of what it made.

        Another that made the same meanwhile was first: its bytes are these.
        """
        root = self.home / kind
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = Path(mkdtemp(prefix=".part-", dir=root))
        try:
            digest = _checked(build(part))
            final = root / digest
            if final.is_dir():
                os.utime(final)
            else:
                sync_tree(part)
                with suppress(OSError):
                    part.rename(final)
                sync_folder(root)
            if not final.is_dir():
                raise Refused(f"{root}: 写不下结果文件夹, 腾出空间后重试 (FOLDER-WRITE)")
            return digest
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def sweep(self, known: Collection[str], *, older: float = DAY) -> int:
        """Remove what no row names and is older than this many seconds; how many went."""
        gone, now = 0, time.time()
        for path in self.everything(parts=True):
            if path.name not in known and now - path.stat().st_mtime > older:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                gone += 1
        return gone

    def everything(self, *, parts: bool = False) -> Iterator[Path]:
        """Every file and folder of the store; parts: also what was begun and never finished."""
        places = [*sorted((self.home / "files").glob("*/*")), *sorted((self.home / "files").glob("*/.part-*"))]
        for kind in ("runs", "datasets", "policies"):
            places += sorted((self.home / kind).glob("*")) + sorted((self.home / kind).glob(".part-*"))
        yield from (path for path in dict.fromkeys(places) if parts or not path.name.startswith("."))

    def _path(self, sha: str) -> Path:
        return self.home / "files" / _checked(sha)[:2] / sha


def _checked(digest: str) -> str:
    if len(digest) != 64 or not set(digest) <= _HEX:
        raise Refused("不是 sha256 (DIGEST)")
    return digest
