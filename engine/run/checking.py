"""The data of a run looked at: what the checks of its plan find, as a frame, and what of it wants a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache

import pandas as pd

from domain.check import CheckRule
from domain.plan import Plan
from domain.step import Phrase, Place, RunWarning, Value
from engine.checks.kinds import Looked, kinds
from engine.checks.look import Finding, look, rules_of
from engine.checks.rows import Rows
from engine.run.indexed import Indexed
from engine.run.memo import Memo
from engine.run.result import frame

WORDS = {
    "unanswered": "{unit:where} {what}, 预期 {expected}, 没有写明原因, 付款前在备注列写明或改正",
    "unanswered_at": "{cell}: {unit:where} {what}, 预期 {expected}, 没有写明原因, 付款前在备注列写明或改正",
    "more": "另有 {count} 处数据核对没有写明原因, 见 checks 表",
}
NAMED = 20
"""Findings without a reason that are told one by one; the others are counted."""


def find(
    plan: Plan, indexed: Indexed, pools: pd.DataFrame, memo: Memo, among: Collection[str] | None = None
) -> list[Finding]:
    """What the checks of a plan find in the facts of a region. pools: the frame; among: only of these units.

    A check is looked at again where the region, the periods told of or a figure that it asks for differ.
    """
    catalogue, waive = indexed.catalogue, plan.checks.waive

    @cache
    def looked() -> Looked:
        return Looked(Rows.of(indexed.facts, catalogue), catalogue, indexed.period, pools, indexed.people)

    def of(rule: CheckRule) -> list[Finding]:
        asks, around = kinds()[rule.use].asks, (*indexed.region, indexed.people, indexed.period, indexed.spoken)
        told = (indexed.facts, pools) if asks is None else (indexed.telling(asks(rule.given, catalogue)),)
        return memo.of(("check", rule.id), (rule, waive, *around, *told), lambda: look([rule], waive, looked()))

    found = [one for rule in rules_of(plan, catalogue) if rule.sound for one in of(rule)]
    return [one for one in found if among is None or one.unit in among]


def check_frame(found: Iterable[Finding]) -> pd.DataFrame:
    """The findings as the frame `checks`."""
    return frame(
        "checks",
        [(one.cell, one.unit, one.what, one.value, one.expected, one.rule, one.severity, one.answer) for one in found],
    )


def unanswered(found: Iterable[Finding]) -> Iterator[RunWarning]:
    """That a finding wants a reason and has none, with its unit and cell."""
    open_ = [one for one in found if one.unanswered]
    for one in open_[:NAMED]:
        values: dict[str, Value | None] = {
            "unit": one.unit,
            "what": one.what,
            "expected": one.expected,
            "cell": one.cell,
        }
        said = Phrase(f"{__name__}:{'unanswered_at' if one.cell else 'unanswered'}", values)
        yield RunWarning("CHECK-UNANSWERED", said, Place(unit=one.unit))
    if len(open_) > NAMED:
        yield RunWarning("CHECK-UNANSWERED", Phrase(f"{__name__}:more", {"count": str(len(open_) - NAMED)}))
