"""The metric catalogue: what facts and amounts of money there are, with their titles, units and kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from domain.check import CheckRule
from domain.facts import KINDS, Catalogue, Metric, MoneyItem, Strict
from domain.institution import Tier
from domain.problems import InputProblems, Problem
from engine.policy.data_checks import check_rules, given_check
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest, validate


class _Metrics(Strict):
    """The catalogue's file."""

    metrics: list[Metric]
    items: list[MoneyItem]
    checks: list[CheckRule] = Field(default_factory=list)


def made_catalogue(document: Document) -> Catalogue:
    """The catalogue of a file. Raises InputProblems with everything that is wrong in it."""
    read = validate(_Metrics, document, document.data)
    if read is not None:
        _check(document, read.metrics, read.items)
    if read is None:
        document.raise_if_any()
        raise InputProblems([Problem(document.name, "FIELD-VALUE", "内容不合规定", "核对文件")])
    made = Catalogue(
        metrics={metric.code: metric for metric in read.metrics}, items={item.code: item for item in read.items}
    )
    check_rules(document, ("checks",), document.data.get("checks"), made)
    document.raise_if_any()
    return replace(made, checks=tuple(map(given_check, read.checks)))


def _check(document: Document, metrics: Sequence[Metric], items: Sequence[MoneyItem]) -> None:
    """Note codes that come twice, tiers and metrics that are not there."""
    known = {metric.code for metric in metrics}
    seen: set[str] = set()
    tables: tuple[tuple[str, Sequence[Metric | MoneyItem]], ...] = (("metrics", metrics), ("items", items))
    for section, rows in tables:
        for index, row in enumerate(rows):
            path: KeyPath = (section, index)
            if row.code in seen:
                document.add(path, "DUPLICATE-ID", f"{row.code} 写了两次", "删去一个")
            seen.add(row.code)
            kinds = ("flow", "stock") if isinstance(row, Metric) else KINDS
            if row.kind not in kinds:
                document.add((*path, "kind"), "FIELD-VALUE", f"{row.kind} 不在可选值之内", "写 " + " 或 ".join(kinds))
            for tier in sorted(set(row.scopes) - {*Tier}):
                document.add((*path, "scopes"), "FIELD-VALUE", f"没有机构层级 {tier}", closest(tier, {*Tier}))
            if isinstance(row, Metric) and row.part_of is not None and row.part_of not in known:
                document.add((*path, "part_of"), "NAME-UNKNOWN", f"没有指标 {row.part_of}", "核对代码")
