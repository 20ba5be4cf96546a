"""The comparison of two packs as a file: a workbook of what is not the same, ready to print, or CSV of everything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

from domain.pack import Pack
from domain.sheets import neutral
from engine.compare.diff import Change, verdict
from engine.compare.matrix import legend
from engine.policy.words import SECTIONS, STATUS
from engine.printing.files import ends_in, write_whole
from engine.printing.page import OPTIONS, Book, Column

Row = tuple[str, str, str, str]
HEADINGS = ("事项", "甲", "乙", "差别")
CSV = ("section", "key", "title", "what", "a", "b", "a_says", "b_says", "fields")
_WEIGHTS = (24, 40, 40, 20)
_TITLE = "政策文件比较表"


def grouped(a: Pack, b: Pack, changes: Sequence[Change]) -> Iterator[tuple[str, list[Row]]]:
    """What is not the same, section by section: its title, and a row under HEADINGS for every change."""
    for section, title in {"head": "文件本身", **SECTIONS}.items():
        rows = [
            (one.title, one.a_says, one.b_says, verdict(one))
            for one in changes
            if one.section == section and one.what != ("same",)
        ]
        # entries of two documents are matched across these three sections
        yield "指标、趋势和点名考核" if section == "indicators" and a.id != b.id else title, rows


def summary(changes: Sequence[Change]) -> str:
    """How many are the same and how many are not."""
    same = sum(change.what == ("same",) for change in changes)
    return f"相同 {same} 项, 不同 {len(changes) - same} 项"


def write_diff(a: Pack, b: Pack, changes: Sequence[Change], path: Path) -> None:
    """The comparison to .xlsx or .csv, as a whole or not at all; the same packs give the same bytes.

    Raises InputProblems where the name ends otherwise or cannot be written to.
    """
    ends_in(path, ".xlsx", ".csv")
    write_whole(path, _csv(changes) if path.suffix.lower() == ".csv" else _workbook(a, b, changes))


def _csv(changes: Sequence[Change]) -> bytes:
    """Everything, also what is the same, with the codes that `--json` has; several ids or codes parted by ";"."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(CSV)
    for change in changes:
        fields = change.as_json()
        texts = (";".join(one) if isinstance(one := fields[name], list) else one for name in CSV)
        rows.writerow(neutral(one) if isinstance(one, str) else one for one in texts)
    return text.getvalue().encode()


def _workbook(a: Pack, b: Pack, changes: Sequence[Change]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, deepcopy(OPTIONS)) as workbook:
        workbook.set_properties({"title": _TITLE, "created": datetime(2000, 1, 1, tzinfo=UTC)})
        book = Book(workbook, _TITLE, f"{a.id} 与 {b.id}")
        columns = [Column(title, weight) for title, weight in zip(HEADINGS, _WEIGHTS, strict=True)]
        info = [*(f"{name}: {_named(pack)}" for name, pack in (("甲", a), ("乙", b))), summary(changes), *legend()]
        page = book.page("文件比较", "两份文件的不同之处", _TITLE, columns, info)
        page.headings(freeze=1)
        for title, rows in grouped(a, b, changes):
            if rows:
                page.group(title)
            for row in rows:
                page.row(row)
        page.close()
    return buffer.getvalue()


def _named(pack: Pack) -> str:
    return " ".join(filter(None, (pack.id, f"《{pack.title}》", pack.number or "", f"({STATUS[pack.status]})")))
