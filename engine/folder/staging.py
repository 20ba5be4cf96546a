"""How a run folder takes its place: built in a hidden folder beside it, and put there by one rename.

Neither a crash nor a full disk leaves half a run, and what stood there stands until the new one is whole.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from engine.folder.replaceable import check_new, check_replaceable
from engine.printing.files import writing_to
from engine.printing.system import alone, exchange, is_alive, sync_folder, sync_tree


@contextmanager
def staged(out: Path, plan: str = "", period: str = "") -> Iterator[Path]:
    """A new folder that takes the place of `out` when the block ends well, and vanishes when it does not.

    plan, period: whose run it is; it replaces only an earlier one of the same, also where another run came to stand
    there meanwhile. Without a plan it replaces nothing. Raises InputProblems if `out` may not be replaced or cannot be
    written; OSError if the disk does not take it.
    """
    out = Path(os.path.abspath(out))  # noqa: PTH100  (resolve() would follow a link that `out` is)
    if out.parent.is_dir():
        with alone(out.parent):
            _recover(out)
    check = partial(check_replaceable, plan=plan, period=period) if plan else check_new
    check(out)
    folder = out.parent / f".{out.name}.part-{os.getpid()}"
    with writing_to(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        folder.mkdir()
    try:
        yield folder
        sync_tree(folder)
        with alone(out.parent):
            check(out)
            _replace(folder, out)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if str(error.filename).startswith(str(folder)):  # the user knows the folder by the name it was to have
            raise OSError(error.errno, error.strerror, str(out)) from error
        raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _replace(folder: Path, out: Path) -> None:
    if not out.exists():
        folder.rename(out)
    elif exchange(folder, out):
        shutil.rmtree(folder)  # now holds the earlier run
    else:
        earlier = _earlier(out)
        out.rename(earlier)
        folder.rename(out)
        shutil.rmtree(earlier)
    sync_folder(out.parent)


def _earlier(out: Path) -> Path:
    return out.parent / f".{out.name}.earlier"


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
        if number.isdigit() and not is_alive(int(number)):
            shutil.rmtree(stale, ignore_errors=True)
