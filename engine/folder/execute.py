"""One run: facts → indicators → scores → pools → allocation, and the folder that holds all of it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from domain.facts import Facts
from domain.period import Period
from domain.problems import InputProblems, Problem
from domain.region import contains
from engine.folder.others import NO_OTHERS, Others, TakenOver, apart, keep, taken_over
from engine.folder.output import INPUTS, read_manifest, version_of, write_outputs
from engine.folder.saved_inputs import DATA, data_in, keep_plan, saved_plan
from engine.folder.staging import staged
from engine.policy.configs import Configs
from engine.policy.load import Loaded, load
from engine.read.files import files_read
from engine.read.reader import read
from engine.run.corrections import check_old, corrected
from engine.run.paid_before import with_paid
from engine.run.pools import Report, by_district, districts_of
from engine.run.result import Result
from engine.run.run import run, silent


def execute(
    configs: Configs,
    plan: str | Path,
    data: Path,
    period: Period,
    out: Path,
    *,
    batch: bool = False,
    solver: str | None = None,
    others: Others = NO_OTHERS,
    progress: Report = silent,
) -> Result:
    """Run a plan on a workbook or folder and write the run folder `out`.

    plan: an id or a YAML file; solver: of `allocation.solve`, HiGHS unless given, of batches the exact method; others:
    run folders that it corrects or takes figures of, which stay as they are. Raises
    InputProblems (bad input) and Refused (paying under a pack that is not in force); then nothing is written.
    Contradicting rules of an alliance are in the result; everything else is written.
    """
    solver = solver or ("auto" if batch else "highs")
    progress("读取方案", 0, 1)
    loaded = load(configs, plan, period.end)
    if not data.exists():
        raise InputProblems([Problem(str(data), "NO-FILE", "数据文件不存在", "核对路径")])
    apart(others, out)
    with staged(out, loaded.plan.id, str(period)) as folder:
        _gather(configs, loaded, data, folder / INPUTS)
        keep(others, folder / INPUTS)
        inputs = folder / INPUTS
        result = _compute(configs, loaded, inputs, period, batch=batch, solver=solver, progress=progress)
        progress("写出结果", 0, 1)
        write_outputs(result, folder, batch=batch)
    return result


def check(
    configs: Configs,
    plan: str | Path,
    data: Path,
    period: Period,
    *,
    others: Others = NO_OTHERS,
    progress: Report = silent,
) -> Result:
    """What `execute` would make of the input, without stories and without a folder. Raises as `execute`."""
    progress("读取方案", 0, 1)
    loaded = load(configs, plan, period.end)
    if not data.exists():
        raise InputProblems([Problem(str(data), "NO-FILE", "数据文件不存在", "核对路径")])
    progress("读取数据", 0, 1)
    with TemporaryDirectory() as scratch:
        keep(others, Path(scratch))
        known = taken_over(Path(scratch))
    if known.before is not None:
        check_old(loaded.plan, configs.name(loaded.plan_file), period, known.before)
    facts = read(data, configs.catalogue, loaded.plan, period, loaded.packs)
    return _run(configs, loaded, facts, known, period, batch=True, progress=progress)


def recompute(folder: Path, *, around: str | None = None, solver: str = "auto", progress: Report = silent) -> Result:
    """The result of a run folder, computed again from the inputs in it alone: its own catalogue, plan and packs.

    around: an institution, alliance or district; only the alliances it has to do with are looked at. solver: of
    `allocation.solve`, whoever was asked when the folder was written.
    Raises InputProblems and Refused as `execute`.
    """
    manifest = read_manifest(folder)
    inputs = folder / INPUTS
    try:
        period = Period.parse(str(manifest["period"]))
    except ValueError as error:
        raise InputProblems([Problem("manifest.json", "PERIOD", str(error))]) from error
    batch, version = bool(manifest["batch"]) and around is None, version_of(manifest)
    configs, loaded = saved_plan(inputs, period)
    return _compute(
        configs, loaded, inputs, period, version=version, batch=batch, solver=solver, around=around, progress=progress
    )


def _gather(configs: Configs, loaded: Loaded, data: Path, inputs: Path) -> None:
    """Write down everything the run reads; what is hashed is then exactly what was read."""
    keep_plan(configs, loaded, inputs)
    (inputs / DATA).mkdir()
    for file in files_read(data):
        shutil.copyfile(file, inputs / DATA / file.name)


def _compute(
    configs: Configs,
    loaded: Loaded,
    inputs: Path,
    period: Period,
    *,
    batch: bool,
    solver: str,
    version: str = "",
    around: str | None = None,
    progress: Report = silent,
) -> Result:
    """version: that kept the inputs, "" of this one."""
    others = taken_over(inputs, version)
    if others.before is not None:
        check_old(loaded.plan, configs.name(loaded.plan_file), period, others.before)
    progress("读取数据", 0, 1)
    facts = read(data_in(inputs), configs.catalogue, loaded.plan, period, loaded.packs)
    return _run(configs, loaded, facts, others, period, batch=batch, solver=solver, around=around, progress=progress)


def _run(
    configs: Configs,
    loaded: Loaded,
    facts: Facts,
    others: TakenOver,
    period: Period,
    *,
    batch: bool,
    solver: str = "auto",
    around: str | None = None,
    progress: Report = silent,
) -> Result:
    plan, catalogue, old = loaded.plan, configs.catalogue, others.before
    facts = with_paid(facts, plan, catalogue, period, others.earlier)
    region = None if around is None else facts
    if around is not None:
        facts = _around(facts, around, districts=by_district(plan))
        old = old and old.only(frozenset(facts.memberships["alliance_code"]), {*facts.institutions["unit_code"]})
    result = run(
        plan,
        loaded.packs,
        facts,
        catalogue,
        period,
        batch=batch,
        region=region,
        solver=solver,
        progress=progress,
    )
    if old is not None and plan.corrections is not None:
        result = corrected(result, plan.corrections, facts, catalogue, old, stories=not batch)
    return replace(result, earlier=tuple(one.digest for one in others.earlier))


def _around(facts: Facts, unit: str, *, districts: bool) -> Facts:
    """The facts of the alliances that a unit is in (or is), or of the alliances of a district, and of their members.

    districts: money hangs on the scores of districts, so the whole district around an alliance is needed.
    """
    people, units = facts.memberships, facts.institutions
    known = units.set_index("unit_code")
    if unit not in known.index:
        raise InputProblems([Problem(unit, "NO-UNIT", "没有这个单位", "核对单位编码")])
    inside = {unit} | _covered(units, {unit})
    alliances = _alliances(people, inside)
    if districts:
        inside |= _covered(units, set(districts_of(facts, sorted(alliances)).values()))
        alliances = _alliances(people, inside)
    people = people[people["alliance_code"].isin(alliances)]
    kept = pd.Index([*inside, *alliances, *people["unit_code"]])

    diseases = None if facts.diseases is None else facts.diseases[facts.diseases["unit_code"].isin(kept)]

    def of(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["unit_code"].isin(kept)].reset_index(drop=True)

    return Facts(of(units), people.reset_index(drop=True), of(facts.facts), of(facts.money), diseases)


def _covered(units: pd.DataFrame, codes: set[str]) -> set[str]:
    """The units in the regions of those of `codes` that are districts."""
    regions = units.loc[units["unit_code"].isin(codes) & (units["tier"] == "district"), "region"].astype(str)
    covered = units["region"].astype(str).map(lambda code: any(contains(region, code) for region in regions))
    return set(units.loc[covered.astype(bool), "unit_code"])


def _alliances(people: pd.DataFrame, inside: set[str]) -> set[str]:
    """The alliances of these units; a member that changed alliance carries its headroom from one to the other."""
    before: set[str] = set()
    alliances = set(
        people.loc[people["unit_code"].isin(inside) | people["alliance_code"].isin(inside), "alliance_code"]
    )
    while alliances != before:
        before = alliances
        shared = people.loc[people["alliance_code"].isin(alliances), "unit_code"]
        alliances = set(people.loc[people["unit_code"].isin(shared), "alliance_code"])
    return alliances
