"""Whether a workbook shows what it should: cells, and what its pictures are drawn from; never a formula."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from domain.problems import Problem
from domain.sheets import letters
from engine.folder.comparison import WRONG, Comparison
from engine.folder.since import SEAL

_SEAL = re.compile(r"(?:[0-9a-f]{4} ){7}[0-9a-f]{4}")
_SHEETS = "xl/worksheets/"  # numbered as they follow each other; compared by their titles
Rows = Sequence[Sequence[Any]]


def compare_workbooks(found: Comparison, name: str, there: Path, here: Path) -> None:
    """Compare two workbooks sheet by sheet. Raises what the reader of workbooks, zip and XML raise."""
    old, new = _sheets(there), _sheets(here)
    pairs = _pairs(found, list(old), list(new))
    missing = [title for title in new if title not in pairs.values() and not found.lacks(f"{name}!{title}")]
    wrong = [Problem(f"{name} {title}", WRONG, "缺少这张表") for title in missing]
    wrong += [Problem(f"{name} {title}", WRONG, "重算没有这张表") for title in old if title not in pairs]
    if found.same_version and list(old) != list(new):
        wrong.append(Problem(name, WRONG, "表的次序与重算的不一致"))
    for title, ours in pairs.items():
        told, other = (old[title], new[ours]), found.lacks(f"{name}!{ours}")
        if [len(row) for row in told[0]] == [len(row) for row in told[1]] and not other:
            wrong += _cells(found, f"{name} {title}", *told)
        else:
            wrong += _columns(found, f"{name} {title}", *told, may_lack=other)
    wrong += [Problem(name, WRONG, said) for said in _parts(found, there, here, feet=list(old) == list(new))]
    found.tell(name, wrong)


def _sheets(path: Path) -> dict[str, Rows]:
    """Rows of every sheet by its title, from its first cell. Raises ValueError if a sheet is hidden or there twice."""
    with CalamineWorkbook.from_path(str(path)) as book:
        if any(one.visible != SheetVisibleEnum.Visible for one in book.sheets_metadata):
            raise ValueError("a sheet is hidden")
        if len(set(book.sheet_names)) != len(book.sheet_names):
            raise ValueError("two sheets have the same title")
        return {
            title: book.get_sheet_by_index(at).to_python(skip_empty_area=False)
            for at, title in enumerate(book.sheet_names)
        }


def _pairs(found: Comparison, old: list[str], new: list[str]) -> dict[str, str]:
    """Titles of sheets that are the same one; renamed ones are in the same order."""
    pairs = {title: title for title in old if title in new}
    rest = [title for title in old if title not in pairs], [title for title in new if title not in pairs]
    if len(rest[0]) == len(rest[1]):
        pairs |= {one: other for one, other in zip(*rest, strict=True) if found.says(one, other)}
    return pairs


def _cells(found: Comparison, where: str, there: Rows, here: Rows) -> Iterator[Problem]:
    """Cells that are not as they should be, of two sheets of the same size."""
    for row, (old, new) in enumerate(zip(there, here, strict=True), start=1):
        for column, (one, other) in enumerate(zip(old, new, strict=True) if old != new else ()):
            if one != other and not _says(found, one, other):
                yield Problem(f"{where}!{letters(column)}{row}", WRONG, f"记为 {one}, 重算为 {other}")


def _says(found: Comparison, old: Any, new: Any) -> bool:
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    return found.says(_unsealed(found, old), _unsealed(found, new))


def _unsealed(found: Comparison, text: str) -> str:
    """A text without the 数据校验码 where the version took it over something else."""
    return _SEAL.sub("", text) if found.lacks(SEAL) else text


def _columns(found: Comparison, where: str, there: Rows, here: Rows, *, may_lack: bool) -> Iterator[Problem]:
    """What is wrong with a sheet of another layout: each of its columns tells what one of ours tells, in our order.

    may_lack: whether the version had fewer columns of this sheet.
    """
    if found.same_version:
        size = (f"{len(rows)} 行 {len(rows[0]) if rows else 0} 列" for rows in (there, here))
        yield Problem(where, WRONG, f"有 {next(size)}, 重算为 {next(size)}")
        return
    ours = [told for told in _told(found, here) if told]
    at = missed = 0
    for column, told in enumerate(_told(found, there)):
        if not told:
            continue
        place = next((place for place in range(at, len(ours)) if ours[place] == told), None)
        if place is None:
            yield Problem(f"{where}!{letters(column)}", WRONG, "这一列的数字和单位与重算的不一致")
        else:
            missed, at = missed + place - at, place + 1
    if (missed or at < len(ours)) and not may_lack:
        yield Problem(where, WRONG, f"缺少 {missed + len(ours) - at} 列")
    found.words += 1


def _told(found: Comparison, rows: Rows) -> Iterator[list[Any]]:
    """What each column tells from the top: numbers and days, and the figures, units and clauses of texts."""
    for cells in zip_longest(*rows, fillvalue=""):
        told: list[Any] = []
        for cell in cells:
            told += sorted(found.wording.told(_unsealed(found, cell))) if isinstance(cell, str) else [cell]
        yield told


def _parts(found: Comparison, there: Path, here: Path, *, feet: bool) -> Iterator[str]:
    """What is wrong beside the values of cells: formulas, comments, what pictures are drawn from. All parts are XML.

    feet: whether the sheets are the same ones, so that what stands above and below their pages can be compared.
    """
    with zipfile.ZipFile(there) as old, zipfile.ZipFile(here) as new:
        if len(set(old.namelist())) != len(old.namelist()):
            raise ValueError("two parts have the same name")
        for part in sorted({*old.namelist(), *new.namelist()}):
            raws = [book.read(part) if part in book.namelist() else b"" for book in (old, new)]
            if raws[0] == raws[1]:
                continue
            if part not in new.namelist() and not part.startswith(_SHEETS):
                yield f"重算没有这一部分: {part}"
            elif "charts/" in part:
                if not all(raws) or _texts(raws[0], "v") != _texts(raws[1], "v"):
                    yield f"图表的数据与重算的不一致: {part}"
            elif raws[0] and _texts(raws[0], "f"):
                yield f"有公式, 报表只写数值: {part}"
            elif feet and part.startswith(_SHEETS) and not _same_feet(found, *raws):
                yield f"页眉或页脚与重算的不一致: {part}"


def _same_feet(found: Comparison, old: bytes, new: bytes) -> bool:
    told = [[*_texts(raw, "oddHeader"), "", *_texts(raw, "oddFooter")] for raw in (old, new)]
    return len(told[0]) == len(told[1]) and all(map(found.says, *told))


def _texts(raw: bytes, wanted: str) -> list[str]:
    """The texts of all elements of that name, in whatever namespace."""
    found: list[str] = []
    open_now: list[str] = []

    def begin(name: str, _: object) -> None:
        open_now.append(name.rpartition(" ")[2])
        if open_now[-1] == wanted:
            found.append("")

    def text(told: str) -> None:
        if wanted in open_now:
            found[-1] += told

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.CharacterDataHandler = begin, text
    parser.EndElementHandler = lambda _: open_now.pop()
    parser.ParseFile(io.BytesIO(raw))
    return found
