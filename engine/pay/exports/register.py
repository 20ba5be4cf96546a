"""What became of every batch: kept in `DIR.exports.csv` beside the pay folder, which itself never changes.

    event     an export (one row per file), `voided`, `answered` (the bank's result), `told` (what it said of a line:
              state, and the cell), `repaid` (a line of a repay batch)
    batch_no  the batch of the folder
    number    the number it was exported under: the batch's own, or NO-2, NO-3 … after it was voided

A batch is exported once. The same bytes again are no second export; other bytes are refused, unless the batch was
voided with a reason. Source: contract of pay, Exports.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path

from domain.money import parse_yuan
from domain.problems import InputProblems, Problem, Refused
from domain.sheets import letters, neutral
from engine.printing.files import write_whole
from engine.printing.system import alone

EXPORTED, VOIDED, ANSWERED, TOLD, REPAID = "exported", "voided", "answered", "told", "repaid"


@dataclass(frozen=True)
class Entry:
    """One row: amounts in yuan as text, hashes of the layout and of the file."""

    event: str
    batch_no: str
    number: str
    layout: str = ""
    layout_sha256: str = ""
    part: str = ""
    rows: str = ""
    amount: str = ""
    sha256: str = ""
    person_code: str = ""
    reason: str = ""
    state: str = ""
    at: str = ""

    @property
    def fen(self) -> int:
        """Its amount, 0 where it has none."""
        return parse_yuan(self.amount) if self.amount else 0


_COLUMNS = tuple(one.name for one in fields(Entry))
_LATER = {"state", "at"}
"""Columns that registers of version 0.5 do not have."""
_cells = attrgetter(*_COLUMNS)


@dataclass
class Register:
    """The register of one folder, as it is now."""

    path: Path
    entries: list[Entry]

    def of(self, batch: str, event: str = "") -> list[Entry]:
        """The entries of a batch, in order."""
        return [one for one in self.entries if one.batch_no == batch and event in ("", one.event)]

    def number(self, batch: str) -> str:
        """The number a batch is exported under now."""
        voided = len(self.of(batch, VOIDED))
        return f"{batch}-{voided + 1}" if voided else batch

    def live(self, batch: str) -> list[Entry]:
        """The files of the batch's present number."""
        number = self.number(batch)
        return [one for one in self.of(batch, EXPORTED) if one.number == number]

    def batch(self, said: str) -> str:
        """The batch that a number means: of a voided one its successor's is the same batch."""
        return next((one for one in {entry.batch_no for entry in self.entries} if self.number(one) == said), said)

    def cell(self, entry: Entry, column: str) -> str:
        """Where a cell of an entry stands."""
        return f"{self.path.name}!{letters(_COLUMNS.index(column))}{self.entries.index(entry) + 2}"

    def add(self, entries: Sequence[Entry]) -> None:
        """Write new entries down."""
        self.entries += entries
        held = io.StringIO()
        writer = csv.writer(held, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows([neutral(cell) for cell in _cells(one)] for one in self.entries)
        write_whole(self.path, held.getvalue().encode())


def register_of(folder: Path) -> Path:
    """Where the register of a folder lies."""
    place = folder.resolve()
    return place.with_name(f"{place.name}.exports.csv")


@contextmanager
def registered(folder: Path) -> Iterator[Register]:
    """The register of a folder, nobody else's within the block. Raises InputProblems (EXPORTS-UNREADABLE)."""
    path = register_of(folder)
    with alone(path.parent):
        yield Register(path, _entries(path))


def register_now(folder: Path) -> Register:
    """The register of a folder as it stands, to be read alone. Raises InputProblems (EXPORTS-UNREADABLE)."""
    path = register_of(folder)
    return Register(path, _entries(path))


def _entries(path: Path) -> list[Entry]:
    said = "导出登记缺失或被改坏, 没有它不能判断是否已经付过"
    return [Entry(*row) for row in rows_in(path, _COLUMNS, said, later=_LATER)]


def rows_in(path: Path, columns: Sequence[str], said: str, *, later: Collection[str] = ()) -> list[list[str]]:
    """The rows of a register as it was written, none where there is no file. later: columns that may be missing.

    Raises InputProblems (EXPORTS-UNREADABLE, with `said`).
    """
    if not path.exists():
        return []
    try:
        rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
        return [
            [(row.get(name, "") if name in later else row[name]).removeprefix("'") for name in columns] for row in rows
        ]
    except (ValueError, KeyError, AttributeError, OSError) as error:
        raise InputProblems([Problem(str(path), "EXPORTS-UNREADABLE", said, "从备份取回")]) from error


def void(folder: Path, batch: str, reason: str) -> str:
    """Void a batch that was exported and that the bank has not taken; the number it gets. Raises Refused."""
    if not reason.strip():
        raise InputProblems([Problem("--reason", "USAGE", "作废须写原因", "写明为什么作废")])
    with registered(folder) as register:
        batch = register.batch(batch)
        if not register.live(batch):
            raise Refused(f"{batch}: 没有导出过, 不用作废 (BATCH-NOT-EXPORTED)")
        if register.of(batch, ANSWERED):
            raise Refused(f"{batch}: 银行已经返回结果, 不能作废; 没有付出的用 pay back 重付 (BATCH-ANSWERED)")
        register.add([Entry(VOIDED, batch, register.number(batch), reason=reason.strip())])
        return register.number(batch)


def check_export(register: Register, batch: str, hashes: Sequence[str]) -> bool:
    """Whether these files were exported already, byte for byte. Raises Refused (BATCH-EXPORTED) if others were."""
    before = [one.sha256 for one in register.live(batch)]
    if not before:
        return False
    if before == list(hashes):
        return True
    said = "已经导出过, 这次的内容不同"
    raise Refused(
        f"{batch}: {said}; 银行没有收下的, 先作废: pay bank 文件夹 --void {batch} --reason 原因 (BATCH-EXPORTED)"
    )
