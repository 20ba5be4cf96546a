"""Every line that went to a bank, out of whichever folder: one register beside the key.

`KEY-FINGERPRINT.exported.csv` lies beside the key file, for its owner alone. A pay folder's own register tells of that
folder only: a folder paid once more, a copy of it or a lost register would know of nothing. Persons stand there by the
token of their ID number. Rows are changed under a lock, and the file is replaced whole; a folder's own register is
written first, so that whoever is stopped between the two is put right by it.

What only this register knows is told; it is refused where that is asked for (`once`).
Source: contract of pay, Exports; MONEY "Once, and only once".
"""

from __future__ import annotations

import csv
import io
import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import astuple, dataclass, field, fields, replace
from pathlib import Path

from domain.money import format_yuan, parse_yuan
from domain.problems import InputProblems, Refused
from domain.sheets import neutral
from engine.pay.exports.bank import Batch
from engine.pay.exports.paid import Paid
from engine.pay.exports.register import EXPORTED, VOIDED, rows_in
from engine.pay.folder.key import key_file, pay_key
from engine.printing.files import write_whole
from engine.printing.system import alone, made_private

Key = tuple[str, ...]


@dataclass(frozen=True)
class Sent:
    """One line of an exported batch and one institution whose pay is in it; amount: of the line, in yuan.

    state: exported, answered (the bank told what became of it) or voided. digest, folder: which folder it went out of.
    level: 0 of a payment and what completes it, 1 of its correction, 2 of that one's …; of a repay batch the batch it
    repays. root, corrects: digests of the correction and of what it corrects. person: token, or the code without one.
    sha256: of the batch's files.
    """

    state: str
    digest: str
    folder: str
    batch_no: str
    number: str
    level: str
    root: str
    corrects: str
    period: str
    unit_code: str
    pool: str
    payer: str
    kind: str
    person: str
    amount: str
    sha256: str

    @property
    def key(self) -> Key:
        """What goes to a bank once."""
        return self.level, self.period, self.unit_code, self.pool, self.payer, self.kind, self.person

    @property
    def export(self) -> Key:
        """The export it is part of: these bytes under this number, of however many copies of the folder."""
        return self.digest, self.batch_no, self.number, self.sha256

    @property
    def fen(self) -> int:
        """Its amount."""
        return parse_yuan(self.amount)

    @property
    def live(self) -> bool:
        """Whether it may have been paid."""
        return self.state != VOIDED


_COLUMNS = tuple(one.name for one in fields(Sent))


@dataclass
class Everywhere:
    """The register of one key, as it is now.

    once: what it has to tell is refused. shut: it cannot be written. warnings: what it told, each with its code.
    """

    path: Path
    rows: list[Sent] = field(default_factory=list)
    once: bool = False
    shut: bool = False
    warnings: list[str] = field(default_factory=list)

    def tell(self, said: str) -> None:
        """Warn, or raise Refused where a line must go out once."""
        if self.once:
            raise Refused(said)
        self.warnings.append(said)

    def mark(self, those: Collection[Sent], state: str) -> None:
        """Write down what became of rows."""
        if chosen := frozenset(those):
            self._write([replace(one, state=state) if one in chosen else one for one in self.rows])

    def add(self, rows: Sequence[Sent]) -> None:
        """Write down what goes out: of an export that stands there nothing, of one that was voided it all anew."""
        standing = {one.export for one in self.rows if one.live}
        fresh = [one for one in rows if one.export not in standing]
        again = {one.export for one in fresh}
        if fresh:
            self._write([*(one for one in self.rows if one.export not in again), *fresh])

    def _write(self, rows: list[Sent]) -> None:
        self.rows = rows
        if self.shut:
            return
        held = io.StringIO()
        writer = csv.writer(held, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows([neutral(cell) for cell in astuple(one)] for one in rows)
        try:
            with made_private():
                write_whole(self.path, held.getvalue().encode())
        except (InputProblems, OSError):
            self.close()

    def close(self) -> None:
        """It cannot be written, which is told (EXPORTS-UNWRITABLE)."""
        self.shut = True
        how = "让它所在的文件夹可写 (权限、磁盘空间), 或把密钥放到可写的位置, 用 LIANGYUN_HOME 或 LIANGYUN_PAY_KEY 指明"
        self.tell(f"{self.path}: 导出总登记写不了, 没有它查不出是否付过; {how} (EXPORTS-UNWRITABLE)")


@contextmanager
def everywhere(paid: Paid, *, once: bool = False) -> Iterator[Everywhere]:
    """The register of the key that the folder was made with, nobody else's within the block.

    Told, and with `once` raised: PAY-KEY (another key, or none), EXPORTS-UNWRITABLE (Refused), EXPORTS-UNREADABLE
    (InputProblems).
    """
    place = key_file()
    found = Everywhere(place.with_name(f"{place.name}-{paid.key}.exported.csv"), once=once)
    try:
        found.path = place.with_name(f"{place.name}-{_fingerprint(paid)}.exported.csv")
    except Refused as error:
        found.shut = True
        found.tell(f"{error}; 导出总登记没有查")
    with nullcontext() if found.shut else alone(place):
        if not found.shut:
            _fill(found)
        yield found


def _fingerprint(paid: Paid) -> str:
    """Of the key there is, which must be the folder's. Raises Refused (PAY-KEY)."""
    found = pay_key().fingerprint
    if paid.key and paid.key != found:
        raise Refused(f"{paid.name}: 不是用这把密钥做的, 用 LIANGYUN_PAY_KEY 指明当时的密钥 (PAY-KEY)")
    return found


def _fill(found: Everywhere) -> None:
    """Read what stands there."""
    path = found.path
    if not os.access(path if path.exists() else path.parent, os.W_OK) or not os.access(path.parent, os.W_OK):
        found.close()
    try:
        found.rows = [Sent(*row) for row in rows_in(path, _COLUMNS, "导出总登记读不出或被改坏, 不能判断是否已经付过")]
    except InputProblems:
        if found.once:
            raise
        found.shut = True  # what cannot be read is not written over
        found.tell(f"{path}: 导出总登记读不出或被改坏, 不能判断是否已经付过; 从备份取回 (EXPORTS-UNREADABLE)")


def sent_of(paid: Paid, folder: Path, batch: Batch, number: str, hashes: Sequence[str]) -> list[Sent]:
    """The rows of a batch that goes out under a number. hashes: of its files."""
    tokens = {
        str(code): str(token)
        for code, token in zip(*(paid.people["people"][name] for name in ("person_code", "id_token")), strict=True)
        if token
    }
    units: dict[str, dict[str, None]] = defaultdict(dict)
    whose = batch.payer, batch.kind, batch.pool, batch.document
    names = ("paid_through", "kind", "pool", "document", "person_code", "unit_code", "amount")
    for *of, person, unit, fen in paid.columns("lines", *names):
        if tuple(of) == whose and fen:
            units[person][unit] = None
    return [
        Sent(
            EXPORTED, paid.digest, str(folder.resolve()), batch.number, number, paid.lineage.level, paid.lineage.root,
            paid.lineage.corrects, paid.period, unit, batch.pool, batch.payer, batch.kind,
            tokens.get(line.person, line.person), format_yuan(line.fen), " ".join(hashes),
        )
        for line in batch.lines
        for unit in units.get(line.person, {"": None})
    ]  # fmt: skip
