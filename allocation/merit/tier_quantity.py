"""按层级计量: what each kind of institution does, counted by a weight of its own: who refers down, and who receives.

    merit = Σ (weight × metric), of the part that names its tier, × months / months of the period

Source: what patients referred both ways bring (双向转诊患者的利益分配机制), jilin-city-2017 二(五)3; weights are local.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Self

from pydantic import Field, model_validator

from allocation.context import PoolContext
from allocation.merit import COUNTED, Merits, counted, weighted
from domain.facts import Strict
from domain.institution import Tier
from domain.key import Key, Keys
from domain.problems import Problems
from domain.step import Words
from domain.values import Ratio

TITLE = "按层级计量"
WORDS = {"merit": Words("绩效", "1{quantity}{by_months}", COUNTED)}
KEYS: Keys = {
    "Params": Key(TITLE, "每个层级按自己的工作量计, 如上级医院下转的人次、基层接收下转的人次, 权重由方案定"),
    "parts": Key("各级的数量", "参与的每一级都要写", [{"tiers": ["township"], "quantity": {"heads_on_post": "1"}}]),
    "prorate": Key("按在册月数折算", "期中加入、退出的按月数", example=True),
    "Part": Key("一组", "这几级用这些数量"),
    "Part.tiers": Key("机构层级", "", ["township"]),
    "Part.quantity": Key("数量", "指标目录的数据和各自的权数, 相加", {"heads_on_post": "1"}),
}


class Part(Strict):
    """tiers: whose; quantity: weights of catalogue metrics, added up."""

    tiers: list[Tier] = Field(min_length=1)
    quantity: Mapping[str, Ratio] = Field(min_length=1)


class Params(Strict):
    """parts: every tier that shares is in one of them. prorate: whether months of membership count."""

    parts: list[Part] = Field(min_length=1)
    prorate: bool

    @model_validator(mode="after")
    def _apart(self) -> Self:
        named = [tier for part in self.parts for tier in part.tiers]
        if len({*named}) != len(named):
            raise ValueError("同一层级在 parts 中只写一次")
        return self


def metrics(params: Params) -> tuple[str, ...]:
    """What is counted, of anybody."""
    return tuple(dict.fromkeys(code for part in params.parts for code in part.quantity))


def tiers(params: Params) -> tuple[Tier, ...]:
    """Those that are counted."""
    return tuple(tier for part in params.parts for tier in part.tiers)


def nothing(params: Params, tiers: Collection[Tier]) -> bool:
    """Whether every weight of every tier that shares is 0."""
    mine = [part for part in params.parts if not tiers or {*part.tiers} & {*tiers}]
    return not any(weight for part in mine for weight in part.quantity.values())


def merit(context: PoolContext, params: Params) -> Merits:
    """Merits from figures. Raises InputProblems: FACT-MISSING, TIER-FACTOR."""
    problems = Problems()
    of = {tier: part.quantity for part in params.parts for tier in part.tiers}
    parts = {}
    members = context.sharing
    for unit, tier in zip(members["unit_code"], members["tier"], strict=True):
        if Tier(tier) not in of:
            where = context.pool.merit.at or context.pool.id
            said = f"parts 没有 {Tier(tier).chinese} ({tier})"
            problems.add(where, "TIER-FACTOR", said, "补上, 或用 tiers 限定参与者")
            continue
        part = weighted(context, problems, unit, of[Tier(tier)])
        parts[unit] = replace(part, fields={"quantity": part.said})
    problems.raise_if_any()
    return counted(context, parts, f"{__name__}:merit", prorate=params.prorate)
