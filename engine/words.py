"""The optimizer's words in Chinese: what held an amount, what contradicts what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from allocation.rules import rules


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
