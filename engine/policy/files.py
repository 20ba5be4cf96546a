"""Finding the files of packs and plans, and what one of them states by itself: all that a list of them needs.

An id is the name of a file in the `packs` or `plans` of the configuration; anything with a folder or ending in .yaml
is a path. Whether what stands there can be carried out is looked at by `engine.policy.load`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from domain.pack import Pack
from domain.plan import Plan
from domain.problems import InputProblems, Problem
from engine.policy.configs import Configs
from engine.yaml.dated import changes, newest, resolve, without_target
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest, validate

Read = TypeVar("Read", Pack, Plan)

_PACK_SECTIONS = ("indicators", "trends", "named", "duties", "money", "prices", "milestones")
_PACK_ENTRIES = tuple((section, "*") for section in _PACK_SECTIONS)
_PLAN_ENTRIES = (
    ("local_indicators", "*"),
    ("scorecards", "*", "dimensions", "*", "items", "*"),
    ("scorecards", "*", "dimensions", "*", "items", "*", "curve"),
    ("pools", "*"),
    ("pools", "*", "merit"),
    ("pools", "*", "rules", "*"),
    ("checks", "rules", "*"),
)


def find_pack(configs: Configs, reference: str | Path, beside: Sequence[Path] = ()) -> Path:
    """The file of a pack: a path as it is, an id in the folders `beside` and then among those of the configuration.

    Of the latter a title will do too. Raises InputProblems if there is none.
    """
    return _find(configs, reference, configs.packs, "政策包", beside)


def find_plan(configs: Configs, reference: str | Path) -> Path:
    """The file of a plan, by path, id or title. Raises InputProblems if there is none."""
    return _find(configs, reference, configs.plans, "方案", ())


def read_pack(configs: Configs, reference: str | Path, day: date | None = None) -> Pack:
    """One pack, by id or path, as its file states it.

    day: dated values are resolved for it (None: targets stay lists, else the newest holds, and `changes` of an entry
    says since when). Raises InputProblems with everything that is wrong in the file itself.
    """
    document, pack = pack_of(configs.document(find_pack(configs, reference)), day)
    return refuse_or(document, pack)


def read_plan(configs: Configs, reference: str | Path, day: date) -> Plan:
    """One plan, by id or path, as its file states it for a day. Raises InputProblems as `read_pack`."""
    path = find_plan(configs, reference)
    document = configs.document(path)
    if path not in configs.plans.values():  # which have codes alone: a list of them needs no indicators
        from engine.policy.coded import coded  # noqa: PLC0415  (as said)

        coded(document, configs)
    document, plan = plan_of(document, day)
    return refuse_or(document, plan)


def refuse_or(document: Document, made: Read | None) -> Read:
    """What was made of a document. Raises InputProblems with what is wrong in it, also where nothing was made."""
    document.raise_if_any()
    if made is None:
        raise InputProblems([Problem(document.name, "FIELD-VALUE", "内容不合规定", "核对文件")])
    return made


def pack_of(document: Document, day: date | None) -> tuple[Document, Pack | None]:
    """A pack's document as in force on a day, and what it states; None with what is wrong noted."""
    gaps: dict[str, str] = {}
    if isinstance(document.data, dict) and "without_target" in document.data:
        document.add(("without_target",), "FIELD-UNKNOWN", "没有这个字段", "删去")
    if day is None:
        said = {path: changes(entry) for pattern in _PACK_ENTRIES for path, entry in _matching(document.data, pattern)}
        document = newest(document)
        _mark(document, _PACK_ENTRIES, said)
    else:
        gaps = without_target(document.data, day)
        document = resolve(document, day)
        _mark(document, _PACK_ENTRIES)
    pack = validate(Pack, document, document.data)
    if pack is not None and gaps:
        pack = pack.model_copy(update={"without_target": gaps})
    return document, pack


def plan_of(document: Document, day: date) -> tuple[Document, Plan | None]:
    """The same of a plan's."""
    document = resolve(document, day)
    _mark(document, _PLAN_ENTRIES)
    if not isinstance(document.data.get("pay"), dict):
        for key in ("packs", "scorecards"):
            if key not in document.data:
                document.add((), "FIELD-MISSING", f"缺少 {key}", "补上; 只把钱发到人的方案写 pay")
    return document, validate(Plan, document, document.data)


def _find(
    configs: Configs, reference: str | Path, known: Mapping[str, Path], word: str, beside: Sequence[Path]
) -> Path:
    text = str(reference)
    if isinstance(reference, Path) or "/" in text or "\\" in text or text.endswith((".yaml", ".yml")):
        return Path(reference)
    for place in beside:
        if (place / f"{text}.yaml").is_file():
            return place / f"{text}.yaml"
    if text in known:
        return known[text]
    titles = {name: _title(configs, path) for name, path in known.items()}
    named = [path for name, path in known.items() if titles[name] == text]
    if len(named) == 1:
        return named[0]
    remedy = f"{closest(text, known, titles)}; 或写出文件路径"
    raise InputProblems([Problem(text, "NOT-FOUND", f"没有{word} {text}", remedy)])


def _title(configs: Configs, path: Path) -> str:
    """What a file of the configuration calls itself; nothing where it cannot be read."""
    try:
        return str(configs.document(path).data.get("title", ""))
    except InputProblems:
        return ""


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
