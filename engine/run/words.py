"""What codes are called in Chinese, where nothing is put into the words, and what checks and contradictions say."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from allocation.answer import Conflicting
from allocation.holding import SOFT_KEEP, Held
from allocation.rules import rules
from domain.institution import TIER_TITLES
from domain.money import format_yuan
from domain.paid import Finding
from domain.step import Phrase, Value
from engine.policy.words import STATUS
from engine.run.labels import Document

PURPOSES = {"income": "作为医疗服务收入分配", "staff_reward": "人员绩效奖励", "subsidy": "补助"}
BASES = {"estimate": "预估", "settled": "已清算确认"}
UNPAID = {"fund": "退回资金来源", "carry_forward": "结转下期", "alliance_reserve": "转入医联体发展储备"}
SCOPES = {"member": "成员单位", "alliance": "医联体", "district": "区域"}
VALUE_STATUS = {"ok": "正常", "missing": "缺数", "not_applicable": "不适用"}
_TIERS = {tier.value: title for tier, title in TIER_TITLES.items()}
WORDS = {
    "held_by_cap": "封顶于{rule:rule}",
    "held": "因{rule:rule}受限",
    "passed": "超过{rule:rule} {fen} 元 (软规则第 {priority} 级, 让位于{before:join 、})",
    "short": "因{rule:rule}受限, 该规则合计仍差 {fen} 元 (软规则第 {priority} 级, 让位于{before:join 、})",
    "whole_pool": "尽量分完资金池",
    "rule": "{rule:rule}",
}


def rule_titles() -> dict[str, str]:
    """Rules' Chinese names, and that of the pool's own amount among them."""
    return {use: rule.words.title for use, rule in rules().items()} | {
        "pool": "资金池金额",
        SOFT_KEEP: "软规则的保底 (soft_keep)",
    }


def tier_title(tier: str) -> str:
    """A tier in Chinese."""
    return _TIERS.get(tier, tier)


def say_document(one: Document) -> str:
    """A document with who issued it, its number and its standing."""
    return f"《{one.title}》　{one.issuer}　{one.number or '无文号'}　{STATUS[one.status]}"


def because(uses: Iterable[str]) -> tuple[Phrase, ...]:
    """What keeps money back: hard rules, which are kept."""
    known = rules()
    return tuple(_kept(use, cap=use in known and known[use].kind == "cap") for use in uses)


def held(several: Iterable[Held]) -> tuple[Phrase, ...]:
    """What held an amount: at which bound it is, or which soft rule was passed, by how much and for what."""
    return tuple(_passed(one) if one.beyond else _kept(one.use, cap=one.cap) for one in several)


def _kept(use: str, *, cap: bool) -> Phrase:
    return Phrase(f"{__name__}:{'held_by_cap' if cap else 'held'}", {"rule": use})


def _passed(one: Held) -> Phrase:
    before = (
        Phrase(f"{__name__}:whole_pool"),
        *(Phrase(f"{__name__}:rule", {"rule": use}) for use in one.before),
    )
    said: dict[str, Value | None] = {"rule": one.use, "fen": one.beyond, "priority": Fraction(one.priority)}
    return Phrase(f"{__name__}:{'passed' if one.cap else 'short'}", {**said, "before": before})


def say_conflict(conflict: Iterable[Conflicting]) -> list[str]:
    """The rules of a contradiction, one per line, and how much they miss together at least."""
    said, shorts = [], []
    for entry in conflict:
        whom = f" ({entry.code})" if entry.code else ""
        said.append(f"  矛盾: {rule_title(entry.use)}{whom}")
        shorts.append(format_yuan(entry.short))
    return [*said, *(f"  以上规则合计至少差 {short} 元" for short in dict.fromkeys(shorts))]


def rule_title(use: str) -> str:
    """A rule's Chinese name."""
    return rule_titles().get(use, use)


def say_finding(one: Finding) -> str:
    """What a check found wrong with an allocation."""
    got = format_yuan(one.got)
    least, most = ("" if fen is None else format_yuan(fen) for fen in (one.least, one.most))
    said = {
        "members": "分配结果的单位与问题不一致",
        "negative": f"{one.who} 分得 {got} 元, 不得为负",
        "left": f"未分配 {got} 元, 不得为负",
        "pool": f"分配 {got} 元加未分配 {format_yuan(one.other)} 元不等于资金池 {most} 元",
        "distributed": f"各单位合计 {got} 元, 记为 {format_yuan(one.other)} 元",
        "merit": f"{one.who} 绩效为 0, 分得 {got} 元",
        "total": f"合计 {got} 元, 超过 {most} 元",
        "per_head": f"{one.who} 人均 {got} 元, 低于 {one.against} 人均 {format_yuan(one.other)} 元的规定比例",
        "member": f"{one.who} 分得 {got} 元, " + (f"超过上限 {most} 元" if most else f"低于下限 {least} 元"),
        "group": f"{one.who} 应在 {least} 至 {most} 元, 实为 {got} 元"
        if most
        else f"应不低于 {least} 元, 实为 {got} 元",
    }[one.measure]
    return f"{one.rule}: {said}" if one.rule else said
