"""How the sheets of the template look: formats, columns with their drop-downs and limits, print set-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from domain.period import Period
from domain.plan import Plan
from domain.sheets import letters

# empty rows ready to be filled in
SPARE = {"机构表": 200, "成员关系表": 200, "事实表": 1000, "资金表": 300, "病种表": 400, "任务完成": 200}
FIRST = 3  # 0-based row of the first data row: title, remark, heading stand above
_FRAMED = 25  # spare rows with borders, so that a blank form prints as one page
_ALLOWED = ("insert_rows", "delete_rows", "sort", "autofilter", "format_cells", "format_columns", "format_rows")


class Styles:
    """The formats of the sheets."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        font = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
        self.title = book.add_format({**font, "font_size": 16, "bold": True, "align": "center"})
        self.remark = book.add_format({**font, "font_size": 9, "font_color": "#595959", "text_wrap": True})
        self.heading = book.add_format(
            {**font, "bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": "#DDEBF7"}
        )
        self.border = book.add_format({"border": 1, "border_color": "#A6A6A6"})
        forms = {"text": "@", "number": "#,##0.######", "whole": "#,##0", "money": "#,##0.00", "date": "yyyy-mm-dd"}
        self.open = {
            name: book.add_format({**font, "locked": False, "num_format": form, **_aligned(name)})
            for name, form in forms.items()
        }
        self.framed = {
            name: book.add_format(
                {**font, "locked": False, "num_format": form, "border": 1, "border_color": "#A6A6A6", **_aligned(name)}
            )
            for name, form in forms.items()
        }


def _aligned(name: str) -> dict[str, Any]:
    if name == "text":
        return {"text_wrap": True}
    return {"align": "center"} if name == "date" else {"align": "right"}


@dataclass(frozen=True)
class Field:
    """One column: heading, width, form of its cells, validation of its cells (xlsxwriter options)."""

    heading: str
    width: float
    form: str = "text"
    check: dict[str, Any] | None = None


@dataclass(frozen=True)
class Sheets:
    """What every sheet needs, and how one is added."""

    book: xlsxwriter.Workbook
    styles: Styles
    plan: Plan
    period: Period

    def add(
        self, name: str, remark: str, fields: list[Field], rows: list[list[Any]], spare: int | None = None
    ) -> Worksheet:
        """One table: title, remark, heading, rows (values as `_put` takes them), spare rows, limits, print set-up."""
        sheet, styles = self.book.add_worksheet(name), self.styles
        last = FIRST + len(rows) + (SPARE[name] if spare is None else spare) - 1
        end = len(fields) - 1
        sheet.merge_range(0, 0, 0, end, f"{self.plan.title}　{name}", styles.title)
        sheet.merge_range(1, 0, 1, end, f"{remark}　填报期间: {self.period.title}", styles.remark)
        sheet.set_row(0, 28)
        sheet.set_row(1, 30)
        sheet.set_row(2, 32)
        for column, one in enumerate(fields):
            sheet.set_column(column, column, one.width, styles.open[one.form])
            sheet.write_string(2, column, one.heading, styles.heading)
            if one.check:
                sheet.data_validation(FIRST, column, last, column, one.check)
        framed = len(rows) if rows else _FRAMED
        for number in range(framed):
            row = rows[number] if rows else [None] * len(fields)
            # Not every program makes a row as high as its longest text.
            lines = max(-(-_width(value) // int(one.width)) for value, one in zip(row, fields, strict=True))
            sheet.set_row(FIRST + number, 20 if lines <= 1 else 15 * lines)
            for column, one in enumerate(fields):
                _put(sheet, FIRST + number, column, row[column], styles.framed[one.form])
        # Borders come with the first entry: blank spare rows are not printed.
        letter = letters(end)
        sheet.conditional_format(
            FIRST + framed,
            0,
            last,
            end,
            {
                "type": "formula",
                "criteria": f"=COUNTA($A{FIRST + framed + 1}:${letter}{FIRST + framed + 1})>0",
                "format": styles.border,
            },
        )
        _print_setup(sheet, name, last, end)
        return sheet


def _print_setup(sheet: Worksheet, name: str, last: int, end: int) -> None:
    sheet.freeze_panes(FIRST, 2)
    sheet.autofilter(2, 0, last, end)
    sheet.protect("", dict.fromkeys(_ALLOWED, True))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.repeat_rows(0, 2)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_footer(f"&L{name}　填报人:　　　　　　审核人:　　　　　　单位负责人:　　　　　　&R第 &P 页 共 &N 页")


def _width(value: Any) -> int:
    """Columns a text takes: two for a Chinese character."""
    return sum(2 if ord(letter) > 0xFF else 1 for letter in str(value or ""))


def _put(sheet: Worksheet, row: int, column: int, value: Any, style: Format) -> None:
    """A cell: texts as text, days as dates, numbers as numbers where a sheet holds them exactly, else as text."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    elif isinstance(value, Decimal) and len(value.as_tuple().digits) <= 15:
        sheet.write_number(row, column, float(value), style)
    else:
        sheet.write_string(row, column, str(value), style)


def drop_down(source: str, title: str, *, strict: bool = True) -> dict[str, Any]:
    """A validation by a list of words; not strict: other entries only warn."""
    return {
        "validate": "list",
        "source": source,
        "error_type": "stop" if strict else "warning",
        "error_title": title,
        "error_message": "请从下拉列表选择, 或按码表填写",
    }


def rule(formula: str, title: str, message: str) -> dict[str, Any]:
    """A validation by a formula about the first data row."""
    return {"validate": "custom", "value": formula, "error_title": title, "error_message": message}


UNITS = drop_down("=机构表!$A$4:$A$1003", "单位代码", strict=False)
DATES = {
    "validate": "date",
    "criteria": ">=",
    "value": date(2000, 1, 1),
    "error_title": "日期",
    "error_message": "写成 2026-01-01",
}
PERIODS = drop_down("=期间清单", "期间", strict=False)
