"""What the bank says became of a batch: its result file read by the batch's own layout.

Absent a layout of its own the result is the exported file with two columns more: what became of the line, and why.
A line is known again by its number in the batch, and its amount must be the batch's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from domain.money import MoneyError, format_yuan, parse_yuan
from domain.problems import InputProblems, Problem, Problems
from engine.pay.exports.bank import Batch
from engine.pay.exports.layout import Answer, Layout, LayoutColumn
from engine.read.files import open_sheets

State = Literal["ok", "failed", "returned"]
STATE, REASON = "state", "reason"
_NEEDED = ("seq", "amount", STATE)
_TELLING = ("account_name", "account")
_NUMBER = re.compile(r"\d{11,}[Xx]?")
"""A phone, an account, an ID number."""
_APPENDED = (LayoutColumn(title="处理结果", field=STATE), LayoutColumn(title="失败原因", field=REASON))


@dataclass(frozen=True)
class Result:
    """What became of one line; at: where the bank says it. listed: not, where a list of failures passes it over."""

    person: str
    fen: int
    state: State
    reason: str
    at: str
    listed: bool = True


@dataclass(frozen=True)
class _Told:
    cells: Sequence[str]
    at: str


def results(path: Path, layout: Layout, batch: Batch) -> list[Result]:
    """What became of every line of the batch, in its order.

    Raises InputProblems: RESULT-LAYOUT (the layout cannot read results), RESULT-LINE (no such line, twice, missing),
    RESULT-AMOUNT (not the batch's amount), RESULT-STATE (a word that the layout does not know).
    """
    answer = layout.answer
    if answer is None:
        raise InputProblems(
            [Problem(layout.id, "RESULT-LAYOUT", "格式里没有 answer, 读不了结果文件", "在格式文件补上 answer")]
        )
    columns = answer.columns or [*layout.columns, *_APPENDED]
    lacking = [name for name in _NEEDED if all(one.field != name for one in columns)]
    if lacking:
        said = f"结果文件的列里没有 {'、'.join(lacking)}"
        raise InputProblems([Problem(layout.id, "RESULT-LAYOUT", said, "在格式文件的 answer.columns 补上")])
    problems = Problems()
    found: dict[int, Result] = {}
    whose: dict[str, str] = {}
    for told in _lines(path, layout):
        values = _values(told.cells, columns)
        if values is None or (STATE not in values and not _is_line(values, layout, batch)):
            continue
        if _take(values, told.at, layout, batch, found, problems):
            whose |= {values[name]: batch.lines[int(values["seq"]) - 1].person for name in _TELLING if values.get(name)}
    if answer.lists == "all":
        for seq, line in enumerate(batch.lines, start=1):
            if seq not in found and not problems:
                said = f"结果里没有第 {seq} 笔 (人员 {line.person})"
                problems.add(path.name, "RESULT-LINE", said, "向银行要全部明细的结果文件")
    problems.raise_if_any()
    plain = _Plain(whose)
    told_of = (
        found.get(seq) or Result(line.person, line.fen, "ok", "", path.name, listed=False)
        for seq, line in enumerate(batch.lines, start=1)
    )
    return [replace(one, reason=plain.said(one.reason)) for one in told_of]


def _take(
    values: Mapping[str, str], at: str, layout: Layout, batch: Batch, found: dict[int, Result], problems: Problems
) -> bool:
    """Enter what a line of the file tells, or note what is wrong with it; whether it was entered."""
    seq = int(values["seq"])
    if not 1 <= seq <= len(batch.lines) or seq in found:
        said = f"第 {seq} 笔出现两次" if seq in found else f"批次 {batch.number} 没有第 {seq} 笔"
        problems.add(at, "RESULT-LINE", said, "核对是不是这个批次的结果文件")
        return False
    line = batch.lines[seq - 1]
    if _fen(values, layout) != line.fen:
        said = f"第 {seq} 笔的金额是 {values['amount']}, 批次里是 {format_yuan(line.fen)} 元"
        problems.add(at, "RESULT-AMOUNT", said, "核对是不是这个批次的结果文件")
        return False
    word = values.get(STATE, "")
    words = _words(layout.answer)
    if word not in words:
        said = f"第 {seq} 笔的处理结果 “{word}” 不认识"
        problems.add(at, "RESULT-STATE", said, f"在格式文件的 answer 里写明; 现有 {'、'.join(words)}")
        return False
    found[seq] = Result(line.person, line.fen, words[word], _reason(values, line.person), at)
    return True


def _fen(values: Mapping[str, str], layout: Layout) -> int:
    """The amount of a line in fen, -1 where it says none."""
    try:
        written = values["amount"].replace(",", "")
        return int(written) if layout.amount == "fen" else parse_yuan(written)
    except (KeyError, MoneyError, ValueError):
        return -1


def _is_line(values: Mapping[str, str], layout: Layout, batch: Batch) -> bool:
    """Whether a row that says no result is nevertheless a line of the batch, cut off: its amount is the batch's."""
    seq = int(values["seq"])
    return 1 <= seq <= len(batch.lines) and _fen(values, layout) == batch.lines[seq - 1].fen


def _reason(values: Mapping[str, str], person: str) -> str:
    """Why, in the bank's words without the name and the account that stand in the line: others may have the name.

    Where the bank's columns do not say whose line it is, its words may name him: they are left out.
    """
    said = values.get(REASON, "") if values.get("account_name") else ""
    for name in _TELLING:
        if values.get(name):
            said = said.replace(values[name], person)
    return said


class _Plain:
    """The bank's words without the other names and accounts of its file, for which codes stand, and long numbers.

    whose: names and accounts as the file has them, with the person's code.
    """

    def __init__(self, whose: Mapping[str, str]) -> None:
        self.whose = sorted(whose.items(), key=lambda one: (-len(one[0]), one[0]))
        self.known: dict[str, str] = {}

    def said(self, reason: str) -> str:
        """The same words are looked through once."""
        if reason not in self.known:
            made = reason
            for word, person in self.whose:
                made = made.replace(word, person)
            self.known[reason] = _NUMBER.sub("…", made)
        return self.known[reason]


def _words(answer: Answer | None) -> dict[str, State]:
    """The words that a layout knows, and what they mean."""
    found: dict[str, State] = {}
    if answer is not None:
        found.update((word, "ok") for word in answer.ok)
        found.update((word, "failed") for word in answer.failed)
        found.update((word, "returned") for word in answer.returned)
    return found


def _values(cells: Sequence[str], columns: Sequence[LayoutColumn]) -> dict[str, str] | None:
    """A line by fields; None where it is no line of a person: headings, head and foot."""
    values = {one.field: cell.strip() for one, cell in zip(columns, cells, strict=False) if one.field}
    return values if values.get("seq", "").isdecimal() else None


def _lines(path: Path, layout: Layout) -> Iterator[_Told]:
    """The lines of a result file. Raises InputProblems where it cannot be read (RESULT-UNREADABLE; as workbooks)."""
    if layout.format == "xlsx":
        for sheet in open_sheets(path):
            for row, *cells in sheet.cells.itertuples(name=None):
                yield _Told([_said(cell) for cell in cells], sheet.cell(int(row), 0))
        return
    try:
        text = path.read_bytes().decode(layout.encoding).removeprefix("\ufeff")
    except (OSError, UnicodeDecodeError) as error:
        said = "文件不存在" if isinstance(error, OSError) else f"不是 {layout.encoding} 文本"
        raise InputProblems([Problem(str(path), "RESULT-UNREADABLE", said, "核对路径和格式")]) from error
    for at, line in enumerate(text.splitlines(), start=1):
        yield _Told(line.split(layout.delimiter), f"{path.name}:{at}")


def _said(cell: object) -> str:
    """A cell of a workbook as the text it shows."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
