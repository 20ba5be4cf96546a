"""How a pool's money is formed: one file per use, found by looking into the folder.

A file holds a docstring, `TITLE`, a `Params` model and `form(context, params) -> Formed`; its name is the `use` a
plan writes. Amounts are whole fen: ceilings (a prepayment, what an approval leaves) are rounded down, every other
named amount half-up at the step where it is born; what lies between two named amounts is exact.

Metrics that a file reads whatever its params say are its `METRICS`; `PERSONAL = True` says that each amount is the pay
of one person; `OWN = True` that each amount is due to its member alone, so what one cannot be paid no other gets.

    formed = form(context)            # the pool's own use and params
    formed.amount, formed.reason      # fen ≥ 0; why there is nothing to share, if so
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any, Self

from pydantic import Field, model_validator

from allocation.context import PoolContext
from domain.facts import Strict
from domain.modules import modules
from domain.money import floor_fen, format_exact, format_yuan
from domain.policy import Share
from domain.problems import InputProblems, Problem
from domain.trace import Trace


@dataclass(frozen=True)
class Signed:
    """One signed line of a settlement sheet, in fen. Lines stand beside each other; they are never netted."""

    line: str
    title: str
    fen: int


@dataclass(frozen=True)
class Formed:
    """A pool: what it holds (fen ≥ 0), the story of every step, its signed lines, and why it is 0.

    settles: the pools whose prepayments are set off against what each member is due (`allocation.settlement`).
    """

    amount: int
    lines: tuple[Trace, ...]
    signed: tuple[Signed, ...] = ()
    reason: str = ""
    settles: tuple[str, ...] = ()

    @property
    def formula(self) -> str:
        """All steps in one text, as the table of pools prints them."""
        return "; ".join(f"{step.title} = {step.formula} = {step.result}" for step in self.lines)


@dataclass(frozen=True)
class Former:
    """One way to form a pool: its code, Chinese name, parameters and function; personal, own: see above."""

    use: str
    title: str
    params: type[Strict]
    form: Callable[[PoolContext, Any], Formed]
    personal: bool
    own: bool


class Spread(Strict):
    """How a year's amount spreads over the periods of one kind: their shares in order, at most 1 together.

    What a period gets is the cumulative amount to its end less the cumulative amount before it, each rounded as the
    whole is: the periods always add up to the year.
    """

    shares: list[Share] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        if sum(self.shares, Fraction(0)) > 1:
            raise ValueError("各期比例合计不得超过 1")
        return self

    def part(self, context: PoolContext, year: Fraction, rounding: Callable[[Fraction], int]) -> int:
        """Fen of the context's period. Raises InputProblems (PERIOD-SHARES) if the shares are not those of its kind."""
        period = context.period
        if len(self.shares) != 12 // period.months:
            found = f"共 {len(self.shares)} 个比例, 与期间 {period} 不符"
            remedy = f"写全年 {12 // period.months} 期的比例"
            raise InputProblems([Problem(context.pool.at or context.pool.id, "PERIOD-SHARES", found, remedy)])
        until = sum(self.shares[: period.number], Fraction(0))
        return rounding(year * until) - rounding(year * (until - self.shares[period.number - 1]))


@cache
def pools() -> dict[str, Former]:
    """Every way to form a pool, by its `use` (the file's name)."""
    return {
        use: Former(
            use, code.TITLE, code.Params, code.form, getattr(code, "PERSONAL", False), getattr(code, "OWN", False)
        )
        for use, code in modules(__name__).items()
    }


def form(context: PoolContext) -> Formed:
    """Form the pool of `context` as its plan entry says; of an estimate at most the prepay ratio, rounded down.

    Raises InputProblems for every missing row at once and for an estimate without a ratio (PREPAY-RATIO),
    pydantic.ValidationError for params the file does not take.
    """
    pool = context.pool
    former = pools()[pool.use]
    formed = former.form(context, former.params.model_validate(dict(pool.params)))
    if pool.basis == "settled":
        return formed
    if pool.prepay_ratio is None:
        raise InputProblems([Problem(pool.at or pool.id, "PREPAY-RATIO", "按预估 (estimate) 组池须写 prepay_ratio")])
    if not formed.amount:
        return formed
    amount = floor_fen(formed.amount * pool.prepay_ratio)
    line = Trace(
        context.key("prepayment"), "本期预付", "应分配额 × 预付比例 (向下取整到分)",
        {"应分配额": format_yuan(formed.amount), "预付比例": format_exact(pool.prepay_ratio)}, format_yuan(amount),
        pool.use, context.cites,
    )  # fmt: skip
    return replace(formed, amount=amount, lines=(*formed.lines, line), reason="" if amount else "预付额为 0")
