"""One number's story, told from the run folder: formula, numbers, rule, clauses, cells, and what held it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from allocation.deposit import LINES as HELD
from allocation.permit_lines import LINES
from allocation.settlement import LINES as SETTLED
from domain.money import format_yuan
from domain.problems import InputProblems, Problem
from domain.step import Place
from engine.exchange.written import conflict_json
from engine.folder.intact import intact
from engine.folder.output import explanation, frame_of
from engine.folder.saved import Explanation, Line, Story, explanation_of, read_explanation
from engine.run.say import held_words
from engine.run.words import rule_title, say_conflict

FAMILIES = {
    "score": "得分",
    "pool": "资金池",
    "quota": "总量",
    "reward": "收支结余",
    "allocation": "分配",
    "settlement": "清算",
    "correction": "更正",
    "permits": "两个允许",
    "overspend": "超支分担",
    "deposit": "质量保证金",
}
"""Kinds of steps, in the order of a run."""


_NAMED = 5  # of those who gave way, how many are named


@dataclass(frozen=True)
class Told:
    """What is told of one unit: the stories of its numbers, and its lines of allocation answers."""

    unit: str
    stories: tuple[Story, ...]
    lines: tuple[Line, ...]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The story for programs: steps in words and, where they were written so, typed; amounts in yuan."""
        return {
            "unit": self.unit,
            "traces": [dict(story.told) for story in self.stories],
            "allocations": [_line_json(line) for line in self.lines],
            "warnings": list(self.warnings),
        }


def explain(folder: Path, unit: str, *, pool: str | None = None, indicator: str | None = None) -> Told:
    """The story of `unit` in a run folder, of one pool or one indicator if named.

    unit: code or name of an institution, alliance or district; indicator: its code, or the id of the scorecard's item.
    Raises InputProblems if there is no such number, both are named, or the folder is not as the run wrote it.
    """
    if pool is not None and indicator is not None:
        said = "只能写一个: 得分不属于哪个资金池, 分配不属于哪个指标"
        raise InputProblems([Problem("--pool --indicator", "USAGE", said, "分两次问")])
    manifest = intact(folder)
    code = _code(folder, unit)
    found = _load(folder, code, batch=manifest["batch"])
    mine = [story for story in found.stories if _is_of(story, code)]
    items = {item for (_, item), one in found.items.items() if one == indicator}
    stories = [
        story
        for story in mine
        if (pool is None or pool in {story.place.pool, story.place.of})
        and (indicator is None or {story.place.card, story.place.item} & {indicator, *items})
    ]
    lines = () if indicator else tuple(line for line in found.lines(code) if pool in {None, line.pool})
    if pool:
        formed = {Place(line.alliance, pool) for line in lines}
        stories += [story for story in found.stories if _forms(story) in formed]
    if not stories and not lines:
        raise InputProblems([_nothing(folder, unit, mine, found, pool)])
    return Told(code, tuple(sorted(stories, key=_order(folder, code))), lines, found.warnings)


def say(told: Told) -> str:
    """The story as text."""
    blocks = [f"警告: {warning}" for warning in told.warnings]
    lines = {Place(line.alliance, line.pool, unit=told.unit): line for line in told.lines}
    pools = {Place(line.alliance, line.pool): line.title for line in told.lines}
    for story in told.stories:
        line = lines.pop(story.place, None) if story.kind == "allocation" else None
        said = [*_say_story(story, notes=False), *_say_line(line)] if line else _say_story(story)
        pool = pools.get(Place(story.place.alliance, story.place.pool)) if story.kind == "pool" else None
        if pool and len(pools) > 1:  # the steps of several pools have the same titles
            said.insert(1, f"  资金池: {pool}")
        blocks.append("\n".join(said))
    blocks += ["\n".join([f"【分配】{line.title}", *_say_line(line)]) for line in lines.values()]
    return "\n\n".join(blocks) + "\n"


def _load(folder: Path, unit: str, *, batch: bool) -> Explanation:
    if not batch:
        return read_explanation(folder)
    from engine.folder.excerpt import around  # noqa: PLC0415  (only batches are computed again to be told)

    return explanation_of(json.loads(json.dumps(explanation(around(folder, unit)))))


def _code(folder: Path, unit: str) -> str:
    """The code of a unit given by code or by a name that only one unit has."""
    names = pd.concat([frame_of(folder, name)[["unit_code", "unit_name"]] for name in ("totals", "allocations")])
    codes = names.loc[names["unit_name"] == unit, "unit_code"].unique()
    return str(codes[0]) if len(codes) == 1 and unit not in set(names["unit_code"]) else unit


def _is_of(story: Story, unit: str) -> bool:
    """Whether a story tells of the unit: its number, or one of the alliance that it is."""
    return unit in {story.place.unit, story.place.alliance}


def _forms(story: Story) -> Place | None:
    """The pool (and alliance) whose amount a story tells the forming of."""
    place = story.place
    return Place(place.alliance, place.pool) if story.kind == "pool" and not place.part else None


def _order(folder: Path, unit: str) -> Callable[[Story], tuple[int, int, str]]:
    """Where a story stands: as the run goes, the statement of the two permits in its own order."""
    permits = frame_of(folder, "permits")
    steps = permits.loc[permits["unit_code"] == unit, "line"].tolist()
    orders = {"permits": steps, "reward": list(LINES), "settlement": list(SETTLED), "deposit": list(HELD)}
    families = list(FAMILIES)

    def place(story: Story) -> tuple[int, int, str]:
        line, order = story.place.line, orders.get(story.kind, ())
        return (
            families.index(story.kind) if story.kind in families else len(families),
            order.index(line) if line in order else 0,
            story.key,
        )

    return place


def _nothing(folder: Path, unit: str, mine: list[Story], found: Explanation, pool: str | None) -> Problem:
    if not mine:
        return Problem(str(folder), "NO-UNIT", f"结果里没有单位 {unit}", "核对单位编码")
    if pool:
        known = sorted({story.place.pool for story in mine if story.kind in {"pool", "allocation"}})
    else:
        items = {(story.place.card, story.place.item) for story in mine if story.kind == "score"} & set(found.items)
        known = sorted({found.items[item] for item in items} | {item for _, item in items})
    what = "资金池" if pool else "指标"
    return Problem(str(folder), "NO-NUMBER", f"{unit} 没有这个{what}", f"可查: {', '.join(known) or '无'}")


def _say_story(story: Story, *, notes: bool = True) -> list[str]:
    told = story.told
    rows = [f"【{FAMILIES.get(story.kind, '')}】{told['title']} = {told['result']}"]
    rows += [f"  公式: {told['formula']}"] if told["formula"] else []
    rows += [f"  代入: {name} = {value}" for name, value in told["numbers"].items()]
    rows += [f"  规则: {told['rule']}"] if told["rule"] else []
    rows += [f"  条款: {cite}" for cite in told["cites"]]
    rows += [f"  取数: {cell}" for cell in told["cells"]]
    return rows + [f"  说明: {note}" for note in told["notes"] if notes]


def _say_line(line: Line) -> list[str]:
    if line.conflict:
        return ["  规则互相矛盾, 未分配", *say_conflict(line.conflict)]
    rows = [f"  占比: {line.share} (占已分配)"]
    rows += [f"  受限: {said}" for said in held_words(line.held)] or [_free(line)]
    for one in line.relief:
        whom = f" ({one.code})" if one.code else ""
        moved = f"{'少得' if one.fen < 0 else '多得'} {format_yuan(abs(one.fen))} 元"
        rows.append(f"  放宽: {rule_title(one.use)}{whom} 放宽 {one.relax}, {moved}")
    return rows + [f"  提示: {warning}" for warning in line.warnings]


def _free(line: Line) -> str:
    """What is said of a member that nothing held: its share, and who gave way where it got more than that."""
    if line.fen <= line.by_share or not line.gave_way:
        return "  受限: 无, 按绩效占比分得"
    several = "" if len(line.gave_way) <= _NAMED else f" 等 {len(line.gave_way)} 家"
    who = "、".join(line.gave_way[:_NAMED]) + several
    return f"  受限: 无, 比按绩效占比多得 {format_yuan(line.fen - line.by_share)} 元, 由受限的 {who} 让出"


def _line_json(line: Line) -> dict[str, Any]:
    here = {"alliance_code": line.alliance, "pool": line.pool, "title": line.title}
    if line.conflict:
        return here | {"conflict": conflict_json(line.conflict)}
    relief = [
        {"use": one.use, "code": one.code or None, "relax": one.relax, "amount": format_yuan(one.fen)}
        for one in line.relief
    ]
    return here | {
        "amount": format_yuan(line.fen),
        "share": line.share,
        "held_by": list(line.held_by),
        "relief": relief,
        "answer_warnings": list(line.warnings),
    }
