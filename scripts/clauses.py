"""Write configs/packs/<id>.clauses.txt: which clauses a policy document has, and a fingerprint of each.

    python -m scripts.clauses FOLDER        (make clauses SEEDS=FOLDER)

FOLDER holds the documents as text files. Which file belongs to which pack is told by the pack's title in the text. One
line per clause: its number as packs cite it, a tab, and the SHA-256 of its text without blanks and with one width of
characters. The text itself stays out of the repository; a newer copy of a document shows itself as other fingerprints.
"""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from engine.policy.configs import load_configs
from engine.policy.files import read_pack

DIGITS = "一二三四五六七八九十"
PREAMBLE = "前言"
ANNEX = "附件"
# Level of a heading by its numbering, outermost first: 一、 (一) 1. (1)
HEADINGS = tuple(
    re.compile(pattern)
    for pattern in (rf"([{DIGITS}]+)、", rf"\(([{DIGITS}]+)\)", r"([0-9]{1,2})\.(?![0-9])", r"\(([0-9]{1,2})\)")
)
# What follows the clauses on the page they were taken from: date of effect, annexes, links, a second copy, signatures.
END = re.compile(
    r"附件:|附件$|相关知识$|行政规范性文件$|背景介绍$|本[^。]*起施行。$|[^。]{0,20}[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日$"
)
# A heading in the middle of a line; 一、 is one only right behind the bracket that ends the section before.
GLUED = re.compile(rf"(?<=[^\n])(?=\([{DIGITS}]+\))|(?<=\))(?=[{DIGITS}]+、)")
SHORTEST = 40  # characters of a paragraph of the preamble; titles, addressees and signatures are shorter


def normalised(text: str) -> str:
    """One width of characters, no blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def number(numeral: str) -> int:
    """The value of 1 … 99 in Arabic or Chinese numerals: 二十三 is 23."""
    if numeral.isdecimal():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    return (DIGITS.index(tens) + 1 if tens else 1) * 10 * bool(ten) + (DIGITS.index(ones) + 1 if ones else 0)


def lines_of(text: str) -> list[str]:
    """The lines without blanks and Markdown marks, none empty; headings glued to the text before stand alone."""
    lines = [normalised(line).strip("#").replace("**", "") for line in text.splitlines()]
    if all(lines[:-1]):  # nothing separates paragraphs, so headings do not stand alone either
        lines = GLUED.sub("\n", "\n".join(lines)).split("\n")
    return [line for line in lines if line]


class Outline:
    """The clauses of one text: what each level counts to, and the text of every clause with all that is inside it."""

    def __init__(self) -> None:
        self.path: list[tuple[int, str]] = []  # open headings: (level, numeral)
        self.last: dict[int, int] = {}  # level: the number it has come to
        self.fresh: set[int] = set()  # levels that have not been used inside the heading above
        self.texts: dict[tuple[tuple[int, str], ...], list[str]] = {}
        self.continued = False  # (一) … counts on through the sections, so it is cited without its section

    def opens(self, line: str) -> bool:
        """Whether the line is the next heading in the order of some level; if so it is entered."""
        for level, pattern in enumerate(HEADINGS):
            match = pattern.match(line)
            if match and self._next(level, number(match[1])):
                self._enter(level, match[1])
                return True
        return False

    def _next(self, level: int, value: int) -> bool:
        if level and not self.path:
            return False
        if value == 1:
            return level in self.fresh if level else not self.last
        return self.last.get(level) == value - 1

    def _enter(self, level: int, numeral: str) -> None:
        value = number(numeral)
        self.continued |= level == 1 and value > 1 and level in self.fresh
        self.last[level] = value
        self.path = [*(open_ for open_ in self.path if open_[0] < level), (level, numeral)]
        self.fresh = {*(open_ for open_ in self.fresh if open_ < level), *range(level + 1, len(HEADINGS))}
        self.texts[tuple(self.path)] = []

    def add(self, line: str) -> None:
        """A line of text, to every clause that is open."""
        for depth in range(1, len(self.path) + 1):
            self.texts[tuple(self.path[:depth])].append(line)

    def named(self) -> Iterator[tuple[str, str]]:
        """(clause, text) in the order of the document."""
        for path, lines in self.texts.items():
            kept = path[1:] if self.continued and len(path) > 1 else path
            yield "".join(_written(level, numeral) for level, numeral in kept), "".join(lines)


def _written(level: int, numeral: str) -> str:
    return f"({numeral})" if level in {1, 3} else numeral


def clauses(text: str) -> dict[str, str]:
    """Clause → normalised text, of a whole document as it was copied from a page.

    The preamble is 前言, row 3 of the annex 附件 3. Raises ValueError if a page that has the document twice does not
    say the same both times.
    """
    lines = lines_of(text)
    starts = [index for index, line in enumerate(lines) if line.startswith("一、")]
    if not starts:
        raise ValueError("没有 一、 开头的标题")
    found = _body(lines, starts[0])
    for start in starts[1:]:
        if lines[start] == lines[starts[0]] and _body(lines, start) != found:
            raise ValueError("文件有两份, 内容不同")
    return found | _annex(lines)


def _body(lines: list[str], start: int) -> dict[str, str]:
    outline = Outline()
    for line in lines[start:]:
        if END.match(line):
            break
        outline.opens(line)
        outline.add(line)
    return {PREAMBLE: _preamble(lines[:start])} | dict(outline.named())


def _preamble(before: list[str]) -> str:
    """The paragraphs right before the first heading; an addressee glued to them is cut off."""
    taken: list[str] = []
    for line in reversed(before):
        if len(line) < SHORTEST:
            break
        taken.insert(0, line)
    return re.sub(r"^.*:(?=为)", "", "".join(taken))


def _annex(lines: list[str]) -> dict[str, str]:
    """The rows of the timetable behind a line 附件: three cells each, the first one counting."""
    if ANNEX not in lines:
        return {}
    cells = lines[lines.index(ANNEX) + 1 :]
    first = next((index for index, cell in enumerate(cells) if cell == "1"), len(cells))
    rows: dict[str, str] = {}
    for index in range(first, len(cells) - 2, 3):
        if cells[index] != str(len(rows) + 1):
            break
        rows[f"{ANNEX} {cells[index]}"] = "".join(cells[index + 1 : index + 3])
    return rows


def documents(folder: Path) -> dict[str, str]:
    """Pack id → text, told by title; packs without a text are left out. Raises ValueError if several texts fit."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))]
    found = {}
    configs = load_configs()
    for name, path in configs.packs.items():
        title = normalised(read_pack(configs, path).title)
        having = [text for text in texts if title in normalised(text)]
        if len(having) > 1:
            raise ValueError(f"{name}: 标题见于 {len(having)} 个文件, 应为 1 个")
        if having:
            found[name] = having[0]
    return found


def page(text: str) -> str:
    """The file of one document."""
    return "".join(f"{clause}\t{hashlib.sha256(said.encode()).hexdigest()}\n" for clause, said in clauses(text).items())


if __name__ == "__main__":
    given = documents(Path(sys.argv[1]))
    for pack, document in given.items():
        written = load_configs().packs_in / f"{pack}.clauses.txt"
        written.write_text(page(document), encoding="utf-8")
        sys.stdout.write(f"{written.name}: {len(clauses(document))} 条\n")
    for pack in load_configs().packs.keys() - given.keys():
        sys.stderr.write(f"{pack}: 文件夹里没有这份文件\n")
