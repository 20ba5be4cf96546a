"""Files as sheets of cells: .xlsx and .xls workbooks, folders of CSV and Parquet.

A workbook is looked at before it is opened: what is not a plain workbook, what would unpack to more than memory should
hold and what holds macros is refused. Cached values of formulas are read; Excel error values stay visible as texts
such as "#N/A" (the reading library shows them as blanks, so they are looked up in the file itself).
"""

from __future__ import annotations

import csv
import zipfile
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pandas as pd

from domain.problems import InputProblems, Problem, Problems
from domain.sheets import letters
from engine.read import words, xls, xlsx
from engine.read.csv_text import NotText, csv_rows

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
    """All sheets of a workbook or of a folder's CSV and Parquet files, in order (files by name).

    Raises InputProblems if a file cannot be read as what it says it is.
    """
    problems = Problems()
    sheets: list[Sheet] = []
    if path.is_dir():
        for file in files_read(path):
            if file.suffix.lower() in _TABLES:
                _attempt(file, sheets, problems)
            else:
                problems.add(file.name, "FILE-TYPE", "文件夹里只读 CSV 和 Parquet", "工作簿请单独读入, 或移出文件夹")
        if not sheets and not problems:
            problems.add(
                path.name, "FILE-MISSING", "文件夹里没有 CSV 或 Parquet 文件", "放入机构表、成员关系表、事实表、资金表"
            )
    elif path.is_file():
        _attempt(path, sheets, problems)
    else:
        problems.add(path.name, "FILE-MISSING", "文件不存在", "核对路径")
    problems.raise_if_any()
    return sheets


def _attempt(path: Path, sheets: list[Sheet], problems: Problems) -> None:
    try:
        sheets += _open(path)
    except InputProblems as error:
        problems.extend(error.problems)


def _refusal(path: Path, code: str, message: str, remedy: str) -> InputProblems:
    return InputProblems([Problem(path.name, code, message, remedy)])


def _open(path: Path) -> list[Sheet]:
    suffix = path.suffix.lower()
    if path.stat().st_size > MAX_BYTES:
        raise _refusal(path, "FILE-LIMIT", f"文件大于 {MAX_BYTES >> 20} MB", "按地区或期间拆分")
    if suffix == ".csv":
        return [_csv(path)]
    if suffix == ".parquet":
        return [_parquet(path)]
    if suffix in {".xlsx", ".xls"}:
        return _workbook(path)
    if suffix in {".xlsm", ".xlsb", ".xltm"}:
        raise _refusal(path, "FILE-MACRO", "不读可能带宏的工作簿", "另存为 .xlsx")
    raise _refusal(path, "FILE-TYPE", f"不读 {suffix or '没有扩展名的'} 文件", "另存为 .xlsx、.xls 或 CSV")


def _frame(rows: list[list[object]]) -> pd.DataFrame:
    width = max(map(len, rows), default=0)
    cells = pd.DataFrame([row + [None] * (width - len(row)) for row in rows], columns=range(width), dtype=object)
    cells = cells.mask(cells.isna() | cells.map(_blank), None)
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    return cells


def _blank(cell: object) -> bool:
    return isinstance(cell, str) and (not cell or cell.isspace())


def _csv(path: Path) -> Sheet:
    if not path.stat().st_size and words.key(path.stem).startswith(tuple(chain(*words.SHEET_NAMES.values()))):
        # an export that failed is no table that was left out
        raise _refusal(path, "FILE-EMPTY", "文件是空的 (0 字节)", "重新导出; 本期没有这张表的, 移出文件夹")
    try:
        rows: list[list[object]] = [list(row) for row in csv_rows(path.read_bytes())]
    except NotText:
        raise _refusal(path, "FILE-ENCODING", "文字编码不是 UTF-8 或 GB18030", "另存为 CSV UTF-8") from None
    except csv.Error as error:
        raise _refusal(path, "FILE-UNREADABLE", f"不是完整的 CSV ({error})", "核对引号是否成对, 重新导出") from None
    width = max(map(len, rows), default=0)
    if width * len(rows) > MAX_CELLS:
        raise _refusal(path, "FILE-LIMIT", f"单元格多于 {MAX_CELLS:,} 个", "按地区或期间拆分")
    return Sheet(path.name, "", _frame(rows))


def _parquet(path: Path) -> Sheet:
    import pyarrow as pa  # noqa: PLC0415  (only Parquet needs it)
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        file = pq.ParquetFile(path)
        if file.metadata.num_rows * max(1, file.metadata.num_columns) > MAX_CELLS:
            raise _refusal(path, "FILE-LIMIT", f"单元格多于 {MAX_CELLS:,} 个", "按地区或期间拆分")
        table = file.read()
    except (pa.ArrowException, OSError):
        raise _refusal(path, "FILE-UNREADABLE", "不是完整的 Parquet 文件", "重新导出") from None
    columns = {
        position: [name, *table.column(position).to_pylist()] for position, name in enumerate(table.column_names)
    }
    cells = pd.DataFrame(columns, dtype=object)
    cells = cells.mask(cells.map(lambda cell: cell is None or _blank(cell)), None)
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    return Sheet(path.name, "", cells)


def _workbook(path: Path) -> list[Sheet]:
    from python_calamine import (  # noqa: PLC0415  (only workbooks need it)
        CalamineError,
        CalamineWorkbook,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    with path.open("rb") as file:
        magic = file.read(8)
    errors: dict[str, dict[tuple[int, int], str]]
    try:
        if magic.startswith(b"PK"):
            errors = xlsx.examine(path, max_bytes=MAX_BYTES, max_cells=MAX_CELLS)
        elif magic.startswith(xls.MAGIC):
            errors = xls.examine(path)
        else:
            raise _refusal(path, "FILE-UNREADABLE", "不是 Excel 工作簿", "用 Excel 或 WPS 打开后另存为 .xlsx")
    except xlsx.TooLargeError as error:
        raise _refusal(path, "FILE-LIMIT", str(error), "删去多余的行列, 或按地区或期间拆分") from None
    except xlsx.MacroError:
        raise _refusal(path, "FILE-MACRO", "不读可能带宏的工作簿", "另存为 .xlsx") from None
    except xls.EncryptedError:
        raise _refusal(path, "FILE-PASSWORD", "工作簿有打开密码", "去掉密码后再交") from None
    except (zipfile.BadZipFile, xls.BrokenError, EOFError, NotImplementedError):
        raise _refusal(path, "FILE-UNREADABLE", "工作簿已损坏", "用 Excel 或 WPS 打开后另存为 .xlsx") from None
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheets = []
        for meta in workbook.sheets_metadata:
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            rows: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
            _put_errors(rows, errors.get(meta.name, {}))
            ranges = sheet.merged_cell_ranges or []
            _fill_merges(rows, ranges)
            merges = tuple((top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in ranges)
            hidden = meta.visible != SheetVisibleEnum.Visible
            sheets.append(Sheet(path.name, meta.name, _frame(rows), hidden, merges))
    except (CalamineError, OSError, ValueError):
        raise _refusal(path, "FILE-UNREADABLE", "工作簿已损坏", "用 Excel 或 WPS 打开后另存为 .xlsx") from None
    return sheets


def _put_errors(rows: list[list[object]], errors: dict[tuple[int, int], str]) -> None:
    for (row, position), value in errors.items():
        rows += [[] for _ in range(row + 1 - len(rows))]
        rows[row] += [""] * (position + 1 - len(rows[row]))
        rows[row][position] = value


def _fill_merges(rows: list[list[object]], ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """A cell merged over several rows stands in each of them (one unit over many metrics; two-row headings).

    Which columns hold numbers, that may not be counted twice, is known only once the heading is read: see `layout`.
    """
    for (top, left), (bottom, right) in ranges:
        if left == right and top < len(rows) and left < len(rows[top]):
            for row in range(top + 1, min(bottom + 1, len(rows))):
                rows[row][left] = rows[top][left]
