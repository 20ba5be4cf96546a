"""What a pack's entries say, in Chinese words: targets, deadlines, marks."""

from __future__ import annotations

from datetime import date

from domain.every import Every
from domain.money import exact, format_exact
from domain.pack import PackEntry, PackIndicator, PackNamed, PackTrend
from domain.values import Dated

SECTIONS = {
    "indicators": "指标",
    "trends": "趋势 (只有方向, 没有数)",
    "named": "点名考核 (没有目标值)",
    "duties": "任务清单",
    "money": "资金规则",
    "prices": "价格",
    "milestones": "时间表",
}
OPS = {">=": "≥", "<=": "≤", "=": "=", "approx": "≈", "between": ""}
DIRECTIONS = {"up": "上升", "down": "下降"}
ARROWS = {"up": "↑", "down": "↓"}
NAMED = "列名"
NO_TARGET = "没有给数"
UNSTATED = "文件没有写期限, 按年度任务"
STATUS = {
    "in_force": "现行有效",
    "draft": "征求意见稿",
    "repealed": "已废止",
    "expired": "已失效",
    "not_yet": "尚未施行",
}
UNCHECKED, AMBIGUOUS, RECOMMENDED, UNAVAILABLE = "口径待核", "歧义", "建议性", "数据不可得"


def target_text(rule: PackIndicator) -> str:
    """A pack rule's target in words: `≥ 50%`."""
    if rule.target is None:
        return NO_TARGET
    if rule.unit == "是否" and rule.target == 1:
        return "须做到"
    if isinstance(rule.target, list):
        return "; ".join(f"{dated.since} 起{_dated(dated, rule)}" for dated in rule.target)
    return _range(format_exact(rule.target), rule)


def _dated(dated: Dated, rule: PackIndicator) -> str:
    return "终止" if dated.value is None else f" {_range(str(dated.value), rule)}"


def _range(target: str, rule: PackIndicator) -> str:
    said = f"{OPS[rule.op]} {number_text(target, rule.unit)}".strip()
    return f"{said} 至 {number_text(format_exact(rule.upper), rule.unit)}" if rule.upper is not None else said


def number_text(value: str, unit: str) -> str:
    """A number with its unit; shares of 1 are printed as percent, their changes as percentage points."""
    if unit not in {"%", "百分点"}:
        return value if unit == "是否" else f"{value} {unit}"
    return format_exact(exact(value) * 100) + ("%" if unit == "%" else " 个百分点")


def note_text(entry: PackEntry) -> str:
    """What is noted of an entry, after the words for one without data."""
    return "; ".join(filter(None, [UNAVAILABLE if entry.unavailable else "", entry.note.strip()]))


def deadline_text(entry: PackEntry) -> str:
    """`2024-06-30 前`, with a word where the text does not print it; nothing without a deadline."""
    deadline: date | None = getattr(entry, "deadline", None)
    if deadline is None:
        return ""
    return f"{deadline} 前" + ("" if getattr(entry, "deadline_stated", True) else f" ({UNSTATED})")


def every_text(entry: PackEntry) -> str:
    """How often a duty is to be done: 每季度; nothing for what is done once."""
    every: Every | None = getattr(entry, "every", None)
    return every.chinese if every else ""


def demand_text(entry: PackEntry) -> str:
    """What an indicator, trend or named item demands: target and deadline, an arrow, or that it is named."""
    if isinstance(entry, PackIndicator):
        return ", ".join(text for text in (target_text(entry), deadline_text(entry)) if text)
    if isinstance(entry, PackTrend):
        return ARROWS[entry.direction]
    return NAMED if isinstance(entry, PackNamed) else entry.title
