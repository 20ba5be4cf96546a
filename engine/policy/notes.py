"""What `plan check` points out of a plan that holds: others' duties scored, what no scorecard uses, silence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from domain.institution import Tier
from domain.pack import OwnerTier, Pack, PackEntry
from domain.plan import Item, Plan, Scorecard
from domain.problems import Problem
from domain.workflow import KEY_TITLES, WANTED
from engine.policy.find import find_entry, looking
from engine.yaml.document import Document

_ABOVE: frozenset[OwnerTier] = frozenset({"outside", Tier.DISTRICT})
"""Owners whose duty no alliance carries out."""


def notes(document: Document, plan: Plan, packs: Mapping[str, Pack]) -> list[Problem]:
    """Notes, none of which is an error: OWNER-OTHER at the item, PACK-UNUSED at the pack's line, PLAN-SILENT."""
    return [*_owned_by_others(document, plan, packs), *_unused(document, plan, packs), *_silent(document, plan)]


def _owned_by_others(document: Document, plan: Plan, packs: Mapping[str, Pack]) -> Iterator[Problem]:
    """Items with points whose rule is laid on other kinds of institutions than those that are scored."""
    for number, card in enumerate(plan.scorecards):
        for first, part in enumerate(card.dimensions):
            for second, item in enumerate(part.items):
                where = document.where(("scorecards", number, "dimensions", first, "items", second))
                for rule in (one for one in (item.rule, *item.also) if one and item.points > 0):
                    owners = find_entry(rule, packs).owner_tiers
                    others = _others(card, item, owners) if owners else ()
                    if others:
                        said = f"评分表 {card.id} 的 {item.id} 考核{_said(others)}, 而 {rule} 是{_said(owners)}的任务"
                        remedy = "改为考核责任单位, 或写 0 分只列出; 确由本地加给的, 不引用该规则"
                        yield Problem(where, "OWNER-OTHER", said, remedy)


def _others(card: Scorecard, item: Item, owners: Collection[OwnerTier]) -> Sequence[Tier]:
    """Those of the scored that the rule is not laid on."""
    if card.scope == "alliance":
        return [Tier.ALLIANCE] if {*owners} <= _ABOVE else []
    if card.scope == "district":
        return []
    scored = item.tiers or card.tiers or [tier for tier in Tier if tier not in (Tier.ALLIANCE, Tier.DISTRICT)]
    return [tier for tier in scored if tier not in owners and (not card.tiers or tier in card.tiers)]


def _said(tiers: Collection[OwnerTier]) -> str:
    return "、".join(tier.chinese if isinstance(tier, Tier) else "医联体之外的机构" for tier in tiers)


def _unused(document: Document, plan: Plan, packs: Mapping[str, Pack]) -> Iterator[Problem]:
    """What a pack measures or names and no item looks at, by section."""
    for index, pack in enumerate(packs[one.id] for one in plan.packs):
        sections: tuple[tuple[str, Sequence[PackEntry]], ...] = (
            ("指标", pack.indicators),
            ("趋势", pack.trends),
            ("点名未定目标", pack.named),
        )
        for title, entries in sections:
            left = [entry.id for entry in entries if not looking(f"{pack.id}:{entry.id}", entry, plan)]
            if left:
                said = f"{pack.id} 的{title}没有评分项用到: {', '.join(left)}"
                yield Problem(
                    document.where(("packs", index)), "PACK-UNUSED", said, "任务台账逐条列出; 要考核的写进评分表"
                )


def _silent(document: Document, plan: Plan) -> Iterator[Problem]:
    """Keys that a batch of this plan will want at a step, and that it lacks; without pools nothing is disclosed."""
    steps = [step for step in WANTED if plan.pools or step != "disclose"]
    left = [f"{key} ({KEY_TITLES[key]})" for step in steps for key in plan.unsaid(step)]
    if left and not plan.only_pays:
        yield Problem(document.where(("id",)), "PLAN-SILENT", f"方案没有写 {', '.join(left)}", "办到那一步之前补上")
