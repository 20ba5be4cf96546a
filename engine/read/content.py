"""What a file really is, by its first bytes, whatever its name says."""

from __future__ import annotations

import codecs
from pathlib import Path

from engine.read.compound import MAGIC
from engine.read.refusal import EXPORT, SAVE_AS, Refusal

SAID = {
    ".xlsx": "Excel 工作簿 (.xlsx)",
    ".xls": "Excel 97-2003 工作簿 (.xls)",
    ".csv": "文本 (CSV)",
    ".parquet": "Parquet 文件",
}
_HEAD = 4096
_BEFORE_OLE = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")  # Excel 2, 3 and 4 begin so
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def content(path: Path) -> str:
    """The ending that a file of this content has: .xlsx, .xls, .parquet, or .csv for any text.

    What is none of them is refused by its own name.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"PK"):
        return ".xlsx"
    if head.startswith(MAGIC):
        return ".xls"
    if head.startswith(b"PAR1"):
        return ".parquet"
    if head.startswith(_BEFORE_OLE):
        raise Refusal("FILE-OLD", "是 Excel 4.0 或更早的工作簿", SAVE_AS)
    if head.startswith(b"%PDF"):
        raise Refusal("FILE-TYPE", "内容是 PDF, 不是表格", "从原系统导出 .xlsx")
    _refuse_markup(head)
    if b"\0" in head and not head.startswith(_UTF16) and path.suffix.lower() not in {".csv", ".parquet"}:
        raise Refusal("FILE-UNREADABLE", "不是 Excel 工作簿", SAVE_AS)
    return ".csv"


def _refuse_markup(head: bytes) -> None:
    """Web pages and XML that go by a workbook's name: exports of many web sites."""
    text = head.decode("utf-16", "ignore") if head.startswith(_UTF16) else head.decode("utf-8-sig", "ignore")
    begun = text.lstrip().lower()
    if begun.startswith("mime-version:"):
        raise Refusal("FILE-TYPE", "内容是网页档案 (MHTML), 不是工作簿", EXPORT)
    if not begun.startswith("<"):
        return
    if "office:spreadsheet" in begun:
        raise Refusal("FILE-TYPE", "内容是 XML 电子表格 2003, 不是 .xlsx 或 .xls", SAVE_AS)
    if any(tag in begun for tag in ("<html", "<table", "<!doctype html", "<head", "<body", "<div", "<meta", "<style")):
        raise Refusal("FILE-TYPE", "内容是网页 (HTML), 不是工作簿", EXPORT)
    if begun.startswith("<?xml"):
        raise Refusal("FILE-TYPE", "内容是 XML, 不是表格", EXPORT)
