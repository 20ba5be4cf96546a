"""Writing one file whole: whoever reads it sees the old one or the new one, never half of one."""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from domain.problems import InputProblems, Problem

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})  # no fault of the path that was given

TO_FILL_IN = "填报表"
"""How the title of a workbook to be filled in ends."""
_WRITTEN = "2000-01-01T00:00:00Z"  # workbooks hold no clock time: created and changed on this day, until saved again
_MARKED = 4096  # bytes at the beginning of a picture among which the program's name stands

_REFUSED = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "该位置只读",
    errno.ENOENT: "不能在此建立文件夹",
    errno.ENOTDIR: "上级不是文件夹",
    errno.EEXIST: "上级不是文件夹",
    errno.EBUSY: "正被别的程序占用",
}


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path` through a temporary neighbour; where that fails, what stood there still stands.

    A link stays, and the file it leads to is written. Raises InputProblems where the path cannot be written to, OSError
    (naming `path`) where the disk is full.
    """
    place = _place(path)
    neighbour = place.with_name(f".{place.name}.{os.getpid()}")
    with writing_to(path):
        try:
            with neighbour.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            neighbour.replace(place)
        finally:
            neighbour.unlink(missing_ok=True)


def _place(path: Path) -> Path:
    """The file that is written where `path` is: itself, or what a link leads to.

    Raises InputProblems: OUT-NOT-A-FILE (a folder; a device or a pipe, which a file would take the place of),
    OUT-NO-FOLDER.
    """
    place = Path(os.path.realpath(path))
    if os.path.lexists(place) and not place.is_file():
        said = "这是文件夹, 不是文件" if place.is_dir() else "这是设备、管道或走不通的链接, 不是普通文件"
        _refuse(path, "OUT-NOT-A-FILE", said, "写出文件的名字")
    if not place.parent.is_dir():
        folder = place.parent if path.is_symlink() else path.parent
        _refuse(path, "OUT-NO-FOLDER", f"文件夹 {folder} 不存在", "先建立该文件夹, 或换一个位置")
    return place


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


def check_out(
    out: Path, *given: Path | str, force: bool | None, earlier: Callable[[Path], bool] = lambda _: False
) -> None:
    """The one rule of what a command may write its file over; call it before anything is written.

    An existing file only with `force`, or where nothing of anybody's is in it: it is empty, a workbook or a picture
    that this program wrote (a workbook that somebody saved again is theirs), or what `earlier` knows as a result of the
    same command, which other programs call with the same name again. force: None of a command without `--force`.
    Raises InputProblems: as `write_whole` and `check_apart`, and OUT-EXISTS.
    """
    place = _place(out)
    check_apart(out, *given)
    if place.is_file() and not force and place.stat().st_size and not _own(place) and not earlier(place):
        remedy = "换一个文件名" if force is None else "换一个文件名, 确要覆盖加 --force"
        _refuse(out, "OUT-EXISTS", "文件已存在, 可能填写或修改过, 不覆盖", remedy)


def check_apart(out: Path, *given: Path | str) -> None:
    """Refuse to write, a file or a folder, over what the command reads, into a folder that it reads or a run folder.

    given: what the command reads, as a path or, of plans and packs, as a text that may be an id.
    Raises InputProblems: OUT-IS-INPUT, OUT-IN-RUN.
    """
    place = Path(os.path.realpath(out))
    for one in (Path(one) for one in given if isinstance(one, Path) or Path(one).is_file()):
        if one.is_dir() and place.is_relative_to(one.resolve()) and not _run(one):
            _refuse(out, "OUT-IS-INPUT", f"在输入的文件夹 {one} 里, 不写进去", "换一个位置")
        if one.is_file() and out.exists() and out.samefile(one):
            _refuse(out, "OUT-IS-INPUT", "输出就是输入的文件, 不覆盖", "换一个输出文件名")
    for folder in place.parents:
        if _run(folder):
            said = f"{folder} 是 liangyun run 写出的结果文件夹, 写进去后复核不能通过"
            _refuse(out, "OUT-IN-RUN", said, "换一个位置, 例如写在它旁边")


def _refuse(out: Path, code: str, said: str, remedy: str) -> NoReturn:
    raise InputProblems([Problem(str(out), code, said, remedy)])


def _run(folder: Path) -> bool:
    """Whether a run wrote the folder, by its manifest."""
    try:
        return b'"digest"' in (folder / "manifest.json").read_bytes()
    except OSError:
        return False


def _own(path: Path) -> bool:
    """Whether this program made the file, by the mark in a workbook or picture; a workbook also only as it was made.

    A workbook to be filled in is never taken for one that may go, nor is a table, which carries no mark.
    """
    match path.suffix.lower():
        case ".xlsx":
            return _unchanged(path)
        case ".svg" | ".png":
            return b"Liangyun" in path.read_bytes()[:_MARKED]
    return False


def _unchanged(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as book:
            properties = book.read("docProps/core.xml").decode()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return False
    return properties.count(f">{_WRITTEN}</dcterms:") == 2 and f"{TO_FILL_IN}</dc:title>" not in properties
