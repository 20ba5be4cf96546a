"""How a run folder takes its place: built in a hidden folder beside it, and put there by one rename.

Neither a crash nor a full disk leaves half a run, and what stood there stands until the new one is whole.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.folder.replaceable import check_replaceable
from engine.printing.files import writing_to

if sys.platform != "win32":
    import fcntl

_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD


@contextmanager
def staged(out: Path, plan: str, period: str) -> Iterator[Path]:
    """A new folder that takes the place of `out` when the block ends well, and vanishes when it does not.

    plan, period: whose run it is; it replaces only an earlier one of the same, also where another run came to stand
    there meanwhile. Raises InputProblems if `out` may not be replaced or cannot be written; OSError if the disk does
    not take it.
    """
    out = Path(os.path.abspath(out))  # noqa: PTH100  (resolve() would follow a link that `out` is)
    if out.parent.is_dir():
        with _alone(out.parent):
            _recover(out)
    check_replaceable(out, plan, period)
    folder = out.parent / f".{out.name}.part-{os.getpid()}"
    with writing_to(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        folder.mkdir()
    try:
        yield folder
        _sync(folder)
        with _alone(out.parent):
            check_replaceable(out, plan, period)
            _replace(folder, out)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if str(error.filename).startswith(str(folder)):  # the user knows the folder by the name it was to have
            raise OSError(error.errno, error.strerror, str(out)) from error
        raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def _alone(parent: Path) -> Iterator[None]:
    """No other run puts its folder in place here meanwhile; where the system has no such locks they are not asked."""
    if sys.platform == "win32":  # there no rename replaces anything
        yield
        return
    handle = os.open(parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # not every file system of a network knows locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    """Ask the disk to hold everything before the rename makes it the run."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        else:
            _sync_folder(path)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _replace(folder: Path, out: Path) -> None:
    if not out.exists():
        folder.rename(out)
    elif _exchange(folder, out):
        shutil.rmtree(folder)  # now holds the earlier run
    else:
        earlier = _earlier(out)
        out.rename(earlier)
        folder.rename(out)
        shutil.rmtree(earlier)
    _sync_folder(out.parent)


def _earlier(out: Path) -> Path:
    return out.parent / f".{out.name}.earlier"


def _exchange(one: Path, other: Path) -> bool:
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


def _recover(out: Path) -> None:
    """Put an earlier run back that a crash between two renames left aside."""
    earlier = _earlier(out)
    if earlier.exists():
        if out.exists():
            shutil.rmtree(earlier)
        else:
            earlier.rename(out)


def _sweep(out: Path) -> None:
    """Remove what runs that no longer live left behind."""
    for stale in out.parent.glob(f".{out.name}.part-*"):
        number = stale.name.rpartition("-")[2]
        if number.isdigit() and not _alive(int(number)):
            shutil.rmtree(stale, ignore_errors=True)


def _alive(process: int) -> bool:
    if os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
