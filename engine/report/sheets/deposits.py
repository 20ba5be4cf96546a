"""质量保证金表: what is held of each member, released and forfeited, pool by pool."""

from __future__ import annotations

from allocation.deposit import LINES
from engine.printing.page import Book
from engine.report.blocks import unit_block, unit_columns
from engine.report.view import View

ORDER = 75


def sheet(book: Book, view: View) -> None:
    """One row per member and one block per alliance and pool; nothing where nobody has a deposit."""
    frame = view.table("deposits")
    if frame.empty:
        return
    columns = unit_columns(
        ("期初余额", "本期扣存", "本期释放", "本期扣罚", "期末余额"), wide=110, name=220, tiers=False
    )
    info = [f"期间：{view.period_title}　　单位：元　　期初余额 + 本期扣存 − 本期释放 − 本期扣罚 = 期末余额"]
    page = book.page("质量保证金表", "扣存、释放、扣罚和余额", "质量保证金表", columns, info)
    page.headings(freeze=3)
    for at, (key, rows) in enumerate(frame.groupby(["alliance_code", "pool"])):
        if at:
            page.new_page()
        alliance, pool = str(key[0]), str(key[1])
        heading = f"{view.name(alliance)}（{alliance}）　　{view.pool(pool).title}"
        amounts = {str(row["unit_code"]): [int(row[line]) for line in LINES] for row in rows.to_dict("records")}
        note = "本期实际支付 = 分配额（清算的为补发额）− 本期扣存；释放的保证金另行支付。"
        unit_block(page, view, heading, amounts, (("本期扣存合计（大写）", 1), ("本期释放合计（大写）", 2)), note=note)
    page.close()
