"""Files that came as bytes under a name: read from a temporary file, told by the name they came with.

A JSON object of tables ({"facts": [{"period": …}, …], …}) is read as sheets: the names of the first row are the
heading, in the order in which they come; the n-th object stands in row n + 1.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.problems import Problems
from engine.read.csv_text import plain
from engine.read.files import MAX_CELLS, Sheet, open_files, sheet_of
from engine.read.words import HEADINGS

_LONGEST = 100
_SUFFIXES = frozenset({".xlsx", ".xls", ".csv", ".parquet"})


@dataclass(frozen=True)
class Upload:
    """One file: the name it came with, which is never a path of this machine, and its bytes."""

    name: str
    content: bytes

    @property
    def known_as(self) -> str:
        """The name as it is told: without folders, of one line, cut before its ending where it is too long."""
        name = plain(self.name.replace("\\", "/").rpartition("/")[2]) or "文件"
        suffix = Path(name).suffix
        return name if len(name) <= _LONGEST else name[: _LONGEST - len(suffix[-10:])] + suffix[-10:]


def open_uploads(uploads: Sequence[Upload], problems: Problems) -> list[Sheet]:
    """The sheets of the files, which are read as one; what cannot be read is told by the file's name."""
    names = [upload.known_as for upload in uploads]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(name, "FILE-TWICE", "交来几份同名的文件, 看不出哪一格在哪一份里", "改名后再交")
    if not uploads:
        problems.add("提交", "FILE-MISSING", "没有文件", "选择填好的工作簿或各表的 CSV")
    sheets: list[Sheet] = []
    with TemporaryDirectory() as folder:
        files: list[tuple[Path, str]] = []
        for at, (upload, name) in enumerate(zip(uploads, names, strict=True)):
            suffix = Path(name).suffix.lower()
            if suffix == ".json":
                sheets += _json_sheets(name, upload.content, problems)
                continue
            path = Path(folder) / f"{at}{suffix if suffix in _SUFFIXES else ''}"
            path.write_bytes(upload.content)
            files.append((path, name))
        return sheets + open_files(files, problems)


def _json_sheets(name: str, content: bytes, problems: Problems) -> list[Sheet]:
    try:  # numbers as they are written: the reader takes them exactly, and bounds them
        tables = json.loads(content, parse_float=str, parse_int=str, parse_constant=_refused, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        problems.add(name, "FILE-UNREADABLE", "不是完整的 JSON, 或有 NaN、重复的键", "重新导出")
        return []
    if not isinstance(tables, dict):
        problems.add(name, "FILE-UNREADABLE", "不是以表名为键的 JSON 对象", '写成 {"facts": [...], "money": [...]}')
        return []
    sheets = []
    for table, rows in tables.items():
        if table not in HEADINGS:
            problems.add(name, "SHEET-UNKNOWN", f"没有表 {plain(table)[:40]}", f"写 {'、'.join(HEADINGS)} 之一")
        elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            problems.add(f"{name} {table}", "FILE-UNREADABLE", "不是对象的数组", "每行写成一个对象")
        elif rows:
            sheets += _table(name, table, rows, problems)
    return sheets


def _refused(constant: str) -> None:
    raise ValueError(constant)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object each of whose keys stands there once: of two figures under one name neither is passed over."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError
    return made


def _table(name: str, table: str, rows: list[dict[str, object]], problems: Problems) -> list[Sheet]:
    heading = list(dict.fromkeys(key for row in rows for key in row))
    if len(heading) * len(rows) > MAX_CELLS:
        problems.add(f"{name} {table}", "FILE-LIMIT", f"单元格多于 {MAX_CELLS:,} 个", "按地区或期间拆分")
        return []
    cells: list[list[object]] = [[*heading], *([row.get(key) for key in heading] for row in rows)]
    sheet = sheet_of(name, table, cells)
    for at, line in enumerate(cells, start=1):
        for position, cell in enumerate(line):
            if isinstance(cell, dict | list):
                problems.add(sheet.cell(at, position), "FILE-UNREADABLE", "不是一个值", "写文本或数")
                return []
    return [sheet]
