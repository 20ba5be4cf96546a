"""What differs from system to system, all of it: file modes, folders that outlive a loss of power, locks, swaps, stops.

On Windows nobody has tried it yet (docs/operations.md): folders are private by where they lie, a folder's names are
synced by the system itself, no rename replaces a folder, and a process is told to stop by the end of its input.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory

if sys.platform != "win32":
    import fcntl
    import pwd

_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD


def data_folder() -> Path:
    """Where a user's programs keep their data."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def machine_login() -> str:
    """Whoever sits at the machine."""
    if sys.platform == "win32":
        return os.environ.get("USERNAME", "operator")
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def others_can(path: Path) -> bool:
    """Whether others than the owner can read or enter it."""
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def keep_private(path: Path) -> None:
    """Leave a file to its owner alone."""
    if os.name == "posix":
        path.chmod(0o600)


@contextmanager
def made_private() -> Iterator[None]:
    """Files that are made in the block are their owner's alone from the first moment."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def in_memory(content: bytes, name: str) -> Iterator[Path]:
    """A file of this name with this content that no disk holds, for what reads files by their paths.

    Where the system has no files in memory it is the owner's alone, in a folder that goes with the block.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        make = getattr(os, "memfd_create", None)
        if make is None:
            with made_private():
                path.write_bytes(content)
            yield path
            return
        handle = make("liangyun")
        try:
            with os.fdopen(os.dup(handle), "wb") as file:
                file.write(content)
            path.symlink_to(f"/proc/{os.getpid()}/fd/{handle}")
            yield path
        finally:
            os.close(handle)


def sync_tree(folder: Path) -> None:
    """Ask the disk to hold everything below a folder, contents and names."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        else:
            sync_folder(path)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlive a loss of power."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else is in such a block of this folder; where the system has no such locks they are not asked."""
    if sys.platform == "win32":  # there no rename replaces anything
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # not every file system of a network knows locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step where the system can; whether it could."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if os.name == "posix" else None
    if call is None:
        return False
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):  # this file system cannot
        return False
    raise OSError(code, os.strerror(code), str(other))


def is_alive(process: int) -> bool:
    """Whether there is a process of this number."""
    if os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def tell_to_stop(process: Popen[bytes]) -> None:
    """Tell a process that listens to the end of its input to end by itself."""
    if os.name == "posix":
        process.terminate()
    elif process.stdin is not None:  # there terminate() ends it on the spot
        process.stdin.close()
