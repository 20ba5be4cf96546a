"""清算表: what each member is due of the year, what it was prepaid, and what is paid or taken back now."""

from __future__ import annotations

from engine.printing.page import Book
from engine.report.blocks import unit_block, unit_columns
from engine.report.view import View

ORDER = 70
SURPLUS = "insurance_surplus"
TITLES = {"due": "清算应得", "prepaid": "已预付", "carried": "扣回余额", "top_up": "补发", "claw_back": "扣回"}


def sheet(book: Book, view: View) -> None:
    """One row per member and one block per pool and alliance; top-up and claw-back are never netted."""
    frame = view.table("settlements")
    if frame.empty:
        return
    there = {*frame["line"]}
    lines = [line for line in TITLES if line in there or line != "carried"]
    columns = unit_columns([TITLES[line] for line in lines], wide=115, name=230, tiers=True)
    info = [f"期间：{view.period_title}　　单位：元　　已预付和扣回为负数，与应得和补发分列，不相抵"]
    surplus = all(view.pool(pool).use == SURPLUS for pool in frame["pool"].unique())
    title = "医保结余清算表" if surplus else "年度清算表"
    if "prepaid" not in there:
        title = "支付抵扣表"
    page = book.page("清算表", "全年应得、已预付、补发和扣回", title, columns, info)
    page.headings(freeze=3)
    wide = frame.pivot_table(
        index=["pool", "alliance_code", "unit_code"], columns="line", values="amount", aggfunc="sum", fill_value=0
    )  # a member at home in another alliance is set off there: it has no prepaid line here
    wide = wide.reindex(columns=lines, fill_value=0)
    for at, (key, rows) in enumerate(wide.reset_index().groupby(["pool", "alliance_code"], sort=False)):
        if at:
            page.new_page()
        pool, alliance = str(key[0]), str(key[1])
        heading = f"{view.name(alliance)}（{alliance}）　　{view.pool(pool).title}"
        amounts = {str(row["unit_code"]): [int(row[line]) for line in lines] for row in rows.to_dict("records")}
        surplus = view.pool(pool).use == SURPLUS
        income = "；清算应得是该单位全年的结余收入，两个允许按它测算" if surplus else ""
        in_capitals = [(f"{TITLES[line]}合计（大写）", lines.index(line)) for line in ("due", "top_up", "claw_back")]
        unit_block(page, view, heading, amounts, in_capitals, note=f"扣回从该单位下次支付中扣减{income}。")
    page.close()
