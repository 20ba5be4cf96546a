"""An alliance's reserve for corrections (更正准备金): its opening, what is paid out of it, what is left.

    left = opening − paid

What a correction takes back goes to the reserve once it is there; it pays nobody before. Source: domain/B_money B.1.3,
a correction names its funding.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from allocation.context import added, amounts
from domain.facts import MoneyItem
from domain.money import format_yuan
from domain.period import Period
from domain.problems import Problems
from domain.step import Numbers, Phrase, Place, Step, Words

ITEM = "reserve_opening"  # its document is the reserve's name
WORDS = {
    "left": Words("{name}余额", "期初余额 − 补发合计", {"opening": "期初余额", "paid": "补发合计"}),
    "taken_back": "扣回合计 {fen} 元, 收回后退入, 不抵减补发",
}


def draw(
    name: str,
    money: pd.DataFrame,
    items: Mapping[str, MoneyItem],
    period: Period,
    changes: Mapping[str, tuple[int, int]],
    problems: Problems,
) -> list[Step]:
    """What is left of the reserve of every alliance.

    name: of the reserve; money: rows as in domain.facts; changes: by alliance what is paid and what is taken back, fen,
    both not below 0. An alliance that pays nothing needs no opening. Notes MONEY-MISSING and, at the cell,
    RESERVE-SHORT.
    """
    openings = amounts(money[(money["item"] == ITEM) & (money["document"] == name)], items, period)
    steps = []
    for alliance, (paid, back) in sorted(changes.items()):
        opening = added(openings.get((alliance, ITEM), ()))
        if opening is None:
            if paid:
                said = f"缺少金额 {items[ITEM].title}, 期间 {period}, 文号/编号 {name}"
                problems.add(alliance, "MONEY-MISSING", said, "在资金表补填")
            continue
        if opening.fen < paid:
            have, need = (format_yuan(fen, thousands=True) for fen in (opening.fen, paid))
            said = f"{name}期初 {have} 元, 不够支付补发合计 {need} 元"
            problems.add(opening.cells[0], "RESERVE-SHORT", said, "先补足准备金, 或改由原资金池重新分配 (redivide)")
        numbers: Numbers = {"opening": opening.fen, "paid": paid}
        notes = (Phrase(f"{__name__}:taken_back", {"fen": back}),) if back else ()
        place, words, fields = Place(alliance, line="reserve"), f"{__name__}:left", {"name": name}
        left = opening.fen - paid
        steps.append(Step("correction", place, words, left, numbers, fields, cells=opening.cells, notes=notes))
    return steps
