"""What shorter periods of the year paid out of R, taken from their own runs (`--earlier`) instead of typed figures.

Of every run counts what its pools that draw out of R (`allocation.earlier.draws`, by their ids in this plan) gave each
unit, and r of its statement of the two permits. Where the workbook states `reward_paid` or `permits_paid` too, both
must be equal; where it does not, a row per run is filled in, whose cell names the run. Source: R 一年只有一次,
domain/B_money ("Once, and only once").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from allocation.context import added, amounts
from allocation.earlier import PAID, STATED, Earlier, earlier_in
from domain.facts import MONEY, Catalogue, Facts
from domain.money import format_yuan
from domain.period import MONTHS, Kind, Period
from domain.plan import Plan
from domain.problems import InputProblems, Problem, Problems

_SHOWN = 12  # digits of a digest by which people call a run


@dataclass(frozen=True)
class EarlierRun:
    """A run of a shorter period: its digest, the region of its plan, fen by pool and unit, r by unit."""

    digest: str
    region: str
    period: Period
    paid: Mapping[str, Mapping[str, int]]
    stated: Mapping[str, int]

    @property
    def name(self) -> str:
        """How messages and cells call it."""
        return f"{self.period} {self.digest[:_SHOWN]}"

    def of(self, item: str, pools: Iterable[str]) -> Mapping[str, int]:
        """What it paid of an item (`PAID`, of these pools, or `STATED`), fen by unit."""
        if item == STATED:
            return self.stated
        found: dict[str, int] = {}
        for pool in pools:
            for unit, fen in self.paid.get(pool, {}).items():
                found[unit] = found.get(unit, 0) + fen
        return found


def with_paid(facts: Facts, plan: Plan, catalogue: Catalogue, period: Period, runs: Sequence[EarlierRun]) -> Facts:
    """The facts with what earlier runs paid. runs: none leaves all as it is.

    Raises InputProblems: EARLIER-PERIOD (not a shorter one of the year up to the last day), EARLIER-TWICE,
    EARLIER-REGION, EARLIER-UNUSED (the plan pays nothing out of R in shorter periods), EARLIER-DIFFERS (at the cell),
    EARLIER-GAP (a figure would be filled in of which a period is missing).
    """
    if not runs:
        return facts
    earlier = earlier_in(plan, period)
    _check(plan, period, runs, earlier)
    problems, rows = Problems(), list[tuple[object, ...]]()
    pools = [pool.id for pool in earlier.pools]
    asked = {PAID: [kind for pool in earlier.pools for kind in pool.periods]} if pools else {}
    if earlier.stated and plan.permits is not None:
        asked[STATED] = plan.permits.periods
    whom = _asked(facts, plan, earlier)
    for item, kinds in asked.items():
        sums = [one.of(item, pools) for one in runs]
        there = amounts(facts.money[facts.money["item"] == item], catalogue.items, period)
        lacking = []
        for unit in sorted(set(facts.memberships["unit_code"])):
            given = added(there.get((unit, item), ()))
            total = sum(one.get(unit, 0) for one in sums)
            if given is None:
                lacking += [unit] * (unit in whom[item] or bool(total))
            elif given.fen != total:
                said = (
                    f"{unit} {catalogue.items[item].title}填报 {_yuan(given.fen)} 元, "
                    f"已有结果 ({'、'.join(one.name for one in runs)}) 合计 {_yuan(total)} 元"
                )
                problems.add(given.cells[0], "EARLIER-DIFFERS", said, "核对后只留一处, 或改正填报")
        gaps = [one for one in _spans(kinds, period) if one not in {run.period for run in runs}]
        if lacking and gaps:
            said = f"缺 {'、'.join(map(str, gaps))} 的结果, {catalogue.items[item].title}不全"
            problems.add("--earlier", "EARLIER-GAP", said, "补上这些期间的结果文件夹, 或在资金表填报合计")
        rows += [
            (str(period), unit, item, one.get(unit, 0), "", "", "", "", f"{run.name} allocations!{item}")
            for unit in lacking
            for run, one in zip(runs, sums, strict=True)
        ]
    problems.raise_if_any()
    filled = pd.DataFrame(rows, columns=list(MONEY)).astype(facts.money.dtypes.to_dict())
    return replace(facts, money=pd.concat([facts.money, filled], ignore_index=True))


def _asked(facts: Facts, plan: Plan, earlier: Earlier) -> dict[str, set[str]]:
    """The units of whom a run asks each item."""
    units = facts.institutions
    kinds = zip(units["unit_code"], units["tier"].astype(str), units["ownership"].astype(str), strict=True)
    found: dict[str, set[str]] = {PAID: set(), STATED: set()}
    for unit, tier, owner in kinds:
        if earlier.asks(tier, owner):
            found[PAID].add(unit)
        if plan.permits and owner in plan.permits.ownership and (not plan.permits.tiers or tier in plan.permits.tiers):
            found[STATED].add(unit)
    return found


def _spans(kinds: Iterable[Kind], period: Period) -> list[Period]:
    """The shorter periods of these kinds from the year's first day to the period's last."""
    known = [kind for kind in dict.fromkeys(kinds) if kind != "year"]
    year = (Period(period.year, kind, at) for kind in known for at in range(1, 12 // MONTHS[kind] + 1))
    return [one for one in year if one.months < period.months and one.end <= period.end]


def _check(plan: Plan, period: Period, runs: Sequence[EarlierRun], earlier: Earlier) -> None:
    problems, seen = list[Problem](), dict[Period, EarlierRun]()
    if not earlier.pools and not earlier.stated:
        said = "方案在较短期间不从奖励基数支付, 也不编测算表, 没有可取的数"
        problems.append(Problem("--earlier", "EARLIER-UNUSED", said, "去掉 --earlier"))
    for one in runs:
        at = f"--earlier {one.name}"
        if one.region != plan.region:
            said = f"是行政区划 {one.region} 的结果, 方案是 {plan.region} 的"
            problems.append(Problem(at, "EARLIER-REGION", said, "给出同一地区的结果文件夹"))
        if one.period.year != period.year or one.period.months >= period.months or one.period.end > period.end:
            said = f"{one.period} 不是 {period.year} 年内、{period} 结束以前的较短期间"
            problems.append(Problem(at, "EARLIER-PERIOD", said, "给出本年较短期间的结果文件夹"))
        if one.period in seen:
            said = f"与 {seen[one.period].name} 是同一期间"
            problems.append(Problem(at, "EARLIER-TWICE", said, "一个期间只给一个结果文件夹, 有更正的给更正后的"))
        seen[one.period] = one
    if problems:
        raise InputProblems(problems)


def _yuan(fen: int) -> str:
    return format_yuan(fen, thousands=True)
