"""What must hold in what a plan says about the way of a batch (domain.workflow), beyond its schema.

Looked at on the raw data, so that one fault of the schema hides no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.facts import Catalogue
from domain.workflow import APART, DUTY_TITLES, GATE_TITLES, STAGE_TITLES, TERM_TITLES
from engine.policy.pack_checks import raw_entries
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest

WITH_MONEY = ("gates", "approvals")
"""The keys that only a plan that pays something has a use for."""


def check_workflow(document: Document, catalogue: Catalogue) -> None:
    """Note what is wrong with gates, approvals, terms, joined duties and filers."""
    data = document.data
    if not data.get("pools"):
        for key in (one for one in WITH_MONEY if data.get(one)):
            document.add((key,), "NEVER-ASKED", f"方案没有资金池, 不分配也不审批, 用不到 {key}", "删去")
    _check_gates(document)
    _check_approvals(document)
    _check_deadlines(document)
    _check_hands(document)
    _check_filers(document, catalogue)


def _check_gates(document: Document) -> None:
    gates = list(raw_entries(document.data, ("gates",)))
    _once(document, [((*path, "kind"), gate.get("kind")) for path, gate in gates], "前置手续")
    known = {str(pool.get("id")) for _, pool in raw_entries(document.data, ("pools",))}
    for path, gate in gates:
        kind, pools = gate.get("kind"), gate.get("pools")
        if isinstance(kind, str) and kind not in GATE_TITLES and not str(gate.get("title", "")).strip():
            remedy = f"补上 title, 或{closest(kind, GATE_TITLES)}"
            document.add(path, "FIELD-MISSING", f"前置手续 {kind} 没有写 title (中文名)", remedy)
        for at, pool in enumerate(pools if isinstance(pools, list) else ()):
            if isinstance(pool, str) and pool not in known:
                document.add((*path, "pools", at), "NAME-UNKNOWN", f"方案里没有资金池 {pool}", closest(pool, known))


def _check_approvals(document: Document) -> None:
    approvals = document.data.get("approvals")
    stages = list(_mappings(approvals, "stages", ("approvals",)))
    if not stages:
        return
    names = [(path, one.get("title") or _titled(one.get("stage"))) for path, one in stages]
    _once(document, names, "审批环节")
    for kind, said in STAGE_TITLES.items():
        if not any(one.get("stage") == kind and one.get("above") is None for _, one in stages):
            remedy = f"补一个不写 above 的 stage: {kind}"
            document.add(("approvals", "stages"), "APPROVAL-NONE", f"没有不论金额都要的{said}", remedy)
    approving = False
    for path, one in stages:
        if approving and one.get("stage") == "review":
            document.add((*path, "stage"), "APPROVAL-ORDER", "复核排在审批之后", "移到各个审批之前")
        approving = approving or one.get("stage") == "approve"


def _check_deadlines(document: Document) -> None:
    deadlines = document.data.get("deadlines")
    if not isinstance(deadlines, dict) or deadlines.get("source") is not None:
        return
    for term, said in TERM_TITLES.items():
        if isinstance(deadlines.get(term), int):
            remedy = f"在 deadlines 写 source, 或写 {term}: {{days: …, source: …}}"
            document.add(("deadlines", term), "FIELD-MISSING", f"{said}的期限没有写 source (数字的依据)", remedy)


def _check_hands(document: Document) -> None:
    hands = document.data.get("hands")
    joined = hands.get("join") if isinstance(hands, dict) else None
    seen: set[str] = set()
    for index, pair in enumerate(joined if isinstance(joined, list) else ()):
        path: KeyPath = ("hands", "join", index)
        if not isinstance(pair, list) or len(pair) != 2 or not all(one in DUTY_TITLES for one in pair):
            continue  # the schema says so
        said = "、".join(DUTY_TITLES[one] for one in pair)
        if pair[0] == pair[1]:
            document.add(path, "HANDS-SAME", f"{said} 是同一个职责", "写两个不同的职责")
        elif {*pair} in APART:
            remedy = "删去: 制表、审批、付款始终由三个人办"
            document.add(path, "HANDS-APART", f"{said} 不得由一人兼任, 什么文件都不能允许", remedy)
        for one in dict.fromkeys(pair):
            if one in seen:
                remedy = "一个职责只写在一对里, 否则一个人可以连着兼三个"
                document.add(path, "HANDS-TWICE", f"{DUTY_TITLES[one]} 已经写在另一对里", remedy)
        seen |= {*pair}


def _check_filers(document: Document, catalogue: Catalogue) -> None:
    filers = document.data.get("filers")
    known = {one.reporter for one in catalogue.metrics.values()}
    known |= {one.reporter for one in catalogue.items.values()}
    for reporter in filers if isinstance(filers, dict) else ():
        if reporter not in known:
            remedy = closest(str(reporter), known)
            document.add(("filers", reporter), "NAME-UNKNOWN", f"指标目录没有填报部门 {reporter}", remedy)


def _titled(stage: object) -> str | None:
    return next((title for kind, title in STAGE_TITLES.items() if kind == stage), None)


def _once(document: Document, names: list[tuple[KeyPath, Any]], word: str) -> None:
    """Note names that come twice."""
    seen: dict[str, KeyPath] = {}
    for path, name in names:
        if not isinstance(name, str):
            continue
        if name in seen:
            said = f"{word} {name} 与第 {document.line(seen[name])} 行重复"
            document.add(path, "DUPLICATE-ID", said, "删去一个, 或改名")
        seen.setdefault(name, path)


def _mappings(data: Any, key: str, path: KeyPath) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    listed = data.get(key) if isinstance(data, dict) else None
    for index, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict):
            yield (*path, key, index), one
