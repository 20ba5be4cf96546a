"""Two packs against each other: two documents, or two versions of one.

Entries of one pack id (two versions) are matched by their ids. Those of two documents are matched by what they are
about: indicators, trends and named items by the quantity (`engine.compare.matrix`), money rules by hook, everything
else by title. Whether a target is stricter is only said where both measure the same with the same operator and unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from domain.money import format_yuan
from domain.pack import Pack, PackDuty, PackEntry, PackIndicator, PackMilestone, PackMoney, PackPrice
from engine.compare.matrix import Measured, Quantity, quantity_title
from engine.policy.background import marks
from engine.policy.readings import chosen_params
from engine.policy.words import SECTIONS, deadline_text, demand_text

What = Literal["only_a", "only_b", "stricter", "looser", "earlier", "later", "reworded", "different", "same"]
WHAT: dict[What, str] = {
    "only_a": "只在甲",
    "only_b": "只在乙",
    "stricter": "乙更严",
    "looser": "乙更宽",
    "earlier": "乙期限更早",
    "later": "乙期限更晚",
    "reworded": "同一要求, 文字或条款不同",
    "different": "要求不同, 不能比较宽严",
    "same": "相同",
}
MEASURED = ("indicators", "trends", "named")
PLACE = {"id", "cite", "title", "note", "at"}  # fields that say where and in which words, not what
HEAD = ("title", "number", "issuer", "level", "region", "status", "announced", "effective_from", "effective_to", "note")
WORDS = {
    "title": "名称",
    "number": "文号",
    "issuer": "发文单位",
    "level": "层级",
    "region": "地区",
    "status": "状态",
    "announced": "公布日期",
    "effective_from": "施行日期",
    "effective_to": "失效日期",
    "note": "说明",
    "cite": "条款",
    "owner": "责任单位",
    "owner_tiers": "责任机构",
    "scope": "范围",
    "unavailable": "数据不可得",
    "ambiguity": "待明确之处",
    "formula_status": "口径",
    "readings": "读法",
    "indicator": "指标",
    "params": "参数",
    "subject": "对象",
    "unit": "单位",
    "op": "比较方式",
    "target": "目标值",
    "upper": "上限",
    "deadline": "期限",
    "deadline_stated": "期限是否写明",
    "recommended": "建议性",
    "direction": "方向",
    "needs": "方案须定",
    "evidence": "凭据",
    "every": "频次",
    "hook": "用途",
    "amount": "金额",
    "since": "起始日期",
    "rules": "对应规则",
    "changes": "分期取值",
}


@dataclass(frozen=True)
class Change:
    """One line: what the matched entries of both sides say, and how B stands to A (several `what` are possible).

    section: of the pack, or `head`; key: what they were matched by; title: the same in words; a, b: ids; a_says,
    b_says: their texts; fields: the names of the fields that differ.
    """

    section: str
    key: str
    title: str
    what: tuple[What, ...]
    a: tuple[str, ...] = ()
    b: tuple[str, ...] = ()
    a_says: str = ""
    b_says: str = ""
    fields: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The line as JSON takes it."""
        names = ("section", "key", "title", "a_says", "b_says")
        lists = ("what", "a", "b", "fields")
        return {name: getattr(self, name) for name in names} | {name: list(getattr(self, name)) for name in lists}


def diff(a: Pack, b: Pack) -> list[Change]:
    """Everything that two packs have or have not in common, section by section; what is the same is among it.

    For two versions of one pack (same id) the head of the file is compared too, and every field of an entry.
    """
    if a.id == b.id:
        return [*_heads(a, b), *(change for section in SECTIONS for change in _versions(a, b, section))]
    asked = _matched("indicators", _by_quantity(a), _by_quantity(b))
    rest = ("duties", "money", "prices", "milestones")
    return [
        *asked,
        *(change for section in rest for change in _matched(section, _keyed(a, section), _keyed(b, section))),
    ]


def says(entry: PackEntry) -> str:
    """What one entry says, in one line: id, title and demand of what is measured, scope, deadline, clause, marks."""
    parts = [f"{entry.title}: {demand_text(entry)}"] if isinstance(entry, Measured) else []
    if isinstance(entry, PackPrice):
        parts = [f"{format_yuan(entry.amount)} 元/{entry.unit}"]
    if isinstance(entry, PackMoney) and entry.scope:
        parts.append(f"范围: {entry.scope}")
    if isinstance(entry, PackDuty | PackMilestone):
        parts.append(deadline_text(entry))
    said = (entry.id, ", ".join(part for part in parts if part), f"({entry.cite})", *(f"[{m}]" for m in marks(entry)))
    return " ".join(part for part in said if part)


def _heads(a: Pack, b: Pack) -> Iterator[Change]:
    for name in HEAD:
        mine, other = getattr(a, name), getattr(b, name)
        if mine != other:
            yield Change(
                "head", name, WORDS[name], ("different",), a_says=_plain(mine), b_says=_plain(other), fields=(name,)
            )


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _versions(a: Pack, b: Pack, section: str) -> Iterator[Change]:
    """By id; an id that has left its section is on one side only."""
    mine = {entry.id: entry for entry in getattr(a, section)}
    other = {entry.id: entry for entry in getattr(b, section)}
    for name in dict.fromkeys([*mine, *other]):
        yield _change(section, name, _listed(mine.get(name)), _listed(other.get(name)))


def _listed(entry: PackEntry | None) -> tuple[PackEntry, ...]:
    return () if entry is None else (entry,)


def _by_quantity(pack: Pack) -> dict[str, list[PackEntry]]:
    found: dict[str, list[PackEntry]] = {}
    for section in MEASURED:
        for entry in getattr(pack, section):
            found.setdefault(_quantity_key(entry), []).append(entry)
    return found


def _quantity_key(entry: Measured) -> str:
    quantity = Quantity.of(entry)
    chosen = "" if quantity.params == "{}" else f" {quantity.params}"
    return f"{quantity.code}{chosen}" if quantity.code else quantity.params


def _keyed(pack: Pack, section: str) -> dict[str, list[PackEntry]]:
    found: dict[str, list[PackEntry]] = {}
    for entry in getattr(pack, section):
        found.setdefault(entry.hook if isinstance(entry, PackMoney) else entry.title, []).append(entry)
    return found


def _matched(section: str, a: dict[str, list[PackEntry]], b: dict[str, list[PackEntry]]) -> Iterator[Change]:
    for key in dict.fromkeys([*a, *b]):
        yield _change(section, key, a.get(key, ()), b.get(key, ()))


def _change(section: str, key: str, a: Sequence[PackEntry], b: Sequence[PackEntry]) -> Change:
    what: tuple[What, ...] = ("different",)
    fields: tuple[str, ...] = ()
    pair = _pair(a, b)
    if not a or not b:
        what = ("only_b",) if b else ("only_a",)
    elif pair:
        fields, what = differing(*pair), compare(*pair)
    said = ["; ".join(says(entry) for entry in side) for side in (a, b)]
    ids = [tuple(entry.id for entry in side) for side in (a, b)]
    return Change(section, key, _title([*a, *b][0]), what, ids[0], ids[1], said[0], said[1], fields)


def _pair(a: Sequence[PackEntry], b: Sequence[PackEntry]) -> tuple[PackEntry, PackEntry] | None:
    """The two entries to compare: the only ones, or the only ones with a number."""
    for mine, other in ((a, b), *[[[e for e in side if isinstance(e, PackIndicator)] for side in (a, b)]]):
        if len(mine) == len(other) == 1:
            return mine[0], other[0]
    return None


def _title(first: PackEntry) -> str:
    if not isinstance(first, Measured):
        return first.title
    quantity = Quantity.of(first)
    return quantity_title(quantity, first, split=quantity.params != "{}")


def differing(a: PackEntry, b: PackEntry) -> tuple[str, ...]:
    """The names of the fields in which two entries differ, also those only one kind has; ids and lines left out."""
    mine, other = dict(a), dict(b)
    names = dict.fromkeys([*mine, *other])
    return tuple(n for n in names if n not in {"id", "at"} and mine.get(n, ...) != other.get(n, ...))


def compare(a: PackEntry, b: PackEntry) -> tuple[What, ...]:
    """How the demand of B stands to that of A."""
    fields = differing(a, b)
    if not fields:
        return ("same",)
    beyond = [name for name in fields if name not in PLACE]
    if not beyond:
        return ("reworded",)
    if not (isinstance(a, PackIndicator) and isinstance(b, PackIndicator)):
        return _dates(getattr(a, "deadline", None), getattr(b, "deadline", None), only=beyond == ["deadline"])
    target = _targets(a, b)
    said: list[What] = [target] if target else []
    said += [one for one in _dates(a.deadline, b.deadline, only=False) if one != "different"]
    return tuple(said) or ("reworded",)


def _dates(a: date | None, b: date | None, *, only: bool) -> tuple[What, ...]:
    """Earlier or later; `different` where there is more to it. No deadline is later than any."""
    if a == b:
        return ("different",)
    moved: What = "earlier" if (b or date.max) < (a or date.max) else "later"
    return (moved,) if only else (moved, "different")


def _targets(a: PackIndicator, b: PackIndicator) -> What | None:
    """Stricter, looser, different; None where the numbers are the same."""
    if (a.indicator, a.op, a.unit, a.readings) != (b.indicator, b.op, b.unit, b.readings):
        return "different"
    if chosen_params(a.indicator, a.params) != chosen_params(b.indicator, b.params):
        return "different"
    if (a.target, a.upper, a.recommended) == (b.target, b.upper, b.recommended):
        return None
    if a.recommended != b.recommended:
        same = (a.target, a.upper) == (b.target, b.upper)
        return ("looser" if b.recommended else "stricter") if same else "different"
    if a.target is None or b.target is None:
        return "stricter" if a.target is None else "looser"
    if not isinstance(a.target, Fraction) or not isinstance(b.target, Fraction):
        return "different"
    return _numbers(a, b, a.target, b.target)


def _numbers(a: PackIndicator, b: PackIndicator, mine: Fraction, other: Fraction) -> What:
    if a.op == "between" and a.upper is not None and b.upper is not None:
        if mine <= other and b.upper <= a.upper:
            return "stricter"
        return "looser" if other <= mine and a.upper <= b.upper else "different"
    if a.op in {">=", "<="}:
        return "stricter" if (other > mine) == (a.op == ">=") else "looser"
    return "different"


def verdict(change: Change) -> str:
    """How B stands to A, in words, with the names of the fields that differ."""
    said = ", ".join(WHAT[one] for one in change.what)
    fields = "、".join(WORDS[name] for name in change.fields if name in WORDS)
    return f"{said} ({fields})" if fields and change.section != "head" else said
