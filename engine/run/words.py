"""Words in Chinese: what pools are for and rest on, what held an amount, what contradicts what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from allocation.rules import rules

PURPOSES = {"income": "作为医疗服务收入分配", "staff_reward": "人员绩效奖励", "subsidy": "补助"}
BASES = {"estimate": "预估", "settled": "已清算确认"}
UNPAID = {"fund": "退回资金来源", "carry_forward": "结转下期", "alliance_reserve": "转入医联体发展储备"}


def held_words(held_by: Iterable[str]) -> list[str]:
    """What held an amount, in words."""
    return [_held(use) for use in held_by]


def say_conflict(conflict: Iterable[Mapping[str, Any]]) -> list[str]:
    """The rules of a contradiction, one per line, and how much they miss together at least."""
    said, shorts = [], []
    for entry in conflict:
        whom = f" ({entry['code']})" if entry.get("code") else ""
        said.append(f"  矛盾: {rule_title(str(entry['use']))}{whom}")
        shorts.append(str(entry["short"]))
    return [*said, *(f"  以上规则合计至少差 {short} 元" for short in dict.fromkeys(shorts))]


def rule_title(use: str) -> str:
    """A rule's Chinese name."""
    known = rules()
    return str(known[use].CHINESE) if use in known else {"pool": "资金池金额"}.get(use, use)


def _held(use: str) -> str:
    known = rules()
    if use in known and known[use].KIND == "cap":
        return f"封顶于{rule_title(use)}"
    return f"因{rule_title(use)}受限"
