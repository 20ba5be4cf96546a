"""固定依据: merit straight from catalogue figures, such as heads on post, an agreed share or an income.

merit = Σ metrics + Σ money items (in yuan) × months / months of the period
"""

from __future__ import annotations

from fractions import Fraction
from typing import Self

from pydantic import Field, model_validator

from allocation.context import PoolContext
from allocation.merit import Merits, prorated
from domain.facts import Strict
from domain.money import format_exact
from domain.problems import Problems
from domain.trace import Trace

TITLE = "固定依据"


class Params(Strict):
    """metrics or items: what is added up (one kind, so that persons and yuan never mix). prorate: by months."""

    metrics: list[str] = Field(default_factory=list)
    items: list[str] = Field(default_factory=list)
    prorate: bool

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.metrics) == bool(self.items):
            raise ValueError("metrics (指标) 与 items (金额项目) 须且只能写一种")
        return self


def merit(context: PoolContext, params: Params) -> Merits:
    """Merits from figures. Raises InputProblems: FACT-MISSING, MONEY-MISSING, MERIT-NEGATIVE."""
    problems = Problems()
    values: dict[str, Fraction] = {}
    traces: list[Trace] = []
    members = context.sharing
    for unit, months in zip(members["unit_code"], members["months"], strict=True):
        facts = {code: context.need_value(problems, unit, code) for code in params.metrics}
        money = {code: context.need(problems, unit, code) for code in params.items}
        numbers = {code: found.value for code, found in facts.items()}
        numbers |= {code: Fraction(found.fen, 100) for code, found in money.items()}
        total = sum(numbers.values(), Fraction(0))
        if total < 0:
            problems.add(
                context.where(unit), "MERIT-NEGATIVE", f"分配依据合计 {format_exact(total)} 小于 0", "核对数据"
            )
        part = prorated(context, int(months)) if params.prorate else Fraction(1)
        values[unit] = total * part
        shown = {context.titles.get(code, code): format_exact(number) for code, number in numbers.items()}
        formula = " + ".join(shown)
        if params.prorate:
            formula = f"({formula}) × 成员月数/期间月数"
            shown |= {"成员月数": str(months), "期间月数": str(context.period.months)}
        sources = [found.cells for found in facts.values()] + [found.cells for found in money.values()]
        traces.append(
            Trace(
                context.key("merit", unit), "绩效", formula, shown, format_exact(values[unit]), context.pool.merit.use,
                context.merit_cites, tuple(cell for cells in sources for cell in cells),
            )
        )  # fmt: skip
    problems.raise_if_any()
    return Merits(values, tuple(traces))
