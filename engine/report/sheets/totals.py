"""总分与等次: dimensions, total, grade and rank of every scorecard."""

from __future__ import annotations

from collections.abc import Callable, Collection
from fractions import Fraction

import pandas as pd

from domain.money import printed, rounded
from engine.printing.page import ROW, Book, Column
from engine.report.figures import as_printed
from engine.report.view import View
from engine.run.words import SCOPES

ORDER = 10
NOTE = "按机构级别、单位编码排列；名次只供查看，不影响任何得分和金额。分数按两位小数显示，计算用未舍入的数。"


Say = Callable[[pd.DataFrame], str]


def sheet(book: Book, view: View) -> None:
    """One sheet per scorecard, of all its units."""
    totals(book, view)


def totals(book: Book, view: View, withheld: Collection[str] = (), say: Say | None = None) -> None:
    """One sheet per scorecard: dimensions, total, grade and rank.

    withheld: units that are not listed; say: the line of words about those among the rows, in their place.
    """
    frame = view.table("totals")
    for card, rows in frame.groupby("scorecard", sort=False):
        label = view.card(str(card))
        scope = label.scope or str(rows["scope"].iloc[0])
        name = "总分与等次" if len(rows) == len(frame) else f"总分与等次-{label.title}"
        dimensions = list(label.dimensions)
        columns = [
            Column("序号", 36, "count"),
            Column("单位编码", 66, "code"),
            Column("单位名称", 220),
            Column("机构级别", 122, "center"),
            *(Column(label.dimensions[one], 86, "score") for one in dimensions),
            Column("总分", 66, "score"),
            Column("等次", 66, "center"),
            Column("名次", 50, "center"),
        ]
        said = f"{label.title}　　评价对象：{SCOPES.get(scope, scope)}　　期间：{view.period_title}　　单位：分"
        page = book.page(name, "各维度得分、总分、等次和名次", f"{label.title}总分与等次", columns, [said])
        page.headings(freeze=3)
        parts = _parts(view, str(card))
        hidden = rows["unit_code"].isin(list(withheld))
        ordered = sorted(rows[~hidden].itertuples(), key=lambda row: view.place(str(row.unit_code)))
        first = page.at
        for at, row in enumerate(ordered, start=1):
            if at == len(ordered) - 1:
                page.keep(ROW * 2 + page.tail([NOTE]))
            unit = str(row.unit_code)
            marks = [parts.get((unit, one)) for one in dimensions]
            score, rank = as_printed(row.score), row.rank or "未计分"
            page.row([at, unit, view.name(unit), view.tier(unit), *marks, score, row.grade or "—", rank])
        page.gap(4)
        if say and hidden.any():
            page.line(say(rows[hidden]))
        page.line(NOTE)
        page.signatures()
        page.close()
        bars = sum(view.tiers.get(str(row.unit_code)) != "village" for row in ordered) or len(ordered)
        book.drawn[str(card)] = (page.name, first, bars, len(dimensions))


def _parts(view: View, card: str) -> dict[tuple[str, str], Fraction]:
    """Points by unit and dimension of one scorecard; nothing where no item of the dimension was counted."""
    frame = view.table("scores")
    rows = frame[(frame["scorecard"] == card) & frame["score"].notna()]
    found: dict[tuple[str, str], Fraction] = {}
    for unit, dimension, score in rows[["unit_code", "dimension", "score"]].itertuples(index=False):
        found[unit, dimension] = found.get((unit, dimension), Fraction(0)) + printed(score)
    return {key: rounded(points, 4) for key, points in found.items()}  # sums of printed figures
