"""封面: what the workbook is, what it rests on, what to beware of, and the money in all."""

from __future__ import annotations

from domain.money import format_daxie, format_yuan
from engine.report.layout import FILL_HEAD, FILL_TOTAL, Book, Column, Page
from engine.report.money import AMOUNTS, total
from engine.report.view import View, plain
from engine.words import say_conflict

EMPTY = {"permits": "两个允许测算表", "allocations": "分配表", "pools": "资金池"}
FULL_PAGE = 620  # points that still read well on one page


def open_cover(book: Book, view: View) -> Page:
    """The cover, as the first sheet; it is filled in by `fill_cover` when the others are known."""
    columns = [Column("", 12), Column("", 26), Column("", 26), *(Column("", 17, "money") for _ in range(3))]
    page = book.page("封面", "", view.meta("plan_title"), columns)
    book.sheets.pop()
    return page


def fill_cover(page: Page, book: Book, view: View) -> None:
    """Write everything on the cover."""
    page.line(f"{view.meta('period_title')}考核与分配结果", size=14, bold=True, align="center", height=26)
    for text in _warnings(view):
        page.boxed(text)
    page.gap(6)
    _about(page, view)
    if len(view.table("pools")):
        page.gap(8)
        _money(page, view)
    page.gap(8)
    page.labelled("表名", "内容", columns=2, bg_color=FILL_HEAD)
    for name, about in book.sheets:
        page.labelled(name, about, columns=2)
    for title in [title for name, title in EMPTY.items() if view.table(name).empty]:
        page.labelled(title, "本期没有，不编", columns=2)
    page.signatures()
    page.close()
    if sum(page.heights) < FULL_PAGE:
        page.sheet.fit_to_pages(1, 1)


def _warnings(view: View) -> list[str]:
    said = [f"警示：{plain(warning)}" for warning in view.listed("warnings")]
    for alliance, conflict in sorted(view.result.contradictions.items()):
        why = "；".join(line.strip() for line in say_conflict(conflict))
        said.append(f"警示：{view.name(alliance)}（{alliance}）的规则互相矛盾，资金未分配。{why}")
    return said


def _about(page: Page, view: View) -> None:
    region = view.meta("region")
    named = view.labels.regions.get(region)
    page.labelled("方案编号", view.meta("plan_id"), columns=1)
    page.labelled("期间", f"{view.meta('period_title')}（{view.meta('period')}）", columns=1)
    page.labelled("区域", f"{named}（{region}）" if named else region or "—", columns=1)
    for at, one in enumerate(view.labels.documents, start=1):
        number = one.number or "无文号"
        page.labelled(f"依据文件{at}", f"《{one.title}》　{one.issuer}　{number}　{one.status}", columns=1)
    page.labelled("批次号", "＿＿＿＿＿＿＿＿＿＿＿＿（由经办单位编定；与发放表、拨付审批表用同一号）", columns=1)
    page.labelled(
        "数据摘要",
        f"{view.digest}　（本册各表的校验码：数字相同则校验码相同；全部文件的校验码见 manifest.json）",
        columns=1,
    )


def _money(page: Page, view: View) -> None:
    frame = view.table("pools")
    heads = ["序号", "资金池", "资金来源和指标文号", "资金池金额（元）", "已分配（元）", "未分配（元）"]
    page.row(heads, kinds=["center"] * 6, bold=True, bg_color=FILL_HEAD)
    for at, (pool, rows) in enumerate(frame.groupby("pool", sort=False), start=1):
        label = view.pool(str(pool))
        fund = "　".join(filter(None, (label.fund, label.document)))
        page.row(
            [at, label.title, fund, *(total(rows[name]) for name in AMOUNTS)],
            kinds=["count", "text", "text", *["money"] * 3],
        )
    sums = [total(frame[name]) for name in AMOUNTS]
    page.row(
        ["合计", "", "", *sums], kinds=["center", "blank", "blank", *["money"] * 3], bold=True, bg_color=FILL_TOTAL
    )
    page.labelled(
        "已分配（大写）",
        f"{format_daxie(sums[1])}　（¥{format_yuan(sums[1], thousands=True)}）",
        columns=1,
        font_size=11,
    )
    page.labelled("未分配（大写）", format_daxie(sums[2]), columns=1)
