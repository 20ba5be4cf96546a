"""划入资金: a pool whose amount is decided elsewhere and handed in, with the document that funds it.

The amount is the money item `pool_amount` of the alliance whose document is the pool's id; the pool's fund names the
指标文号. With `spread` it is the year's amount, of which the period gets its share; without, the period's own.
"""

from __future__ import annotations

from fractions import Fraction

from allocation.context import PoolContext
from allocation.pools import Formed, Settling, Spread, forming_step
from domain.key import Key, Keys
from domain.money import format_yuan, half_up_fen
from domain.problems import Problems
from domain.step import Numbers, Phrase, Words

TITLE = "划入资金"
_NUMBERS = {"given": "划入金额", "fund": "资金来源", "shares": "各期比例"}
WORDS = {
    "amount": Words("资金池", "划入金额", _NUMBERS),
    "of_year": Words("资金池", "全年金额 × 截至本期累计比例 − 全年金额 × 截至上期累计比例", _NUMBERS),
    "nothing": "划入金额为 0",
}
KEYS: Keys = {
    "Params": Key(TITLE, "在别处形成、交来分配的资金, 按文号取数"),
    "spread": Key("各期比例", "填报的是全年数时写; 不写是本期数", {"shares": ["0.25", "0.25", "0.25", "0.25"]}),
}


class Params(Settling):
    """spread: shares of the periods in the year's amount (left out: the amount is the period's own)."""

    spread: Spread | None = None


def spread(params: Params) -> Spread | None:
    """The periods' shares of the year."""
    return params.spread


def form(context: PoolContext, params: Params) -> Formed:
    """The pool that was handed in. Raises InputProblems: MONEY-MISSING, POOL-NEGATIVE, PERIOD-SHARES."""
    problems = Problems()
    unit, annual = context.alliance_code, params.spread is not None
    given = context.need(problems, unit, "pool_amount", context.pool.id, annual=annual)
    if given.fen < 0:
        where = given.cells[0] if given.cells else context.where(unit)
        problems.add(where, "POOL-NEGATIVE", f"划入金额 {format_yuan(given.fen)} 小于 0", "核对资金下达金额")
    problems.raise_if_any()
    amount, words = given.fen, "amount"
    numbers: Numbers = {"given": given.fen, "fund": context.pool.fund.title}
    if params.spread:
        amount, words = params.spread.part(context, Fraction(given.fen), half_up_fen), "of_year"
        numbers["shares"] = params.spread.said
    step = forming_step(context, __name__, words, amount, numbers, line="amount", cells=given.cells)
    return Formed(amount, (step,), reason=None if amount else Phrase(f"{__name__}:nothing"))
