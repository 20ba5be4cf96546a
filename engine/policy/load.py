"""Reading packs and plans to be carried out: checked completely, with all that they name, refused together.

    configs = load_configs()
    plan = load(configs, "tianjin-demo", date(2026, 9, 30)).plan    # or a path to a YAML file
    packs = load(configs, "…", day).packs                           # with the packs and the files that were read

The packs of a plan given by path are first looked for beside it and in `packs` beside it, then among those of the
configuration. Parameters that change over time are resolved for the day before anything is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.pack import Pack
from domain.plan import BEYOND_PAY, Plan
from domain.problems import InputProblems, Problem
from domain.step import RunWarning
from engine.policy.coded import coded
from engine.policy.configs import Configs
from engine.policy.entries import given_pack
from engine.policy.fee_checks import check_fees
from engine.policy.files import find_pack, find_plan, pack_of, plan_of, refuse_or
from engine.policy.pack_checks import check_pack
from engine.policy.plan_checks import Surroundings, check_plan
from engine.policy.readings import chosen
from engine.policy.standing import MONEY, warnings
from engine.policy.workflow_checks import WITH_MONEY
from engine.yaml.dated import days
from engine.yaml.document import Document, KeyPath


@dataclass(frozen=True)
class Loaded:
    """A plan for one day, its packs by id, every file read for it, and what it should be warned of.

    plan_file, pack_files: as `Configs.content` has them; the lists of clauses stand with the packs.
    """

    plan: Plan
    packs: Mapping[str, Pack]
    plan_file: Path
    pack_files: tuple[Path, ...]
    warnings: tuple[RunWarning, ...]


def load_pack(configs: Configs, reference: str | Path, day: date | None = None) -> Pack:
    """One pack, by id or path, with every indicator and code that it names looked up and their params typed.

    day: as of `read_pack`. Raises InputProblems with everything that is wrong.
    """
    file = find_pack(configs, reference)
    document, pack = pack_of(configs.document(file), day)
    check_pack(document, pack, configs.catalogue, configs.clauses(file))
    return given_pack(refuse_or(document, pack))


def load(configs: Configs, reference: str | Path, day: date, *, money: bool = True, alone: bool = False) -> Loaded:
    """A plan with its packs. Raises InputProblems with everything that is wrong in the plan and in its packs.

    money: without it the plan's pools and what they rest on are left out and not looked at: what pays nobody, such as
    the task ledger, can be asked for on days for which the plan states no rates. alone: whether a plan that only pays
    people will do, which scores nobody and splits nothing between institutions.
    """
    path = find_plan(configs, reference)
    source = configs.document(path)
    if not alone and isinstance(source.data.get("pay"), dict) and not any(map(source.data.get, BEYOND_PAY)):
        said = "方案只有 pay (把机构的钱发到人), 不评价, 也不分配到机构"
        raise InputProblems([Problem(source.where(("pay",)), "PLAN-ONLY-PAY", said, "用于 liangyun pay; 此处另选方案")])
    if not money:
        source.data = {key: value for key, value in source.data.items() if key not in (*MONEY, *WITH_MONEY)}
    coded(source, configs)
    problems: list[Problem] = []
    found = _packs_of(configs, source, path, day, problems)
    packs = {name: one.pack for name, one in found.items() if one is not None}
    files = {name: one.file for name, one in found.items() if one is not None}
    document, plan = plan_of(source, day)
    broken = frozenset({*found} - {*packs})
    packs = chosen(document, packs, broken)
    clauses = {name: configs.clauses(file) for name, file in {**configs.packs, **files}.items()}
    plan = check_plan(document, plan, Surroundings(packs, broken, configs.catalogue, clauses))
    if plan is not None:
        check_fees(document, plan, packs, day)
    if path in configs.plans.values() and document.data.get("id") != path.stem:  # or its id would not find it
        document.add(("id",), "ID-FILE", f"与文件名 {path.stem} 不一致", "改成一致")
    problems = [*document.problems(), *problems]
    if problems or plan is None:
        raise InputProblems(problems)
    lists = (configs.clauses_in(file) for file in files.values())
    read = (*files.values(), *(file for file in lists if file is not None))
    return Loaded(plan, packs, path, read, tuple(warnings(plan, packs, day)))


def check_pack_file(configs: Configs, reference: str | Path) -> Pack:
    """`load_pack` for every day on which something in the file changes. Raises InputProblems."""
    pack = load_pack(configs, reference)
    for day in days(configs.document(find_pack(configs, reference)).data):
        load_pack(configs, reference, day)
    return pack


def check_plan_file(configs: Configs, reference: str | Path, day: date) -> Loaded:
    """`load` on `day` and on every day on which something in the file changes. Raises InputProblems, each one once."""
    problems: dict[Problem, None] = {}
    loaded: Loaded | None = None
    for one in dict.fromkeys((day, *days(configs.document(find_plan(configs, reference)).data))):
        try:
            there = load(configs, reference, one, alone=True)
            loaded = loaded or there
        except InputProblems as error:
            problems |= dict.fromkeys(error.problems)
    if problems or loaded is None:
        raise InputProblems(problems)
    return loaded


@dataclass(frozen=True)
class _Found:
    """A pack that a plan names, and its file."""

    pack: Pack
    file: Path


def _packs_of(
    configs: Configs, document: Document, path: Path, day: date, problems: list[Problem]
) -> dict[str, _Found | None]:
    """The packs a plan names, by id; None where there is none or it is wrong.

    What is wrong inside a pack goes to `problems`.
    """
    found: dict[str, _Found | None] = {}
    used = document.data.get("packs")
    beside = () if path in configs.plans.values() else (path.parent, path.parent / "packs")
    for index, entry in enumerate(used if isinstance(used, list) else ()):
        name = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            continue
        at: KeyPath = ("packs", index, "id")
        if name in found:
            document.add(at, "DUPLICATE-ID", f"政策包 {name} 写了两次", "删去一个")
            continue
        found[name] = None
        try:
            file = find_pack(configs, name, beside)
        except InputProblems as error:
            document.add(at, "PACK-UNKNOWN", error.problems[0].message, error.problems[0].remedy)
            continue
        try:
            pack = load_pack(configs, file, day)
        except InputProblems as error:
            problems.extend(error.problems)
            continue
        if pack.id != name:
            document.add(at, "PACK-UNKNOWN", f"文件 {file.name} 里的政策包是 {pack.id}", "id 与文件名一致")
        found[name] = _Found(pack, file)
    return found
