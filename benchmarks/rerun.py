"""Reruns of the prepared demo quarter against the same run made whole: a changed number of a plan, a changed fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import clock
from domain.facts import Facts
from domain.period import Period
from domain.plan import Plan
from engine.policy.configs import load_configs
from engine.policy.given import given_plan
from engine.policy.load import load
from engine.read.reader import read
from engine.run.run import run
from engine.whatif.prepared import prepare, rerun

FIGURES = {"signed_person_months": "T14", "resident_posting": "T03", "village_followups_done": "V040"}
"""Facts by metric, and of whom."""
PERIOD = Period.parse("2026Q3")
DATA = Path(__file__).parent.parent / "examples" / "county" / "2026Q3.xlsx"


def _put(value: Any, place: tuple[Any, ...], new: object) -> Any:
    """A plan, or a part of one, with one thing changed."""
    if not place:
        return new
    key, rest = place[0], place[1:]
    if isinstance(value, list):
        return [_put(one, rest, new) if at == key else one for at, one in enumerate(value)]
    if isinstance(value, Mapping):
        return {**value, key: _put(value[key], rest, new)}
    return value.model_copy(update={key: _put(getattr(value, key), rest, new)})


def _item(plan: Plan, name: str) -> tuple[Any, ...]:
    return next(
        ("scorecards", number, "dimensions", part, "items", at)
        for number, card in enumerate(plan.scorecards)
        for part, dimension in enumerate(card.dimensions)
        for at, item in enumerate(dimension.items)
        if item.id == name
    )


def _rule(plan: Plan, pool: str, use: str) -> tuple[Any, ...]:
    number, found = next((number, one) for number, one in enumerate(plan.pools) if one.id == pool)
    return "pools", number, "rules", next(at for at, rule in enumerate(found.rules) if rule.use == use)


def plans(plan: Plan) -> dict[str, Plan]:
    """The plan with one number changed, for each kind of number that people turn."""
    pool = next(number for number, one in enumerate(plan.pools) if one.id == "surplus-prepay")
    points, ratio = (*_item(plan, "M01"), "points"), ("pools", pool, "prepay_ratio")
    return {
        "curve": _put(plan, (*_item(plan, "X15"), "curve", "params", "target"), "0.80"),
        "pool": _put(plan, ratio, Fraction(3, 5)),
        "rule": _put(plan, (*_rule(plan, "performance", "grassroots_min_share"), "params", "share"), "0.55"),
        "permits": _put(plan, ("permits", "risk_fund_rate"), Fraction(1, 100)),
        "weight": _put(plan, points, Fraction(6)),
    }


def told(facts: Facts) -> dict[str, Facts]:
    """The facts with one number changed: of an indicator of all, of one card, of many small members; an amount."""
    found = {}
    for metric, unit in FIGURES.items():
        table = facts.facts
        row = table.index[(table["metric"] == metric) & (table["unit_code"] == unit)][0]
        values = np.array(table["value"].tolist(), dtype=object)
        values[row] -= 1
        found[metric] = replace(facts, facts=table.assign(value=pd.Series(values, dtype=object)))
    money = facts.money.copy()
    money.loc[money.index[money["item"] == "medical_cost"][0], "amount"] += 100_000
    return found | {"medical_cost": replace(facts, money=money)}


def measure(runs: int = clock.RUNS) -> dict[str, dict[str, Any]]:
    """Each changed number in turn, made whole and made again from what was prepared."""
    configs = load_configs()
    loaded = load(configs, "demo-county", PERIOD.end)
    facts = read(DATA, configs.catalogue, loaded.plan, PERIOD, loaded.packs)
    prepared = prepare(configs, loaded, facts, PERIOD)

    def whole(plan: Plan, facts: Facts) -> None:
        run(plan, loaded.packs, facts, configs.catalogue, PERIOD, batch=True)

    def pair(plan: Plan | None, other: Facts | None) -> tuple[list[float], list[float]]:
        taken = given_plan(plan, loaded.packs) if plan else loaded.plan
        works = [partial(whole, taken, other or facts), partial(rerun, prepared, plan=plan, facts=other)]
        for work in works:
            work()
        slow, quick = clock.turns(works, runs)
        return slow, quick

    changed = {name: pair(plan, None) for name, plan in plans(loaded.plan).items()}
    corrected = {name: pair(None, other) for name, other in told(facts).items()}
    return {
        "rerun_plan": _said(changed, "方案改一个数", 12),
        "rerun_fact": _said(corrected, "数据改一个数", 6),
    }


def _said(found: Mapping[str, tuple[list[float], list[float]]], what: str, goal: int) -> dict[str, Any]:
    each = {name: clock.times(slow, quick) for name, (slow, quick) in found.items()}
    return clock.against(
        f"示例县一个季度已备好, {what}后重算 (不含说明), 各类改动取中位数",
        ("engine.whatif.rerun", [median(quick) for _, quick in found.values()]),
        ("engine.run.run(batch=True), 同一版本", [median(slow) for slow, _ in found.values()]),
        round(median(each.values()), 2),
        f"ratio >= {goal}",
        each=each,
    )


if __name__ == "__main__":
    for name, one in measure().items():
        print(name, one["ratio"], one["goal"], one["each"])
