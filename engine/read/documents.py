"""Documents of money that contradict each other: two where one figure is asked for, words that fit nothing."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from domain import documents
from domain.documents import WORDS, Fault
from domain.facts import Catalogue
from domain.money import format_yuan
from domain.problems import Problems
from engine.read.units import Units

_SAID: dict[str, tuple[Callable[[dict[str, str]], str], str]] = {
    "TWO-DOCUMENTS": (
        lambda row: (
            f"{row['unit']} {row['period']} {row['item']} 已有文号 {row['before']} 的 {row['yuan_before']} 元 "
            f"({row['at_before']}), 又有文号 {row['document']} 的 {row['yuan']} 元, 看不出是相加还是更正"
        ),
        "在口径列写 追加 (相加) 或 代替 文号 (更正), 或删去一行",
    ),
    "WORD-ALONE": (
        lambda row: f"{row['unit']} {row['period']} {row['item']} 追加 {row['yuan']} 元, 却没有可追加的一行",
        "补上原来的一行, 或把口径改为 新增",
    ),
    "WORD-DOCUMENT": (
        lambda row: (
            f"{row['word']}的文号 {row['of'] or '没有写'}, {row['unit']} {row['period']} {row['item']} "
            "没有该文号的另一行"
        ),
        "核对文号, 写成 代替 文号 或 冲销 文号",
    ),
    "WORD-TWICE": (
        lambda row: f"文号 {row['of']} 的 {row['item']} 已被另一份文件代替",
        "只留一份代替它的文件, 后一份写代替前一份",
    ),
    "WORD-SIGN": (lambda row: f"冲销 {row['yuan']} 元不是负数", "冲销填负数; 增加的写 追加"),
    "WORD-OVER": (lambda row: f"冲销 {row['of']} 的数合计超过原数", "核对金额"),
    "WORD-POOL": (lambda row: f"{row['item']} 的文号是资金池编号或准备金名称, 每个只有一个数, 口径不填", "清空该格"),
}


def standing(
    money: pd.DataFrame, catalogue: Catalogue, units: Units, broken: pd.DataFrame, problems: Problems
) -> pd.DataFrame:
    """The rows of money that count once their words are heeded; what cannot be is told at its cell.

    broken: unit_code and item of the rows that could not be read; what lacks one of them is not judged.
    """
    if money.empty:
        return money
    kept, faults = documents.standing(money, catalogue.items)
    lost = set(zip(broken["unit_code"], broken["item"], strict=True))
    for fault in faults:
        row = money.iloc[fault.row]
        unit, item = row["unit_code"], row["item"]
        if {(unit, item), (unit, None), (None, item), (None, None)} & lost:
            continue
        said, remedy = _SAID[fault.code]
        at = row["document_at"] if fault.code == "TWO-DOCUMENTS" else row["word_at"]
        where = at if isinstance(at, str) else row["source"]
        problems.add(str(where), fault.code, said(_fields(money, fault, catalogue, units)), remedy)
    return kept


def _fields(money: pd.DataFrame, fault: Fault, catalogue: Catalogue, units: Units) -> dict[str, str]:
    row = money.iloc[fault.row]
    fields = {
        "unit": units.codes[row["unit_code"]],
        "period": row["period"],
        "item": catalogue.items[row["item"]].title,
        "document": row["document"] or "(空)",
        "yuan": format_yuan(int(row["amount"]), thousands=True),
        "of": row["of"],
        "word": WORDS.get(row["word"], ""),
    }
    if fault.other >= 0:
        before = money.iloc[fault.other]
        fields |= {
            "before": before["document"] or "(空)",
            "at_before": before["source"],
            "yuan_before": format_yuan(int(before["amount"]), thousands=True),
        }
    return fields
