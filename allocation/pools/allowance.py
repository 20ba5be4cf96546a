"""定额津贴: an allowance of so much a person and month, paid to those who have it.

    due     months of a member × the standard, exactly
    pool    the sum of what is due; it is paid inside the approved total where `in_total` is yes

Every member gets exactly what is due to it, as far as its headroom goes. Source: 全科医生津贴 in the internal
distribution, hz-xiacheng-2018 四(二)4, which gives no standard: it is the plan's.
"""

from __future__ import annotations

from fractions import Fraction

from pydantic import Field

from allocation.context import PoolContext, Value
from allocation.pools import Formed, Owed, Payees, Settling, Shown, forming_step, owed_step
from domain.key import Key, Keys
from domain.money import format_exact
from domain.problems import Problems
from domain.step import Numbers, Phrase, Words
from domain.values import Yuan

TITLE = "定额津贴"
SHOWN = (Shown("person_months", "number", summed=True), Shown("standard", "money"))
_NUMBERS = {"person_months": "人月", "standard": "每月标准"}
WORDS = {
    "owed": Words("应发津贴", "人月 × 每月标准", _NUMBERS),
    "amount": Words("资金池", "Σ 人月 × 每月标准", _NUMBERS),
    "nothing": "没有应发的津贴",
}
KEYS: Keys = {
    "Params": Key(TITLE, "人月数 × 标准, 付给领取的人所在的单位"),
    "metric": Key("人月", "计人月的数据; 只计整月", "gp_allowance_months"),
    "standard": Key("标准", "每人每月多少元", "600.00"),
}


class Params(Settling):
    """metric: the person-months that count, whole months only; standard: yuan a person and month."""

    metric: str
    standard: Yuan = Field(gt=0)


def payees(params: Params, _purpose: str, months: int) -> Payees:
    """Those who have the allowance: one of them at most the standard of every month."""
    return Payees(TITLE, most=params.standard * months)


def _months(context: PoolContext, params: Params) -> dict[str, Value]:
    """The person-months of every member that shares. Raises InputProblems: FACT-MISSING, PERSON-MONTHS."""
    problems = Problems()
    found = {unit: context.need_value(problems, unit, params.metric) for unit in context.sharing["unit_code"]}
    for unit, months in found.items():
        if months.value < 0 or months.value.denominator != 1:
            where = months.cells[0] if months.cells else context.where(unit)
            said = f"{context.title(params.metric)} {format_exact(months.value)} 不是整月"
            problems.add(where, "PERSON-MONTHS", said, "按整月填报, 没有的填 0")
    problems.raise_if_any()
    return found


def owed(context: PoolContext, params: Params) -> dict[str, Owed]:
    """What every member is due. Raises InputProblems as `form`."""
    return {unit: _owed(context, params, unit, months) for unit, months in _months(context, params).items()}


def _owed(context: PoolContext, params: Params, unit: str, months: Value) -> Owed:
    fen = int(months.value) * params.standard
    numbers: Numbers = {"person_months": months.value, "standard": params.standard}
    return Owed(fen, owed_step(context, __name__, "owed", unit, fen, numbers, cells=months.cells))


def form(context: PoolContext, params: Params) -> Formed:
    """The allowance due to all members. Raises InputProblems: FACT-MISSING, PERSON-MONTHS."""
    found = _months(context, params)
    total = sum(int(months.value) for months in found.values())
    amount = total * params.standard
    numbers: Numbers = {"person_months": Fraction(total), "standard": params.standard}
    cells = tuple(cell for months in found.values() for cell in months.cells)
    step = forming_step(context, __name__, "amount", amount, numbers, cells=cells)
    return Formed(amount, (step,), reason=None if amount else Phrase(f"{__name__}:nothing"))
