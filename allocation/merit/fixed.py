"""固定依据: merit straight from catalogue figures, such as heads on post, an agreed share or an income.

merit = Σ metrics + Σ money items (in yuan) × months / months of the period
"""

from __future__ import annotations

from fractions import Fraction
from typing import Self

from pydantic import Field, model_validator

from allocation.context import PoolContext
from allocation.merit import COUNTED, Merits, Part, counted
from domain.facts import Strict
from domain.key import Key, Keys
from domain.money import format_exact
from domain.problems import Problems
from domain.step import Phrase, Words

TITLE = "固定依据"
WORDS = {
    "merit": Words("绩效", "{added}{by_months}", COUNTED),
    "added": "{terms:join  + }",
    "added_first": "({terms:join  + })",
    "term": "{figure:title}",
}
KEYS: Keys = {
    "metrics": Key("依据的数据", "metrics 和 items 写一个", ["heads_on_post"]),
    "items": Key("依据的金额", "metrics 和 items 写一个", ["subsidy_linked"]),
    "prorate": Key("按在册月数折算", "期中加入、退出的按月数", example=True),
    "Params": Key(TITLE, "直接按目录中的数 (在岗人数、约定比例等)", {"metrics": ["heads_on_post"], "prorate": True}),
}


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


def metrics(params: Params) -> tuple[str, ...]:
    """What is added up."""
    return tuple(params.metrics)


def merit(context: PoolContext, params: Params) -> Merits:
    """Merits from figures. Raises InputProblems: FACT-MISSING, MONEY-MISSING, MERIT-NEGATIVE."""
    problems = Problems()
    parts: dict[str, Part] = {}
    for unit in context.sharing["unit_code"]:
        facts = {code: context.need_value(problems, unit, code) for code in params.metrics}
        money = {code: context.need(problems, unit, code) for code in params.items}
        numbers = {code: found.value for code, found in facts.items()}
        numbers |= {code: Fraction(found.fen, 100) for code, found in money.items()}
        total = sum(numbers.values(), Fraction(0))
        if total < 0:
            problems.add(
                context.where(unit), "MERIT-NEGATIVE", f"分配依据合计 {format_exact(total)} 小于 0", "核对数据"
            )
        terms = tuple(Phrase(f"{__name__}:term", {"figure": code}) for code in numbers)
        added = Phrase(f"{__name__}:{'added_first' if params.prorate else 'added'}", {"terms": terms})
        sources = [found.cells for found in facts.values()] + [found.cells for found in money.values()]
        cells = tuple(cell for cells in sources for cell in cells)
        parts[unit] = Part(total, numbers=dict(numbers.items()), fields={"added": added}, cells=cells)
    problems.raise_if_any()
    return counted(context, parts, f"{__name__}:merit", prorate=params.prorate)
