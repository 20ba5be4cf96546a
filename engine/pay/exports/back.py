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
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from domain.money import format_yuan, parse_yuan
from domain.pay import Pay, PoolScheme, TaxRule
from domain.problems import InputProblems, Problem, Refused
from engine.folder.output import MANIFEST, PROGRAM, canonical, digest, hashes, table_of, write_csv
from engine.pay.exports.answer import Result
from engine.pay.exports.bank import Batch
from engine.pay.exports.paid import Paid
from engine.pay.exports.register import ANSWERED, REPAID, Entry, Register
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


def repay_of(register: Register, batch: Batch, results: Sequence[Result]) -> Repay:
    """The lines that were not paid and are in no repay batch yet. Raises Refused where the batch was never exported."""
    if not register.live(batch.number):
        raise Refused(f"{batch.number}: 没有导出过, 没有结果可读 (BATCH-NOT-EXPORTED)")
    done = {one.person_code for one in register.of(batch.number, REPAID)}
    lines = tuple(one for one in results if one.state != "ok" and one.person not in done)
    answers = len(register.of(batch.number, ANSWERED))
    return Repay(f"{batch.number}-R{answers + 1}", lines, tuple(results))


def enter_answer(register: Register, batch: Batch, repay: Repay, result_sha256: str) -> None:
    """Enter the answer and the lines that are paid again."""
    number = register.number(batch.number)
    ok = sum(one.state == "ok" for one in repay.results)
    told = f"成功 {ok} 笔, 失败 {len(repay.results) - ok} 笔"
    register.add(
        [
            Entry(ANSWERED, batch.number, number, rows=str(len(repay.results)), sha256=result_sha256, reason=told),
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
        names={payer: str(manifest["unit"])},
        pools={pool: str(manifest["pool"])},
    )


def sha256_of(path: Path) -> str:
    """The hash of a result file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
