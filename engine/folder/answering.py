"""The answer to "how much, and why", in one sentence: of one unit and pool, a pool, a unit, an item of a scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocation.holding import Held
from domain.money import format_exact, format_yuan
from domain.step import Phrase
from engine.folder.saved import Line
from engine.run.say import Speaker

WORDS = {
    "line": "{who} {pool}: {fen} 元, 占 {share}%, {why}",
    "conflict": "{who} {pool}: 规则互相矛盾, 未分配",
    "pool": "{who} {pool}: {amount} 元分给 {units} 家, 未分配 {left} 元, 受限 {held} 家",
    "pool_conflict": "{who} {pool}: {amount} 元, 规则互相矛盾, 未分配",
    "pool_whole": "{who} {pool}: {amount} 元, 没有分给单位, 未分配 {left} 元",
    "unit": "{who}: {parts:join ; }",
    "score": "得分 {score}",
    "graded": "得分 {score} ({grade})",
    "carded": "{card} {score}",
    "paid": "{pools} 个资金池共分得 {fen} 元",
    "pools": "{pools} 个资金池共 {amount} 元, 未分配 {left} 元",
    "item": "{what}: {score} 分 (满分 {full_marks}), 实际值 {value}, 目标 {target}",
    "uncounted": "{what}: 不计分",
    "free": "未受限, 按绩效占比分得",
    "more": "未受限, 比按占比多 {fen} 元, 由受限的单位让出",
    "cap": "封顶于{rule:rule}",
    "other": "因{rule:rule}受限",
    "passed": "超过{rule:rule} {fen} 元",
    "and_others": "等 {count} 条规则",
}
_FEW = 2
"""Of the rules that hold an amount, how many the sentence names."""


@dataclass(frozen=True)
class Scored:
    """A total of a unit, as the table has it: the scorecard's code, score, grade."""

    card: str
    score: str
    grade: str


@dataclass(frozen=True)
class Item:
    """An item of a scorecard, as the table has it; score "" where it is not counted."""

    what: str
    value: str
    target: str
    full_marks: str
    score: str


@dataclass(frozen=True)
class Pool:
    """A pool of an alliance: fen; left: what nobody got of it; conflict: whether its rules contradict.

    units, held: of a pool that was asked for, how many got of it and how many of them something held.
    """

    title: str
    amount: int
    left: int
    conflict: bool = False
    units: int = 0
    held: int = 0


def say_line(who: str, line: Line) -> str:
    """What a unit got of one pool, its share in percent, and what held it."""
    if line.conflict:
        return _said("conflict", who=who, pool=line.title)
    share = format_exact(Fraction(100 * line.fen, line.paid), 2) if line.paid else "0"
    return _said("line", who=who, pool=line.title, fen=_yuan(line.fen), share=share, why=_why(line))


def say_pool(who: str, pool: Pool) -> str:
    """How a pool was given to its units; of one that nobody got of, whether its rules contradict."""
    code = "pool_conflict" if pool.conflict else "pool" if pool.units else "pool_whole"
    put_in = {"amount": _yuan(pool.amount)}
    if not pool.conflict:
        put_in["left"] = _yuan(pool.left)
    if pool.units:
        put_in |= {"units": str(pool.units), "held": str(pool.held)}
    return _said(code, who=who, pool=pool.title, **put_in)


def say_item(item: Item) -> str:
    """What an item of a scorecard earned."""
    known = {"what": item.what, "score": item.score, "full_marks": item.full_marks}
    return _said("item" if item.score else "uncounted", **known, value=item.value or "—", target=item.target or "—")


def say_unit(who: str, scores: Sequence[Scored], lines: Sequence[Line], pools: Sequence[Pool]) -> str:
    """A unit's totals, and what it got of all pools or, an alliance, had in them."""
    parts = [_part(_kind(one, scores), card=one.card, score=one.score, grade=one.grade) for one in scores]
    if pools:
        amount, left = (_yuan(sum(each)) for each in zip(*((one.amount, one.left) for one in pools), strict=True))
        parts.append(_part("pools", pools=str(len(pools)), amount=amount, left=left))
    paid = [line for line in lines if not line.conflict]
    if paid:
        parts.append(_part("paid", pools=str(len(paid)), fen=_yuan(sum(line.fen for line in paid))))
    return Speaker().phrase(Phrase(f"{__name__}:unit", {"who": who, "parts": tuple(parts)}))


def _kind(one: Scored, scores: Sequence[Scored]) -> str:
    if len(scores) > 1:
        return "carded"
    return "graded" if one.grade else "score"


def _why(line: Line) -> str:
    """What held an amount, the first of them by name; where nothing did, whether others gave way to it."""
    speaker = Speaker()
    said = [speaker.phrase(_held(one)) for one in line.held[:_FEW]]
    if len(line.held) > _FEW:
        said.append(_said("and_others", count=str(len(line.held))))
    if said:
        return "、".join(said)
    if line.fen > line.by_share and line.gave_way:
        return _said("more", fen=_yuan(line.fen - line.by_share))
    return _said("free")


def _held(one: Held) -> Phrase:
    if one.cap and one.beyond:
        return Phrase(f"{__name__}:passed", {"rule": one.use, "fen": _yuan(one.beyond)})
    return Phrase(f"{__name__}:{'cap' if one.cap else 'other'}", {"rule": one.use})


def _yuan(fen: int) -> str:
    return format_yuan(fen, thousands=True)


def _part(code: str, **put_in: str) -> Phrase:
    return Phrase(f"{__name__}:{code}", put_in)


def _said(code: str, **put_in: str) -> str:
    return Speaker().phrase(_part(code, **put_in))
