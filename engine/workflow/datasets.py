"""Accepted submissions as one dataset: tables whose rows say where they came from, in a folder named by its content.

The folder is an input of `liangyun run` like any other; the run's problems, stories and checks then point to the cells
of the people who filled them in.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from domain.facts import Catalogue, Facts
from domain.period import Period
from domain.problems import InputProblems, Problem, Problems
from domain.sheets import neutral
from engine.folder.execute import check
from engine.folder.others import NO_OTHERS, Others
from engine.policy.configs import Configs
from engine.run.result import Result
from engine.run.tables import texts
from engine.storage.files import Files
from engine.workflow.figures import COLUMNS, TABLES, Figure, TableName, figures_of


@dataclass(frozen=True)
class Dataset:
    """Tables by file name, each as the bytes of its CSV; the same figures give the same bytes."""

    files: dict[str, bytes]

    @property
    def sha(self) -> str:
        """sha256 over the sorted names and hashes of the files."""
        lines = (f"{hashlib.sha256(raw).hexdigest()}  {name}\n" for name, raw in sorted(self.files.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def fill(self, folder: Path) -> str:
        """Write the files into an empty folder; the sha, by which the folder is to be named."""
        for name, raw in self.files.items():
            (folder / name).write_bytes(raw)
        return self.sha


@dataclass(frozen=True)
class DryRead:
    """What a run of a dataset would refuse or ask: problems (then no result), findings with their answers, the result.

    findings: the columns of `checks.csv`, as texts.
    """

    problems: tuple[Problem, ...]
    findings: pd.DataFrame
    result: Result | None


def assemble(register: Facts | None, submissions: Sequence[Iterable[Figure]], catalogue: Catalogue) -> Dataset:
    """One dataset of the figures of every accepted submission.

    register: institutions and memberships (`register_of`); None: those of the submission that brought them.
    Raises InputProblems: the same figure in two of them (DUPLICATE, with both cells), two registers (REGISTER-TWICE).
    """
    problems = Problems()
    rows: list[Figure] = [] if register is None else figures_of(register, catalogue, register=True)
    filled: dict[tuple[str, ...], Figure] = {}
    empty: dict[tuple[str, ...], Figure] = {}
    brought = [] if register is None else [-1]
    for number, submission in enumerate(submissions):
        for figure in submission:
            if figure.table in {"institutions", "memberships"}:
                brought += [] if number in brought else [number]
                rows.append(figure)
            elif (key := figure.key) is None:
                rows.append(figure)
            elif not figure.value:
                empty.setdefault(key, figure)
            elif key in filled:
                problems.add(*_twice(figure, filled[key], catalogue))
            else:
                filled[key] = figure
    if len(brought) > 1:
        problems.add("提交", "REGISTER-TWICE", "机构表和成员关系表有几份", "只留一份, 其余退回")
    problems.raise_if_any()
    rows += [*filled.values(), *(figure for key, figure in empty.items() if key not in filled)]
    return Dataset({f"{table}.csv": _csv(table, rows) for table in TABLES if _has(table, rows)})


def _has(table: TableName, rows: list[Figure]) -> bool:
    """Whether the dataset has the table: those that every run needs also where they are empty."""
    return table in {"institutions", "memberships", "facts", "money"} or any(one.table == table for one in rows)


def _twice(figure: Figure, first: Figure, catalogue: Catalogue) -> tuple[str, str, str, str]:
    entry = catalogue.metrics.get(figure.code) or catalogue.items.get(figure.code)
    of = f"{Period.parse(figure.period).title} " if figure.period else ""
    said = f"{figure.unit} {of}{entry.title if entry else figure.code} 与 {first.place} 重复"
    return figure.place, "DUPLICATE", said, "只留一处, 另一份退回更正"


def _csv(table: TableName, rows: list[Figure]) -> bytes:
    """One table: sorted by period, unit, code and document, and what is alike in these by all the rest."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS[table])
    for figure in sorted((one for one in rows if one.table == table), key=_order):
        writer.writerow([neutral(cell) for cell in figure.cells().values()])
    return out.getvalue().encode()


def _order(one: Figure) -> tuple[str, ...]:
    return one.period, one.unit, one.code, one.document, one.word, one.value, one.note, one.place


def write_dataset(dataset: Dataset, files: Files) -> str:
    """Keep the dataset's folder, whole or not at all, and return its sha; what is there already stays untouched."""
    sha = dataset.sha
    return sha if files.has_folder("datasets", sha) else files.put_folder("datasets", dataset.fill)


def dry_read(
    configs: Configs, plan: str | Path, folder: Path, period: Period, *, others: Others = NO_OTHERS
) -> DryRead:
    """What `liangyun check` tells of a dataset. Raises Refused as it does."""
    try:
        result = check(configs, plan, folder, period, others=others)
    except InputProblems as refused:
        return DryRead(refused.problems, pd.DataFrame(), None)
    return DryRead((), texts(result)["checks"], result)
