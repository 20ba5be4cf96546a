"""Institutions' amounts out of a run folder, and what of that folder is kept among a payment's inputs.

    inputs/run/      manifest.json, allocations, settlements, permits, quota, inputs/plan/ID.yaml

What is kept lies under the manifest that lists its hashes, so that `pay verify` can tell whether it is what that run
wrote. Source: contract of pay, the paragraph on RUN_DIR.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from domain.money import MoneyError, parse_yuan
from domain.pay import Pay, R
from domain.period import Period
from domain.plan import Pool
from domain.problems import InputProblems, Problem, Problems, Refused
from engine.folder.intact import differences
from engine.folder.output import INPUTS, MANIFEST, frame_of, hashes, read_manifest
from engine.folder.saved_inputs import saved_plan
from engine.folder.verify import verify
from engine.pay.folder.saved import saved
from engine.pay.quota import RunLedger

RUN = "run"
AMOUNTS = ("period", "unit_code", "pool", "amount", "document", "source")
_TABLES = ("allocations", "settlements", "permits", "quota")
_ANSWER = "CHECK-UNANSWERED"


@dataclass(frozen=True)
class FromRun:
    """amounts: AMOUNTS, fen; quota: the run's ledger."""

    amounts: pd.DataFrame
    quota: RunLedger


def run_digest(inputs: Path) -> str:
    """The number of the run whose amounts inputs keep, "" of none."""
    return str(read_manifest(inputs / RUN)["digest"]) if (inputs / RUN).is_dir() else ""


def keep_run(run: Path, inputs: Path) -> None:
    """Verify a run folder and copy what is read of it. Raises InputProblems, Refused (CHECK-UNANSWERED)."""
    verdict = verify(run)
    if verdict.problems:
        raise InputProblems(verdict.problems)
    manifest = read_manifest(run)
    if any(one.get("code") == _ANSWER for one in manifest.get("warned", ())):
        raise Refused(f"{run}: 有须说明的疑点没有答复, 先在资金表或事实表备注说明后重新计算 ({_ANSWER})")
    part = inputs / RUN
    for name in (MANIFEST, *filter(_kept, manifest["files"])):
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(run / name, part / name)


def _kept(name: str) -> bool:
    path = Path(name)
    if path.parts[0] == INPUTS:
        return path.parts[1] not in {"data", "before", "earlier"}
    return len(path.parts) == 1 and path.stem in _TABLES and path.suffix in {".csv", ".parquet"}


def taken_from_run(inputs: Path, pay: Pay, plan_id: str, region: str, period: Period) -> FromRun:
    """What a payment takes of the run that its inputs keep.

    Raises InputProblems: RUN-CHANGED, RUN-OTHER (another region or period), PAY-POOL-UNNAMED.
    """
    part = inputs / RUN
    manifest = read_manifest(part)
    changed = [name for name, code in differences(manifest, hashes(part)) if code != "FILE-MISSING"]
    if changed:
        raise InputProblems(Problem(f"{RUN}/{name}", "RUN-CHANGED", "保存的计算结果被改动过") for name in changed)
    _, loaded = saved_plan(part / INPUTS, Period.parse(str(manifest["period"])))
    problems = Problems()
    if str(manifest["period"]) != str(period):
        said = f"计算结果是 {manifest['period']} 的, 要发的是 {period}"
        problems.add("--run", "RUN-OTHER", said, "给出同一期间的结果")
    if loaded.plan.region != region:
        said = f"计算结果是地区 {loaded.plan.region} 的, 方案是 {region} 的"
        problems.add("--run", "RUN-OTHER", said, "给出同一地区的结果")
    for pool in loaded.plan.pools:
        if pool.purpose == "staff_reward" and pool.id not in pay.pools and period.kind in pool.periods:
            said = f"发给职工的资金池 {pool.title} ({pool.id}) 在方案的 pay.pools 里没有写怎样分到人"
            problems.add(f"{plan_id} pay.pools", "PAY-POOL-UNNAMED", said, "在 pay.pools 补上这个池")
    problems.raise_if_any()
    pools = {pool.id: pool for pool in loaded.plan.pools}
    rows = list(_amounts(part, manifest, pay, pools, period))
    amounts = pd.DataFrame(rows, columns=list(AMOUNTS), dtype=object)
    keys = ["period", "unit_code", "pool"]
    summed = amounts.groupby(keys, as_index=False, sort=True).agg(
        {"amount": "sum", "document": "first", "source": _together}
    )
    return FromRun(summed.astype(object), RunLedger(saved(part, "quota"), _alliances(part, manifest["files"])))


def _alliances(part: Path, listed: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The alliances whose pools gave to each unit."""
    rows = [frame_of(part, name) for name in ("allocations", "settlements") if _there(name, listed)]
    pairs = pd.concat([one[["unit_code", "alliance_code"]] for one in rows])
    return {str(unit): frozenset(map(str, of)) for unit, of in pairs.groupby("unit_code")["alliance_code"]}


def _amounts(
    part: Path, manifest: Mapping[str, Any], pay: Pay, pools: Mapping[str, Pool], period: Period
) -> Iterator[tuple[str, str, str, int, str, str]]:
    """Every amount of a named pool: what was allocated, of a settled pool what is to be paid now, of `r` its line."""
    listed = manifest["files"]
    settled = _fen(part, "settlements") if _there("settlements", listed) else None
    of_settlement = set() if settled is None else set(settled["pool"])
    allocated = _fen(part, "allocations")
    rows = allocated[allocated["pool"].isin([one for one in pay.pools if one not in of_settlement])]
    yield from _rows(rows, pay, pools, period, "allocations.csv")
    if settled is not None:
        due = settled[(settled["line"] == "top_up") & settled["pool"].isin(list(pay.pools))]
        yield from _rows(due, pay, pools, period, "settlements.csv")
    if R in pay.pools and R not in pools:
        lines = _fen(part, "permits")
        yield from _rows(lines[lines["line"] == R].assign(pool=R), pay, pools, period, "permits.csv")


def _together(cells: pd.Series[Any]) -> str:
    """Where the parts of a sum stand."""
    return "; ".join(sorted(set(map(str, cells))))


def _there(table: str, listed: Mapping[str, Any]) -> bool:
    return any(f"{table}{ending}" in listed for ending in (".csv", ".parquet"))


def _rows(
    rows: pd.DataFrame, pay: Pay, pools: Mapping[str, Pool], period: Period, file: str
) -> Iterator[tuple[str, str, str, int, str, str]]:
    for at, unit, pool, fen in zip(rows.index, rows["unit_code"], rows["pool"], rows["fen"], strict=True):
        document = pools[pool].fund.document if pool in pools else pay.pools[pool].document
        yield str(period), str(unit), str(pool), int(fen), document, f"{file}!{int(at) + 2}"


def _fen(part: Path, name: str) -> pd.DataFrame:
    try:
        table = frame_of(part, name)
        return table.assign(fen=table["amount"].map(parse_yuan))
    except (OSError, KeyError, MoneyError) as error:
        problem = Problem(f"{RUN}/{name}", "RUN-CHANGED", f"保存的计算结果缺失或不能读出: {error}", "从备份取回")
        raise InputProblems([problem]) from error
