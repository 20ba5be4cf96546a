"""得分 × 数量: a member's score times what it does or holds, times a factor by tier, for its months of membership.

    merit = score × Σ (weight × metric) × factor of the tier × months / months of the period

Source: shares by score and workload (按绩效占比分配), domain/B_money B.1.4 and B.1.8; domain/D_methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from pydantic import Field

from allocation.context import PoolContext, Value
from allocation.merit import Merits, prorated
from domain.facts import Strict
from domain.institution import Tier
from domain.money import format_exact
from domain.policy import Exact, Ratio
from domain.problems import Problems
from domain.trace import Trace

TITLE = "得分×数量"


class Params(Strict):
    """scorecard: whose totals count. quantity: weights of catalogue metrics, added up (empty: the score alone).

    tier_factor: factor by tier (empty: none; otherwise every tier that shares must be there). min_score: below it a
    member has no part (the number itself is enough). prorate: whether months of membership count.
    """

    scorecard: str
    quantity: Mapping[str, Ratio] = Field(default_factory=dict)
    tier_factor: Mapping[Tier, Ratio] = Field(default_factory=dict)
    min_score: Exact | None = None
    prorate: bool


def merit(context: PoolContext, params: Params) -> Merits:
    """Merits by score. Raises InputProblems: SCORE-MISSING, FACT-MISSING, TIER-FACTOR."""
    problems = Problems()
    values: dict[str, Fraction] = {}
    traces: list[Trace] = []
    members = context.sharing
    for unit, tier, months in zip(members["unit_code"], members["tier"], members["months"], strict=True):
        score = context.need_score(problems, params.scorecard, unit)
        metrics = {metric: context.need_value(problems, unit, metric) for metric in params.quantity}
        factor = params.tier_factor.get(Tier(tier), None if params.tier_factor else Fraction(1))
        if factor is None:
            where = context.pool.merit.at or context.pool.id
            problems.add(
                where, "TIER-FACTOR", f"tier_factor 没有 {Tier(tier).chinese} ({tier})", "补上, 或用 tiers 限定参与者"
            )
            continue
        counted = params.min_score is None or score >= params.min_score
        part = prorated(context, int(months)) if params.prorate else Fraction(1)
        quantity = _quantity(metrics, params) if metrics else Fraction(1)
        values[unit] = score * quantity * factor * part if counted else Fraction(0)
        traces.append(_Story(context, params, score, metrics, factor, int(months)).trace(unit, values[unit]))
    problems.raise_if_any()
    return Merits(values, tuple(traces))


def _quantity(metrics: Mapping[str, Value], params: Params) -> Fraction:
    return sum((params.quantity[code] * found.value for code, found in metrics.items()), Fraction(0))


@dataclass(frozen=True)
class _Story:
    """The numbers that one member's merit was made of."""

    context: PoolContext
    params: Params
    score: Fraction
    metrics: Mapping[str, Value]
    factor: Fraction
    months: int

    def trace(self, unit: str, result: Fraction) -> Trace:
        titles, least = self.context.titles, self.params.min_score
        numbers = {"得分": format_exact(self.score)}
        formula = "得分"
        if self.metrics:
            terms = [f"{format_exact(self.params.quantity[code])} × {titles.get(code, code)}" for code in self.metrics]
            formula += f" × ({' + '.join(terms)})"
            numbers |= {titles.get(code, code): format_exact(found.value) for code, found in self.metrics.items()}
        if self.params.tier_factor:
            formula += " × 层级系数"
            numbers["层级系数"] = format_exact(self.factor)
        if self.params.prorate:
            formula += " × 成员月数/期间月数"
            numbers |= {"成员月数": str(self.months), "期间月数": str(self.context.period.months)}
        notes: tuple[str, ...] = ()
        if least is not None and self.score < least:
            notes = (f"得分低于 {format_exact(least)}, 不参与分配",)
        return Trace(
            self.context.key("merit", unit), "绩效", formula, numbers, format_exact(result),
            self.context.pool.merit.use, self.context.merit_cites,
            tuple(cell for found in self.metrics.values() for cell in found.cells), notes,
        )  # fmt: skip
