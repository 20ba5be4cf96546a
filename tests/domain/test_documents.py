"""One figure, one document: what the words of rows make of several documents of one item."""

from __future__ import annotations

import pandas as pd
import pytest

from domain.documents import read_word, standing
from domain.facts import MoneyItem

ITEMS = {
    "quota_approved": MoneyItem(code="quota_approved", title="核定总量", reporter="人社", kind="approval"),
    "subsidy_linked": MoneyItem(code="subsidy_linked", title="挂钩补助", reporter="财政", kind="flow"),
    "pool_amount": MoneyItem(code="pool_amount", title="待分配资金", reporter="医共体", kind="flow"),
}
Row = tuple[str, str, int, str, str]


def table(*rows: Row) -> pd.DataFrame:
    """Rows of T1: period, item, yuan, document, word as written."""
    said = [read_word(word) for *_, word in rows]
    return pd.DataFrame(
        {
            "period": [row[0] for row in rows],
            "unit_code": "T1",
            "item": [row[1] for row in rows],
            "amount": [row[2] * 100 for row in rows],
            "document": [row[3] for row in rows],
            "word": [one.word if one else "" for one in said],
            "of": [one.of if one else "" for one in said],
        }
    )


OLD = ("2026", "quota_approved", 500, "旧文", "")
CASES: dict[str, tuple[list[Row], int, list[str]]] = {  # rows, yuan that count, codes of faults
    "one document needs no word": ([OLD], 500, []),
    "a second one without a word": ([OLD, ("2026", "quota_approved", 300, "新文", "")], 800, ["TWO-DOCUMENTS"]),
    "it adds": ([OLD, ("2026", "quota_approved", 300, "新文", "追加")], 800, []),
    "it stands in the place of the first": ([OLD, ("2026", "quota_approved", 300, "新文", "代替 旧文")], 300, []),
    "of all rows of the first, whatever the period": (
        [
            *(
                (f"2026Q{quarter}", "quota_approved", 125, "旧文", "追加" if quarter > 1 else "")
                for quarter in (1, 2, 3, 4)
            ),
            ("2026", "quota_approved", 300, "新文", "代替 旧文"),
        ],
        300,
        [],
    ),
    "in the place of nothing that is there": (
        [OLD, ("2026", "quota_approved", 300, "新文", "代替 别文")],
        800,
        ["WORD-DOCUMENT"],
    ),
    "in its own place": ([OLD, ("2026", "quota_approved", 300, "新文", "代替 新文")], 800, ["WORD-DOCUMENT"]),
    "two in one's place": (
        [
            OLD,
            ("2026", "quota_approved", 300, "新文", "代替 旧文"),
            ("2026", "quota_approved", 310, "又文", "代替 旧文"),
        ],
        610,
        ["WORD-TWICE"],
    ),
    "a chain of corrections": (
        [
            OLD,
            ("2026", "quota_approved", 300, "新文", "代替 旧文"),
            ("2026", "quota_approved", 310, "又文", "代替 新文"),
        ],
        310,
        [],
    ),
    "red rows take back": ([OLD, ("2026", "quota_approved", -100, "红字", "冲销 旧文")], 400, []),
    "a red row of what was replaced goes with it": (
        [
            OLD,
            ("2026", "quota_approved", -100, "红字", "冲销 旧文"),
            ("2026", "quota_approved", 300, "新文", "代替 旧文"),
        ],
        300,
        [],
    ),
    "a red row above 0": ([OLD, ("2026", "quota_approved", 100, "红字", "冲销 旧文")], 600, ["WORD-SIGN"]),
    "more than there is": ([OLD, ("2026", "quota_approved", -501, "红字", "冲销 旧文")], -1, ["WORD-OVER"]),
    "adds to nothing": ([("2026", "quota_approved", 500, "旧文", "追加")], 500, ["WORD-ALONE"]),
    "another period is another figure": (
        [("2026Q1", "subsidy_linked", 5, "一号", ""), ("2026Q2", "subsidy_linked", 6, "二号", "")],
        11,
        [],
    ),
    "figures of pools need no word": (
        [("2026", "pool_amount", 5, "甲池", ""), ("2026", "pool_amount", 6, "乙池", "")],
        11,
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_counts(name: str) -> None:
    rows, yuan, faults = CASES[name]
    kept, found = standing(table(*rows), ITEMS)
    assert int(kept["amount"].sum()) == yuan * 100
    assert [fault.code for fault in found] == faults


def test_words_that_are_none() -> None:
    assert read_word("更正") is None
    assert read_word("追加 旧文") is None  # it adds to the item, not to a document
