"""Plain tables for other programs: one sheet of texts and amounts, or Parquet."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal

import xlsxwriter

AMOUNTS = frozenset(
    {"amount", "distributed", "undistributed", "old", "new", "delta", "approved", "used_before", "used_now", "left",
     "moved_in", "moved_out", "opening", "held", "released", "forfeited", "closing"}
)  # fmt: skip
_WIDEST = 60


def workbook_of(name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """One sheet: heading, then rows; amounts are numbers with two decimals, everything else stays text."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(name[:31])
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column, bold)
        widest = max((len(row[at]) for row in rows), default=0)
        sheet.set_column(at, at, min(max(widest, len(column)) + 2, _WIDEST))
    for line, row in enumerate(rows, start=1):
        for at, (column, text) in enumerate(zip(columns, row, strict=True)):
            if column in AMOUNTS and text:
                sheet.write_number(line, at, float(text), money)
            else:
                sheet.write_string(line, at, text)
    sheet.freeze_panes(1, 0)
    book.close()
    return held.getvalue()


def parquet_of(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Parquet: amounts decimal(38, 2), everything else text."""
    import pyarrow as pa  # noqa: PLC0415  (only whoever asks for it pays for it)
    from pyarrow import parquet  # noqa: PLC0415

    arrays = {
        column: pa.array([Decimal(row[at]) if row[at] else None for row in rows], pa.decimal128(38, 2))
        if column in AMOUNTS
        else pa.array([row[at] for row in rows], pa.string())
        for at, column in enumerate(columns)
    }
    held = io.BytesIO()
    parquet.write_table(pa.table(arrays), held, compression="zstd")
    return held.getvalue()
