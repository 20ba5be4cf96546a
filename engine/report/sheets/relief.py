"""放宽测算."""

from __future__ import annotations

from allocation.answer import Relief
from domain.money import format_exact
from engine.printing.page import Book, Column
from engine.report.figures import yuan
from engine.report.view import View
from engine.run.words import rule_title

ORDER = 100
MOVES = 30


def sheet(book: Book, view: View) -> None:
    """放宽测算: what loosening each binding rule a little would move. Nothing here is paid."""
    found = [(one, entry) for one in view.result.allocations for entry in one.answer.relief or () if entry.moves]
    if not found:
        return
    columns = [
        Column("序号", 36, "count"),
        Column("资金池", 120),
        Column("规则", 130),
        Column("单位", 150),
        Column("放宽", 85, "center"),
        Column("多得合计", 92, "money"),
        Column("少得合计", 92, "money"),
        Column("各单位变动（元）", 430),
    ]
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
            [
                at,
                one.title,
                rule_title(entry.use),
                view.name(entry.code) if entry.code else "全部",
                _loosened(entry),
                sum(max(fen, 0) for fen in moves.values()),
                sum(min(fen, 0) for fen in moves.values()),
                "；".join(told[:MOVES]) + more,
            ],
        )
    page.gap(4)
    page.line(
        "单位自己的上限放宽其金额的 1%，医联体总量放宽 1%，比例放宽 0.01（一个百分点）。放宽后各单位都不变的规则不列。",
        size=9,
    )
    page.close()


def _loosened(entry: Relief) -> str:
    by = entry.relaxed
    return f"{yuan(by)} 元" if isinstance(by, int) else f"{format_exact(by * 100)} 个百分点"
