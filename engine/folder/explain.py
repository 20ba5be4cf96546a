"""One number's story, told from the run folder: the answer first, then formula, numbers, rule, clauses, cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from allocation.deposit import LINES as HELD
from allocation.permit_lines import LINES
from allocation.settlement import LINES as SETTLED
from domain.money import format_yuan, parse_yuan
from domain.problems import InputProblems, Problem
from domain.step import Place
from engine.exchange.written import conflict_json
from engine.folder.answering import Item, Pool, Scored, say_item, say_line, say_pool, say_unit
from engine.folder.intact import intact
from engine.folder.output import explanation, frame_of
from engine.folder.saved import Explanation, Line, Story, explanation_of, read_explanation

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


@dataclass(frozen=True)
class Told:
    """What is told of one unit: the stories of its numbers, and its lines of allocation answers.

    asked: whether one pool or indicator was asked for; members: of the pool asked for, what all its units got, where
    the unit is the alliance; pools, scores, item: those of the unit, for the sentence that answers.
    """

    unit: str
    names: Mapping[str, str]
    stories: tuple[Story, ...]
    lines: tuple[Line, ...]
    warnings: tuple[str, ...]
    members: tuple[Line, ...] = ()
    pools: tuple[Pool, ...] = ()
    scores: tuple[Scored, ...] = ()
    item: Item | None = None
    asked: bool = False

    @property
    def answer(self) -> str:
        """The sentence that answers: how much, what share of what was paid, what held it."""
        who = self.names.get(self.unit, self.unit)
        if self.item:
            return say_item(self.item)
        if self.asked and self.pools:
            return say_pool(who, self.pools[0])
        if self.asked and self.lines:
            return say_line(who, self.lines[0])
        return say_unit(who, self.scores, self.lines, self.pools)

    def as_json(self) -> dict[str, Any]:
        """The story for programs: steps in words and, where they were written so, typed; amounts in yuan."""
        return {
            "unit": self.unit,
            "answer": self.answer,
            "traces": [dict(story.told) for story in self.stories],
            "allocations": [_line_json(line) for line in self.lines],
            "members": [_line_json(line) | {"unit": line.unit} for line in self.members],
            "warnings": list(self.warnings),
        }


def explain(folder: Path, unit: str, *, pool: str | None = None, indicator: str | None = None) -> Told:
    """The story of `unit` in a run folder, of one pool or one indicator if named.

    unit: code or name of an institution, alliance or district; pool: its code or title; indicator: its code, or the id
    of the scorecard's item. Raises InputProblems if there is no such number, both are named, or the folder is not as
    the run wrote it.
    """
    if pool is not None and indicator is not None:
        said = "只能写一个: 得分不属于哪个资金池, 分配不属于哪个指标"
        raise InputProblems([Problem("--pool --indicator", "USAGE", said, "分两次问")])
    manifest = intact(folder)
    names = _names(folder)
    code = _code(names, unit)
    found = _load(folder, code, batch=manifest["batch"])
    titles = {one["title"]: one["pool"] for one in found.allocations}
    pool = titles.get(pool, pool) if pool else pool
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
        stories += [story for story in found.stories if forms(story) in formed and story not in stories]
    if not stories and not lines:
        raise InputProblems([_nothing(folder, unit, mine, found, pool)])
    asked = pool is not None or indicator is not None
    members = tuple(found.members(code, pool)) if pool else ()
    return Told(
        code,
        names,
        tuple(_ordered(folder, code, stories)),
        lines,
        found.warnings,
        members=members,
        pools=() if indicator else tuple(_pools(folder, code, pool, found, members)),
        scores=() if asked else tuple(_scores(folder, code)),
        item=_item(folder, code, stories) if indicator else None,
        asked=asked,
    )


def _names(folder: Path) -> dict[str, str]:
    """Names of the units of a folder by code."""
    found = pd.concat([frame_of(folder, name)[["unit_code", "unit_name"]] for name in ("totals", "allocations")])
    return dict(found.itertuples(index=False, name=None))


def _pools(folder: Path, code: str, pool: str | None, found: Explanation, members: tuple[Line, ...]) -> Iterator[Pool]:
    """The pools of an alliance, with the titles that they have in the answers. members: of the pool asked for."""
    titles = {one["pool"]: one["title"] for one in found.allocations}
    refused = {one["pool"] for one in found.allocations if one["alliance_code"] == code and "conflict" in one["answer"]}
    held = sum(bool(line.held_by) for line in members)
    table = frame_of(folder, "pools")
    for row in table[table["alliance_code"] == code].to_dict("records"):
        name = row["pool"]
        if pool in {None, name}:
            sums = parse_yuan(row["amount"]), parse_yuan(row["undistributed"])
            yield Pool(titles.get(name, name), *sums, name in refused, len(members), held)


def _scores(folder: Path, code: str) -> Iterator[Scored]:
    table = frame_of(folder, "totals")
    for row in table[table["unit_code"] == code].to_dict("records"):
        yield Scored(row["scorecard"], row["score"], row["grade"])


def _item(folder: Path, code: str, stories: Iterable[Story]) -> Item | None:
    """The item of a scorecard that the stories tell; None where they tell a total or several items."""
    told = [story for story in stories if story.kind == "score" and story.place.item]
    if len(told) != 1:
        return None
    table = frame_of(folder, "scores")
    rows = table[(table["unit_code"] == code) & (table["indicator"] == told[0].place.item)].to_dict("records")
    if len(rows) != 1:
        return None
    row = rows[0]
    return Item(told[0].told["title"], row["value"], row["target"], row["full_marks"], row["score"])


def _load(folder: Path, unit: str, *, batch: bool) -> Explanation:
    if not batch:
        return read_explanation(folder)
    from engine.folder.excerpt import around  # noqa: PLC0415  (only batches are computed again to be told)

    return explanation_of(json.loads(json.dumps(explanation(around(folder, unit)))))


def _code(names: Mapping[str, str], unit: str) -> str:
    """The code of a unit given by code or by a name that only one unit has."""
    codes = [code for code, name in names.items() if name == unit]
    return codes[0] if len(codes) == 1 and unit not in names else unit


def _is_of(story: Story, unit: str) -> bool:
    """Whether a story tells of the unit: its number, or one of the alliance that it is."""
    return unit in {story.place.unit, story.place.alliance}


def forms(story: Story) -> Place | None:
    """The pool (and alliance) whose amount a story tells the forming of."""
    place = story.place
    return Place(place.alliance, place.pool) if story.kind == "pool" and not place.part else None


def _ordered(folder: Path, unit: str, stories: Iterable[Story]) -> list[Story]:
    """Stories in the order of the run: kind by kind; a statement in its own order, others after those put into them."""
    permits = frame_of(folder, "permits")
    steps = permits.loc[permits["unit_code"] == unit, "line"].tolist()
    orders = {"permits": steps, "reward": list(LINES), "settlement": list(SETTLED), "deposit": list(HELD)}
    families = list(FAMILIES)

    def place(story: Story) -> tuple[int, bool, int, str]:
        line, order = story.place.line, orders.get(story.kind, ())
        return (
            families.index(story.kind) if story.kind in families else len(families),
            story.kind == "pool" and bool(story.place.part),  # members are measured after the pool is formed
            order.index(line) if line in order else 0,
            story.key,
        )

    return _after_what_is_put_in(sorted(stories, key=place))


def _after_what_is_put_in(stories: list[Story]) -> list[Story]:
    """The steps that form a pool, each after those whose results it uses; everything else as it stands."""
    lines = {(forms(story), story.place.line): story for story in stories if forms(story)}
    done: dict[str, Story] = {}

    def add(story: Story) -> None:
        if story.key in done:
            return
        if forms(story):
            for name, _ in story.told.get("step", {}).get("numbers", ()):
                before = lines.get((forms(story), name)) if isinstance(name, str) else None
                if before is not None and before is not story:
                    add(before)
        done[story.key] = story

    for story in stories:
        add(story)
    return list(done.values())


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
