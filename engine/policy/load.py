"""Reading packs, plans and the catalogue: found by looking into the folders, checked completely, refused together.

    plan = load_plan("tianjin-demo", date(2026, 9, 30))    # or a path to a YAML file
    packs = load("…", day).packs                           # with the packs and the files that were read

An id is the name of a file in `configs/packs` or `configs/plans`; anything with a folder or ending in .yaml is a path.
The packs of a plan given by path are first looked for beside it and in `packs` beside it, then among those shipped.
Parameters that change over time are resolved for the day before anything is checked (`domain.plan.in_force`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import configs
from domain.facts import Catalogue, Metric, MoneyItem, Strict
from domain.pack import Pack
from domain.plan import Plan
from domain.problems import InputProblems, Problem
from engine.policy.standing import MONEY, warnings
from engine.yaml.dated import changes, days, newest, resolve, without_target
from engine.yaml.document import Document, KeyPath, read_yaml
from engine.yaml.schema import closest, validate


@dataclass(frozen=True)
class Loaded:
    """A plan for one day, its packs by id, every YAML file read for it, and what it should be warned of."""

    plan: Plan
    packs: Mapping[str, Pack]
    files: tuple[Path, ...]
    warnings: tuple[str, ...]


def list_packs() -> dict[str, Path]:
    """The packs shipped, by id."""
    return _listed("packs")


def list_plans() -> dict[str, Path]:
    """The plans shipped, by id."""
    return _listed("plans")


def find_pack(reference: str | Path, beside: Sequence[Path] = ()) -> Path:
    """The file of a pack: a path as it is, an id in the folders `beside` and then among those shipped.

    Raises InputProblems if there is none.
    """
    return _find(reference, "packs", "政策包", beside)


def find_plan(reference: str | Path) -> Path:
    """The file of a plan. Raises InputProblems if there is none."""
    return _find(reference, "plans", "方案", ())


def load_pack(reference: str | Path, day: date | None = None, *, check: bool = True) -> Pack:
    """One pack, by id or path.

    day: dated values are resolved for it (None: targets stay lists, else the newest holds, and `changes` of an entry
    says since when). check: also look up every indicator that the pack
    names (False: only the file itself, for lists). Raises InputProblems with everything that is wrong.
    """
    document = _read(find_pack(reference))
    pack = _pack(document, day, check=check)
    document.raise_if_any()
    if pack is None:
        raise InputProblems([Problem(document.name, "FIELD-VALUE", "内容不合规定", "核对文件")])
    return pack


def load_plan(reference: str | Path, day: date, *, check: bool = True) -> Plan:
    """One plan, by id or path, as in force on `day`.

    check: with its packs, formulas and indicators (False: only the file itself, for lists). Raises InputProblems with
    everything that is wrong.
    """
    if check:
        return load(reference, day).plan
    document = resolve(_read(find_plan(reference)), day)
    plan = validate(Plan, document, document.data)
    document.raise_if_any()
    if plan is None:
        raise InputProblems([Problem(document.name, "FIELD-VALUE", "内容不合规定", "核对文件")])
    return plan


def load(reference: str | Path, day: date, *, money: bool = True) -> Loaded:
    """A plan with its packs. Raises InputProblems with everything that is wrong in the plan and in its packs.

    money: without it the plan's pools and what they rest on are left out and not looked at: what pays nobody, such as
    the task ledger, can be asked for on days for which the plan states no rates.
    """
    from engine.policy.fee_checks import check_fees  # noqa: PLC0415  (lists need no checks)
    from engine.policy.plan_checks import Surroundings, check_plan  # noqa: PLC0415
    from engine.policy.readings import chosen, filled  # noqa: PLC0415

    path = find_plan(reference)
    source = _read(path)
    if not money and isinstance(source.data, dict):
        source.data = {key: value for key, value in source.data.items() if key not in MONEY}
    problems: list[Problem] = []
    found = _packs_of(source, path, day, problems)
    packs = {name: pack for name, (_, pack) in found.items() if pack is not None}
    document = resolve(source, day)
    _mark(document, _PLAN_ENTRIES)
    plan = validate(Plan, document, document.data)
    broken = frozenset({*found} - {*packs})
    packs = chosen(document, packs, broken)
    check_plan(document, plan, Surroundings(packs, broken, _catalogue()))
    if plan is not None:
        check_fees(document, plan, packs, day)
    _refuse_name(document, path, list_plans())
    problems = [*document.problems(), *problems]
    if problems or plan is None:
        raise InputProblems(problems)
    files = (path, *(file for file, _ in found.values() if file is not None))
    return Loaded(filled(plan, packs), packs, files, tuple(warnings(plan, packs, day)))


def check_pack_file(reference: str | Path) -> Pack:
    """`load_pack` for every day on which something in the file changes. Raises InputProblems."""
    pack = load_pack(reference)
    for day in days(_read(find_pack(reference)).data):
        load_pack(reference, day)
    return pack


def check_plan_file(reference: str | Path, day: date) -> Loaded:
    """`load` on `day` and on every day on which something in the file changes. Raises InputProblems, each one once."""
    problems: dict[Problem, None] = {}
    loaded: Loaded | None = None
    for one in dict.fromkeys((day, *days(_read(find_plan(reference)).data))):
        try:
            there = load(reference, one)
            loaded = loaded or there
        except InputProblems as error:
            problems |= dict.fromkeys(error.problems)
    if problems or loaded is None:
        raise InputProblems(problems)
    return loaded


class _Metrics(Strict):
    """The catalogue's file."""

    metrics: list[Metric]
    items: list[MoneyItem]


def load_catalogue(path: Path | None = None) -> Catalogue:
    """The metric catalogue: `configs/metrics.yaml`, read once, unless a path is given. Raises InputProblems."""
    return _catalogue() if path is None else _read_catalogue(path)


# ── inside ────────────────────────────────────────────────────────────────────────────────────────────────

_PACK_ENTRIES = tuple((section, "*") for section in ("indicators", "trends", "named", "duties", "money", "prices"))
_PACK_MARKED = (*_PACK_ENTRIES, ("milestones", "*"))
_PLAN_ENTRIES = (
    ("local_indicators", "*"),
    ("scorecards", "*", "dimensions", "*", "items", "*"),
    ("scorecards", "*", "dimensions", "*", "items", "*", "curve"),
    ("pools", "*"),
    ("pools", "*", "merit"),
    ("pools", "*", "rules", "*"),
)


def _listed(folder: str) -> dict[str, Path]:
    return {path.stem: path for path in sorted((configs.folder() / folder).glob("*.yaml"))}


def _find(reference: str | Path, folder: str, word: str, beside: Sequence[Path]) -> Path:
    text = str(reference)
    if isinstance(reference, Path) or "/" in text or "\\" in text or text.endswith((".yaml", ".yml")):
        return Path(reference)
    shipped = _listed(folder)
    for place in beside:
        if (place / f"{text}.yaml").is_file():
            return place / f"{text}.yaml"
    if text in shipped:
        return shipped[text]
    raise InputProblems([Problem(text, "NOT-FOUND", f"没有{word} {text}", closest(text, shipped) + "; 或写出文件路径")])


def _read(path: Path) -> Document:
    """One file; those shipped are named from `configs` on, wherever the program is installed."""
    inside = path.is_relative_to(configs.folder())
    return read_yaml(path, name=f"configs/{path.relative_to(configs.folder()).as_posix()}" if inside else None)


def _pack(document: Document, day: date | None, *, check: bool) -> Pack | None:
    gaps: dict[str, str] = {}
    if isinstance(document.data, dict) and "without_target" in document.data:
        document.add(("without_target",), "FIELD-UNKNOWN", "没有这个字段", "删去")
    if day is None:
        said = {path: changes(entry) for pattern in _PACK_MARKED for path, entry in _matching(document.data, pattern)}
        document = newest(document)
        _mark(document, _PACK_MARKED, said)
    else:
        gaps = without_target(document.data, day)
        document = resolve(document, day)
        _mark(document, _PACK_MARKED)
    pack = validate(Pack, document, document.data)
    if pack is not None and gaps:
        pack = pack.model_copy(update={"without_target": gaps})
    if check:
        from engine.policy.pack_checks import check_pack  # noqa: PLC0415  (brings pandas; lists need none)

        check_pack(document, pack, _catalogue())
    return pack


def _packs_of(
    document: Document, path: Path, day: date, problems: list[Problem]
) -> dict[str, tuple[Path | None, Pack | None]]:
    """The packs a plan names, by id, with their files; None where there is none or it is wrong.

    What is wrong inside a pack goes to `problems`.
    """
    found: dict[str, tuple[Path | None, Pack | None]] = {}
    used = document.data.get("packs")
    shipped = path.is_relative_to(configs.folder())
    beside = () if shipped else (path.parent, path.parent / "packs")
    for index, entry in enumerate(used if isinstance(used, list) else ()):
        name = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            continue
        at: KeyPath = ("packs", index, "id")
        if name in found:
            document.add(at, "DUPLICATE-ID", f"政策包 {name} 写了两次", "删去一个")
            continue
        found[name] = (None, None)
        try:
            file = find_pack(name, beside)
        except InputProblems as error:
            document.add(at, "PACK-UNKNOWN", error.problems[0].message, error.problems[0].remedy)
            continue
        try:
            pack = load_pack(file, day)
        except InputProblems as error:
            problems.extend(error.problems)
            continue
        if pack.id != name:
            document.add(at, "PACK-UNKNOWN", f"文件 {file.name} 里的政策包是 {pack.id}", "id 与文件名一致")
        found[name] = (file, pack)
    return found


@cache
def _catalogue() -> Catalogue:
    return _read_catalogue(configs.folder() / "metrics.yaml")


def _read_catalogue(path: Path) -> Catalogue:
    from engine.policy.plan_checks import check_catalogue  # noqa: PLC0415  (lists need no checks)

    document = _read(path)
    read = validate(_Metrics, document, document.data)
    if read is not None:
        check_catalogue(document, read.metrics, read.items)
    document.raise_if_any()
    if read is None:
        raise InputProblems([Problem(document.name, "FIELD-VALUE", "内容不合规定", "核对文件")])
    return Catalogue(
        metrics={metric.code: metric for metric in read.metrics}, items={item.code: item for item in read.items}
    )


def _refuse_name(document: Document, path: Path, shipped: Mapping[str, Path]) -> None:
    """A shipped file must be called as its id, or the id would not find it."""
    if path in shipped.values() and document.data.get("id") != path.stem:
        document.add(("id",), "ID-FILE", f"与文件名 {path.stem} 不一致", "改成一致")


def _mark(
    document: Document, patterns: Sequence[tuple[str, ...]], said: Mapping[KeyPath, str] = MappingProxyType({})
) -> None:
    """Write file:line into the entries, and what changes in them where anything is `said`.

    A file that brings fields of these names itself is told that there are none.
    """
    for pattern in patterns:
        for path, entry in _matching(document.data, pattern):
            for name in ("at", "changes"):
                if name in entry:
                    document.add((*path, name), "FIELD-UNKNOWN", "没有这个字段", "删去")
                    del entry[name]
            entry["at"] = document.at(path)
            if said.get(path):
                entry["changes"] = said[path]


def _matching(data: Any, pattern: tuple[str, ...], path: KeyPath = ()) -> list[tuple[KeyPath, dict[str, Any]]]:
    if not pattern:
        return [(path, data)] if isinstance(data, dict) else []
    inner: list[tuple[str | int, Any]]
    if pattern[0] == "*":
        inner = list(enumerate(data)) if isinstance(data, list) else []
    else:
        inner = [(pattern[0], data[pattern[0]])] if isinstance(data, dict) and pattern[0] in data else []
    return [found for key, value in inner for found in _matching(value, pattern[1:], (*path, key))]
