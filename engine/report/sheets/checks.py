"""数据核对: what the checks of the data found, with cells, and the checks that were made."""

from __future__ import annotations

from engine.printing.page import FILL_TOTAL, Book, Column
from engine.report.view import View

ORDER = 95
SEVERITY = {"note": "提示", "confirm": "须说明"}


def sheet(book: Book, view: View) -> None:
    """One row per finding, and below one per check; nothing where the run knows no checks."""
    checks, frame = view.labels.checks, view.table("checks")
    if not checks:
        return
    columns = [
        Column("序号", 36, "count"),
        Column("单位", 170),
        Column("单元格", 120),
        Column("数据", 250),
        Column("值", 80, "center"),
        Column("预期", 110, "center"),
        Column("核对", 120),
        Column("程度", 56, "center"),
        Column("说明（备注）", 140),
    ]
    asked = frame["severity"] == "confirm"
    lacking = int((asked & (frame["answer"] == "")).sum())
    said = f"核对 {len(checks)} 项，发现 {len(frame)} 处，其中须说明而未说明 {lacking} 处。核对不改动任何数。"
    page = book.page("数据核对", "填报数与别的数相比是否可信", "数据核对表", columns, [said])
    page.headings(freeze=2)
    say = view.speaker.value
    for at, row in enumerate(frame.to_dict("records"), start=1):
        unit, label = row["unit_code"], checks[row["rule"]]
        page.row(
            [
                at,
                f"{view.name(unit)}（{unit}）",
                row["cell"],
                say(row["what"]),
                say(row["value"]),
                say(row["expected"]),
                label.title,
                SEVERITY[row["severity"]],
                row["answer"],
            ]
        )
    page.gap(6)
    kinds = ["center", "center", "text", "text", "center", "text", "text", "center", "text"]
    heads = ["", "编号", "核对项目", "", "程度", "界限依据", "", "", ""]
    page.row(heads, kinds=kinds, bold=True, bg_color=FILL_TOTAL)
    for code, one in checks.items():
        page.row(["", code, one.title, one.note, SEVERITY[one.severity], one.source, "", "", ""], kinds=kinds)
    page.signatures()
    page.close()
