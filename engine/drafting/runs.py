"""What run folders say of a plan: who was held by which rule, and what was scored. Read from their CSV tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.period import Period
from domain.problems import InputProblems, Problem

_TABLES = ("allocations.csv", "scores.csv")


@dataclass(frozen=True)
class Ran:
    """One run: its period, and the rows of allocations and scores as written."""

    period: Period
    allocations: Sequence[Mapping[str, str]]
    scores: Sequence[Mapping[str, str]]


def read_runs(folders: Sequence[Path]) -> list[Ran]:
    """The runs of folders, by period. Raises InputProblems for what is no run folder."""
    lacking = [
        Problem(str(folder), "NOT-A-RUN", f"没有 {name}", "写 liangyun run 写出的结果文件夹 (批量的不行)")
        for folder in folders
        for name in _TABLES
        if not (folder / name).is_file()
    ]
    if lacking:
        raise InputProblems(lacking)
    return sorted((_ran(folder) for folder in folders), key=lambda one: (one.period.end, one.period.months))


def _ran(folder: Path) -> Ran:
    allocations, scores = (list(_rows(folder / name)) for name in _TABLES)
    period = next((row["period"] for row in (*scores, *allocations)), "")
    try:
        return Ran(Period.parse(period), allocations, scores)
    except ValueError as error:
        raise InputProblems([Problem(str(folder), "NOT-A-RUN", str(error), "换一个结果文件夹")]) from error


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def months(runs: Sequence[Ran]) -> int:
    """How many months of the calendar the runs are about."""
    periods = {one.period for one in runs}
    return len({(one.year, month) for one in periods for month in range(one.start.month, one.end.month + 1)})
