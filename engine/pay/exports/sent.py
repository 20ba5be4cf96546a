"""Every line that went to a bank, out of whichever folder: one register beside the key, so that none goes there twice.

`KEY-FINGERPRINT.exported.csv` lies beside the key file, for its owner alone. A pay folder's own register tells of that
folder only: a folder paid once more, a copy of it or a lost register would know of nothing. Persons stand there by the
token of their ID number. Rows are changed under a lock, and the file is replaced whole; a folder's own register is
written first, so that whoever is stopped between the two is put right by it.
Source: shared contract of pay, Exports; MONEY "Once, and only once".
"""

from __future__ import annotations

import csv
import io
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from domain.money import format_yuan
from domain.problems import InputProblems, Problem, Refused
from domain.sheets import neutral
from engine.pay.exports.bank import Batch, batch_of
from engine.pay.exports.paid import Paid
from engine.pay.exports.register import ANSWERED, EXPORTED, VOIDED, Entry, Register, registered, rows_in, void
from engine.pay.folder.key import key_file, pay_key
from engine.printing.files import write_whole
from engine.printing.system import alone, made_private

_SHOWN = 5
_NOTED = "由导出总登记补记"
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
    def live(self) -> bool:
        """Whether it stands in the way of another."""
        return self.state != VOIDED


_COLUMNS = tuple(one.name for one in fields(Sent))


@dataclass
class Everywhere:
    """The register of one key, as it is now."""

    path: Path
    rows: list[Sent]

    def states(self, digest: str, batch: str) -> Mapping[str, str]:
        """What became of a folder's batch: by the number it went out under."""
        return {one.number: one.state for one in self.rows if (one.digest, one.batch_no) == (digest, batch)}

    def mark(self, digest: str, batch: str, number: str, state: str) -> None:
        """Write down what became of a batch."""
        whose = digest, batch, number
        self._write(
            [replace(one, state=state) if (one.digest, one.batch_no, one.number) == whose else one for one in self.rows]
        )

    def add(self, rows: Sequence[Sent]) -> None:
        """Write down what goes out."""
        self._write([*self.rows, *rows])

    def _write(self, rows: list[Sent]) -> None:
        held = io.StringIO()
        writer = csv.writer(held, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows([neutral(cell) for cell in astuple(one)] for one in rows)
        try:
            with made_private():
                write_whole(self.path, held.getvalue().encode())
        except (InputProblems, OSError) as error:
            raise _unwritable(self.path) from error
        self.rows = rows


@contextmanager
def everywhere(paid: Paid) -> Iterator[Everywhere]:
    """The register of the key that the folder was made with, nobody else's within the block.

    Raises Refused: PAY-KEY (another key), EXPORTS-UNWRITABLE; InputProblems: EXPORTS-UNREADABLE.
    """
    key, place = pay_key(), key_file()
    if paid.key and paid.key != key.fingerprint:
        raise Refused(f"{paid.name}: 不是用这把密钥做的, 用 LIANGYUN_PAY_KEY 指明当时的密钥 (PAY-KEY)")
    path = place.with_name(f"{place.name}-{key.fingerprint}.exported.csv")
    with alone(place):
        if not os.access(path if path.exists() else path.parent, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise _unwritable(path)
        said = "导出总登记读不出或被改坏, 不能判断是否已经付过"
        yield Everywhere(path, [Sent(*row) for row in rows_in(path, _COLUMNS, said)])


def _unwritable(path: Path) -> Refused:
    how = "让它所在的文件夹可写 (权限、磁盘空间), 或把密钥放到可写的位置, 用 LIANGYUN_HOME 或 LIANGYUN_PAY_KEY 指明"
    return Refused(f"{path}: 导出总登记写不了, 没有它查不出是否付过; {how} (EXPORTS-UNWRITABLE)")


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


def check_own(everywhere: Everywhere, register: Register, paid: Paid, batch: Batch) -> None:
    """Have a folder's register and the one of all folders say the same of a batch; what one of them voided is voided.

    Raises Refused: BATCH-EXPORTED (exported out of a copy of the folder, or before its register was lost),
    EXPORTS-BEHIND (the folder's register is older than what was voided since).
    """
    states = everywhere.states(paid.digest, batch.number)
    voided = {one.number for one in register.of(batch.number, VOIDED)}
    live = {one.number for one in register.live(batch.number)}
    for number, state in states.items():
        if number in voided and state != VOIDED:
            everywhere.mark(paid.digest, batch.number, number, VOIDED)
        elif state == VOIDED and number in live:
            raise Refused(
                f"{register.path}: 批次 {number} 已在别处作废, 这份登记是旧的; 从备份取回新的, 或再作废一次: "
                f"{_void(batch.number)} (EXPORTS-BEHIND)"
            )
        elif state == VOIDED and number not in voided:
            register.add([Entry(VOIDED, batch.number, number, reason=_NOTED)])
        elif state != VOIDED and number not in live:
            where = next(one.folder for one in everywhere.rows if one.digest == paid.digest and one.number == number)
            raise Refused(
                f"批次 {number} 已从 {where} 导出过, {register.path.name} 里没有: 登记丢了的从备份取回, "
                f"另有文件夹的到那里办; 银行确实没有收下的先作废: {_void(batch.number)} (BATCH-EXPORTED)"
            )


def _void(number: str) -> str:
    return f"pay bank 文件夹 --void {number} --reason 原因"


def caught_up(everywhere: Everywhere, register: Register, paid: Paid, folder: Path) -> list[str]:
    """The batches that a folder's register has and the one of all folders lacked: now it has them.

    It was deleted, came back from an old backup, or is another computer's: of other folders it may lack more.
    """
    lacked, there = [], set(paid["batches"]["batch_no"])
    for batch in dict.fromkeys(one.batch_no for one in register.entries if one.batch_no in there):
        live, number = register.live(batch), register.number(batch)
        if live and number not in everywhere.states(paid.digest, batch):
            rows = sent_of(paid, folder, batch_of(paid, batch), number, [one.sha256 for one in live])
            state = ANSWERED if register.of(batch, ANSWERED) else EXPORTED
            everywhere.add([replace(one, state=state) for one in rows])
            lacked.append(number)
    return lacked


def check_others(everywhere: Everywhere, paid: Paid, rows: Sequence[Sent]) -> None:
    """Refuse what went to a bank out of another folder (PAY-PAID), and a second correction of one folder."""
    mine = {one.key: one for one in rows}
    twice: dict[str, list[Sent]] = defaultdict(list)
    for one in everywhere.rows:
        if not one.live or one.digest == paid.digest:
            continue
        if one.corrects and one.corrects == paid.lineage.corrects and one.root != paid.lineage.root:
            raise Refused(
                f"同一个发放结果已由 {one.folder} 更正, 批次 {one.number} 已经导出; 再有更正的, 更正那一个 (--before); "
                f"{_how(one)} (PAY-PAID)"
            )
        if one.key in mine:
            twice[one.folder].append(one)
    for folder, several in twice.items():
        lines = [f"{one.unit_code or one.payer} 的 {one.pool} {one.period} {one.amount} 元" for one in several[:_SHOWN]]
        more = f" 等 {len(several)} 笔" if len(several) > _SHOWN else ""
        raise Refused(
            f"{'、'.join(lines)}{more}已从 {folder} 导出 (批次 {several[0].number}), 不重复发放: "
            f"漏发或错发用 --before 更正; {_how(several[0])} (PAY-PAID)"
        )


def _how(one: Sent) -> str:
    return f"银行确实没有收下的, 先到那里作废: pay bank {one.folder} --void {one.number} --reason 原因"


def void_everywhere(everywhere: Everywhere, paid: Paid, folder: Path, number: str, reason: str) -> str:
    """Void a batch in the folder's register and in that of all folders; the number it gets, "" where it gets none.

    A folder's register that was lost, or is older, learns first what the other knows. A batch of a folder that is no
    longer there is voided under its number from any other. Raises Refused: BATCH-NOT-EXPORTED, BATCH-ANSWERED;
    InputProblems (USAGE) without a reason.
    """
    if not reason.strip():
        raise InputProblems([Problem("--reason", "USAGE", "作废须写原因", "写明为什么作废")])
    with registered(folder) as register:
        batch = register.batch(number)
        learnt = _learnt(register, batch, everywhere.states(paid.digest, batch))
        now, live = register.number(batch), bool(register.live(batch))
        others = [one for one in everywhere.rows if one.live and one.number == number and one.digest != paid.digest]
    if not live and learnt:  # voided out of a copy, which this folder's register did not know
        return now
    if not live and others:
        _void_gone(everywhere, others[0])
        return ""
    fresh = void(folder, batch, reason)
    everywhere.mark(paid.digest, batch, now, VOIDED)
    return fresh


def _learnt(register: Register, batch: str, states: Mapping[str, str]) -> bool:
    """Whether a folder's register learnt anything of its batch from that of all folders."""
    voided, known = ({one.number for one in register.of(batch, event)} for event in (VOIDED, EXPORTED))
    if ANSWERED in states.values():
        raise Refused(f"{batch}: 银行已经返回结果, 不能作废; 没有付出的用 pay back 重付 (BATCH-ANSWERED)")
    news = [
        Entry(VOIDED if state == VOIDED else EXPORTED, batch, number, reason=_NOTED)
        for number, state in states.items()
        if number not in (voided if state == VOIDED else known)
    ]
    if news:
        register.add(news)
    return bool(news)


def _void_gone(everywhere: Everywhere, one: Sent) -> None:
    if Path(one.folder).is_dir():
        raise Refused(f"{one.number}: 是从 {one.folder} 导出的, 到那里作废: {_how(one)} (BATCH-NOT-EXPORTED)")
    if one.state == ANSWERED:
        raise Refused(f"{one.number}: 银行已经返回结果, 不能作废 (BATCH-ANSWERED)")
    everywhere.mark(one.digest, one.batch_no, one.number, VOIDED)
