"""What must hold in a pack beyond its schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.facts import Catalogue
from domain.pack import Pack, PackDuty, PackIndicator
from engine.policy.entries import check_indicator
from engine.policy.find import parted
from engine.policy.readings import check_readings
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest

SECTIONS = ("indicators", "trends", "named", "duties", "money", "prices", "milestones")


def check_pack(document: Document, pack: Pack | None, catalogue: Catalogue, clauses: frozenset[str]) -> None:
    """Note everything wrong: ids, clauses, indicators with their params, targets, milestones, dates.

    clauses: those that its document has; none where there is no list of them.
    What can be told from the raw entries is told even where the schema objects elsewhere (`pack` is None).
    """
    entries = list(raw_entries(document.data, SECTIONS))
    unique(document, entries, "条目")
    for path, entry in entries:
        _check_clause(document, path, entry, clauses)
        _check_indicator(document, path, entry, catalogue)
    rules = {str(entry.get("id")) for path, entry in entries if path[0] in {"indicators", "trends", "named", "duties"}}
    for path, entry in entries:
        named = entry.get("rules")
        for index, rule in enumerate(named if path[0] == "milestones" and isinstance(named, list) else ()):
            if isinstance(rule, str) and rule not in rules:
                document.add((*path, "rules", index), "RULE-UNKNOWN", f"本政策包没有 {rule}", "核对 id")
    if pack is not None:
        _check_targets(document, pack)
        check_readings(document, pack, catalogue)
        _check_dates(document, pack)


def raw_entries(data: Any, sections: Iterable[str]) -> Iterable[tuple[KeyPath, Mapping[str, Any]]]:
    """The mappings of some lists of the top level, with their key paths."""
    for section in sections:
        listed = data.get(section)
        for index, entry in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(entry, dict):
                yield (section, index), entry


def unique(document: Document, entries: Iterable[tuple[KeyPath, Mapping[str, Any]]], word: str) -> None:
    """Note ids that come twice."""
    seen: dict[str, KeyPath] = {}
    for path, entry in entries:
        name = entry.get("id")
        if not isinstance(name, str):
            continue
        if name in seen:
            first = document.line((*seen[name], "id"))
            document.add((*path, "id"), "DUPLICATE-ID", f"{word} {name} 与第 {first} 行重复", "改一个 id")
        else:
            seen[name] = path


def _check_clause(document: Document, path: KeyPath, entry: Mapping[str, Any], clauses: frozenset[str]) -> None:
    cite = entry.get("cite")
    clause = cite.get("clause") if isinstance(cite, dict) else None
    if not isinstance(clause, str):
        return
    at = (*path, "cite", "clause")
    if not clause.strip():
        document.add(at, "FIELD-VALUE", "条款号是空的", "照文件所印写出")
    elif clauses:
        for one in (part for part in parted(clause) if part not in clauses):
            document.add(at, "CITE-CLAUSE", f"文件没有条款 {one}", closest(one, {*clauses}))


def _check_indicator(document: Document, path: KeyPath, entry: Mapping[str, Any], catalogue: Catalogue) -> None:
    if path[0] not in {"indicators", "trends", "named", "duties"}:
        return
    if isinstance(entry.get("indicator"), str):
        check_indicator(entry, document, path, catalogue, local=frozenset())
    elif entry.get("params"):
        document.add((*path, "params"), "INDICATOR-PARAMS", "没有写 indicator, params 无处可用", "删去 params")


def _check_targets(document: Document, pack: Pack) -> None:
    for index, rule in enumerate(pack.indicators):
        path: KeyPath = ("indicators", index)
        if rule.target == []:
            document.add((*path, "target"), "TARGET-RANGE", "target 是空的列表", "写出目标值; 文件没有给数时写 null")
        if rule.op == "between":
            if rule.upper is None:
                document.add(path, "TARGET-RANGE", "op: between 缺少 upper", "补上上限")
            elif not isinstance(rule.target, list) and rule.target is not None and rule.upper < rule.target:
                document.add((*path, "upper"), "TARGET-RANGE", "upper 小于 target", "核对上下限")
        elif rule.upper is not None:
            document.add((*path, "upper"), "TARGET-RANGE", f"upper 只用于 op: between, 此处为 {rule.op}", "删去 upper")


def _check_stated(document: Document, section: str, entries: Sequence[PackIndicator | PackDuty]) -> None:
    for index, entry in enumerate(entries):
        if entry.deadline is None and not entry.deadline_stated:
            at = (section, index, "deadline_stated")
            document.add(at, "FIELD-VALUE", "没有 deadline, 无从说它是否写明", "补上 deadline, 或删去此项")


def _check_dates(document: Document, pack: Pack) -> None:
    _check_stated(document, "indicators", pack.indicators)
    _check_stated(document, "duties", pack.duties)
    if pack.effective_from and pack.effective_to and pack.effective_to < pack.effective_from:
        document.add(("effective_to",), "DATE-ORDER", "早于 effective_from", "核对日期")
