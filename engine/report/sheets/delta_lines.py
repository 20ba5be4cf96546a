"""更正其他差额表: what a correction changes beside the amounts of pools; nothing of it is added to them."""

from __future__ import annotations

from engine.printing.page import Book, Column
from engine.report.view import View
from engine.run.correction_lines import POOL, Changed

ORDER = 76


def sheet(book: Book, view: View) -> None:
    """One row per unit and one group per line and alliance in which anything changed; nothing where nothing did."""
    frame = view.table("deltas")
    frame = frame[frame["kind"] != POOL]
    if frame.empty:
        return
    columns = [
        Column("序号", 36, "count"),
        Column("单位编码", 80, "code"),
        Column("单位", 300),
        *(Column(title, 130, "money") for title in ("原数", "现数", "差额")),
    ]
    info = [
        f"期间：{view.period_title}　　单位：元　　更正 {view.result.before[:12]}",
        "测算表 r、清算、质量保证金和超支分担的数是同一笔钱何时付、付给谁、由谁担，不与更正差额表的补发、扣回相加。",
    ]
    about = "测算表 r、清算、保证金和超支分担更正前后的数"
    page = book.page("更正其他差额表", about, "更正其他差额表", columns, info)
    page.headings(freeze=3)
    for key, rows in frame.groupby(["alliance_code", "kind", "pool", "line", "of"], sort=False):
        alliance, *what = map(str, key)
        page.group(f"{view.name(alliance)}（{alliance}）　　{view.speaker.phrase(Changed(*what).said)}")
        ordered = sorted(rows.to_dict("records"), key=lambda row: view.place(str(row["unit_code"])))
        for at, row in enumerate(ordered, start=1):
            unit = str(row["unit_code"])
            page.row([at, unit, view.name(unit), *(int(row[name]) for name in ("old", "new", "delta"))])
    page.signatures()
    page.close()
