"""The run for people: a cover and one sheet per table, in Chinese."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

from engine.result import COLUMNS, RunResult

SHEETS = {
    "indicators": "指标", "scores": "得分", "totals": "总分", "pools": "资金池", "permits": "两个允许",
    "allocations": "分配",
}  # fmt: skip


def write_report(result: RunResult, path: Path) -> None:
    """Write the workbook of `result` to `path`; the same result gives the same bytes."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
        bold = book.add_format({"bold": True})
        cover = book.add_worksheet("封面")
        cover.write_row(0, 0, ["方案", str(result.meta["plan_title"])], bold)
        cover.write_row(1, 0, ["期间", str(result.meta["period_title"])])
        for row, warning in enumerate(list(result.meta.get("warnings", [])), start=3):  # type: ignore[call-overload]
            cover.write_row(row, 0, ["警告", str(warning)], bold)
        for name, title in SHEETS.items():
            sheet = book.add_worksheet(title)
            sheet.write_row(0, 0, COLUMNS[name], bold)
            for column, heading in enumerate(COLUMNS[name]):
                sheet.write_column(1, column, result.tables[name][heading].tolist())
