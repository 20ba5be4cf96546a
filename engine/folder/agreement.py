"""Whether a run folder says what its inputs give, file by file and down to the cell.

A file of this version must have the same content as the one that would be written now. Of another version's folder
everything typed must be the same, with its codes, and whatever is said must tell the same figures, units and clauses
(`engine.folder.wording`): such texts are counted. What earlier versions did not write yet: `engine.folder.since`.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from python_calamine import CalamineError

from allocation.solvers import METHODS
from domain.problems import Problem
from domain.sheets import letters
from engine.folder.comparison import WRONG, Comparison
from engine.folder.output import MANIFEST, table_of
from engine.folder.stories import compare_stories, compare_warnings, of_codes, same
from engine.folder.workbooks import compare_workbooks
from engine.run.result import FRAMES
from engine.run.tables import WORDED

_UNREADABLE = (
    *(CalamineError, ExpatError, zipfile.BadZipFile, csv.Error),  # not that format
    *(ValueError, OSError, EOFError, KeyError, IndexError, TypeError, AttributeError),  # not that content
    *(RecursionError, NotImplementedError),  # nested without end; packed in a way that no run does
)
_HELD = ("plan", "period", "contradictions", "before", "earlier")


def compare_file(found: Comparison, folder: Path, fresh: Path, name: str) -> None:
    """Compare one file of `folder` with what would be written now (`fresh`)."""
    there, here = folder / name, fresh / name
    if there.read_bytes() == here.read_bytes():
        return
    before = len(found.problems.found), found.words
    try:
        if there.suffix == ".json":
            compare_stories(found, name, _json(there), _json(here))
        elif there.suffix == ".xlsx":
            compare_workbooks(found, name, there, here)
        else:
            found.tell(name, list(_table(found, name, _rows(there), _rows(here))))
    except _UNREADABLE:
        found.wrong(name, "不能读出")
    if before != (len(found.problems.found), found.words):
        return
    if found.same_version and there.suffix != ".json":
        found.wrong(name, "与重算的结果不一致")
    else:  # the same content, written otherwise (0.60 for 0.6, other line ends)
        found.words += 1


def compare_manifest(found: Comparison, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Compare what two manifests say of the run; hashes and versions are looked at elsewhere."""
    for key in sorted(there.keys() ^ here.keys()):
        if not found.lacks(f"{MANIFEST} {key}"):
            found.wrong(MANIFEST, f"不应有 {key}" if key in there else f"缺少 {key}")
    for key in _HELD:
        if not same(there.get(key), here.get(key)):
            found.wrong(MANIFEST, f"{key} 记为 {there.get(key)}, 重算为 {here.get(key)}")
    solvers = [{"name": name, "method": method} for name, method in METHODS.items()]
    if "solver" in there and there["solver"] not in solvers:  # whichever it was, the fen are the same
        found.wrong(MANIFEST, f"solver 记为 {there['solver']}, 没有这样的求解器")
    if "warned" in there:
        old, new = there["warned"], here["warned"]
        if not (same(old, new) if found.same_version else same(of_codes(old), of_codes(new))):
            found.wrong(MANIFEST, "warned 与重算的不一致")
    compare_warnings(found, MANIFEST, there, here)


def _table(found: Comparison, name: str, there: list[list[str]], here: list[list[str]]) -> Iterator[Problem]:
    """The cells of a table that are not as they should be; the first row has the columns."""
    table, columns = Path(name).stem, here[0]
    if there[:1] != [columns] or len(there) != len(here):
        size = f"{len(there) - 1} 行 {len(there[0])} 列" if there else "0 行"
        yield Problem(name, WRONG, f"有 {size}, 重算为 {len(here) - 1} 行 {len(columns)} 列")
        return
    worded, typed = WORDED.get(table, frozenset()), found.result.frames.get(table)
    given = {column for column in worded if FRAMES[table].get(column) == "text"}
    for row, (old, new) in enumerate(zip(there, here, strict=True), start=1):
        if old == new:
            continue
        for column, (title, one, other) in enumerate(zip_longest(columns, old, new, fillvalue="")):
            of_input = typed is not None and title in given and typed[title].iloc[row - 2] != ""  # no word of ours
            says = found.cites if title == "cite" else found.says
            if one != other and (title not in worded or of_input or not says(one, other)):
                yield Problem(f"{name}!{letters(column)}{row}", WRONG, f"{title} 记为 {one}, 重算为 {other}")


def _rows(path: Path) -> list[list[str]]:
    """A table by rows, every cell text; the first row has the columns."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file, strict=True))
    frame = table_of(path)
    return [list(map(str, frame.columns)), *frame.to_numpy().tolist()]


def _json(path: Path) -> dict[str, Any]:
    """A JSON file. Raises ValueError if a key stands in it twice: readers would not agree on what it says."""
    return dict(json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made
