"""分配表."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from allocation.holding import Held, holding
from allocation.terms import Member
from domain.money import format_daxie, printed
from domain.step import Name, Value
from engine.printing.page import FILL_TOTAL, ROW, Book, Column, Page
from engine.report.figures import AMOUNTS, unpaid, yuan
from engine.report.view import View
from engine.run.labels import ShownLabel
from engine.run.result import Allocation
from engine.run.say import held_words
from engine.run.words import PURPOSES, rule_title

ORDER = 60
_WIDTHS = {"money": 92, "number": 70, "factor": 64}


Own = Mapping[tuple[str, str], Mapping[Name, Value | None]]  # (alliance, unit) → what its own amount is made of


def sheet(book: Book, view: View) -> None:
    """分配表: one sheet per pool, one block per alliance with total, total in capitals and signatures."""
    for pool, rows in view.table("allocations").groupby("pool", sort=False):
        label = view.pool(str(pool))
        shares, made_of = not label.own, _own(view, str(pool))
        compared = shares or _compared(view, str(pool))
        columns = [
            Column("序号", 32, "count"),
            Column("单位编码", 64, "code"),
            Column("成员单位", 206),
            Column("机构级别", 118, "center"),
            Column("考核得分", 64, "score"),
            *(Column(one.title, _WIDTHS[one.kind], one.kind) for one in label.shown),
            Column("分配基数" if shares else "应得数", 84, "merit"),
            *([Column("占比", 54, "percent")] if shares else []),
            Column("分配金额", 92, "money"),
            *([Column("上期金额", 92, "money"), Column("增减", 58, "percent")] if compared else []),
            Column("受何规则限制", 160),
            Column("备注", 84),
        ]
        info = [
            f"资金来源：{label.fund or '—'}　　指标文号：{label.document or '—'}　　会议纪要号：＿＿＿＿＿＿＿＿",
            f"期间：{view.period_title}　　用途：{PURPOSES.get(label.purpose, '—')}　　单位：元",
        ]
        about = "各成员单位的分配金额和受何规则限制"
        page = book.page(f"分配表-{label.title}", about, f"{label.title}分配表", columns, info)
        page.headings(freeze=3)
        for at, (alliance, block) in enumerate(rows.groupby("alliance_code", sort=False)):
            if at:
                page.new_page()
            _block(page, view, str(alliance), str(pool), block, compared=compared, made_of=made_of)
        page.close()


def _compared(view: View, pool: str) -> bool:
    """Whether a rule of the pool looks at what was paid before."""
    members = (one.problem.members for (_, name), one in view.answers.items() if name == pool)
    return any("previous" in member.fields for each in members for member in each)


def _own(view: View, pool: str) -> Own:
    """What each member's own amount is made of; nothing where the pool is shared."""
    steps = view.result.steps if view.pool(pool).shown else ()
    return {
        (step.place.alliance, step.place.unit): step.numbers
        for step in steps
        if step.kind == "pool" and step.place.pool == pool and step.place.part == "merit" and not step.place.line
    }


def _holds(allocation: Allocation | None) -> Mapping[str, tuple[Held, ...]]:
    """What holds each member of a pool."""
    if allocation is None:
        return {}
    answer = allocation.answer
    return holding(allocation.problem, answer.amounts, answer.soft_violations)


def _block(
    page: Page, view: View, alliance: str, pool: str, rows: pd.DataFrame, *, compared: bool, made_of: Own
) -> None:
    allocation, label = view.answers.get((alliance, pool)), view.pool(pool)
    members = {one.code: one for one in allocation.problem.members} if allocation else {}
    holds = _holds(allocation)
    own, shares = {unit: made_of.get((alliance, str(unit)), {}) for unit in rows["unit_code"]}, not label.own
    distributed = int(rows["amount"].sum())
    before = [_previous(members.get(code)) for code in rows["unit_code"]]
    page.group(f"{view.name(alliance)}（{alliance}）　　{_said(view, alliance, pool, distributed)}")
    notes = _notes(allocation, own=label.own)
    ordered = sorted(rows.to_dict("records"), key=lambda row: view.place(row["unit_code"]))
    for at, row in enumerate(ordered, start=1):
        if at == max(1, len(ordered) - 2):
            page.keep(ROW * 5 + page.tail(notes))
        unit, fen = row["unit_code"], row["amount"]
        member = members.get(unit)
        previous = _previous(member)
        page.row(
            [
                at,
                unit,
                view.name(unit),
                view.tier(unit),
                _score(view.totals.get((label.scorecard, unit)), own[unit]),
                *(own[unit].get(one.name) for one in label.shown),
                printed(row["merit"]),
                *([Fraction(fen, distributed) if distributed else None] if shares else []),
                fen,
                *([previous, _change(fen, previous)] if compared else []),
                "；".join(held_words(holds.get(unit, ()))),
                _exempt({} if member is None else member.exempt),
            ],
        )
    known = None if None in before else sum(fen or 0 for fen in before)
    change = _change(distributed, known)
    page.row(
        [
            "",
            "合计",
            f"{len(rows)} 家",
            "",
            "",
            *(_summed(one, own.values()) for one in label.shown),
            sum(map(printed, rows["merit"]), Fraction(0)),
            *([Fraction(1) if distributed else None] if shares else []),
            distributed,
            *([known, change] if compared else []),
            "",
            "",
        ],
        kinds=[
            "blank",
            "center",
            "text",
            "blank",
            "blank",
            *(one.kind if one.summed else "blank" for one in label.shown),
            "merit",
            *(["percent"] if shares else []),
            "money",
            *(["money", "percent"] if compared else []),
            "blank",
            "blank",
        ],
        bold=True,
        bg_color=FILL_TOTAL,
    )
    page.labelled("合计（大写）", format_daxie(distributed), columns=2, bold=True)
    for text in notes:
        page.line(text)
    page.signatures()


def _score(total: Fraction | None, story: Mapping[Name, Value | None]) -> Fraction | None:
    """The member's own score, else the one that its due hangs on: of its alliance or district."""
    hung = [one for name, one in story.items() if name == "score" or name[0] == "score_of"]
    found = total if total is not None else next(iter(hung), None)
    return printed(found) if isinstance(found, Fraction) else None


def _summed(shown: ShownLabel, stories: Iterable[Mapping[Name, Value | None]]) -> Any:
    """The total of a number over members; None where it means nothing."""
    return sum(_number(story[shown.name]) for story in stories if shown.name in story) if shown.summed else None


def _number(value: Value | None) -> int | Fraction:
    return value if isinstance(value, int | Fraction) else 0


def _said(view: View, alliance: str, pool: str, distributed: int) -> str:
    frame = view.table("pools")
    row = frame[(frame["alliance_code"] == alliance) & (frame["pool"] == pool)]
    if row.empty:
        return f"已分配 {yuan(distributed)} 元"
    amount, paid, left = (int(row[name].iloc[0]) for name in AMOUNTS)
    said = f"可分配总额 {yuan(amount)} 元　已分配 {yuan(paid)} 元"
    return f"{said}　未分配 {yuan(left)} 元" + (f"（{unpaid(view, alliance, pool, left)}）" if left else "")


def _previous(member: Member | None) -> int | None:
    """What a member got last time in fen, None where no rule compares with it."""
    return member.fen("previous") if member is not None and "previous" in member.fields else None


def _change(fen: int, before: int | None) -> Fraction | None:
    return Fraction(fen - before, before) if before is not None and before > 0 else None


def _exempt(reasons: Mapping[str, str]) -> str:
    """Which rules pass over a member, and why; one line per reason."""
    by_reason: dict[str, list[str]] = {}
    for use, reason in sorted(reasons.items()):
        by_reason.setdefault(reason, []).append(rule_title(use))
    return "\n".join(by_reason)


def _notes(allocation: Allocation | None, *, own: bool) -> list[str]:
    if allocation is None:
        return []
    shared = "按分配基数占比分配，遵守各条规则；到顶的单位封住，余款再按占比分给其他单位；分以下按最大余数法。"
    alone = "各单位发自己的应得数，遵守各条规则；到顶的单位封住，封住的部分不分给其他单位。"
    said = [f"计算方法：{alone if own else shared}"]
    named = [
        rule_title(one.use) + (f"（软规则第{one.priority}级）" if one.priority else "")
        for one in allocation.problem.rules
    ]
    if named:
        said[0] += "规则：" + "、".join(named) + "。"
    missed = [one for one in allocation.answer.soft_violations if one.fen]
    said += [f"软规则「{rule_title(one.use)}」在硬规则之下不能全部满足，共差 {yuan(one.fen)} 元。" for one in missed]
    return said
