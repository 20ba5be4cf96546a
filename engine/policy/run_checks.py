"""What a run would refuse or die of because of the plan alone, whatever the data say: told before there are any.

Looked at where the entries are right by themselves (`domain.given.Given.sound`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allocation.merit import merits
from allocation.pools import pools, score_of
from allocation.rules import exemptible, rules
from allocation.terms import GROUP_TITLES, GROUPS
from domain.facts import Catalogue
from domain.institution import Tier
from domain.period import MONTHS
from domain.plan import Item, Plan, Pool, Scope, Scorecard
from engine.policy.readings import deciding_cards
from engine.policy.settlement_checks import check_deposit, check_settlements, check_withheld
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest
from indicators.curves import curves
from indicators.evaluate import lines_counted
from indicators.registry import Indicator, indicators

_WHOSE: Mapping[Scope, str] = {"member": "成员单位", "alliance": "医联体", "district": "区域"}


def check_runnable(document: Document, plan: Plan, catalogue: Catalogue) -> None:
    """Note what no data could make right: scores of nobody, lines nobody counts, groups there are not."""
    deciding = deciding_cards(plan)
    for number, card in enumerate(plan.scorecards):
        for first, part in enumerate(card.dimensions):
            for second, item in enumerate(part.items):
                path: KeyPath = ("scorecards", number, "dimensions", first, "items", second)
                _check_item(document, path, item, card, catalogue)
                if card.id in deciding:
                    _check_never_negative(document, path, item, card)
    check_settlements(document, plan)
    check_deposit(document, plan)
    check_withheld(document, plan)
    cards = {card.id: card for card in plan.scorecards}
    for index, pool in enumerate(plan.pools):
        at: KeyPath = ("pools", index)
        if pool.sound:
            _check_pool(document, at, pool, cards)
        if pool.merit.sound:
            _check_merit(document, (*at, "merit"), pool, cards)
        _check_rules(document, at, pool)
        for which, exemption in enumerate(pool.exempt):
            _check_exemptible(document, (*at, "exempt", which, "rule"), exemption.rule)


# ── scorecards ────────────────────────────────────────────────────────────────────────────────────────────


def _check_item(document: Document, path: KeyPath, item: Item, card: Scorecard, catalogue: Catalogue) -> None:
    described = indicators().get(item.indicator)
    if described is not None and card.scope not in described.scopes:
        said = f"{described.title}不评价{_WHOSE[card.scope]}"
        document.add((*path, "indicator"), "INDICATOR-SCOPE", said, f"可评价 {'、'.join(described.scopes)}")
    if not (item.sound and item.curve.sound):
        return
    curve, at = curves()[item.curve.use], (*path, "curve")
    needed = curve.lines(item.curve.given)
    counted = _counted(described, item, catalogue) if needed else ()
    for code in (one for one in needed if one not in counted):
        remedy = closest(code, list(counted)) if counted else "用逐项计数的指标, 如 line_counts"
        document.add((*at, "params"), "CURVE-LINES", f"{item.indicator} 不计 {code}", remedy)
    if needed and curve.full_marks and item.points <= 0:
        document.add((*path, "points"), "CURVE-POINTS", f"{curve.title}需要大于 0 的分值", "写出分值")
    if curve.days and (described is None or described.unit != "日期"):
        said = f"{curve.title}看完成日期, {item.indicator} 的值不是日期"
        document.add((*at, "use"), "CURVE-DAYS", said, "改用 completed_on, 或换一个评分办法")


def _counted(described: Indicator | None, item: Item, catalogue: Catalogue) -> tuple[str, ...]:
    """The lines that an indicator counts; none of a local one, or of one that names what is not there."""
    try:
        return lines_counted(described, item.given, catalogue) if described else ()
    except KeyError:  # said of the params
        return ()


def _check_never_negative(document: Document, path: KeyPath, item: Item, card: Scorecard) -> None:
    if item.curve.sound and not curves()[item.curve.use].bounded(item.curve.given):
        said = f"得分可能为负或超过满分, 而评分表 {card.id} 决定分配"
        document.add((*path, "curve", "params"), "CURVE-UNBOUNDED", said, "写 clip: true")


# ── pools ─────────────────────────────────────────────────────────────────────────────────────────────────


def _check_pool(document: Document, path: KeyPath, pool: Pool, cards: Mapping[str, Scorecard]) -> None:
    scored = score_of(pool)
    if scored is not None and scored.scorecard in cards:
        _check_scored(document, (*path, "params"), pool, cards[scored.scorecard], scored.whose)
    spread = pools()[pool.use].spread(pool.given)
    for kind in pool.periods if spread is not None else ():
        if spread is not None and len(spread.shares) != 12 // MONTHS[kind]:
            said = f"共 {len(spread.shares)} 个比例, 与期间种类 {kind} 不符"
            document.add((*path, "params", "spread"), "PERIOD-SHARES", said, f"写全年 {12 // MONTHS[kind]} 期的比例")


def _check_scored(document: Document, path: KeyPath, pool: Pool, card: Scorecard, whose: Scope) -> None:
    """The score that a pool hangs on is one that the scorecard gives, to everybody who shares."""
    if card.scope != whose:
        said = f"要{_WHOSE[whose]}的得分, 评分表 {card.id} 评的是{_WHOSE[card.scope]}"
        document.add(path, "SCORE-WHOSE", said, f"换一张 scope: {whose} 的评分表")
    left = sorted({*pool.tiers} - {*card.tiers}) if whose == "member" and card.tiers else []
    if left:
        said = f"评分表 {card.id} 不评 {'、'.join(Tier(tier).chinese for tier in left)}"
        document.add(path, "SCORE-WHOSE", said, "在评分表的 tiers 中列入, 或不列入资金池的 tiers")
    outside = sorted({*pool.forms} - {*card.forms}) if whose == "alliance" and card.forms else []
    if outside:
        said = f"评分表 {card.id} 不评 {'、'.join(outside)}"
        document.add(path, "SCORE-WHOSE", said, "在评分表的 forms 中列入, 或不列入资金池的 forms")


def _check_merit(document: Document, path: KeyPath, pool: Pool, cards: Mapping[str, Scorecard]) -> None:
    measure, given = merits()[pool.merit.use], pool.merit.given
    if (named := measure.scorecard(given)) in cards:
        _check_scored(document, (*path, "params", "scorecard"), pool, cards[named], "member")
    factors = measure.tiers(given)
    left = sorted({*pool.tiers} - {*factors}) if factors else []
    if left:
        said = f"tier_factor 没有 {'、'.join(Tier(tier).chinese for tier in left)}"
        document.add((*path, "params"), "TIER-FACTOR", said, "补上, 或不列入资金池的 tiers")
    if measure.nothing(given, pool.tiers):
        said = "权重或系数都是 0, 全部成员单位的绩效都是 0, 无从分配"
        document.add((*path, "params"), "MERIT-ALL-ZERO", said, "写出大于 0 的权重或系数")
    if any(tier in (Tier.ALLIANCE, Tier.DISTRICT) for tier in pool.tiers):
        document.add((*path[:-1], "tiers"), "NO-MEMBERS", "医联体和区域不是成员单位", "写成员单位的层级")


def _check_rules(document: Document, path: KeyPath, pool: Pool) -> None:
    for index, rule in enumerate(pool.rules):
        if not rule.sound:
            continue
        at: KeyPath = (*path, "rules", index, "params")
        file = rules()[rule.use]
        for parameter, group in file.groups(rule.given):
            where: KeyPath = (*at, *parameter.split("."))
            if file.grouped_by_tier and group in GROUPS:
                document.add(where, "RESERVED-TIER", f"{group} 是组名, 不是机构层级", "写机构层级")
            else:
                _check_group(document, where, group, pool.tiers)
        for said in file.impossible(rule.given):
            document.add(at, "RULE-IMPOSSIBLE", said, "核对比例")


def _check_group(document: Document, where: KeyPath, group: str, tiers: Sequence[Tier]) -> None:
    """A group is there, and somebody of those who share is in it."""
    members = [tier for tier in Tier if tier not in (Tier.ALLIANCE, Tier.DISTRICT)]
    if group in GROUPS:
        if group != "all" and tiers and not any(tier.grassroots for tier in tiers):
            document.add(where, "EMPTY-GROUP", f"参与者的层级 (tiers) 中没有 {group}", "删去该规则, 或在 tiers 中列入")
    elif group not in members:
        document.add(where, "EMPTY-GROUP", f"没有机构层级或组 {group}", closest(group, GROUP_TITLES, GROUP_TITLES))
    elif tiers and group not in {*tiers}:
        document.add(where, "EMPTY-GROUP", f"参与者的层级 (tiers) 中没有 {group}", "删去该规则, 或在 tiers 中列入")


def _check_exemptible(document: Document, path: KeyPath, use: str) -> None:
    own = exemptible()
    if use in rules() and use not in own:
        document.add(path, "EXEMPT-RULE", f"{use} 约束一组单位的合计, 不能豁免", "可豁免: " + "、".join(own))
