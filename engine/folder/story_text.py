"""What is told of a unit, or of one number, as text: the answer, then the steps with what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from domain.money import format_yuan
from domain.step import Place
from engine.folder.answering import say_line
from engine.folder.explain import FAMILIES, Told, forms
from engine.folder.saved import Line, Story
from engine.run.say import held_words
from engine.run.words import rule_title, say_conflict

_NAMED = 5  # of those who gave way, how many are named
_LISTED = 40  # of the members of a pool, how many are listed where the story is short
_AMOUNT = "amount"  # of the steps that form a pool, the last, where it has this name
_LEFT = "undistributed"
_CHAINS = frozenset({"reward"})  # statements of which a short story tells the result alone
_CELLS = 3  # of one sheet, how many are named where the story is short
_CITES = 4


def say(told: Told, *, full: bool = False) -> str:
    """The story as text, the answer first; full: every step, with every clause and cell."""
    blocks = [told.answer]
    if told.asked or full:
        blocks += _steps(told, full=full)
    else:
        plain = (story for story in _short(told) if story.kind not in {"pool", "allocation"})
        blocks.append("\n".join(_brief(story) for story in plain))
        blocks += [say_line(told.names.get(told.unit, told.unit), line) for line in told.lines]
    blocks += ["\n".join(_member_rows(told, full=full))] if told.members else []
    notes = [*(f"警告: {warning}" for warning in told.warnings), *([] if full else ["全部步骤和出处: --full"])]
    blocks += ["\n".join(notes)] if notes else []
    return "\n\n".join(blocks) + "\n"


def _steps(told: Told, *, full: bool) -> list[str]:
    """Every step in lines of its own; an amount with what held it and what loosening a rule would move."""
    blocks = []
    lines = {Place(line.alliance, line.pool, unit=told.unit): line for line in told.lines}
    titles = {line.pool: line.title for line in told.lines}
    for story in told.stories if full else _short(told):
        line = lines.pop(story.place, None) if story.kind == "allocation" else None
        title = _heading(story)
        pool = titles.get(story.place.pool) if story.kind == "pool" else None
        if pool and len(titles) > 1:  # the steps of several pools have the same titles
            title = f"{title} ({pool})"
        said = step_text(story.told, title, full=full, notes=line is None)
        blocks.append("\n".join([*said, *_line_rows(line)] if line else said))
    return blocks + ["\n".join([f"【分配】{line.title}", *_line_rows(line)]) for line in lines.values()]


def _short(told: Told) -> list[Story]:
    """What a short story tells: of the forming of a pool its amount, of a statement its last line; of no other unit."""
    forming = [story for story in told.stories if forms(story) and story.place.line != _LEFT]
    amounts = {forms(story): story.place.line for story in forming}  # the last one of each pool
    amounts |= {forms(story): _AMOUNT for story in forming if story.place.line == _AMOUNT}
    kept: list[Story] = []
    for story in told.stories:
        place, pool = story.place, forms(story)
        if place.unit not in {"", told.unit} or (pool and place.line not in {amounts.get(pool), _LEFT}):
            continue
        if kept and story.kind in _CHAINS and kept[-1].kind == story.kind and kept[-1].place.pool == place.pool:
            kept.pop()
        kept.append(story)
    return kept


def _member_rows(told: Told, *, full: bool) -> list[str]:
    """What every unit of a pool got, the largest first where not all are listed."""
    members = told.members
    if not full and len(members) > _LISTED:
        members = tuple(sorted(members, key=lambda line: (-line.fen, line.unit))[: _LISTED // 2])
    rows = [f"  {line.unit} {say_line(told.names.get(line.unit, line.unit), line)}" for line in members]
    others = len(told.members) - len(members)
    if others:
        fen = sum(line.fen for line in told.members) - sum(line.fen for line in members)
        rows.append(f"  其余 {others} 家共 {format_yuan(fen, thousands=True)} 元")
    return ["【各单位】", *rows]


def step_text(told: Mapping[str, Any], title: str = "", *, full: bool = True, notes: bool = True) -> list[str]:
    """The lines of one step, as a folder tells it (`told`), with thousands separators where its typed step is there.

    title: instead of its own; full: every clause and cell, else the first of many and how many there are.
    """
    typed = told.get("step", {})
    rows = [f"{title or told['title']} = {_grouped(told['result'], typed.get('result'))}"]
    rows += [f"  公式: {told['formula']}"] if told["formula"] else []
    put_in = [f"{name} = {value}" for name, value in _numbers(told, typed)]
    rows += [f"  代入: {'; '.join(put_in)}"] if put_in else []
    rows += [f"  规则: {told['rule']}"] if told["rule"] else []
    rows += [f"  依据: {'; '.join(_few(told['cites'], '条', full=full))}"] if told["cites"] else []
    rows += [f"  取数: {'; '.join(_places(told['cells'], full=full))}"] if told["cells"] else []
    return rows + [f"  说明: {note}" for note in told["notes"] if notes]


def _brief(story: Story) -> str:
    """One step in one line."""
    told = story.told
    return f"{_heading(story)} = {_grouped(told['result'], told.get('step', {}).get('result'))}"


def _heading(story: Story) -> str:
    return f"【{FAMILIES.get(story.kind, '')}】{story.told['title']}"


def _numbers(told: Mapping[str, Any], typed: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The numbers put in; several of one name are one to the reader, and are left as they are written."""
    kinds = [value for _, value in typed.get("numbers", ())]
    if len(kinds) != len(told["numbers"]):
        kinds = [None] * len(told["numbers"])
    for (name, value), kind in zip(told["numbers"].items(), kinds, strict=True):
        yield name, _grouped(value, kind)


def _grouped(written: str, typed: Any) -> str:
    """An amount with thousands separators; whatever is none as it is written."""
    return format_yuan(typed["fen"], thousands=True) if isinstance(typed, dict) and "fen" in typed else written


def _places(cells: Iterable[str], *, full: bool) -> list[str]:
    """Cells by sheet, each sheet named once: "book.xlsx 资金表!E6、E12"."""
    sheets: dict[str, list[str]] = {}
    for cell in cells:
        sheet, _, address = cell.rpartition("!")
        sheets.setdefault(sheet, []).append(address)
    return [
        f"{sheet}!{'、'.join(_few(found, '格', full=full))}" if sheet else "、".join(found)
        for sheet, found in sheets.items()
    ]


def _few(said: Sequence[str], unit: str, *, full: bool) -> list[str]:
    """All, or the first of many with how many there are."""
    most = _CELLS if unit == "格" else _CITES
    if full or len(said) <= most:
        return list(said)
    return [*said[: most - 1], f"{said[most - 1]} 等 {len(said)} {unit}"]


def _line_rows(line: Line) -> list[str]:
    if line.conflict:
        return ["  规则互相矛盾, 未分配", *say_conflict(line.conflict)]
    rows = [f"  占比: {line.share} (占已分配)"]
    rows += [f"  受限: {said}" for said in held_words(line.held)] or [_free(line)]
    for one in line.relief:
        whom = f" ({one.code})" if one.code else ""
        moved = f"{'少得' if one.fen < 0 else '多得'} {format_yuan(abs(one.fen), thousands=True)} 元"
        rows.append(f"  放宽: {rule_title(one.use)}{whom} 放宽 {one.relax}, {moved}")
    return rows + [f"  提示: {warning}" for warning in line.warnings]


def _free(line: Line) -> str:
    """What is said of a member that nothing held: its share, and who gave way where it got more than that."""
    if line.fen <= line.by_share or not line.gave_way:
        return "  受限: 无, 按绩效占比分得"
    several = "" if len(line.gave_way) <= _NAMED else f" 等 {len(line.gave_way)} 家"
    who = "、".join(line.gave_way[:_NAMED]) + several if all(line.gave_way) else f"{len(line.gave_way)} 家"
    more = format_yuan(line.fen - line.by_share, thousands=True)
    return f"  受限: 无, 比按绩效占比多得 {more} 元, 由受限的 {who} 让出"
