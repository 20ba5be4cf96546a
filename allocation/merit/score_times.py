"""得分 × 数量: a member's score times what it does or holds, times a factor by tier, for its months of membership.

    merit = score × Σ (weight × metric) × factor of the tier × months / months of the period

Source: shares by score and workload (按绩效占比分配), domain/B_money B.1.4 and B.1.8; domain/D_methods.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction

from pydantic import Field

from allocation.context import PoolContext
from allocation.merit import COUNTED, Merits, Part, counted, weighted
from domain.facts import Strict
from domain.institution import Tier
from domain.key import Key, Keys
from domain.problems import Problems
from domain.step import Numbers, Phrase, Words
from domain.values import Exact, Ratio

TITLE = "得分×数量"
WORDS = {
    "merit": Words(
        "绩效", "得分{quantity}{by_tier}{by_months}", {"score": "得分", "tier_factor": "层级系数", **COUNTED}
    ),
    "by_tier": " × 层级系数",
    "below": "得分低于 {least}, 不参与分配",
}
KEYS: Keys = {
    "Params": Key(TITLE, "得分 × 数量 × 层级系数"),
    "scorecard": Key("评分表", "评分表的 id", "member"),
    "quantity": Key("数量", "指标目录的数据和各自的权数, 相加; 不写是只按得分", {"heads_on_post": "1"}),
    "tier_factor": Key("层级系数", "写了就要写全参与的层级", {"lead": "1", "township": "1.2"}),
    "min_score": Key("最低分", "低于它的不参与, 等于的参与", "60"),
    "prorate": Key("按在册月数折算", "期中加入、退出的按月数", example=True),
}


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


def scorecard(params: Params) -> str:
    """Whose totals count."""
    return params.scorecard


def metrics(params: Params) -> tuple[str, ...]:
    """What the score is multiplied by."""
    return tuple(params.quantity)


def tiers(params: Params) -> tuple[Tier, ...]:
    """Those with a factor; none: it makes no difference."""
    return tuple(params.tier_factor)


def nothing(params: Params, tiers: Collection[Tier]) -> bool:
    """Whether every weight is 0, or the factor of every tier that shares."""
    factors = [factor for tier, factor in params.tier_factor.items() if not tiers or tier in tiers]
    return any(numbers and not any(numbers) for numbers in (factors, [*params.quantity.values()]))


def merit(context: PoolContext, params: Params) -> Merits:
    """Merits by score. Raises InputProblems: SCORE-MISSING, FACT-MISSING, TIER-FACTOR."""
    problems = Problems()
    parts: dict[str, Part] = {}
    least = params.min_score
    members = context.sharing
    for unit, tier in zip(members["unit_code"], members["tier"], strict=True):
        score = context.need_score(problems, params.scorecard, unit)
        quantity = weighted(context, problems, unit, params.quantity)
        factor = params.tier_factor.get(Tier(tier), None if params.tier_factor else Fraction(1))
        if factor is None:
            where = context.pool.merit.at or context.pool.id
            problems.add(
                where, "TIER-FACTOR", f"tier_factor 没有 {Tier(tier).chinese} ({tier})", "补上, 或用 tiers 限定参与者"
            )
            continue
        counts = least is None or score >= least
        value = (score * quantity.value if factor == 1 else score * quantity.value * factor) if counts else Fraction(0)
        notes = () if least is None or counts else (Phrase(f"{__name__}:below", {"least": least}),)
        numbers: Numbers = {"score": score, **quantity.numbers}
        if params.tier_factor:
            numbers["tier_factor"] = factor
        by_tier = Phrase(f"{__name__}:by_tier") if params.tier_factor else ""
        fields = {"quantity": quantity.said, "by_tier": by_tier}
        parts[unit] = Part(value, numbers=numbers, fields=fields, cells=quantity.cells, notes=notes)
    problems.raise_if_any()
    return counted(context, parts, f"{__name__}:merit", prorate=params.prorate)
