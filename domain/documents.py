"""One figure, one document: what a row of money says of the document it rests on (口径).

    new       新增: the first figure of a unit, item and period; what a row without a word is
    added     追加: adds to what stands
    instead   代替 文号: stands in the place of the named document, whose rows count no longer
    reversal  冲销 文号: takes back of the named document, an amount below 0

Of a unit, item and period (approvals: year) there is one `new` row; a second document without a word is refused, for
nobody can say whether it adds or corrects. Items whose document names a pool or a reserve (`BY_NAME`) are one figure
per pool or reserve.
Source: 同一款项一份文件一个数, domain/B_money; corrections by red rows, domain/E_sheets E.1.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from domain.facts import MoneyItem
from domain.period import Period
from domain.selection import Array

BY_POOL = frozenset(
    {"claw_back_opening", "deposit_opening", "prepaid", "surplus_prepaid", "previous_amount", "pool_amount"}
)  # their document is a pool's id
BY_NAME = BY_POOL | {
    "reserve_opening"
}  # their document says whose figure it is: one figure per document, without a word
Word = Literal["new", "added", "instead", "reversal"]
WORDS: dict[Word, str] = {"new": "新增", "added": "追加", "instead": "代替", "reversal": "冲销"}
NAMING = frozenset({"instead", "reversal"})  # they name the document that they are about
_READ = re.compile(rf"({'|'.join(WORDS.values())}|{'|'.join(get_args(Word))})\s*[:：]?\s*(.*)", re.DOTALL)


class Said(NamedTuple):
    """A word and the document it names ("" where it names none)."""

    word: Word | Literal[""]
    of: str = ""


class Fault(NamedTuple):
    """What is wrong with a row (its position in the table): a code, the rows it is about, a document."""

    row: int
    code: str
    other: int = -1
    named: str = ""


def read_word(text: str) -> Said | None:
    """What is written in 口径; None if it is no word of these. A word that names nothing where it must: of is ""."""
    if not text:
        return Said("")
    found = _READ.fullmatch(text)
    if found is None:
        return None
    word = next(one for one, title in WORDS.items() if found[1] in (one, title))
    if found[2] and word not in NAMING:
        return None
    return Said(word, found[2].strip())


def standing(money: pd.DataFrame, items: Mapping[str, MoneyItem]) -> tuple[pd.DataFrame, list[Fault]]:
    """The rows that count, in their order, and what is wrong with the documents of the table.

    money: columns period, unit_code, item, amount, document, word, of. Codes of faults: TWO-DOCUMENTS, WORD-ALONE (adds
    to nothing), WORD-DOCUMENT (names none, itself or one that is not there), WORD-TWICE (two stand in one's place),
    WORD-SIGN (a reversal that is not below 0), WORD-OVER (takes back more than there is), WORD-POOL.
    """
    groups = _several(money, items)
    faults: list[Fault] = []
    gone: set[int] = set()
    words, of, names = (money[name].to_numpy(dtype=object) for name in ("word", "of", "document"))
    fen = money["amount"].to_numpy()
    pooled = money["item"].isin(BY_NAME).to_numpy()
    faults += [Fault(row, "WORD-POOL") for row in np.flatnonzero(pooled & (words != "")).tolist()]
    for rows in groups:
        figures = [row for row in rows if words[row] != "reversal"]
        by_name: defaultdict[str, list[int]] = defaultdict(list)
        for row in figures:
            by_name[str(names[row])].append(row)
        faults += _firsts(figures, words, names)
        for row in rows:
            if words[row] not in NAMING:
                continue
            there = by_name.get(of[row], [])
            # A row that stands alone may name what is not in the table any more: nothing is counted twice.
            needed = len(rows) > 1 or words[row] == "reversal"
            itself = words[row] == "instead" and of[row] == names[row]
            if not of[row] or itself or (not there and needed):
                faults.append(Fault(row, "WORD-DOCUMENT", named=of[row]))
            elif there and words[row] == "instead":
                if gone & {*there}:
                    faults.append(Fault(row, "WORD-TWICE", named=of[row]))
                gone |= {*there}
        faults += _reversed(rows, words, of, fen, by_name)
        gone |= {row for row in rows if words[row] == "reversal" and gone & {*by_name.get(of[row], [])}}
        if figures and all(row in gone for row in figures):
            faults.append(Fault(figures[-1], "WORD-DOCUMENT", named=of[figures[-1]]))
    kept = np.ones(len(money), dtype=bool)
    kept[sorted(gone)] = False
    return money if not gone else money[kept].reset_index(drop=True), sorted(set(faults))


def _several(money: pd.DataFrame, items: Mapping[str, MoneyItem]) -> list[list[int]]:
    """Positions of the rows of one unit, item and period (approvals: year) that are several or have a word."""
    years = {text: str(Period.parse(text).year) for text in money["period"].unique()}
    found: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    columns = (money[name].to_numpy(dtype=object) for name in ("unit_code", "item", "period"))
    for row, (unit, item, period) in enumerate(zip(*columns, strict=True)):
        if item not in BY_NAME:
            span = years[period] if items[item].kind == "approval" else period
            found[unit, item, span].append(row)
    worded = set(np.flatnonzero(money["word"].to_numpy(dtype=object) != "").tolist())
    return [rows for rows in found.values() if len(rows) > 1 or rows[0] in worded]


def _firsts(figures: list[int], words: Array, names: Array) -> list[Fault]:
    """There is one first figure; what else stands there says what it is. One document twice is told elsewhere."""
    first = [row for row in figures if words[row] in ("", "new")]
    if len(first) > 1:
        return [Fault(row, "TWO-DOCUMENTS", first[0]) for row in first[1:] if names[row] != names[first[0]]]
    if not first:
        return [Fault(row, "WORD-ALONE") for row in figures if words[row] == "added"][:1]
    return []


def _reversed(rows: list[int], words: Array, of: Array, fen: Array, by_name: Mapping[str, list[int]]) -> list[Fault]:
    """Reversals are below 0 and take back no more than their document gave."""
    faults = []
    left = {name: sum(int(fen[row]) for row in there) for name, there in by_name.items()}
    for row in rows:
        if words[row] != "reversal":
            continue
        if fen[row] >= 0:
            faults.append(Fault(row, "WORD-SIGN"))
        elif of[row] in left:
            left[of[row]] += int(fen[row])
            if left[of[row]] < 0:
                faults.append(Fault(row, "WORD-OVER", named=of[row]))
    return faults
