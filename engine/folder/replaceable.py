"""What the folder of a new run may take the place of: an empty folder, or an earlier run of the same as it was left."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NoReturn

from domain.problems import InputProblems, Problem
from engine.folder.intact import differences
from engine.folder.output import MANIFEST, hashes, read_manifest

_DROPPINGS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})  # of file managers: nobody's work
_NAMED = 5
_ELSEWHERE = "换一个输出文件夹, 或先移走它"


def check_new(out: Path) -> None:
    """Refuse every place where something stands already, an empty folder excepted. Raises InputProblems: OUT-EXISTS."""
    if os.path.lexists(out) and (not out.is_dir() or out.is_symlink() or any(out.iterdir())):
        _refuse(out, "OUT-EXISTS", "已存在, 发放结果从不覆盖", "换一个输出文件夹")


def check_replaceable(out: Path, plan: str, period: str) -> None:
    """Refuse to replace what is not an earlier run of the same plan and period, or holds the work of people.

    out: absolute. Raises InputProblems: OUT-IS-ROOT, OUT-IS-HERE (whoever works in it would stand in a folder that is
    gone), OUT-EXISTS (no run folder), OUT-OTHER-RUN, OUT-FOREIGN (files that no run wrote), OUT-CHANGED (files changed
    since).
    """
    if out.name == "":
        _refuse(out, "OUT-IS-ROOT", "不能写到根目录", "换一个输出文件夹")
    if not os.path.lexists(out):
        return
    if not out.is_dir() or out.is_symlink():
        _not_a_run(out)
    if out.resolve() in _here():
        said = "命令就在这个文件夹里运行, 结果要整体放进来, 换下它"
        _refuse(out, "OUT-IS-HERE", said, "先退到别的文件夹再运行, 或换一个输出文件夹")
    if not any(out.iterdir()):
        return
    try:
        manifest = read_manifest(out)
    except InputProblems:
        _not_a_run(out)
    if (manifest["plan"], manifest["period"]) != (plan, period):
        said = f"里面是方案 {manifest['plan']} {manifest['period']} 的结果, 不覆盖"
        _refuse(out, "OUT-OTHER-RUN", said, _ELSEWHERE)
    _check_own(out, manifest)


def _check_own(out: Path, manifest: Mapping[str, Any]) -> None:
    """Replacing a run folder deletes what is in it: only what the run wrote may be there, and as it wrote it."""
    own = {*manifest["files"], MANIFEST}
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir() or path.is_symlink()}
    if foreign := [name for name in there - own if Path(name).name not in _DROPPINGS]:
        said = f"里面有不是 liangyun run 写出的 {_listed(foreign)}, 不覆盖"
        _refuse(out, "OUT-FOREIGN", said, "先移走, 或换一个输出文件夹")
    wrong = differences(manifest, hashes(out))
    if changed := [name for name, code in wrong if code in {"FILE-CHANGED", "MANIFEST-CHANGED"}]:
        said = f"写出以后有人改动过里面的 {_listed(changed)}, 不覆盖"
        _refuse(out, "OUT-CHANGED", said, "先移走改过的文件, 或换一个输出文件夹")


def _here() -> tuple[Path, ...]:
    """The working directory and the folders it is in; none where it is gone already."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        return ()
    return (here, *here.parents)


def _listed(names: Collection[str]) -> str:
    more = f" 等 {len(names)} 个文件" if len(names) > _NAMED else ""
    return "、".join(sorted(names)[:_NAMED]) + more


def _not_a_run(out: Path) -> NoReturn:
    _refuse(out, "OUT-EXISTS", "已存在, 且不是 liangyun run 写出的结果文件夹, 不覆盖", _ELSEWHERE)


def _refuse(out: Path, code: str, said: str, remedy: str) -> NoReturn:
    raise InputProblems([Problem(str(out), code, said, remedy)])
