"""The story of one post, from its pay folder: what it is paid, and how that came about. Codes only, nobody else's.

The answer comes first, in one sentence; then the institution's amount, the team's, the post's, the payer's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from domain.money import format_yuan
from domain.problems import InputProblems, Problem
from engine.folder.intact import intact
from engine.folder.output import PAYMENT
from engine.folder.story_text import step_text
from engine.pay.folder.output import EXPLANATION, text
from engine.pay.folder.saved import saved
from engine.pay.words import COMPONENTS

HELD = {"cap": "受上限限制", "floor": "由下限保底", "hold": "已停发"}


@dataclass(frozen=True)
class Told:
    """answer: the one sentence; lines: of the post, as the table has them; stories: as explain.json tells them."""

    post: str
    answer: str
    lines: tuple[Mapping[str, str], ...]
    slips: tuple[Mapping[str, str], ...]
    stories: tuple[Mapping[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "post_no": self.post,
            "answer": self.answer,
            "lines": list(self.lines),
            "payslips": list(self.slips),
            "traces": list(self.stories),
        }


def explain_post(folder: Path, post: str, *, pool: str | None = None) -> Told:
    """The story of a post, of one pool if named. Raises InputProblems: NO-POST, RUN-CHANGED."""
    intact(folder, PAYMENT)
    lines = saved(folder, "lines")
    mine = lines[(lines["post_no"] == post) & ((lines["pool"] == pool) if pool else True)]
    if mine.empty:
        known = sorted(set(lines.loc[lines["post_no"] == post, "pool"]))
        remedy = f"可查的资金池: {'、'.join(known)}" if known else "核对任职编号 (lines.csv 的 post_no)"
        raise InputProblems(
            [Problem(str(folder), "NO-POST", f"结果里没有任职 {post}{f' 的 {pool}' if pool else ''}", remedy)]
        )
    person = str(mine["person_code"].iloc[0])
    slips = saved(folder, "payslips")
    slips = slips[(slips["person_code"] == person) & slips["payer"].isin(list(mine["paid_through"]))]
    traces = json.loads((folder / EXPLANATION).read_text(encoding="utf-8"))["traces"]
    return Told(
        post,
        _answer(post, mine),
        _records(mine),
        () if pool else _records(slips),
        tuple(_stories(traces, mine, post, person, slips=not pool)),
    )


def _records(rows: pd.DataFrame) -> tuple[Mapping[str, str], ...]:
    return tuple({str(name): text(cell) for name, cell in row.items()} for row in rows.to_dict("records"))


def _answer(post: str, lines: pd.DataFrame) -> str:
    """What the post is paid, of which pools, and what held it."""
    fen: dict[str, int] = {}
    for pool, component, amount in lines[["pool", "component", "amount"]].itertuples(index=False, name=None):
        if component != "forfeited":
            fen[pool] = fen.get(pool, 0) + amount
    of = "、".join(f"{pool} {format_yuan(one, thousands=True)} 元" for pool, one in sorted(fen.items()))
    held = sorted({HELD[one] for one in lines["held_by"] if one in HELD})
    said = f"任职 {post} 共应发 {format_yuan(sum(fen.values()), thousands=True)} 元 ({of})"
    return said + (f", {'、'.join(held)}" if held else "") + "。"


def _stories(
    traces: Mapping[str, Mapping[str, Any]], lines: pd.DataFrame, post: str, person: str, *, slips: bool
) -> Iterator[Mapping[str, Any]]:
    """From the institution's amount to the person's payslip."""
    pools = set(lines[["unit_code", "pool"]].itertuples(index=False, name=None))
    own = [told for told in traces.values() if told["step"]["place"].get("post") == post]
    teams = {told["step"]["place"].get("team", "") for told in own}
    for told in traces.values():
        place = told["step"]["place"]
        of_pool = (place.get("unit"), place.get("pool")) in pools
        if "post" not in place and of_pool and place.get("team", "") in {"", *teams}:
            yield told
    yield from (told for told in own if (told["step"]["place"].get("unit"), told["step"]["place"].get("pool")) in pools)
    if slips:
        yield from (told for told in traces.values() if told["step"]["place"].get("post") == person != post)


def say(told: Told) -> str:
    """The story as text."""
    blocks = [told.answer]
    rows = [
        f"  {line['pool']} {line['item']} {COMPONENTS[line['component']]} {line['amount']} 元"
        + (f", {HELD[line['held_by']]}" if line["held_by"] in HELD else "")
        for line in told.lines
    ]
    blocks.append("\n".join(["【明细】", *rows]))
    for slip in told.slips:
        net = f"实发 {slip['net']} 元" if slip["net"] else f"个税待定 ({slip['status']})"
        blocks.append(f"【工资条】{slip['month']} 由 {slip['payer']} 发: 应发 {slip['payable']} 元, {net}")
    blocks += ["\n".join(step_text(story, f"【{story['title']}】")) for story in told.stories]
    return "\n\n".join(blocks) + "\n"
