"""资金池, 资金池计算, 分配表, 放宽测算."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from allocation.answer import Relief
from allocation.terms import Member
from domain.money import format_daxie, format_exact, format_yuan, printed
from domain.step import Name, Value
from engine.printing.page import FILL_TOTAL, ROW, Book, Column, Page
from engine.report.view import View
from engine.run.labels import ShownLabel
from engine.run.result import Allocation
from engine.run.say import held_words
from engine.run.words import BASES, PURPOSES, UNPAID, rule_title

AMOUNTS = ("amount", "distributed", "undistributed")


def yuan(fen: int) -> str:
    """An amount within a text: with thousands separators."""
    return format_yuan(fen, thousands=True)


def pools(book: Book, view: View) -> None:
    """资金池: what each pool holds, what was distributed, and why and where the rest goes."""
    frame = view.table("pools")
    columns = [
        Column("序号", 36, "count"), Column("医联体", 130), Column("资金池", 125), Column("资金来源和指标文号", 205),
        Column("用途", 130), Column("资金池金额", 102, "money"), Column("已分配", 102, "money"),
        Column("未分配", 102, "money"), Column("未分配原因和去向", 130, "center"),
    ]  # fmt: skip
    info = [f"期间：{view.period_title}　　单位：元"]
    page = book.page("资金池", "来源、文号、金额、已分配和未分配", "资金池一览表", columns, info)
    page.headings(freeze=3)
    for at, row in enumerate(frame.itertuples(), start=1):
        label = view.pool(str(row.pool))
        fund = "\n".join(filter(None, (label.fund, label.document)))
        use = "\n".join(
            filter(None, (PURPOSES.get(label.purpose, ""), f"（{BASES[label.basis]}）" if label.basis else ""))
        )
        left = int(str(row.undistributed))
        page.row(
            [at, view.name(str(row.alliance_code)), label.title, fund, use, row.amount, row.distributed, left,
             unpaid(view, str(row.alliance_code), str(row.pool), left)],
        )  # fmt: skip
    sums = [int(frame[name].sum()) for name in AMOUNTS]
    page.row(["", "合计", "", "", "", *sums, ""], kinds=_totals(9, {5, 6, 7}), bold=True, bg_color=FILL_TOTAL)
    for label_text, fen in zip(("资金池合计（大写）", "已分配合计（大写）"), sums, strict=False):
        page.labelled(label_text, format_daxie(fen), columns=3)
    page.gap(4)
    page.line("合计只用于核对；各资金池分别核算，不同来源的资金不得混用。", size=9)
    page.signatures()
    page.close()


def unpaid(view: View, alliance: str, pool: str, fen: int) -> str:
    """Why money of a pool is left, and where it goes; "" if none is."""
    if not fen:
        return "—"
    to = UNPAID.get(view.pool(pool).unpaid_to, "")
    if alliance in view.result.contradictions:
        return "规则互相矛盾，未分配，待修改方案后重算"
    one = view.answers.get((alliance, pool))
    why = "、".join(rule_title(use) for use in one.answer.undistributed_because) if one else ""
    return "；".join(filter(None, (f"受{why}限制" if why else "", to)))


def formation(book: Book, view: View) -> None:
    """资金池计算: how each pool came to its amount, step by step."""
    columns = [
        Column("资金池", 130), Column("步骤", 130), Column("计算公式", 250), Column("代入", 270),
        Column("结果", 105, "money"), Column("依据", 170),
    ]  # fmt: skip
    info = [f"期间：{view.period_title}　　单位：元　　{view.documents}"]
    page = book.page("资金池计算", "资金池金额的公式、代入的数和条款", "资金池计算表", columns, info)
    page.headings(freeze=1)
    for row in view.table("pools").itertuples():
        alliance, pool = str(row.alliance_code), str(row.pool)
        page.group(f"{view.name(alliance)}　{view.pool(pool).title}　{yuan(int(str(row.amount)))} 元")
        for step in view.formation(alliance, pool):
            put_in = "；".join(f"{name} {said}" for name, said in view.numbers.numbers(step).items())
            formula = "\n".join([view.formulas.formula(step), *map(view.formulas.phrase, step.notes)])
            money = isinstance(step.result, int)
            page.row(
                [view.pool(pool).title, view.speaker.title(step), formula, put_in,
                 step.result if money else view.speaker.result(step), view.cites(step.cites)],
                kinds=["text", "text", "text", "text", "money" if money else "center", "text"],
            )  # fmt: skip
    page.close()


def allocations(book: Book, view: View) -> None:
    """分配表: one sheet per pool, one block per alliance with total, total in capitals and signatures."""
    for pool, rows in view.table("allocations").groupby("pool", sort=False):
        label = view.pool(str(pool))
        shares, made_of = not label.own, _own(view, str(pool))
        compared = shares or _compared(view, str(pool))
        columns = [
            Column("序号", 32, "count"), Column("单位编码", 64, "code"), Column("成员单位", 206),
            Column("机构级别", 118, "center"), Column("考核得分", 64, "score"),
            *(Column(one.title, _WIDTHS[one.kind], one.kind) for one in label.shown),
            Column("分配基数" if shares else "应得数", 84, "merit"),
            *([Column("占比", 54, "percent")] if shares else []),
            Column("分配金额", 92, "money"),
            *([Column("上期金额", 92, "money"), Column("增减", 58, "percent")] if compared else []),
            Column("受何规则限制", 160), Column("备注", 84),
        ]  # fmt: skip
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


_WIDTHS = {"money": 92, "number": 70, "factor": 64}


Own = Mapping[tuple[str, str], Mapping[Name, Value | None]]  # (alliance, unit) → what its own amount is made of


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


def _block(
    page: Page, view: View, alliance: str, pool: str, rows: pd.DataFrame, *, compared: bool, made_of: Own
) -> None:
    allocation, label = view.answers.get((alliance, pool)), view.pool(pool)
    members = {one.code: one for one in allocation.problem.members} if allocation else {}
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
            [at, unit, view.name(unit), view.tier(unit), _score(view.totals.get((label.scorecard, unit)), own[unit]),
             *(own[unit].get(one.name) for one in label.shown), printed(row["merit"]),
             *([Fraction(fen, distributed) if distributed else None] if shares else []), fen,
             *([previous, _change(fen, previous)] if compared else []),
             "；".join(held_words(row["held_by"])), _exempt({} if member is None else member.exempt)],
        )  # fmt: skip
    known = None if None in before else sum(fen or 0 for fen in before)
    change = _change(distributed, known)
    page.row(
        ["", "合计", f"{len(rows)} 家", "", "",
         *(_summed(one, own.values()) for one in label.shown),
         sum(map(printed, rows["merit"]), Fraction(0)),
         *([Fraction(1) if distributed else None] if shares else []), distributed,
         *([known, change] if compared else []), "", ""],
        kinds=["blank", "center", "text", "blank", "blank",
               *(one.kind if one.summed else "blank" for one in label.shown), "merit",
               *(["percent"] if shares else []), "money", *(["money", "percent"] if compared else []), "blank",
               "blank"], bold=True, bg_color=FILL_TOTAL,
    )  # fmt: skip
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


def relief(book: Book, view: View) -> None:
    """放宽测算: what loosening each binding rule a little would move. Nothing here is paid."""
    found = [(one, entry) for one in view.result.allocations for entry in one.answer.relief or () if entry.moves]
    if not found:
        return
    columns = [
        Column("序号", 36, "count"), Column("资金池", 120), Column("规则", 130), Column("单位", 150),
        Column("放宽", 85, "center"), Column("多得合计", 92, "money"), Column("少得合计", 92, "money"),
        Column("各单位变动（元）", 430),
    ]  # fmt: skip
    info = [f"期间：{view.period_title}　　单位：元　　只供参考：每条起作用的规则放宽一点会怎样，不改变本次分配。"]
    page = book.page("放宽测算", "规则放宽一点，各单位会多得或少得多少", "放宽测算表", columns, info)
    page.headings(freeze=3)
    for at, (one, entry) in enumerate(found, start=1):
        moves = entry.moves
        told = [
            f"{view.name(code)} {'+' if fen > 0 else '−'}{yuan(abs(fen))}"
            for code, fen in sorted(moves.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
        ]
        more = f"；其余 {len(told) - MOVES} 家略" if len(told) > MOVES else ""
        page.row(
            [at, one.title, rule_title(entry.use), view.name(entry.code) if entry.code else "全部",
             _loosened(entry), sum(max(fen, 0) for fen in moves.values()), sum(min(fen, 0) for fen in moves.values()),
             "；".join(told[:MOVES]) + more],
        )  # fmt: skip
    page.gap(4)
    page.line(
        "单位自己的上限放宽其金额的 1%，医联体总量放宽 1%，比例放宽 0.01（一个百分点）。放宽后各单位都不变的规则不列。",
        size=9,
    )
    page.close()


MOVES = 30


def _loosened(entry: Relief) -> str:
    by = entry.relaxed
    return f"{yuan(by)} 元" if isinstance(by, int) else f"{format_exact(by * 100)} 个百分点"


def _totals(columns: int, filled: set[int]) -> list[str]:
    return ["money" if at in filled else "center" if at == 1 else "blank" for at in range(columns)]
