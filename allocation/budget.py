"""医保基金预算: the amount that was set, or persons × standard with its adjustments.

    plain         the money items, added up
    capitation    persons at the period's end × standard a year × months ÷ 12, rounded half-up
    budget        capitation + every adjustment; each is a row with its document

Source: 按人头总额付费 (domain/B_money B.1.4); who counts, standard and adjustments are the plan's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from allocation.context import Amount, Context, added
from domain.capitation import Capitation
from domain.money import half_up_fen
from domain.problems import Problems
from domain.step import Numbers

ADJUSTMENT = "fund_budget_adjustment"


@dataclass(frozen=True)
class Budget:
    """total: what it comes to; of a capitation also what persons give, how, and each adjustment."""

    total: Amount
    capitation: Amount | None = None
    numbers: Numbers = field(default_factory=dict)
    adjustments: tuple[Amount, ...] = ()


def budget_of(
    context: Context, items: Sequence[str], capitation: Capitation | None, problems: Problems, *, to_date: bool = False
) -> Budget:
    """The budget of the context's alliance; to_date: of the year up to the period's end.

    Gaps are noted: MONEY-MISSING, FACT-MISSING, BUDGET-NO-DOCUMENT (an adjustment without one).
    """
    alliance, need = context.alliance_code, context.need_to_date if to_date else context.need
    if capitation is None:
        return Budget(added(need(problems, alliance, item) for item in items) or Amount(0))
    counted = [context.need_value(problems, alliance, metric) for metric in capitation.metrics]
    persons, cells = sum((one.value for one in counted), Fraction(0)), tuple(c for one in counted for c in one.cells)
    months = context.period.end.month if to_date else context.period.months
    reckoned = Amount(half_up_fen(persons * capitation.standard * months / 12), (), cells)
    need(problems, alliance, ADJUSTMENT)
    rows = (context.money_to_date if to_date else context.money).get((alliance, ADJUSTMENT), ())
    adjustments = tuple(row for row in rows if row.fen)
    for row in adjustments:
        if not row.document.strip():
            where = row.cells[0] if row.cells else context.where(alliance)
            problems.add(where, "BUDGET-NO-DOCUMENT", "预算调整没有文号", "在文号列填写调整的文号")
    total = added([reckoned, *adjustments]) or reckoned
    numbers: Numbers = {"persons": persons, "standard": capitation.standard, "months": Fraction(months)}
    return Budget(total, reckoned, numbers, adjustments)
