"""封面: what the workbook is, what it rests on, what to beware of, and the money in all."""

from __future__ import annotations

from domain.money import format_daxie
from domain.region import stem
from engine.printing.page import FILL_HEAD, FILL_TOTAL, ROW, Book, Column, Page
from engine.report.figures import AMOUNTS, yuan
from engine.report.view import View
from engine.run.words import say_conflict, say_document

EMPTY = {"permits": "两个允许测算表", "allocations": "分配表", "pools": "资金池"}
FULL_PAGE = 670  # points that can still be read well on one page


def open_cover(book: Book, view: View) -> Page:
    """The cover, as the first sheet; `fill_cover` writes it when the others are known."""
    columns = [Column("", 195), Column("", 275), Column("", 200), *(Column("", 120) for _ in range(3))]
    page = book.page("封面", "", view.plan_title, columns)
    book.sheets.pop()
    return page


def fill_cover(page: Page, book: Book, view: View) -> None:
    """Write everything on the cover."""
    what = "考核与分配结果" if view.labels.pools else "考核结果"  # a plan may score without any money
    page.line(f"{view.period_title}{what}", size=14, bold=True, align="center", height=26)
    for text in _warnings(view):
        page.boxed(text)
    page.gap(6)
    _about(page, view)
    if len(view.table("pools")):
        page.gap(8)
        _money(page, view)
    page.gap(8)
    _sheets(page, book, view)
    page.keep(page.signature_height())
    page.signatures()
    if sum(page.heights) < FULL_PAGE:
        page.breaks.clear()
        page.sheet.fit_to_pages(1, 1)
    page.close()


def _warnings(view: View) -> list[str]:
    said = [f"警示：{warning}" for warning in view.warnings]
    for alliance, conflict in sorted(view.result.contradictions.items()):
        why = "；".join(line.strip() for line in say_conflict(conflict))
        said.append(f"警示：{view.name(alliance)}（{alliance}）的规则互相矛盾，资金未分配。{why}")
    return said


def _about(page: Page, view: View) -> None:
    region = view.region
    named = view.labels.regions.get(region)
    page.labelled("方案编号", view.plan_id, columns=1)
    page.labelled("期间", f"{view.period_title}（{view.period}）", columns=1)
    if named or stem(region):  # the whole country needs no line
        page.labelled("区域", f"{named}（{region}）" if named else region, columns=1)
    for at, one in enumerate(view.labels.documents, start=1):
        page.labelled(f"依据文件{at}", say_document(one), columns=1)
    page.labelled("批次号", "＿＿＿＿＿＿＿＿＿＿（由经办单位编定，与发放表、拨付审批表用同一号）", columns=1)
    page.labelled("数据校验码", f"{view.digest}（数字相同则校验码相同，与生成时间无关）", columns=1)


def _money(page: Page, view: View) -> None:
    frame = view.table("pools")
    heads = ["资金池", "资金来源", "指标文号", "资金池金额（元）", "已分配（元）", "未分配（元）"]
    page.row(heads, kinds=["center"] * 6, bold=True, bg_color=FILL_HEAD)
    for pool, rows in frame.groupby("pool", sort=False):
        label = view.pool(str(pool))
        sums = [int(rows[name].sum()) for name in AMOUNTS]
        page.row([label.title, label.fund, label.document, *sums], kinds=["text"] * 3 + ["money"] * 3)
    whole = [int(frame[name].sum()) for name in AMOUNTS]
    kinds = ["center", "blank", "blank", *["money"] * 3]
    page.row(["合计", "", "", *whole], kinds=kinds, bold=True, bg_color=FILL_TOTAL)
    for name, fen in zip(("已分配合计（大写）", "未分配合计（大写）"), whole[1:], strict=True):
        page.labelled(name, f"{format_daxie(fen)}　（¥{yuan(fen)}）", columns=1)


def _sheets(page: Page, book: Book, view: View) -> None:
    """What each sheet is, two in a row."""
    page.keep(ROW * 3)
    missing = [title for name, title in EMPTY.items() if view.labels.pools and view.table(name).empty]
    listed = book.sheets + [(title, "本期没有，不编") for title in missing]
    style = {"border": 1, "indent": 1}
    for pair in ([("表名", "内容")] * 2, *(listed[at : at + 2] for at in range(0, len(listed), 2))):
        head = {"bold": True, "bg_color": FILL_HEAD} if pair[0][0] == "表名" else {}
        for (first, last), at in zip(((0, 0), (1, 1), (2, 2), (3, page.last)), range(4), strict=True):
            name_and_about = pair[at // 2] if at // 2 < len(pair) else ("", "")
            page.span(first, last, name_and_about[at % 2], **style, **head)
        page.end_row(
            [name for one in pair for name in one],
            [page.pixels[0], page.pixels[1], page.pixels[2], sum(page.pixels[3:])],
        )
