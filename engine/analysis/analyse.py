"""Analysis of any table by a relative method: CSV and a spec in, CSV and a picture out.

Nothing here decides pay. The methods are in `indicators/relative`, found by looking into that folder; a spec holds
`columns` and, under a method's name, its settings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import create_model

from domain.facts import Strict
from domain.money import format_exact
from domain.problems import InputProblems, Problem, Problems
from domain.sheets import letters
from engine.printing import font
from engine.printing.files import check_out, write_whole
from engine.read.cells import unsafe
from engine.read.csv_text import csv_rows
from engine.read.refusal import Refusal
from engine.read.words import fold
from engine.yaml.document import Document, read_yaml
from engine.yaml.schema import closest, validate
from indicators.relative import NOTICE, Analysis, Bars, ColumnSpec, Method, RankLine, Table, WeightBars, methods

_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?")
_FRACTION = re.compile(r"[+-]?[0-9]{1,9}/0*[1-9][0-9]{0,8}")
_LONGEST = 1 << 20  # bytes of a heading
_MARK = {WeightBars: "weight", RankLine: "rsr"}
"""A column that every result has which is drawn so; of bars it is their total."""


def analyse(
    method: str,
    table_path: Path,
    spec_path: Path,
    out_path: Path,
    picture_path: Path | None = None,
    *,
    tell: Callable[[str], None] = lambda _: None,
    force: bool = False,
) -> list[Path]:
    """Run one method on a table and write what it finds.

    method: a file of indicators/relative, or its title; table_path: CSV, UTF-8 or GB18030, one row per unit, its name
    first; spec_path: YAML; out_path: the result, further tables go beside it (RESULT.distribution.csv); picture_path:
    an SVG or a PNG, if wanted; tell: called with every line of Chinese that people should read beside the tables, last
    that they never decide pay; force: also over files that are no result of an analysis. Output is UTF-8, floats
    unrounded; the same input gives the same bytes. Returns the files written.
    Raises InputProblems with everything that is wrong; then nothing has been written.
    """
    known = methods()
    titles = {name: one.title for name, one in known.items()}
    method = next((name for name, title in titles.items() if title == method), method)
    if method not in known:
        raise InputProblems([Problem(method, "ANALYSE-METHOD", "没有这个方法", closest(method, titles, titles))])
    problems = Problems()
    if picture_path is not None:
        _check_picture(picture_path, problems)
    table = _read_table(table_path, problems, fractions=method == "ahp")
    spec = _read_spec(spec_path, table, problems)
    if problems or table is None or spec is None:
        raise InputProblems(problems.found)
    columns, settings, places = spec
    found = _calculate(known[method], replace(table, specs=columns, places=places), settings[method])
    stem = out_path.stem if out_path.suffix.lower() == ".csv" else out_path.name
    files = {out_path: _csv(found.result)}
    files |= {out_path.with_name(f"{stem}.{name}.csv"): _csv(frame) for name, frame in found.further.items()}
    if picture_path is not None:
        if picture_path.resolve() in {path.resolve() for path in files}:
            raise InputProblems([Problem(picture_path.name, "ANALYSE-OUT", "图形会覆盖结果表", "换一个文件名")])
        files[picture_path] = _draw(known[method], found, table, picture_path)
    _write(files, inputs=(table_path, spec_path), force=force)
    whole = sum((column.weight for column in columns if column.weight is not None), Fraction(0))
    if whole.denominator != 1:
        tell(f"权重合计 {format_exact(whole)}, 不是整数: 核对有没有写错的权重")
    if found.says:
        tell(found.says)
    tell(NOTICE)
    return list(files)


def _calculate(method: Method, table: Table, settings: Any) -> Analysis:
    """What the method finds; numbers beyond float64 are refused, never written as infinite."""
    try:
        found = method.analyse(table, settings)
    except OverflowError:
        found = None
    frames = [] if found is None else [found.result, *found.further.values()]
    endless = any(np.isinf(frame.select_dtypes("number").to_numpy(dtype=float)).any() for frame in frames)
    if found is None or endless:
        said = "有的数太大或太小, 结果超出可写的范围"
        raise InputProblems([Problem(table.file, "ANALYSE-RANGE", said, "换计量单位 (如 元 改为 万元), 或核对数字")])
    return found


def _check_picture(path: Path, problems: Problems) -> None:
    from engine.printing.pictures import check_picture  # noqa: PLC0415  (the picture library only where a picture is wanted)

    check_picture(path, problems)


def _draw(method: Method, found: Analysis, table: Table, path: Path) -> bytes:
    from engine.analysis import pictures as analysis_pictures  # noqa: PLC0415  (as above)

    rows = len(found.further["distribution"] if isinstance(method.picture, RankLine) else found.result)
    if rows > analysis_pictures.MOST_ROWS:
        said = f"表有 {rows} 行, 一张图至多 {analysis_pictures.MOST_ROWS} 行"
        raise InputProblems([Problem(table.file, "PICTURE-SIZE", said, "不写 --picture, 或分开成几张表")])
    if path.suffix.lower() == ".png":
        _check_signs(table)
    return analysis_pictures.draw_analysis(method, found, table.file, path.suffix)


def _check_signs(table: Table) -> None:
    """Refuse names that cannot be printed, at their cells: a picture's own texts are cut and joined."""
    problems = Problems()
    for number, unit in zip(table.rows, table.units, strict=True):
        font.check(unit, f"{table.file}!A{number}", problems)
    for column, name in enumerate(table.names, start=1):
        font.check(name, f"{table.file}!{letters(column)}1", problems)
    problems.raise_if_any()


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")


def _read_table(path: Path, problems: Problems, *, fractions: bool) -> Table | None:
    """The table without its specs; None if its shape is wrong. Cells that are no numbers are noted and count as 0."""
    rows = _read_rows(path, problems)
    if rows is None:
        return None
    (_, heading), body = rows[0], [row for _, row in rows[1:]]
    numbers = tuple(number for number, _ in rows[1:])
    before = len(problems.found)
    _check_heading(path.name, heading, problems)
    if not body:
        problems.add(path.name, "TABLE-EMPTY", "只有表头, 没有单位", "每个单位一行")
    for number, row in zip(numbers, body, strict=True):
        if len(row) != len(heading):
            said = f"有 {len(row)} 格, 表头有 {len(heading)} 格"
            problems.add(f"{path.name}!A{number}", "TABLE-WIDTH", said, "补齐或删去多余的逗号")
    if len(problems.found) > before:
        return None
    units = tuple(row[0].strip() for row in body)
    seen = Counter(units)
    for number, unit in zip(numbers, units, strict=True):
        where = f"{path.name}!A{number}"
        if bad := unsafe(unit):
            problems.add(where, *bad)
        elif not unit:
            problems.add(where, "TABLE-NAME", "单位名称为空", "补填")
        elif seen[unit] > 1:
            problems.add(where, "TABLE-DUPLICATE", f"单位 {unit} 出现 {seen[unit]} 次", "合并或改名")
    values = np.empty((len(body), len(heading) - 1), dtype=object)
    for at, row in enumerate(body):
        for column, text in enumerate(row[1:], start=1):
            where = f"{path.name}!{letters(column)}{numbers[at]}"
            values[at, column - 1] = _number(text.strip(), where, problems, fractions=fractions)
    names = tuple(text.strip() for text in heading[1:])
    return Table(heading[0].strip() or "单位", units, names, values, (), path.name, (), numbers)


def _read_rows(path: Path, problems: Problems) -> list[tuple[int, list[str]]] | None:
    """The rows of a CSV file with their numbers, heading first, without empty rows and empty columns at the end.

    Spreadsheets write both where something was deleted.
    """
    try:
        raw = path.read_bytes()
    except OSError:
        problems.add(path.name, "NO-FILE", "文件不存在或不能读", "核对路径")
        return None
    try:
        rows = csv_rows(raw)
    except Refusal as refusal:
        problems.add(path.name, refusal.code, refusal.message, refusal.remedy)
        return None
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]
    if not filled:
        problems.add(path.name, "TABLE-EMPTY", "没有内容", "首行写表头, 每个单位一行")
        return None
    width = max(column for _, row in filled for column, cell in enumerate(row, start=1) if cell.strip())
    return [(number, row[:width]) for number, row in filled]


def _check_heading(file: str, heading: Sequence[str], problems: Problems) -> None:
    names = [text.strip() for text in heading]
    if len(names) < 2:
        problems.add(f"{file}!A1", "TABLE-COLUMNS", "除单位名称外没有别的列", "列与列之间用逗号分隔")
    seen = Counter(names)
    for column, name in enumerate(names):
        where = f"{file}!{letters(column)}1"
        if bad := unsafe(name):
            problems.add(where, *bad)
        elif not name and column:  # a judgement matrix has nothing in its corner
            problems.add(where, "TABLE-NAME", "表头为空", "补填")
        elif seen[name] > 1:
            problems.add(where, "TABLE-DUPLICATE", f"表头 {name} 出现 {seen[name]} 次", "改名")


def _number(text: str, where: str, problems: Problems, *, fractions: bool) -> Fraction:
    text = fold(text)  # full-width digits are digits
    if _DECIMAL.fullmatch(text) or (fractions and _FRACTION.fullmatch(text)):
        return Fraction(text)
    if text:
        problems.add(where, "TABLE-NUMBER", f"{text!r} 不是数", "只写数字, 不带千分位、百分号和单位")
    else:
        problems.add(where, "TABLE-BLANK", "空格", "补填, 或从表中删去该单位或该列")
    return Fraction(0)


def _read_spec(
    path: Path, table: Table | None, problems: Problems
) -> tuple[tuple[ColumnSpec, ...], dict[str, Any], tuple[str, ...]] | None:
    """The columns' settings in the table's order, every method's settings, and the columns' places in the file.

    Without `columns` every column is high and all weigh the same; with it, every column must be named.
    """
    try:
        document = Document(path.name, {}) if _empty(path) else read_yaml(path, name=path.name)
    except InputProblems as error:
        problems.extend(error.problems)
        return None
    fields: dict[str, Any] = {name: (method.params, method.params()) for name, method in methods().items()}
    model: type[Strict] = create_model("Spec", __base__=Strict, columns=(dict[str, Any], {}), **fields)
    spec = validate(model, document, document.data)
    written: dict[str, Any] = getattr(spec, "columns", {})
    read = {name: validate(ColumnSpec, document, data, ("columns", name)) for name, data in written.items()}
    given = {name: column for name, column in read.items() if column is not None}
    if table is not None and read:
        _check_names(read, table, document, problems)
        _check_weights(given, document, whole=len(given) == len(read))
    problems.extend(document.problems())
    if spec is None or table is None or problems:
        return None
    columns = tuple(given.get(name, ColumnSpec()) for name in table.names)
    places = tuple(document.where(("columns", name)) for name in table.names)
    return columns, {name: getattr(spec, name) for name in fields}, places


def _empty(path: Path) -> bool:
    """Whether a spec says nothing, so that everything in it has its default."""
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()
    except OSError:
        return False
    return not any(line.strip() and not line.strip().startswith(b"#") for line in lines)


def _check_names(read: Collection[str], table: Table, document: Document, problems: Problems) -> None:
    for name in read:
        if name not in table.names:
            document.add(("columns", name), "ANALYSE-COLUMN", "表中没有这一列", closest(name, list(table.names)))
    for column, name in enumerate(table.names):
        if name not in read:
            said = f"列 {name} 没有写在 {document.name} 的 columns 里"
            problems.add(table.heading(column), "ANALYSE-COLUMN", said, "补写, 或从表中删去")


def _check_weights(given: Mapping[str, ColumnSpec], document: Document, *, whole: bool) -> None:
    """whole: every column could be read; else some weight may only seem to be missing."""
    weights = {name: spec.weight for name, spec in given.items() if spec.weight is not None}
    for name, spec in given.items():
        if weights and spec.weight is None and whole:
            document.add(("columns", name), "ANALYSE-WEIGHT", "没有 weight, 而别的列有", "都写, 或都不写")
        elif spec.weight is not None and spec.weight < 0:
            document.add(("columns", name, "weight"), "ANALYSE-WEIGHT", "权重为负", "改为 0 或正数")
    if whole and weights and not any(weights.values()):
        document.add(("columns",), "ANALYSE-WEIGHT", "权重全为 0", "至少一列大于 0")


def _is_result(path: Path) -> bool:
    """Whether a file is a result of some method by its heading: a table carries no other mark."""
    with path.open("rb") as file:
        heading = file.readline(_LONGEST).decode(errors="replace").rstrip("\n").split(",")
    marks = {
        one.picture.total if isinstance(one.picture, Bars) else _MARK[type(one.picture)] for one in methods().values()
    }
    return not marks.isdisjoint(heading[1:])


def _write(files: dict[Path, bytes], inputs: Sequence[Path], *, force: bool) -> None:
    """Write every file, or none."""
    for path in files:
        check_out(path, *inputs, force=force, earlier=_is_result)
    for path, content in files.items():
        write_whole(path, content)
