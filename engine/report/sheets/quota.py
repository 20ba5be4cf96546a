"""绩效工资总量台账: of every approval what was used before, what this run uses, what is left."""

from __future__ import annotations

from typing import Any

from engine.printing.page import FILL_TOTAL, Book, Column
from engine.report.view import View

ORDER = 85
_MONEY = ("approved", "used_before", "used_now", "moved_in", "moved_out", "left")


def sheet(book: Book, view: View) -> None:
    """A row per member with an approval, those without at the end; nothing where the plan has no quota."""
    frame = view.table("quota")
    rows = frame[(frame["pool"] == "") & (frame["exempt"] == "")]
    if rows.empty:
        return
    columns = [
        Column("序号", 36, "count"),
        Column("单位", 220),
        Column("批复文号", 190),
        Column("核定总量", 115, "money"),
        Column("已发及已承诺", 115, "money"),
        Column("本次使用", 105, "money"),
        Column("调入", 95, "money"),
        Column("调出", 95, "money"),
        Column("余额", 115, "money"),
    ]
    info = [f"期间：{view.period_title}　　单位：元　　余额 = 核定总量 + 调入 − 调出 − 已发及已承诺 − 本次使用"]
    page = book.page("总量台账", "核定总量用了多少、还剩多少", "绩效工资总量台账", columns, info)
    page.headings(freeze=2)
    order = sorted(rows.to_dict("records"), key=lambda row: view.place(str(row["unit_code"])))
    total: dict[str, Any] = {"bold": True, "bg_color": FILL_TOTAL}
    for at, row in enumerate(order, start=1):
        unit = str(row["unit_code"])
        cells = [int(row[name]) for name in _MONEY]
        strong = total if row["scope"] == "alliance" else {}
        page.row([at, f"{view.name(unit)}（{unit}）", row["document"], *cells], **strong)
    members = rows[rows["scope"] == "member"]
    if len(members):
        page.row(
            ["", f"成员单位合计 {len(members)} 家", "", *(int(members[name].sum()) for name in _MONEY)],
            kinds=["blank", "text", "blank", *["money"] * len(_MONEY)],
            **total,
        )
    without = frame[frame["exempt"] != ""].groupby("exempt", sort=True)["unit_code"].count()
    for reason, count in without.items():
        page.line(f"另有 {count} 家: {reason}。", size=9)
    page.line("调入、调出是医共体总量内各单位之间的调剂；各资金池分别使用多少见 quota.csv。", size=9)
    page.signatures()
    page.close()
