"""Whether a run folder says the truth: every hash, everything computed again, every rule checked without a solver."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocation.exact.certificate import check
from allocation.exact.solution import optimum_of
from allocation.rules import checks
from domain.money import MoneyError, floor_fen, format_yuan, parse_yuan
from domain.problems import LiangyunError, Problem, Problems
from engine.folder.agreement import compare_file, compare_manifest
from engine.folder.comparison import Comparison
from engine.folder.intact import SAID, differences
from engine.folder.output import (
    INPUTS,
    MANIFEST,
    PROGRAM,
    canonical,
    files,
    frame_of,
    hashes,
    read_manifest,
    version_of,
    versions,
    write_outputs,
)
from engine.run.recheck import Books, recheck
from engine.run.result import Allocation, Result
from engine.run.words import say_finding

Paid = dict[tuple[str, str], list[dict[str, str]]]
"""Amounts as recorded, by alliance and pool: code and amount (yuan) of each member."""


@dataclass(frozen=True)
class Verdict:
    """What was found: problems (none: everything agrees), notes, and how much was looked at.

    versions: what wrote the folder in another version than is here.
    """

    problems: tuple[Problem, ...]
    versions: tuple[str, ...]
    notes: tuple[str, ...]
    digest: str
    files: int
    allocations: int


def verify(folder: Path, *, solver: str = "auto", progress: Callable[[str, int, int], None] | None = None) -> Verdict:
    """Check a run folder against itself; nothing in it is changed, nothing outside it is needed.

    solver: by whom pools are split again; whoever it is, rules and the proof are looked at without one. progress: told
    what is being done (title, done, total). Raises InputProblems if it is not a run folder.
    """
    from engine.run.run import silent  # noqa: PLC0415  (the run pulls in every room)

    report = progress or silent
    manifest = read_manifest(folder)
    problems, differing = Problems(), other_versions(manifest)
    notes: tuple[str, ...] = ()
    report("核对校验和", 0, 1)
    there = hashes(folder)
    check_hashes(folder, manifest, there, problems)
    result = _recompute(folder, problems, solver, report)
    if result is not None:
        report("比对结果", 0, 1)
        compared = Comparison(result, version_of(manifest), same_version=PROGRAM not in differing)
        _compare(folder, manifest, there, compared)
        problems.extend(compared.problems.found)
        if compared.words:
            notes = (f"{compared.words} 处文字的说法或写法与本机不同, 数字、编码和单元格一致",)
        paid = _paid(folder, problems)
        for done, allocation in enumerate(result.allocations):
            report("复核规则", done, len(result.allocations))
            _check_rules(paid, allocation, problems)
        if "settlements" in result.frames:
            _check_settlements(folder, paid, problems)
        if "deposits" in result.frames:
            _check_deposits(folder, problems)
    count = len(result.allocations) if result else 0
    return Verdict(
        tuple(problems.found), tuple(differing.values()), notes, str(manifest.get("digest")), len(there), count
    )


def other_versions(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Of the programs that wrote a folder in another version than is here, what is to be told, by name."""
    recorded = manifest.get("versions", {})
    return {
        name: f"{name}: 原为 {recorded.get(name)}, 本机 {said}"
        for name, said in versions().items()
        if recorded.get(name) != said
    }


def check_hashes(folder: Path, manifest: Mapping[str, Any], found: Mapping[str, str], problems: Problems) -> None:
    """Note every file that is not as the manifest says. found: hash of each file there is."""
    wrong = dict(differences(manifest, found))
    # a key written twice, or anything else that reading drops, is a change of the manifest too
    if (folder / MANIFEST).read_bytes() != canonical(manifest).encode():
        wrong = {MANIFEST: "MANIFEST-CHANGED", **wrong}
    for name, code in wrong.items():
        problems.add(name, code, SAID[code], "移走它" if code == "FILE-EXTRA" else "从备份取回")


def _recompute(folder: Path, problems: Problems, solver: str, report: Callable[[str, int, int], None]) -> Result | None:
    from engine.folder.execute import recompute  # noqa: PLC0415  (the run pulls in every room)

    try:
        return recompute(folder, solver=solver, progress=report)
    except LiangyunError as error:
        problems.add(INPUTS, "RECOMPUTE", "不能由保存的输入重算")
        problems.extend(getattr(error, "problems", ()))
    except OSError as error:
        problems.add(INPUTS, "RECOMPUTE", f"不能由保存的输入重算: {error.strerror}")
    return None


def _compare(folder: Path, manifest: Mapping[str, Any], there: Mapping[str, str], found: Comparison) -> None:
    """Everything that the run would write now must be there as it would be written, and nothing else but the inputs.

    there: the files of the folder. What the manifest's own list tells apart from them is told by `check_hashes`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        write_outputs(found.result, fresh, batch=bool(manifest.get("batch")))
        written, listed = files(fresh), manifest["files"]
        for name in written:
            if name in there:
                compare_file(found, folder, fresh, name)
            elif name not in listed and not found.lacks(name):
                found.problems.add(name, "FILE-MISSING", "文件缺失, 清单里也没有", "从备份取回")
        for name in sorted((there.keys() & listed.keys()) - set(written)):
            if not name.startswith(f"{INPUTS}/"):
                found.problems.add(name, "FILE-EXTRA", "这样的运行不写这个文件", "移走它")
        compare_manifest(found, manifest, read_manifest(fresh))


def _check_rules(paid: Paid, allocation: Allocation, problems: Problems) -> None:
    """The rules on the amounts that stand in the folder, and the proof that the optimum is one."""
    where = f"{allocation.alliance_code}/{allocation.pool}"
    problem, answer = allocation.problem, allocation.answer
    proved = optimum_of(problem)
    if (proved is None) != bool(answer.conflict):
        problems.add(where, "NOT-PROVED", "有没有可行的分配, 两次计算不一致")
    if proved is None:
        return
    for said in check(problem, proved):
        problems.add(where, "NOT-PROVED", said)
    listed = paid.get((allocation.alliance_code, allocation.pool), [])
    try:
        amounts = {entry["code"]: parse_yuan(entry["amount"]) for entry in listed}
    except MoneyError as error:
        wrong = [f"分配表的金额不能读出: {error}"]
    else:
        books = Books(amounts, answer.distributed, answer.undistributed, answer.off_grid)
        wrong = [say_finding(one) for one in recheck(problem, books, checks())]
        wrong += _off_the_optimum(proved.exact, amounts)
    for said in wrong:
        problems.add(where, "RULE-BROKEN", said)


def _check_settlements(folder: Path, paid: Paid, problems: Problems) -> None:
    """Of every member: due as allotted; due and prepaid make top-up and claw-back, one of them 0."""
    try:
        table = frame_of(folder, "settlements")
        rows = table.assign(fen=table["amount"].map(parse_yuan), line=table["line"].str.partition("/")[0])
    except (OSError, ValueError, KeyError) as error:
        problems.add("settlements", "TABLE-UNREADABLE", f"清算表不能读出: {error}", "从备份取回")
        return
    amounts = {(*key, one["code"]): parse_yuan(one["amount"]) for key, listed in paid.items() for one in listed}
    for key, part in rows.groupby(["alliance_code", "pool", "unit_code"]):
        alliance, pool, unit = map(str, key)
        fen = part.groupby("line")["fen"].sum()
        due, top_up, back = (int(fen.get(line, 0)) for line in ("due", "top_up", "claw_back"))
        net = due + int(fen.get("prepaid", 0)) + int(fen.get("carried", 0))
        if due != amounts.get((alliance, pool, unit), 0) or (top_up, back) != (max(0, net), min(0, net)):
            problems.add(f"{alliance}/{pool}", "RULE-BROKEN", f"{unit} 的清算应得、已预付、补发和扣回对不上")


def _check_deposits(folder: Path, problems: Problems) -> None:
    """Of every deposit: what was there and is held makes what is released, forfeited and left, none of it below 0."""
    try:
        table = frame_of(folder, "deposits")
        rows = {name: table[name].map(parse_yuan) for name in ("opening", "held", "released", "forfeited", "closing")}
    except (OSError, ValueError, KeyError) as error:
        problems.add("deposits", "TABLE-UNREADABLE", f"保证金表不能读出: {error}", "从备份取回")
        return
    left = rows["opening"] + rows["held"] - rows["released"] - rows["forfeited"]
    low = sum((one < 0).astype(int) for one in rows.values())
    for at in table.index[(left != rows["closing"]) | (low > 0)]:
        unit, pool = table.loc[at, "unit_code"], table.loc[at, "pool"]
        problems.add(f"deposits/{pool}", "RULE-BROKEN", f"{unit} 的保证金期初、扣存、释放、扣罚和期末对不上")


def _off_the_optimum(exact: Mapping[str, Fraction], paid: Mapping[str, int]) -> list[str]:
    """Members whose whole fen are not next to the exact optimum, and a sum that is not its whole fen."""
    wrong = [
        f"{code} 分得 {format_yuan(paid[code])} 元, 与精确解相差一分或以上"
        for code, best in exact.items()
        if code in paid and abs(paid[code] - best) >= 1
    ]
    if sum(paid.values()) != floor_fen(sum(exact.values(), Fraction(0))):
        wrong.append("合计与精确解的合计不一致")
    return wrong


def _paid(folder: Path, problems: Problems) -> Paid:
    """The amounts that stand in the folder, by alliance and pool."""
    try:
        table = frame_of(folder, "allocations")[["alliance_code", "pool", "unit_code", "amount"]]
    except (OSError, ValueError, KeyError) as error:
        problems.add("allocations", "TABLE-UNREADABLE", f"分配表不能读出: {error}", "从备份取回")
        return {}
    paid: Paid = {}
    for alliance, pool, unit, amount in table.itertuples(index=False):
        paid.setdefault((alliance, pool), []).append({"code": unit, "amount": amount})
    return paid
