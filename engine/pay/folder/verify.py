"""Whether a pay folder says the truth: every hash, everything computed again, every sum. It needs no key.

What it was made of lies in it, by codes alone; nothing outside is asked.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.period import Period
from domain.problems import LiangyunError, Problem, Problems
from engine.folder.output import (
    INPUTS,
    MANIFEST,
    PAYMENT,
    PROGRAM,
    frame_of,
    hashes,
    read_manifest,
)
from engine.folder.stories import of_codes, same
from engine.folder.verify import check_hashes, other_versions
from engine.pay.folder.complete import completed
from engine.pay.folder.compute import Asked, of_teams, paid
from engine.pay.folder.correct import corrected
from engine.pay.folder.output import EXPLANATION, Origin, explanation, texts, write_payment
from engine.pay.folder.recheck import recheck
from engine.pay.result import TABLES, Payment


@dataclass(frozen=True)
class Verdict:
    """What was found (none: everything agrees); versions: what wrote the folder in another version than is here."""

    problems: tuple[Problem, ...]
    versions: tuple[str, ...]
    digest: str
    files: int
    people: int


def verify_payment(folder: Path) -> Verdict:
    """Check a pay folder against itself; nothing in it is changed. Raises InputProblems if it is none."""
    manifest, problems = read_manifest(folder, PAYMENT), Problems()
    there = hashes(folder)
    check_hashes(folder, manifest, there, problems)
    differing = other_versions(manifest)
    try:
        payment = recompute(folder / INPUTS, manifest)
    except (LiangyunError, OSError) as error:
        problems.add(INPUTS, "RECOMPUTE", f"不能由保存的输入重算: {error}")
        problems.extend(getattr(error, "problems", ()))
    else:
        _compare(folder, manifest, payment, problems, same_version=PROGRAM not in differing)
    people = 0
    try:
        tables = {name: frame_of(folder, name) for name in TABLES}
        people = int(tables["payslips"]["person_code"].nunique())
        problems.extend(recheck(tables))
    except (OSError, ValueError, KeyError) as error:
        if not manifest.get("teams"):
            problems.add("payslips", "TABLE-UNREADABLE", f"表不能读出: {error}", "从备份取回")
    return Verdict(tuple(problems.found), tuple(differing.values()), str(manifest["digest"]), len(there), people)


def recompute(inputs: Path, manifest: Mapping[str, Any]) -> Payment:
    """The payment that a pay folder's inputs make, asked for as its manifest says. Raises InputProblems, Refused."""
    asked = Asked(Period.parse(str(manifest["period"])), str(manifest["month"]), tuple(manifest.get("units", ())))
    if manifest.get("completes"):
        return completed(inputs, asked)
    if manifest.get("before"):
        return corrected(inputs, asked)
    if manifest.get("teams"):
        return of_teams(inputs, asked)
    return paid(inputs, asked)


def _compare(
    folder: Path, manifest: Mapping[str, Any], payment: Payment, problems: Problems, *, same_version: bool
) -> None:
    """Every file that would be written now must be there as it would be written."""
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        write_payment(payment, Origin(str(manifest["key"]), first=bool(manifest.get("first"))), fresh)
        for name in sorted(hashes(fresh)):
            path = folder / name
            if not path.is_file():
                problems.add(name, "FILE-MISSING", "文件缺失", "从备份取回")
            elif path.read_bytes() != (fresh / name).read_bytes():
                _differs(folder, name, payment, problems, same_version=same_version)
        here = read_manifest(fresh, PAYMENT)
        held = ("plan", "period", "month", "unmet") if same_version else ("plan", "period", "month")
        for key in held:
            if not same(manifest.get(key), here.get(key)):
                problems.add(MANIFEST, "DIFFERS", f"{key} 与重算的不一致", "从备份取回")
        old, new = manifest.get("warned"), here["warned"]
        if not same(of_codes(old), of_codes(new)):
            problems.add(MANIFEST, "DIFFERS", "warned 与重算的不一致", "从备份取回")


def _differs(folder: Path, name: str, payment: Payment, problems: Problems, *, same_version: bool) -> None:
    """Tell the cells of a table, or the stories, that are not as they would be written."""
    if name == EXPLANATION:
        if same_version or not _same_steps(folder, payment):
            problems.add(name, "DIFFERS", "与重算的不一致", "从备份取回")
        return
    table = Path(name).stem
    there, here = frame_of(folder, table), texts(payment)[table]
    if list(there.columns) != list(here.columns) or len(there) != len(here):
        problems.add(name, "DIFFERS", f"有 {len(there)} 行, 重算为 {len(here)} 行, 或列不同", "从备份取回")
        return
    unlike = [(row, column) for column in here for row in range(len(here)) if there[column][row] != here[column][row]]
    for row, column in unlike[:20]:
        said = f"{column} 记为 {there[column][row]}, 重算为 {here[column][row]}"
        problems.add(f"{name}!{row + 2}", "DIFFERS", said, "从备份取回")
    if not unlike:
        problems.add(name, "DIFFERS", "写法与重算的不一致", "从备份取回")


def _same_steps(folder: Path, payment: Payment) -> bool:
    told = json.loads((folder / EXPLANATION).read_text(encoding="utf-8"))["traces"]
    here = explanation(payment)["traces"]
    return told.keys() == here.keys() and all(
        same(of_codes(told[key]["step"]), of_codes(here[key]["step"])) for key in here
    )
