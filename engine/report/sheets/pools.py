"""资金池."""

from __future__ import annotations

from domain.money import format_daxie
from engine.printing.page import FILL_TOTAL, Book, Column
from engine.report.figures import AMOUNTS, unpaid
from engine.report.view import View
from engine.run.words import BASES, PURPOSES

ORDER = 40


def sheet(book: Book, view: View) -> None:
    """资金池: what each pool holds, what was distributed, and why and where the rest goes."""
    if view.table("pools").empty:
        return
    frame = view.table("pools")
    columns = [
        Column("序号", 36, "count"),
        Column("医联体", 130),
        Column("资金池", 125),
        Column("资金来源和指标文号", 205),
        Column("用途", 130),
        Column("资金池金额", 102, "money"),
        Column("已分配", 102, "money"),
        Column("未分配", 102, "money"),
        Column("未分配原因和去向", 130, "center"),
    ]
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
            [
                at,
                view.name(str(row.alliance_code)),
                label.title,
                fund,
                use,
                row.amount,
                row.distributed,
                left,
                unpaid(view, str(row.alliance_code), str(row.pool), left),
            ],
        )
    sums = [int(frame[name].sum()) for name in AMOUNTS]
    page.row(["", "合计", "", "", "", *sums, ""], kinds=_totals(9, {5, 6, 7}), bold=True, bg_color=FILL_TOTAL)
    for label_text, fen in zip(("资金池合计（大写）", "已分配合计（大写）"), sums, strict=False):
        page.labelled(label_text, format_daxie(fen), columns=3)
    page.gap(4)
    page.line("合计只用于核对；各资金池分别核算，不同来源的资金不得混用。", size=9)
    page.signatures()
    page.close()


def _totals(columns: int, filled: set[int]) -> list[str]:
    return ["money" if at in filled else "center" if at == 1 else "blank" for at in range(columns)]
