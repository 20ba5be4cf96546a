"""A batch as the bank takes it: one source of funds, one payer, one kind; name, account and amount, no ID number.

Whatever stands against a line is told before anything is written. Source: contract of pay, Exports; E_sheets E.5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.money import format_yuan
from domain.problems import InputProblems, Problem, Problems
from engine.pay.exports.layout import Layout, Read
from engine.pay.exports.paid import KINDS, OK, Paid, cell
from engine.pay.exports.register import EXPORTED, Entry, Register, check_export
from engine.pay.exports.roster import Account, Person, Roster
from engine.pay.exports.written import Row, check_places, check_texts, parts, written


@dataclass(frozen=True)
class Line:
    """One line of a batch: row of `batches`, person and fen."""

    at: int
    person: str
    fen: int


@dataclass(frozen=True)
class Batch:
    """What `batches` says under one number; lines of 0.00 are none."""

    number: str
    payer: str
    kind: str
    pool: str
    document: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """All of it, in fen."""
        return sum(line.fen for line in self.lines)


def batch_of(paid: Paid, number: str) -> Batch:
    """One batch, every line of it payable.

    Raises InputProblems: BATCH-UNKNOWN, BANK-NO-TAX (a line whose tax nobody could reckon), PAY-NET-NEGATIVE.
    """
    frame = paid["batches"]
    rows = [(at, row) for at, row in enumerate(paid.rows("batches")) if row["batch_no"] == number]
    problems = Problems()
    states = {(row["payer"], row["person_code"], row["kind"]): row["status"] for row in paid.rows("payslips")}
    if not rows:
        known = "、".join(dict.fromkeys(str(one) for one in frame["batch_no"])) or "没有批次"
        blank = [row for row in paid.rows("payslips") if row["net"] is None]
        if not len(frame) and blank:
            raise InputProblems(
                Problem(cell(paid, "payslips", at, "net"), "BANK-NO-TAX", _untaxed(row), "补数后用 pay complete 续发")
                for at, row in enumerate(paid.rows("payslips"))
                if row["net"] is None
            )
        raise InputProblems(
            [Problem(f"{paid.name}/batches.csv", "BATCH-UNKNOWN", f"没有批次 {number}", f"有: {known}")]
        )
    for at, row in rows:
        state = states.get((row["payer"], row["person_code"], row["kind"]), OK)
        if row["amount"] is None or state != OK:
            where = cell(paid, "batches", at, "amount")
            problems.add(where, "BANK-NO-TAX", _untaxed({**row, "status": state}), "补数后用 pay complete 续发")
        elif row["amount"] < 0:
            said = f"人员 {row['person_code']} 实发 {format_yuan(row['amount'])}, 是负数"
            problems.add(
                cell(paid, "batches", at, "amount"), "PAY-NET-NEGATIVE", said, "负数不能由银行代发, 从下期扣回"
            )
    problems.raise_if_any()
    _, first = rows[0]
    lines = tuple(Line(at, row["person_code"], row["amount"]) for at, row in rows if row["amount"])
    return Batch(number, first["payer"], first["kind"], first["pool"], first["document"], lines)


def _untaxed(row: Mapping[str, Any]) -> str:
    return f"人员 {row['person_code']} 的个税没有算出 ({row['status'] or 'TAX-NO-DATA'}), 不能代发"


def rows_of(batch: Batch, number: str, roster: Roster, accounts: str) -> list[Row]:
    """The batch's lines with name and account. accounts: how the table of accounts is called in problems.

    Raises InputProblems: BANK-NO-ACCOUNT, BANK-NAME (an account name that is not the person's, without a note).
    """
    problems, rows = Problems(), []
    for seq, line in enumerate(batch.lines, start=1):
        person, account = roster.persons[line.person], roster.accounts.get(line.person)
        if account is None or not account.account:
            where = account.at["account"] if account else accounts
            problems.add(where, "BANK-NO-ACCOUNT", f"人员编号 {line.person} 没有账号", "在账户表补上")
        elif account.account_name != person.name and not account.note:
            said = f"人员编号 {line.person} 的户名和姓名不同, 没有备注"
            problems.add(account.at["account_name"], "BANK-NAME", said, "核对户名; 银行的写法不同的, 在账户表备注说明")
        else:
            rows.append(_row(seq, number, line, person, account))
    problems.raise_if_any()
    return rows


def _row(seq: int, number: str, line: Line, person: Person, account: Account) -> Row:
    values: dict[str, str | int | None] = {
        "seq": seq,
        "account_name": account.account_name,
        "account": account.account,
        "bank": account.bank,
        "branch": account.branch,
        "cnaps": account.cnaps,
        "amount": line.fen,
        "batch": number,
    }
    return Row(values, {**person.at, **account.at})


@dataclass(frozen=True)
class File:
    """One file of a batch: its name by the layout, its bytes, how many lines, their sum in fen."""

    name: str
    content: bytes
    rows: int
    fen: int

    @property
    def sha256(self) -> str:
        """Its hash."""
        return hashlib.sha256(self.content).hexdigest()


def files(
    paid: Paid, batch: Batch, number: str, rows: Sequence[Row], layout: Layout, given: Mapping[str, str]
) -> list[File]:
    """The files of a batch. given: the layout's parameters. Raises InputProblems: BANK-PARAMETER, BANK-CHARSET."""
    problems = Problems()
    for name, title in layout.parameters.items():
        if not given.get(name):
            problems.add("--set", "BANK-PARAMETER", f"这个格式要 {title}", f"加上 --set {name}=…")
    for name in given:
        if name not in layout.parameters:
            problems.add("--set", "BANK-PARAMETER", f"格式 {layout.id} 没有参数 {name}", "去掉它")
    check_texts(rows, layout, problems)
    check_places({**given, "payer_name": paid.unit(batch.payer)}, given, layout, problems)
    problems.raise_if_any()
    several = parts(rows, layout)
    found = []
    for at, part in enumerate(several, start=1):
        said = {
            **given,
            "batch": number,
            "payer": batch.payer,
            "payer_name": paid.unit(batch.payer),
            "month": paid.month.replace("-", ""),
            "part": str(at),
            "parts": str(len(several)),
        }
        tail = f"-{at}" if len(several) > 1 and "{part}" not in layout.file else ""
        name = layout.file.format_map({**said, "count": str(len(part)), "total": ""}) + tail + layout.suffix
        fen = sum(value for row in part if isinstance(value := row.values["amount"], int))
        found.append(File(name.replace("/", "-"), written(part, layout, said), len(part), fen))
    return found


def enter(register: Register, batch: Batch, number: str, read: Read, made: Sequence[File]) -> bool:
    """Enter the files of an export; False where they were exported before, byte for byte. Raises Refused."""
    if check_export(register, batch.number, [one.sha256 for one in made]):
        return False
    register.add(
        [
            Entry(
                EXPORTED,
                batch.number,
                number,
                read.layout.id,
                read.sha256,
                str(at),
                str(one.rows),
                format_yuan(one.fen),
                one.sha256,
            )
            for at, one in enumerate(made, start=1)
        ]
    )
    return True


def places(out: Path, made: Sequence[File]) -> list[Path]:
    """Where the files go: into a folder by the layout's names; a file's name gets -1, -2 … where there are several."""
    if out.is_dir():
        return [out / one.name for one in made]
    if len(made) == 1:
        return [out]
    return [out.with_name(f"{out.stem}-{at}{out.suffix}") for at in range(1, len(made) + 1)]


def title(paid: Paid, batch: Batch) -> str:
    """A batch in words."""
    return (
        f"{paid.unit(batch.payer)} {KINDS.get(batch.kind, batch.kind)} {paid.pool(batch.pool)} {batch.document}".strip()
    )
