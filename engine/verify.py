"""Whether a run folder says the truth: every hash, everything computed again, every rule checked without a solver."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocation.certificate import check_solved
from allocation.solve import optimum
from domain.money import MoneyError, floor_fen, format_yuan, parse_yuan
from domain.problems import LiangyunError, Problem, Problems
from engine.output import INPUTS, MANIFEST, digest, frame_of, hashes, read_manifest, versions, write_outputs
from engine.recheck import recheck
from engine.result import Allocation, RunResult

MOST = 20  # differing cells named per table; the rest are counted


@dataclass(frozen=True)
class Verdict:
    """What was found: problems (none: everything agrees), notes, and how much was looked at."""

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    digest: str
    files: int
    allocations: int


def verify(folder: Path) -> Verdict:
    """Check a run folder against itself; nothing in it is changed, nothing outside it is needed.

    Raises InputProblems if it is not a run folder.
    """
    manifest = read_manifest(folder)
    problems = Problems()
    _check_hashes(folder, manifest, problems)
    result = _recompute(folder, problems)
    if result is not None:
        _compare(folder, manifest, result, problems)
        for allocation in result.allocations:
            _check_rules(folder, allocation, problems)
    recorded = manifest.get("versions", {})
    differing = {name: said for name, said in versions().items() if recorded.get(name) != said}
    notes = [f"{name}: 原为 {recorded.get(name)}, 本机 {said}" for name, said in differing.items()]
    count = len(result.allocations) if result else 0
    return Verdict(tuple(problems.found), tuple(notes), str(manifest.get("digest")), len(hashes(folder)), count)


def _check_hashes(folder: Path, manifest: Mapping[str, Any], problems: Problems) -> None:
    if manifest.get("digest") != digest(dict(manifest)):
        problems.add(MANIFEST, "MANIFEST-CHANGED", "清单被改动过", "从备份取回")
    recorded, found = manifest.get("files", {}), hashes(folder)
    for name in sorted(recorded.keys() | found.keys()):
        if name not in found:
            problems.add(name, "FILE-MISSING", "文件缺失", "从备份取回")
        elif name not in recorded:
            problems.add(name, "FILE-EXTRA", "清单里没有这个文件", "移走它")
        elif recorded[name] != found[name]:
            problems.add(name, "FILE-CHANGED", "文件被改动过, 校验和与清单不符", "从备份取回")


def _recompute(folder: Path, problems: Problems) -> RunResult | None:
    from engine.run import recompute  # noqa: PLC0415  (the run pulls in every room)

    try:
        return recompute(folder)
    except LiangyunError as error:
        problems.add(INPUTS, "RECOMPUTE", "不能由保存的输入重算")
        problems.extend(getattr(error, "problems", ()))
    except OSError as error:
        problems.add(INPUTS, "RECOMPUTE", f"不能由保存的输入重算: {error.strerror}")
    return None


def _compare(folder: Path, manifest: Mapping[str, Any], result: RunResult, problems: Problems) -> None:
    """Everything that the run would write now, against what is there, byte for byte."""
    batch = bool(manifest.get("batch"))
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        write_outputs(result, fresh, batch=batch)
        for name in sorted(path.name for path in fresh.iterdir() if path.name != MANIFEST):
            there = folder / name
            if not there.exists() or there.read_bytes() == (fresh / name).read_bytes():
                continue
            cells = _cells(folder, fresh, name)
            problems.extend(cells)
            if not cells:
                problems.add(name, "NOT-REPRODUCED", "与重算的结果不一致")
    named = {"plan": result.meta["plan_id"], "period": result.meta["period"], "warnings": result.meta["warnings"]}
    named["contradictions"] = sorted(result.contradictions)
    for key, value in named.items():
        if manifest.get(key) != value:
            problems.add(MANIFEST, "NOT-REPRODUCED", f"{key} 记为 {manifest.get(key)}, 重算为 {value}")


def _cells(folder: Path, fresh: Path, name: str) -> list[Problem]:
    """Which cells of a table differ."""
    stem, _, kind = name.rpartition(".")
    if kind not in {"csv", "parquet"}:
        return []
    try:
        there, here = frame_of(folder, stem), frame_of(fresh, stem)
    except (ValueError, OSError):
        return [Problem(name, "NOT-REPRODUCED", "表不能读出")]
    if list(there.columns) != list(here.columns) or len(there) != len(here):
        said = f"有 {len(there)} 行 {len(there.columns)} 列, 重算为 {len(here)} 行 {len(here.columns)} 列"
        return [Problem(name, "NOT-REPRODUCED", said)]
    rows, columns = (there.to_numpy() != here.to_numpy()).nonzero()
    found = [
        Problem(
            f"{name}!{there.columns[column]}{row + 2}",
            "NOT-REPRODUCED",
            f"记为 {there.iloc[row, column]!s}, 重算为 {here.iloc[row, column]!s}",
        )
        for row, column in list(zip(rows.tolist(), columns.tolist(), strict=True))[:MOST]
    ]
    if len(rows) > MOST:
        found.append(Problem(name, "NOT-REPRODUCED", f"另有 {len(rows) - MOST} 格不一致"))
    return found


def _check_rules(folder: Path, allocation: Allocation, problems: Problems) -> None:
    """The rules on the amounts that stand in the folder, and the proof that the optimum is one."""
    where = f"{allocation.alliance_code}/{allocation.pool}"
    proved = optimum(allocation.problem)
    if (proved is None) != (allocation.answer["status"] == "infeasible"):
        problems.add(where, "NOT-PROVED", "有没有可行的分配, 两次计算不一致")
    if proved is None:
        return
    for said in (*check_solved(proved.solved), *(check_solved(proved.base) if proved.base else ())):
        problems.add(where, "NOT-PROVED", said)
    try:
        amounts = _recorded(folder, allocation)
        wrong = recheck(allocation.problem, {**allocation.answer, "amounts": amounts})
        wrong += _off_the_optimum(proved.exact, amounts)
    except (MoneyError, OSError, ValueError, KeyError) as error:
        wrong = [f"分配表不能读出: {error}"]
    for said in wrong:
        problems.add(where, "RULE-BROKEN", said)


def _off_the_optimum(exact: Mapping[str, Fraction], amounts: list[dict[str, str]]) -> list[str]:
    """Members whose whole fen are not next to the exact optimum, and a sum that is not its whole fen."""
    paid = {entry["code"]: parse_yuan(entry["amount"]) for entry in amounts}
    wrong = [
        f"{code} 分得 {format_yuan(paid[code])} 元, 与精确解相差一分或以上"
        for code, best in exact.items()
        if code in paid and abs(paid[code] - best) >= 1
    ]
    if sum(paid.values()) != floor_fen(sum(exact.values(), Fraction(0))):
        wrong.append("合计与精确解的合计不一致")
    return wrong


def _recorded(folder: Path, allocation: Allocation) -> list[dict[str, str]]:
    table = frame_of(folder, "allocations")
    mine = table[(table["alliance_code"] == allocation.alliance_code) & (table["pool"] == allocation.pool)]
    return [{"code": unit, "amount": amount} for unit, amount in zip(mine["unit_code"], mine["amount"], strict=True)]
