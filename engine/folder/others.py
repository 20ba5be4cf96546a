"""Other run folders that a run leans on: the one it corrects (`--before`), and those of shorter periods (`--earlier`).

What is read of them is kept among the run's own inputs, laid out as it was, under the manifest that lists its hashes:
`verify` then needs no other folder, and can tell whether what was kept is what that run wrote.

    inputs/before/      manifest.json, allocations, pools, permits, settlements, deposits, overspend, inputs
    inputs/earlier/N/   manifest.json, allocations, permits, settlements, inputs/plan/ID.yaml; by period
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from allocation.deposit import LINES as DEPOSIT
from domain.money import MoneyError, parse_yuan
from domain.period import Period
from domain.problems import InputProblems, Problem
from engine.folder.intact import differences, intact
from engine.folder.output import INPUTS, MANIFEST, frame_of, hashes, read_manifest
from engine.folder.saved_inputs import data_in, saved_plan
from engine.folder.since import KEPT, lacked
from engine.policy.configs import PLAN
from engine.read.reader import read as read_data
from engine.run.correction_lines import TABLES, Lines, lines_of
from engine.run.correction_to_date import Stated, to_date
from engine.run.corrections import OldRun
from engine.run.paid_before import EarlierRun
from engine.yaml.document import read_bytes

BEFORE, EARLIER = "before", "earlier"
_TABLES = {BEFORE: ("allocations", "pools", *TABLES), EARLIER: ("allocations", "permits", "settlements")}
_SOMETIMES = "settlements"  # only of plans that settle
Read = TypeVar("Read")


@dataclass(frozen=True)
class Others:
    """The folders themselves."""

    before: Path | None = None
    earlier: tuple[Path, ...] = ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """All of them."""
        return (*((self.before,) if self.before else ()), *self.earlier)


NO_OTHERS = Others()


@dataclass(frozen=True)
class TakenOver:
    """What was read of them."""

    before: OldRun | None = None
    earlier: tuple[EarlierRun, ...] = ()


def apart(others: Others, out: Path) -> None:
    """Other run folders stay as they are: none is replaced, lies in the new one or has it inside. Raises InputProblems.

    out: the new folder.
    """
    for folder in others.folders:
        there, here = folder.resolve(), out.resolve()
        if there.is_relative_to(here) or here.is_relative_to(there):
            said = f"与 {folder} 是同一个文件夹或互相包含, 原结果必须保持不变"
            raise InputProblems([Problem(str(out), "OUT-IS-OTHER", said, "换一个输出文件夹")])


def keep(others: Others, inputs: Path) -> None:
    """Copy what is read of the folders into a run's inputs. Raises InputProblems as `intact`."""
    if others.before is not None:
        _keep(others.before, intact(others.before), inputs / BEFORE, BEFORE)
    manifests = [(_period(folder, one), one["digest"], folder, one) for folder, one in _intact(others.earlier)]
    for at, (_, _, folder, manifest) in enumerate(sorted(manifests, key=lambda one: (one[0].end, *one[:2])), start=1):
        _keep(folder, manifest, inputs / EARLIER / str(at), EARLIER)


def taken_over(inputs: Path, version: str = "") -> TakenOver:
    """What a run's inputs have of other runs; version: that kept it, "" of this one.

    Raises InputProblems (RUN-CHANGED) where it is not what they wrote, or not all that is kept.
    """
    before, earlier = inputs / BEFORE, inputs / EARLIER
    runs = [(_part(part, _earlier_run), part) for part in (earlier.iterdir() if earlier.is_dir() else ())]
    runs.sort(key=lambda one: (len(one[1].name), one[1].name))
    old = partial(_old_run, fewer=lacked(KEPT, version))
    return TakenOver(_part(before, old) if before.is_dir() else None, tuple(run for run, _ in runs))


def _intact(folders: Iterable[Path]) -> list[tuple[Path, dict[str, Any]]]:
    return [(folder, intact(folder)) for folder in folders]


def _keep(folder: Path, manifest: dict[str, Any], part: Path, kind: str) -> None:
    for name in (MANIFEST, *filter(partial(_kept, kind), manifest["files"])):
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, part / name)


def _kept(kind: str, name: str) -> bool:
    """Whether a file of a run folder is kept: its tables, of a run of a shorter period its plan, else all it read.

    What that one kept of other runs itself is not.
    """
    path, plans = Path(name), Path(INPUTS) / PLAN
    if path.parent == Path():
        return path.stem in _TABLES[kind] and path.suffix in {".csv", ".parquet"}
    own = path.parts[0] == INPUTS and path.parts[1] not in {BEFORE, EARLIER}
    return path.parent == plans if kind == EARLIER else own


def _part(part: Path, read: Callable[[Path, dict[str, Any]], Read]) -> Read:
    """What `read` makes of the part of a run folder, once it is what that run wrote. Raises InputProblems."""
    manifest = read_manifest(part)
    changed = [name for name, code in differences(manifest, hashes(part)) if code != "FILE-MISSING"]
    if changed:
        raise InputProblems(Problem(f"{part.name}/{name}", "RUN-CHANGED", "保存的原结果被改动过") for name in changed)
    try:
        return read(part, manifest)
    except (OSError, KeyError, ValueError, TypeError, MoneyError) as error:
        said = Problem(str(part.name), "RUN-CHANGED", f"保存的原结果缺失或不能读出: {error}")
        raise InputProblems([said]) from error


def _period(folder: Path, manifest: dict[str, Any]) -> Period:
    try:
        return Period.parse(str(manifest["period"]))
    except ValueError as error:
        raise InputProblems([Problem(f"{folder}/{MANIFEST}", "PERIOD", str(error))]) from error


def _fen(part: Path, name: str, *columns: str) -> pd.DataFrame:
    """Columns of a table, and its amounts as fen."""
    table = frame_of(part, name)
    return table[list(columns)].assign(fen=table["amount"].map(parse_yuan).astype("int64"))


def _old_run(part: Path, manifest: dict[str, Any], *, fewer: bool) -> OldRun:
    """fewer: whether the version that kept it kept nothing but what pools held and paid."""
    pools = _fen(part, "pools", "alliance_code", "pool")
    paid: dict[tuple[str, str], dict[str, int]] = {}
    rows = _fen(part, "allocations", "alliance_code", "pool", "unit_code")
    for alliance, pool, unit, fen in rows.itertuples(index=False):
        paid.setdefault((alliance, pool), {})[unit] = int(fen)
    held = {(alliance, pool): int(fen) for alliance, pool, fen in pools.itertuples(index=False)}
    contradictory = frozenset(map(str, manifest["contradictions"]))
    old = OldRun(manifest["digest"], manifest["plan"], _period(part, manifest), held, paid, contradictory)
    missing = [name for name in manifest["files"] if _kept(BEFORE, name) and not (part / name).exists()]
    if missing and not fewer:
        raise ValueError(f"缺少 {missing[0]}")
    return old if missing else replace(old, lines=_lines(part), stated=_stated(part, old.period, manifest))


def _lines(part: Path) -> Lines:
    """What the tables of a run say beside the amounts of pools."""
    there = {name for name in TABLES for ending in (".csv", ".parquet") if (part / f"{name}{ending}").exists()}
    return lines_of({name: _parsed(frame_of(part, name)) for name in there})


def _parsed(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its amounts as fen, and the pool that a line is about by itself."""
    read = {name: table[name].map(parse_yuan) for name in ("amount", *DEPOSIT) if name in table}
    if "line" in table:
        parts = [str(line).partition("/") for line in table["line"]]  # of no line pandas makes no columns
        for name, at in (("line", 0), ("of", 2)):
            read[name] = pd.Series([part[at] for part in parts], index=table.index, dtype=object)
    return table.assign(**read)


def _stated(part: Path, period: Period, manifest: dict[str, Any]) -> Stated:
    """What its workbook said was paid to date; not sound where this version refuses what that one read."""
    try:
        configs, loaded = saved_plan(part / INPUTS, period)
        facts = read_data(data_in(part / INPUTS), configs.catalogue, loaded.plan, period, loaded.packs)
    except InputProblems:
        return Stated(sound=False)
    return Stated(to_date(facts.money, configs.catalogue.items, period), earlier="earlier" in manifest)


def _earlier_run(part: Path, manifest: dict[str, Any]) -> EarlierRun:
    """Of a pool that was prepaid counts what was paid then beyond the prepayments, less what was taken back."""
    keys = ["alliance_code", "pool", "unit_code"]
    rows = _fen(part, "allocations", *keys)
    if any((part / f"{_SOMETIMES}{ending}").exists() for ending in (".csv", ".parquet")):
        lines = _fen(part, _SOMETIMES, *keys, "line")
        parts = lines["line"].map(lambda line: str(line).partition("/")[0])
        now = lines[parts.isin({"due", "prepaid"})][[*keys, "fen"]]
        settled = set(lines[keys[:2]].itertuples(index=False, name=None))
        own = [one not in settled for one in rows[keys[:2]].itertuples(index=False, name=None)]
        rows = pd.concat([rows[own], now], ignore_index=True)
    paid: dict[str, dict[str, int]] = {}
    for pool, unit, fen in rows[["pool", "unit_code", "fen"]].itertuples(index=False):
        units = paid.setdefault(pool, {})
        units[unit] = units.get(unit, 0) + int(fen)
    permits = _fen(part, "permits", "unit_code", "line")
    stated = permits[permits["line"] == "r"].groupby("unit_code")["fen"].sum()
    return EarlierRun(
        manifest["digest"],
        _region(part),
        _period(part, manifest),
        paid,
        {str(unit): int(fen) for unit, fen in stated.items()},
    )


def _region(part: Path) -> str:
    """The region of the plan that a run was made with."""
    plan = next((part / INPUTS / PLAN).glob("*.yaml"))
    return str(read_bytes(plan.read_bytes(), name=plan.name).data["region"])
