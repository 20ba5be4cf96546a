"""Writing one file whole: whoever reads it sees the old one or the new one, never half of one."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.problems import InputProblems, Problem

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})  # no fault of the path that was given

_REFUSED = {
    errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.EROFS: "该位置只读", errno.ENOENT: "不能在此建立文件夹",
    errno.ENOTDIR: "上级不是文件夹", errno.EEXIST: "上级不是文件夹", errno.EBUSY: "正被别的程序占用",
}  # fmt: skip


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path` through a temporary neighbour; where that fails, what stood there still stands.

    Raises InputProblems where the path cannot be written to, OSError (naming `path`) where the disk is full.
    """
    if path.is_dir():
        raise InputProblems([Problem(str(path), "OUT-NOT-A-FILE", "这是文件夹, 不是文件", "写出文件的名字")])
    if not path.parent.is_dir():
        said = f"文件夹 {path.parent} 不存在"
        raise InputProblems([Problem(str(path), "OUT-NO-FOLDER", said, "先建立该文件夹, 或换一个位置")])
    neighbour = path.with_name(f".{path.name}.{os.getpid()}")
    with writing_to(path):
        try:
            with neighbour.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            neighbour.replace(path)
        finally:
            neighbour.unlink(missing_ok=True)


def ends_in(path: Path, *suffixes: str) -> None:
    """Refuse a name whose ending says something else than what would be written. Raises InputProblems."""
    if path.suffix.lower() not in suffixes:
        said, remedy = f"{path.name} 不是 {'、'.join(suffixes)} 文件", f"改为 {suffixes[0]}"
        raise InputProblems([Problem("--out", "FILE-TYPE", said, remedy)])


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """What the system refuses inside the block is said of `path`, the place the user named."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise OSError(error.errno, error.strerror, str(path)) from error
        said = f"不能写到这里: {_REFUSED.get(error.errno or 0, '系统拒绝写入')}"
        remedy = "关闭占用该文件的程序, 或换一个有权限的位置"
        raise InputProblems([Problem(str(path), "OUT-UNWRITABLE", said, remedy)]) from error


def not_over(out: Path, given: Path) -> None:
    """Refuse to write the answer over the file it was read from. Raises InputProblems."""
    if out.exists() and given.exists() and out.samefile(given):
        raise InputProblems([Problem(str(out), "OUT-IS-INPUT", "输出就是输入的文件, 不覆盖", "换一个输出文件名")])
