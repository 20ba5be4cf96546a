"""Payment back: what the bank could not pay goes into a repay batch, the same persons, amounts and source.

REPAY_DIR holds `batches.csv` (the repay batch), `results.csv` (what became of every line), `people.csv` (the tokens by
which the persons are known again) and `manifest.json`. `pay bank REPAY_DIR` exports it like any other batch. The
register of the folder remembers each line that was put into a repay batch, so that none is paid a third time.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from domain.money import format_yuan, parse_yuan
from domain.pay import Pay, PoolScheme, TaxRule
from domain.problems import InputProblems, Problem, Problems, Refused
from engine.folder.output import MANIFEST, PROGRAM, canonical, digest, hashes, table_of, write_csv
from engine.pay.exports.answer import Result, State
from engine.pay.exports.bank import Batch
from engine.pay.exports.paid import Lineage, Paid
from engine.pay.exports.register import ANSWERED, REPAID, TOLD, Entry, Register
from engine.pay.people import COLUMNS, People, empty
from engine.pay.result import TABLES, frame
from engine.printing.files import writing_to

FORMAT = "liangyun-repay/1"
_RESULTS = ("batch_no", "person_code", "amount", "state", "reason")


@dataclass(frozen=True)
class Repay:
    """What goes back: the number of the repay batch, the lines in it, and what became of every line."""

    number: str
    lines: tuple[Result, ...]
    results: tuple[Result, ...]

    @property
    def total(self) -> int:
        """The repay batch in fen."""
        return sum(one.fen for one in self.lines)


WORDS: Mapping[State, str] = {"ok": "成功", "failed": "失败", "returned": "退票"}
_AFTER: Mapping[str, frozenset[State]] = {
    "ok": frozenset({"ok", "returned"}),
    "failed": frozenset({"failed", "returned"}),
    "returned": frozenset({"failed", "returned"}),
}
"""What the bank may say of a line after what it said before: money that was paid comes back as 退票 alone."""


def repay_of(register: Register, batch: Batch, results: Sequence[Result], result_sha256: str) -> Repay:
    """The lines that were not paid and are in no repay batch yet.

    A file that was read before says nothing new. Raises Refused where the batch was never exported, InputProblems
    (RESULT-CONTRADICTS) where the bank said of a line before what this file denies.
    """
    if not register.live(batch.number):
        raise Refused(f"{batch.number}: 没有导出过, 没有结果可读 (BATCH-NOT-EXPORTED)")
    results = _agreed(register, batch, results, result_sha256)
    done = {one.person_code for one in register.of(batch.number, REPAID)}
    lines = tuple(one for one in results if one.state != "ok" and one.person not in done)
    made = {one.number for one in register.of(batch.number, REPAID)}
    return Repay(f"{batch.number}-R{len(made) + 1}", lines, tuple(results))


def _agreed(register: Register, batch: Batch, results: Sequence[Result], result_sha256: str) -> Sequence[Result]:
    """What the bank says of every line by now."""
    before = {one.person_code: one for one in register.of(batch.number, TOLD)}
    again = any(one.sha256 == result_sha256 for one in register.of(batch.number, ANSWERED))
    problems, made = Problems(), []
    for one in results:
        old = before.get(one.person)
        if old is None:
            made.append(one)
        elif again or not one.listed:
            made.append(replace(one, state=_state(old.state), reason=old.reason, at=old.at))
        else:
            if one.state not in _AFTER[_state(old.state)]:
                problems.add(one.at, "RESULT-CONTRADICTS", *_contradiction(one, old))
            made.append(one)
    problems.raise_if_any()
    return made


def _state(said: str) -> State:
    return next(one for one in WORDS if one == said)


def _contradiction(one: Result, old: Entry) -> tuple[str, str]:
    said = f"人员 {one.person} 的一笔这里是{WORDS[one.state]}, {old.at} 是{WORDS[_state(old.state)]}"
    if one.state == "ok":
        return said, "向银行核实; 确已付出的, 重付批次里的这一笔不能再导出, 已导出而银行没有收下的先作废"
    return said, "向银行核实; 付出以后又退回来的, 请银行给出退票的结果文件 (处理结果写退票) 再读"


def enter_answer(register: Register, batch: Batch, repay: Repay, result_sha256: str) -> None:
    """Enter the answer and the lines that are paid again."""
    number = register.number(batch.number)
    ok = sum(one.state == "ok" for one in repay.results)
    told = f"成功 {ok} 笔, 失败 {len(repay.results) - ok} 笔"
    register.add(
        [
            Entry(ANSWERED, batch.number, number, rows=str(len(repay.results)), sha256=result_sha256, reason=told),
            *_news(register, batch, number, repay),
            *(
                Entry(
                    REPAID,
                    batch.number,
                    repay.number,
                    amount=format_yuan(one.fen),
                    person_code=one.person,
                    reason=one.reason,
                )
                for one in repay.lines
            ),
        ]
    )


def _news(register: Register, batch: Batch, number: str, repay: Repay) -> list[Entry]:
    """What the bank says of lines and did not say before."""
    before = {one.person_code: one.state for one in register.of(batch.number, TOLD)}
    return [
        Entry(
            TOLD, batch.number, number, amount=format_yuan(one.fen), person_code=one.person, reason=one.reason,
            state=one.state, at=one.at,
        )
        for one in repay.results
        if before.get(one.person) != one.state
    ]  # fmt: skip


def check_new(out: Path) -> None:
    """Refuse a folder that is there. Raises InputProblems (OUT-EXISTS)."""
    if out.exists():
        raise InputProblems([Problem(str(out), "OUT-EXISTS", "已存在, 不覆盖", "换一个文件夹名")])


def write_repay(paid: Paid, batch: Batch, repay: Repay, out: Path) -> None:
    """Write REPAY_DIR, which must not exist. Raises InputProblems (OUT-EXISTS)."""
    check_new(out)
    tables = {
        "batches": _texts("batches", [
            (repay.number, batch.pool, batch.document, batch.payer, batch.kind, one.person, format_yuan(one.fen))
            for one in repay.lines
        ]),
        "results": pd.DataFrame(
            [(batch.number, one.person, format_yuan(one.fen), one.state, one.reason) for one in repay.results],
            columns=list(_RESULTS), dtype=str,
        ),
        "people": _tokens(paid, {one.person for one in repay.lines}),
    }  # fmt: skip
    with writing_to(out):
        staging = out.with_name(f".{out.name}.part")
        shutil.rmtree(staging, ignore_errors=True)  # what a crash left
        staging.mkdir(parents=True)
        for name, table in tables.items():
            write_csv(table, staging / f"{name}.csv")
        manifest = {
            "format": FORMAT,
            "of": paid.digest,
            "batch": batch.number,
            "plan": paid.plan_id,
            "title": paid.plan_title,
            "period": paid.period,
            "period_title": paid.period_title,
            "month": paid.month,
            "key": paid.key,
            "unit": paid.unit(batch.payer),
            "pool": paid.pool(batch.pool),
            "versions": {PROGRAM: version(PROGRAM)},
            "files": hashes(staging),
        }
        manifest["digest"] = digest(manifest)
        (staging / MANIFEST).write_text(canonical(manifest), encoding="utf-8", newline="\n")
        staging.rename(out)


def _texts(table: str, rows: list[tuple[str, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(TABLES[table]), dtype=str)


def _tokens(paid: Paid, persons: set[str]) -> pd.DataFrame:
    people = paid.people["people"]
    rows = [
        (str(row.person_code), str(getattr(row, "id_type", "") or ""), str(getattr(row, "id_token", "") or ""))
        for row in people.itertuples()
        if row.person_code in persons
    ]
    return pd.DataFrame(rows, columns=["person_code", "id_type", "id_token"], dtype=str)


def is_repay(folder: Path) -> bool:
    """Whether a folder was made by `pay back`."""
    try:
        return bool(json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("format") == FORMAT)
    except (OSError, ValueError, AttributeError):
        return False


def read_repay(folder: Path) -> Paid:
    """A folder of `pay back` as a payment of that one batch. Raises InputProblems (FILE-CHANGED)."""
    manifest: Mapping[str, object] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if hashes(folder) != manifest["files"] or digest(dict(manifest)) != manifest["digest"]:
        raise InputProblems([Problem(str(folder), "FILE-CHANGED", "重付文件夹被改动过", "从备份取回, 或重新 pay back")])
    batches = table_of(folder / "batches.csv")
    rows = [(*row[:-1], parse_yuan(row[-1])) for row in batches.itertuples(index=False, name=None)]
    tables = {name: frame(name, rows if name == "batches" else []) for name in TABLES}
    people = {name: empty(name) for name in COLUMNS} | {"people": table_of(folder / "people.csv")}
    payer, pool = (str(batches[name].iloc[0]) if len(batches) else "" for name in ("payer", "pool"))
    return Paid(
        name=folder.name,
        digest=str(manifest["digest"]),
        plan_id=str(manifest["plan"]),
        plan_title=str(manifest["title"]),
        period=str(manifest["period"]),
        period_title=str(manifest["period_title"]),
        month=str(manifest["month"]),
        pay=Pay(pools={pool: PoolScheme()} if pool else {}, tax=TaxRule(mode="cumulative")),
        tables=tables,
        people=People(people),
        key=str(manifest["key"]),
        lineage=Lineage(f"R {manifest['batch']}"),
        names={payer: str(manifest["unit"])},
        pools={pool: str(manifest["pool"])},
    )


def sha256_of(path: Path) -> str:
    """The hash of a result file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
