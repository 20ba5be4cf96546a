"""Files as sheets of cells: .xlsx and .xls workbooks, folders of CSV and Parquet.

A workbook is read as what its bytes are: one that goes by the ending of the other kind is read, anything else is
refused by its own name. What would unpack to more than memory should hold and what holds macros is refused. Cached
values of formulas are read; error values, formulas that no program has worked out and percentages stay visible as
`Fault` and `Percent`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path

import pandas as pd

from domain.problems import Problems
from domain.sheets import letters
from engine.read import words, xls, xlsx
from engine.read.content import SAID, content
from engine.read.csv_text import csv_rows
from engine.read.refusal import SAVE_AS, Refusal, broken, too_many_cells

MAX_BYTES = 512 * 1024 * 1024  # of a file, unpacked
MAX_CELLS = 12_000_000  # of a workbook, blank ones inside the used area included


@dataclass(frozen=True)
class Sheet:
    """One sheet: file and sheet name ("" for CSV and Parquet), cells by 1-based row and 0-based column.

    cells: object frame; blanks are None, vertical merges are filled down. merges: merged cells, each as first row,
    first column, last row, last column, counted as in cells.
    """

    file: str
    name: str
    cells: pd.DataFrame
    hidden: bool = False
    merges: tuple[tuple[int, int, int, int], ...] = ()

    @property
    def where(self) -> str:
        """The sheet as messages name it."""
        return f"{self.file} {self.name}" if self.name else self.file

    @property
    def title(self) -> str:
        """What names the table: the sheet, or the file without its ending."""
        return self.name or Path(self.file).stem

    def cell(self, row: int, position: int) -> str:
        """One cell as messages name it: file sheet!D17."""
        return f"{self.where}!{letters(position)}{row}"


_TABLES = {".csv", ".parquet"}
_TABLE_NAMES = tuple(chain(*words.SHEET_NAMES.values()))
_BY_NAME = {
    ".xlsm": ("FILE-MACRO", "不读可能带宏的工作簿"),
    ".xltm": ("FILE-MACRO", "不读可能带宏的工作簿"),
    ".xlsb": ("FILE-TYPE", "不读二进制工作簿 (.xlsb)"),
    ".ods": ("FILE-TYPE", "不读 OpenDocument 表格 (.ods)"),
    ".et": ("FILE-TYPE", "不读 WPS 表格 (.et)"),
}
_MISPLACED = {".xlsx", ".xls", ".xlsm", ".et", ".xlsb", ".ods", ".txt", ".tsv"}


def files_read(path: Path) -> list[Path]:
    """The files that reading `path` looks into, by name: the file itself, or a folder's tables.

    Files of other kinds in a folder are not touched; workbooks are, to be refused there.
    """
    if not path.is_dir():
        return [path]
    files = (one for one in path.iterdir() if one.is_file() and not one.name.startswith((".", "~$")))
    return sorted(one for one in files if one.suffix.lower() in _TABLES | _MISPLACED)


def open_sheets(path: Path) -> list[Sheet]:
    """All sheets of a workbook, or of a folder's workbooks or CSV and Parquet files, in order (files by name).

    Workbooks of many hands are read as one; workbooks beside CSV are refused, for one of them may be left over. Raises
    InputProblems if a file cannot be read as what it says it is.
    """
    problems = Problems()
    sheets: list[Sheet] = []
    if path.is_dir():
        sheets = open_files([(file, file.name) for file in files_read(path)], problems)
        if not sheets and not problems:
            said = "文件夹里没有工作簿, 也没有 CSV 或 Parquet 文件"
            remedy = "放入填好的工作簿, 或机构表、成员关系表、事实表、资金表的 CSV"
            problems.add(path.name, "FILE-MISSING", said, remedy)
    elif path.is_file():
        sheets = open_files([(path, path.name)], problems)
    else:
        problems.add(path.name, "FILE-MISSING", "文件不存在", "核对路径")
    problems.raise_if_any()
    return sheets


def open_files(files: list[tuple[Path, str]], problems: Problems) -> list[Sheet]:
    """The sheets of files that are read as one, each with the name it is known by; what cannot be read is told."""
    sheets: list[Sheet] = []
    mixed = any(Path(name).suffix.lower() in _TABLES for _, name in files)
    for path, name in files:
        if mixed and Path(name).suffix.lower() not in _TABLES:
            said = "文件夹里既有 CSV 或 Parquet, 又有工作簿"
            problems.add(name, "FILE-MIXED", said, "只留一种, 其余移出文件夹")
            continue
        try:
            sheets += _open(path, name)
        except Refusal as refusal:
            problems.add(name, refusal.code, refusal.message, refusal.remedy)
    return sheets


def _open(path: Path, name: str) -> list[Sheet]:
    """The sheets of one file, read as what its bytes say it is. Raises Refusal."""
    suffix, size = Path(name).suffix.lower(), path.stat().st_size
    if size > MAX_BYTES:
        raise Refusal("FILE-LIMIT", f"文件大于 {MAX_BYTES >> 20} MB", "按地区或期间拆分")
    if suffix in _BY_NAME:
        raise Refusal(*_BY_NAME[suffix], SAVE_AS)
    if suffix not in {*_TABLES, ".xlsx", ".xls"}:
        raise Refusal("FILE-TYPE", f"不读 {suffix or '没有扩展名的'} 文件", "从原系统导出 .xlsx、.xls 或 CSV")
    if not size and suffix != ".csv":
        raise Refusal("FILE-EMPTY", "文件是空的 (0 字节)", "重新导出, 或重新复制原来的文件")
    kind = content(path)
    if kind != suffix and _TABLES & {kind, suffix}:
        if suffix == ".parquet" and kind == ".csv":
            raise _not_parquet()
        raise Refusal("FILE-TYPE", f"内容是 {SAID[kind]}, 扩展名却是 {suffix}", f"把扩展名改为 {kind}")
    return _READERS[kind](path, name)


def workbook_sheets(content: bytes, name: str) -> list[Sheet]:
    """The sheets of an .xlsx workbook in memory. Raises Refusal."""
    return _grids(xlsx.read(BytesIO(content), max_bytes=MAX_BYTES, max_cells=MAX_CELLS), name)


def sheet_of(file: str, name: str, rows: list[list[object]]) -> Sheet:
    """A sheet of rows of cells that stand in no file of a kind that is read here."""
    return Sheet(file, name, _frame(rows))


def _frame(rows: list[list[object]]) -> pd.DataFrame:
    width = max(map(len, rows), default=0)
    cells = pd.DataFrame([row + [None] * (width - len(row)) for row in rows], columns=range(width), dtype=object)
    cells = cells.mask(cells.isna() | cells.map(_blank), None)
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    return cells


def _blank(cell: object) -> bool:
    return isinstance(cell, str) and (not cell or cell.isspace())


def _csv(path: Path, name: str) -> list[Sheet]:
    raw = path.read_bytes()
    if not raw.strip(b"\xef\xbb\xbf\r\n\t ,") and words.key(Path(name).stem).startswith(_TABLE_NAMES):
        # an export that failed is no table that was left out
        said = "文件里没有内容" if raw else "文件是空的 (0 字节)"
        raise Refusal("FILE-EMPTY", said, "重新导出; 本期没有这张表的, 移出文件夹")
    rows: list[list[object]] = [list(row) for row in csv_rows(raw)]
    width = max(map(len, rows), default=0)
    if width * len(rows) > MAX_CELLS:
        raise Refusal("FILE-LIMIT", f"单元格多于 {MAX_CELLS:,} 个", "按地区或期间拆分")
    return [Sheet(name, "", _frame(rows))]


def _not_parquet() -> Refusal:
    return Refusal("FILE-UNREADABLE", "不是完整的 Parquet 文件", "重新导出")


def _parquet(path: Path, name: str) -> list[Sheet]:
    import pyarrow as pa  # noqa: PLC0415  (only Parquet needs it)
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        file = pq.ParquetFile(path)
        if file.metadata.num_rows * max(1, file.metadata.num_columns) > MAX_CELLS:
            raise Refusal("FILE-LIMIT", f"单元格多于 {MAX_CELLS:,} 个", "按地区或期间拆分")
        table = file.read()
    except (pa.ArrowException, OSError):
        raise _not_parquet() from None
    columns = {position: [one, *table.column(position).to_pylist()] for position, one in enumerate(table.column_names)}
    cells = pd.DataFrame(columns, dtype=object)
    cells = cells.mask(cells.map(lambda cell: cell is None or _blank(cell)), None)
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    return [Sheet(name, "", cells)]


def _xlsx(path: Path, name: str) -> list[Sheet]:
    return _grids(xlsx.read(path, max_bytes=MAX_BYTES, max_cells=MAX_CELLS), name)


def _grids(grids: list[xlsx.Grid], name: str) -> list[Sheet]:
    return [_sheet(name, grid.name, grid.rows, grid.merges, hidden=grid.hidden) for grid in grids]


def _xls(path: Path, name: str) -> list[Sheet]:
    from python_calamine import (  # noqa: PLC0415  (only old workbooks need it)
        CalamineError,
        CalamineWorkbook,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    beside = xls.examine(path)
    sheets = []
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))  # not by its ending
        for meta in workbook.sheets_metadata:
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            if sheet.total_height * sheet.total_width > MAX_CELLS:
                raise too_many_cells(MAX_CELLS)
            rows: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
            _put(rows, beside.get(meta.name, {}))
            merges = [(top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or []]
            hidden = meta.visible != SheetVisibleEnum.Visible
            sheets.append(_sheet(name, meta.name, rows, merges, hidden=hidden))
    except (CalamineError, OSError, ValueError):
        raise broken() from None
    return sheets


def _sheet(file: str, name: str, rows: list[list[object]], merges: list[xlsx.Box], *, hidden: bool) -> Sheet:
    _fill_merges(rows, merges)
    counted = tuple((top + 1, left, bottom + 1, right) for top, left, bottom, right in merges)
    return Sheet(file, name, _frame(rows), hidden, counted)


def _put(rows: list[list[object]], cells: xls.Cells) -> None:
    for (row, position), value in cells.items():
        rows += [[] for _ in range(row + 1 - len(rows))]
        rows[row] += [""] * (position + 1 - len(rows[row]))
        rows[row][position] = value


def _fill_merges(rows: list[list[object]], merges: list[xlsx.Box]) -> None:
    """A cell merged over several rows stands in each of them (one unit over many metrics; two-row headings).

    Which columns hold numbers, that may not be counted twice, is known only once the heading is read: see `layout`.
    """
    for top, left, bottom, right in merges:
        if left == right and top < len(rows) and left < len(rows[top]):
            for row in range(top + 1, min(bottom + 1, len(rows))):
                rows[row][left] = rows[top][left]


_READERS: dict[str, Callable[[Path, str], list[Sheet]]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
    ".xls": _xls,
}
