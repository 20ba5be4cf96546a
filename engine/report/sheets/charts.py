"""图表: scores by dimension, amounts by tier, distributed against left over; native charts over printed tables."""

from __future__ import annotations

from typing import Any

from engine.printing.page import FILL_TOTAL, Book, Column, Page
from engine.report.view import View, tier_place
from engine.run.words import tier_title

ORDER = 110
COLORS = ("#2F6DB5", "#E08A2E", "#5BA55B", "#B3475C", "#7A68B0", "#4AA7B5", "#A68A64", "#8C8C8C")
FONT = {"name": "宋体", "size": 9}
CHART_HEIGHT = 320  # pixels
SCORES_HEIGHT = 500
MOST = 60  # bars that can still be read on a page
TEN_THOUSANDS = r"0\.0,"  # an amount in 万元: the last of the thousands stands behind the point


def sheet(book: Book, view: View) -> None:
    """The sheet of charts; left out where there is nothing to draw."""
    cards = {card: place for card, place in book.drawn.items() if 1 < place[2] <= MOST and place[3]}
    frame = view.table("allocations")
    if not cards and frame.empty:
        return
    pools = list(dict.fromkeys(view.table("pools")["pool"]))
    columns = [Column("项目", 16), *(Column("", 14, "money") for _ in range(max(5, len(pools) + 1)))]
    info = [f"期间：{view.period_title}　　单位：{'分' if frame.empty else '元'}"]
    about, title = "各单位得分、各级机构分配金额、已分配和未分配的图", "考核与分配图表"
    about, title = ("各单位得分的图", "考核图表") if frame.empty else (about, title)
    page = book.page("图表", about, title, columns, info)
    page.repeat()
    if not frame.empty:
        _money(page, view, pools)
    for card, place in cards.items():
        _scores(page, view, card, place)
    page.close()


def _money(page: Page, view: View, pools: list[str]) -> None:
    frame, spare = view.table("allocations"), page.last - len(pools) - 1
    heads = [view.pool(pool).title for pool in pools]
    kinds = ["text", *["money"] * (len(pools) + 1), *["none"] * spare]
    titles = ["center"] * (len(pools) + 2) + ["none"] * spare
    page.row(["机构级别", *heads, "合计", *[None] * spare], kinds=titles, bold=True, bg_color="#E7EDF4")
    first = page.at
    sums: dict[tuple[str, str], int] = {}
    for tier, pool, amount in frame[["tier", "pool", "amount"]].itertuples(index=False):
        sums[tier, pool] = sums.get((tier, pool), 0) + amount
    tiers = sorted({tier for tier, _ in sums}, key=tier_place)
    for tier in tiers:
        each = [sums.get((tier, pool), 0) for pool in pools]
        page.row([tier_title(tier), *each, sum(each), *[None] * spare], kinds=kinds)
    last = page.at - 1
    for name, title in (("distributed", "已分配"), ("undistributed", "未分配")):
        table = view.table("pools")
        each = [int(table.loc[table["pool"] == pool, name].sum()) for pool in pools]
        page.row([title, *each, sum(each), *[None] * spare], kinds=kinds, bold=True, bg_color=FILL_TOTAL)
    by_tier = _chart(page, "bar", "各级机构分配金额（万元）")
    for at in range(1, len(pools) + 1):
        by_tier.add_series(_series(page, (first - 1, at), (first, 0, last, 0), (first, at, last, at), at - 1))
    by_tier.set_y_axis({"reverse": True, "num_font": FONT})
    left = _chart(page, "bar", "各资金池已分配和未分配（万元）")
    for at in (0, 1):
        row = last + 1 + at
        left.add_series(
            _series(page, (row, 0), (first - 1, 1, first - 1, len(pools)), (row, 1, row, len(pools)), (0, 3)[at])
        )
    left.set_y_axis({"reverse": True, "num_font": FONT})
    half = sum(page.pixels) // 2
    page.gap(8)
    for at, chart in enumerate((by_tier, left)):
        chart.set_x_axis(
            {
                "num_font": FONT,
                "num_format": TEN_THOUSANDS,
                "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
            }
        )
        chart.set_size({"width": half - 8, "height": CHART_HEIGHT})
        page.sheet.insert_chart(page.at, 0, chart, {"x_offset": at * half + 2, "object_position": 1})
    page.gap(CHART_HEIGHT * 0.75 + 8)


def _scores(page: Page, view: View, card: str, place: tuple[str, int, int, int]) -> None:
    sheet, first, count, dimensions = place
    last = first + count - 1
    chart = page.book.book.add_chart({"type": "column", "subtype": "stacked"})
    for at in range(dimensions):
        column = 4 + at
        chart.add_series(
            {
                "name": [sheet, first - 1, column],
                "categories": [sheet, first, 2, last, 2],
                "values": [sheet, first, column, last, column],
                "gap": 60,
                "fill": {"color": COLORS[at % len(COLORS)]},
            }
        )
    chart.set_title(
        {
            "name": f"{view.card(card).title}：各单位得分（按维度）",
            "name_font": FONT | {"size": 11, "bold": True},
            "overlay": False,
        }
    )
    chart.set_legend({"position": "bottom", "font": FONT})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_x_axis({"num_font": FONT | {"size": 8, "rotation": -45}})
    chart.set_y_axis(
        {
            "num_font": FONT,
            "min": 0,
            "num_format": "0",
            "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        }
    )
    height = SCORES_HEIGHT
    chart.set_size({"width": sum(page.pixels) - 6, "height": height})
    page.keep(height * 0.75 + 8)
    page.sheet.insert_chart(page.at, 0, chart, {"x_offset": 2, "object_position": 1})
    page.gap(height * 0.75 + 8)


def _chart(page: Page, kind: str, title: str) -> Any:
    chart = page.book.book.add_chart({"type": kind, "subtype": "stacked"})
    chart.set_title({"name": title, "name_font": FONT | {"size": 11, "bold": True}, "overlay": False})
    chart.set_legend({"position": "bottom", "font": FONT})
    chart.set_chartarea({"border": {"none": True}})
    return chart


def _series(
    page: Page, name: tuple[int, int], categories: tuple[int, ...], values: tuple[int, ...], color: int
) -> dict[str, Any]:
    return {
        "name": [page.name, *name],
        "categories": [page.name, *categories],
        "values": [page.name, *values],
        "gap": 50,
        "fill": {"color": COLORS[color % len(COLORS)]},
    }
