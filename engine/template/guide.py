"""The two sheets of the template that explain: 填报说明 (who fills in what, and how) and 码表 (the lists)."""

from __future__ import annotations

from collections.abc import Sequence

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from domain.facts import Catalogue, Metric, MoneyItem
from domain.institution import Ownership, Tier
from domain.period import Period
from domain.plan import Plan

_HOW = (
    "1. 依次填机构表、成员关系表、事实表、资金表; 表头和工作表名不要改, 行可以增删。",
    "2. 单位填代码, 也可以填机构表里不重名的全称。代码按文本填写, 保留前导零。",
    "3. 期间写 {period}; 全年的数写 {year}; 同比、环比要用的上年同期、上期另起一行, 写各自的期间。",
    "4. 金额以元为单位填到分。表头改为 金额（万元） 时按万元精确换算。公式请用 ROUND(…, 2)。",
    "5. 没有的数不填; 填 0 表示确实为 0。是否类指标填 是 或 否。比率填 0 至 1 的小数, 或写成带百分号的文本 (12.5%)。",
    "6. 合计、小计和签字行可以有, 读入时跳过。自加的辅助列, 表头以 辅助 开头。数值和金额不合并单元格。",
    "7. 部分大于总体、与上期变动过大的数会被退回; 核对无误的, 在该行备注写明原因后再交。",
    "8. 方案的政策包里有任务的, 另填任务完成; 只用于任务台账, 不影响得分和资金, 空行不读。",
    "9. 读入有误时逐条列出工作表和单元格, 全部改正后再交; 有误的文件不会改动任何数据。",
)


def write_guide(
    book: xlsxwriter.Workbook,
    plan: Plan,
    catalogue: Catalogue,
    metrics: Sequence[str],
    items: Sequence[str],
    period: Period,
) -> None:
    """The sheet 填报说明: how to fill in, then every metric and money item with who reports it and what it means."""
    sheet = book.add_worksheet("填报说明")
    font = {"font_name": "宋体", "font_size": 11, "valign": "vcenter", "text_wrap": True}
    title = book.add_format({**font, "font_size": 16, "bold": True, "align": "center"})
    plain = book.add_format(font)
    section = book.add_format({**font, "font_size": 12, "bold": True})
    heading = book.add_format({**font, "bold": True, "align": "center", "border": 1, "bg_color": "#DDEBF7"})
    cell = book.add_format({**font, "font_size": 10, "border": 1, "border_color": "#A6A6A6"})
    widths = (20, 34, 10, 40, 58)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.merge_range(0, 0, 0, 4, f"{plan.title}　填报说明 ({period.title})", title)
    sheet.set_row(0, 30)
    row = 1
    for line in _HOW:
        sheet.merge_range(row, 0, row, 4, line.format(period=period.title, year=f"{period.year}年"), plain)
        sheet.set_row(row, 20)
        row += 1
    sections: tuple[tuple[str, tuple[str, ...], list[Metric | MoneyItem]], ...] = (
        (
            "事实表填哪些指标",
            ("填报部门", "指标", "计量单位", "由哪些单位填", "口径"),
            [catalogue.metrics[code] for code in metrics],
        ),
        (
            "资金表填哪些项目",
            ("填报部门", "项目", "计量单位", "由哪些单位填", "口径"),
            [catalogue.items[code] for code in items],
        ),
    )
    for name, headings, entries in sections:
        sheet.merge_range(row, 0, row, 4, name, section)
        sheet.set_row(row, 26)
        sheet.write_row(row + 1, 0, headings, heading)
        row += 2
        ordered: list[Metric | MoneyItem] = sorted(entries, key=lambda one: one.reporter)
        for entry in ordered:
            sheet.write_row(row, 0, _line(entry), cell)
            sheet.set_row(row, 15 * max(1, -(-len(entry.definition) // 28), -(-len(_who(entry)) // 19)) + 3)
            row += 1
    _print_setup(sheet, "填报说明")


def _line(entry: Metric | MoneyItem) -> tuple[str, str, str, str, str]:
    unit = entry.unit if isinstance(entry, Metric) else "元"
    return entry.reporter, entry.title, unit, _who(entry), entry.definition


def _who(entry: Metric | MoneyItem) -> str:
    return "、".join(Tier(scope).chinese for scope in entry.scopes) or "各成员单位"


def write_codes(
    book: xlsxwriter.Workbook,
    catalogue: Catalogue,
    metrics: Sequence[str],
    items: Sequence[str],
    periods: Sequence[str],
) -> None:
    """The sheet 码表 and the named lists 指标清单, 项目清单, 期间清单 that the drop-downs use."""
    sheet = book.add_worksheet("码表")
    heading = book.add_format(
        {"font_name": "宋体", "font_size": 11, "bold": True, "align": "center", "border": 1, "bg_color": "#DDEBF7"}
    )
    cell = book.add_format({"font_name": "宋体", "font_size": 10, "border": 1, "border_color": "#A6A6A6"})
    columns: list[tuple[str, float, list[str]]] = [
        ("指标", 36, [catalogue.metrics[code].title for code in metrics]),
        ("指标代码", 30, list(metrics)),
        ("计量单位", 10, [catalogue.metrics[code].unit for code in metrics]),
        ("项目", 28, [catalogue.items[code].title for code in items]),
        ("项目代码", 26, list(items)),
        ("机构层级", 18, [tier.chinese for tier in Tier]),
        ("举办性质", 10, [one.chinese for one in Ownership]),
        ("期间", 16, list(periods)),
    ]
    for column, (name, width, values) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, heading)
        sheet.write_column(1, column, values, cell)
    for name, letter, count in (
        ("指标清单", "A", len(metrics)),
        ("项目清单", "D", len(items)),
        ("期间清单", "H", len(periods)),
    ):
        book.define_name(name, f"=码表!${letter}$2:${letter}${max(2, count + 1)}")
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    _print_setup(sheet, "码表")


def _print_setup(sheet: Worksheet, name: str) -> None:
    sheet.protect()
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{name}&R第 &P 页 共 &N 页")
