"""Whether a run folder says what its inputs give: numbers, codes and cells must be the same, words need not.

Words may change between versions, and with them every title, formula and note; what they tell may not. So tables are
compared column by column, stories by their typed steps, workbooks cell by cell; a difference in words alone is counted.
Within one version the figures in a text (digits, amounts in capitals) must be the same, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from domain.money import exact
from domain.problems import Problem, Problems
from domain.sheets import letters
from domain.step import LOCAL, LOCAL_MARKS, LOCAL_TARGET
from engine.folder.output import frame_of
from engine.run.tables import WORDED

MOST = 20  # differing cells named per file; the rest are counted
WRONG = "NOT-REPRODUCED"
_FIGURES = re.compile(r"[0-9][0-9,.]*|[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分]{2,}")
_DECIMAL = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?")
_TOLD = ("items", "measured", "period", "plan", "contradictions")


@dataclass
class Comparison:
    """What was found of one folder: problems, and how many texts differ in words alone.

    same_version: whether this version wrote the folder, so that the figures in its texts can be held against ours.
    """

    same_version: bool
    problems: Problems = field(default_factory=Problems)
    words: int = 0

    def file(self, folder: Path, fresh: Path, name: str) -> None:
        """Compare one file of `folder` with what would be written now (`fresh`)."""
        there, here = folder / name, fresh / name
        if not there.exists() or there.read_bytes() == here.read_bytes():
            return
        before = len(self.problems.found), self.words
        kind = there.suffix
        try:
            if kind in {".csv", ".parquet"}:
                self._table(folder, fresh, name)
            elif kind == ".json":
                self._stories(name, *(json.loads(path.read_text(encoding="utf-8")) for path in (there, here)))
            else:
                self._workbook(name, there, here)
        except (CalamineError, ValueError, OSError, KeyError, TypeError, AttributeError):
            self.problems.add(name, WRONG, "不能读出")
        if before != (len(self.problems.found), self.words):
            return
        if self.same_version:
            self.problems.add(name, WRONG, "与重算的结果不一致")
        else:  # the same content, written otherwise (0.60 for 0.6)
            self.words += 1

    def _table(self, folder: Path, fresh: Path, name: str) -> None:
        table = Path(name).stem
        there, here = frame_of(folder, table), frame_of(fresh, table)
        if list(there.columns) != list(here.columns) or len(there) != len(here):
            said = f"有 {len(there)} 行 {len(there.columns)} 列, 重算为 {len(here)} 行 {len(here.columns)} 列"
            self.problems.add(name, WRONG, said)
            return
        worded = WORDED.get(table, frozenset())
        found = []
        for row, column in zip(*(there.to_numpy() != here.to_numpy()).nonzero(), strict=True):
            title, old, new = there.columns[column], there.iloc[row, column], here.iloc[row, column]
            if title in worded and self._only_words(old, new):
                self.words += 1
            else:
                found.append(Problem(f"{name}!{letters(column)}{row + 2}", WRONG, f"{title} 记为 {old}, 重算为 {new}"))
        self._tell(name, found)

    def _only_words(self, old: str, new: str) -> bool:
        return not self.same_version or _FIGURES.findall(old) == _FIGURES.findall(new)

    def _tell(self, name: str, found: list[Problem]) -> None:
        self.problems.extend(found[:MOST])
        if len(found) > MOST:
            self.problems.add(name, WRONG, f"另有 {len(found) - MOST} 处不一致")

    def _stories(self, name: str, there: dict[str, Any], here: dict[str, Any]) -> None:
        found = [
            Problem(name, WRONG, f"{part} 与重算的不一致")
            for part in _TOLD
            if (part in there or self.same_version) and there.get(part) != here.get(part)
        ]
        for old, new in zip_longest(there["allocations"], here["allocations"]):
            if old != new and (old is None or new is None or _untitled(old) != _untitled(new)):
                told = old or new
                found.append(
                    Problem(f"{name} allocations/{told['alliance_code']}/{told['pool']}", WRONG, "与重算的不一致")
                )
        for key in sorted(there["traces"].keys() | here["traces"].keys()):
            old, new = there["traces"].get(key), here["traces"].get(key)
            if old == new:
                continue
            if old is None or new is None:
                found.append(Problem(f"{name} {key}", WRONG, "重算没有这一笔" if new is None else "缺少这一笔"))
            elif _told(old, new) != _told(new, old) or not all(map(self._only_words, *_texts(old, new))):
                found.append(Problem(f"{name} {key}", WRONG, f"记为 {old.get('result')}, 重算为 {new.get('result')}"))
            else:
                self.words += 1
        self._tell(name, found)
        self.warnings(name, there, here)

    def warnings(self, name: str, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
        """Compare what two files warn of."""
        old, new = (list(map(str, told.get("warnings", []))) for told in (there, here))
        if old == new:
            return
        if self.same_version and (len(old) != len(new) or not all(map(self._only_words, old, new))):
            self.problems.add(name, WRONG, f"warnings 记为 {old}, 重算为 {new}")
        else:
            self.words += 1

    def _workbook(self, name: str, there: Path, here: Path) -> None:
        old, new = (CalamineWorkbook.from_path(str(path)) for path in (there, here))
        found = []
        for at in range(max(len(old.sheet_names), len(new.sheet_names))):
            rows = [
                book.get_sheet_by_index(at).to_python(skip_empty_area=False) if at < len(book.sheet_names) else []
                for book in (old, new)
            ]
            sheet = (new if at < len(new.sheet_names) else old).sheet_names[at]
            alike = [len(row) for row in rows[0]] == [len(row) for row in rows[1]]  # else another version's layout
            for cell, one, other in _differing(*rows):
                number = any(isinstance(value, int | float | date | datetime) for value in (one, other))
                same = not (alike or self.same_version) if number else self._only_words(str(one), str(other))
                if same:
                    self.words += 1
                else:
                    found.append(Problem(f"{name} {sheet}!{cell}", WRONG, f"记为 {one}, 重算为 {other}"))
        self._tell(name, found)


def _differing(there: Sequence[Sequence[Any]], here: Sequence[Sequence[Any]]) -> Iterator[tuple[str, Any, Any]]:
    """Address, old and new value of the cells that are not the same."""
    nothing: Sequence[Any] = ()
    for row, (old, new) in enumerate(zip_longest(there, here, fillvalue=nothing), start=1):
        if old != new:
            for column, (one, other) in enumerate(zip_longest(old, new, fillvalue="")):
                if one != other:
                    yield f"{letters(column)}{row}", one, other


def _untitled(allocation: Mapping[str, Any]) -> object:
    """A problem and its answer without what is said: the pool's title, and why a rule passes over a member."""
    problem = allocation["problem"]
    members = [{**one, "exempt": sorted(one.get("exempt", {}))} for one in problem["members"]]
    return _numbers({**allocation, "title": "", "problem": {**problem, "members": members}})


def _numbers(value: Any) -> Any:
    """JSON with every decimal text as its number: 0.6 is 0.60."""
    if isinstance(value, dict):
        return {key: _numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    return exact(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else value


def _told(trace: Mapping[str, Any], other: Mapping[str, Any]) -> object:
    """What a story tells, without the words: its typed step where both have one, else the numbers in their order."""
    if "step" in trace and "step" in other:
        return _wordless(trace["step"]), trace["cells"], _cited(trace)
    numbers = [value for value in trace["numbers"].values() if _FIGURES.fullmatch(str(value).lstrip("-"))]
    return trace["result"], numbers, trace["cites"], trace["cells"]


def _cited(trace: Mapping[str, Any]) -> list[bool]:
    """Whether the words of a story cite each clause and document of its step; what a place decided has none."""
    several = (one if isinstance(one, list) else [one] for one in trace["step"]["cites"])
    said, decided = "\n".join(trace["cites"]), {LOCAL, LOCAL_TARGET, LOCAL_MARKS}
    return [one in said for each in several for one in each if isinstance(one, str) and one not in decided]


def _wordless(value: Any) -> Any:
    """A typed step without the places of its texts."""
    if isinstance(value, dict):
        return {key: _wordless(one) for key, one in value.items() if key != "words"}
    return [_wordless(one) for one in value] if isinstance(value, list) else value


def _texts(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The texts of two stories that are held against each other; notes only where there are as many."""
    both = [[str(one.get(name, "")) for name in ("title", "formula", "result")] for one in (old, new)]
    both = [[*texts, *map(str, one.get("numbers", {}).values())] for texts, one in zip(both, (old, new), strict=True)]
    both = [[*texts, *one.get("notes", [])] for texts, one in zip(both, (old, new), strict=True)]
    size = max(map(len, both))
    first, second = ([*texts, *[""] * (size - len(texts))] for texts in both)
    return first, second
