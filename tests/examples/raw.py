"""A second reader of the example workbooks, sharing no line with the program's: openpyxl's values as texts."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from pathlib import Path

from openpyxl import load_workbook

_BLANK = {"", "-", "—", "None"}


def sheets(path: Path) -> dict[str, list[list[str]]]:
    """The rows of every sheet as texts, in one width of characters."""
    book = load_workbook(path, read_only=True)
    return {sheet.title: [[_text(value) for value in row] for row in sheet.values] for sheet in book}


def _text(value: object) -> str:
    return "" if value is None else unicodedata.normalize("NFKC", str(value)).strip()


def number(text: str) -> Fraction | None:
    """A figure as people write it; None for nothing."""
    if text in _BLANK:
        return None
    if text in ("是", "否"):
        return Fraction(text == "是")
    plain = text.replace(",", "").replace("￥", "").replace("¥", "").replace("元", "").strip()
    try:
        return Fraction(plain)
    except ValueError:
        return None


class Raw:
    """The figures of one workbook: `now` and `before` (上年) by unit and heading, `money` by unit and item."""

    def __init__(self, path: Path) -> None:
        self.now: dict[tuple[str, str], Fraction] = {}
        self.before: dict[tuple[str, str], Fraction] = {}
        self.money: dict[tuple[str, str], list[tuple[Fraction, str]]] = {}
        self.tier: dict[str, str] = {}
        self.members: dict[str, list[tuple[str, str]]] = {}  # alliance: unit and the day it joined
        self.codes: dict[str, str] = {}
        found = sheets(path)
        for name in sorted(found, key=lambda one: not one.startswith("机构表")):
            rows = found[name]
            for at, row in enumerate(rows):
                if "机构层级" in row:
                    self._register([dict(zip(row, each, strict=False)) for each in rows[at + 1 :]])
                elif "医共体代码" in row or "医联体代码" in row:
                    self._links([dict(zip(row, each, strict=False)) for each in rows[at + 1 :]])
                elif "单位代码" in row:
                    self._wide(self.before if name.startswith("上年") else self.now, row, rows[at + 1 :])
                elif "单位" in row and ("项目" in row or "指标" in row):
                    self._long([dict(zip(row, each, strict=False)) for each in rows[at + 1 :]])
                else:
                    continue
                break

    def __getitem__(self, key: tuple[str, str]) -> Fraction:
        return self.now[key]

    def sum(self, heading: str, units: list[str]) -> Fraction:
        """A figure of several units, of those that have it."""
        return sum((self.now[unit, heading] for unit in units if (unit, heading) in self.now), Fraction(0))

    def paid(self, unit: str, item: str, document: str = "") -> Fraction:
        """The rows of a money item in yuan, added up; document: of one 文号 only."""
        rows = self.money[unit, item]
        return sum((amount for amount, number in rows if document in ("", number)), Fraction(0))

    def _register(self, rows: list[dict[str, str]]) -> None:
        for row in rows:
            if row.get("机构层级"):
                self.tier[row["机构代码"]] = row["机构层级"]
                self.codes[row["机构名称"]] = self.codes[row["机构代码"]] = row["机构代码"]

    def _links(self, rows: list[dict[str, str]]) -> None:
        for row in rows:
            alliance = row.get("医共体代码") or row.get("医联体代码")
            if alliance and row.get("加入日期"):
                self.members.setdefault(alliance, []).append((row["机构代码"], re.sub(r"\D", "", row["加入日期"])))

    def _wide(self, into: dict[tuple[str, str], Fraction], head: list[str], rows: list[list[str]]) -> None:
        place = head.index("单位代码")
        for row in rows:
            unit = row[place] if place < len(row) else ""
            for heading, text in zip(head, row, strict=False):
                value = number(text)
                if unit in self.tier and heading not in ("序号", "单位代码", "单位名称") and value is not None:
                    into[unit, heading] = value

    def _long(self, rows: list[dict[str, str]]) -> None:
        for row in rows:
            unit = self.codes.get(row.get("单位", ""))
            value = number(row.get("金额(元)") or row.get("数值") or "")
            if unit is None or value is None:
                continue
            if "项目" in row:
                self.money.setdefault((unit, row["项目"]), []).append((value, row.get("文号", "")))
            else:
                self.now[unit, row["指标"]] = value
