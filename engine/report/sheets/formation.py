"""资金池计算."""

from __future__ import annotations

from engine.printing.page import Book, Column
from engine.report.figures import yuan
from engine.report.view import View

ORDER = 50


def sheet(book: Book, view: View) -> None:
    """资金池计算: how each pool came to its amount, step by step."""
    if view.table("pools").empty:
        return
    columns = [
        Column("资金池", 130),
        Column("步骤", 130),
        Column("计算公式", 250),
        Column("代入", 270),
        Column("结果", 105, "money"),
        Column("依据", 170),
    ]
    info = [f"期间：{view.period_title}　　单位：元　　{view.documents}"]
    page = book.page("资金池计算", "资金池金额的公式、代入的数和条款", "资金池计算表", columns, info)
    page.headings(freeze=1)
    for row in view.table("pools").itertuples():
        alliance, pool = str(row.alliance_code), str(row.pool)
        page.group(f"{view.name(alliance)}　{view.pool(pool).title}　{yuan(int(str(row.amount)))} 元")
        for step in view.formations.get((alliance, pool), ()):
            put_in = "；".join(f"{name} {said}" for name, said in view.numbers.numbers(step).items())
            formula = "\n".join([view.formulas.formula(step), *map(view.formulas.phrase, step.notes)])
            money = isinstance(step.result, int)
            page.row(
                [
                    view.pool(pool).title,
                    view.speaker.title(step),
                    formula,
                    put_in,
                    step.result if money else view.speaker.result(step),
                    view.cites(step.cites),
                ],
                kinds=["text", "text", "text", "text", "money" if money else "center", "text"],
            )
    page.close()
