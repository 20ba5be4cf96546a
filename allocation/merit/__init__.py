"""What members share in proportion to: one file per use, found by looking into the folder.

A file holds a docstring, `TITLE`, a `Params` model with its `KEYS` (`domain.key`), `merit(context, params) -> Merits`
and the `WORDS` of its steps (`domain.step`), of which `merit` is the merit's own; its name is the `use` a plan writes.
Merits are exact rationals ≥ 0 and depend on the member's own figures only. A formula that looks at a score says of
which scorecard (`scorecard(params) -> str`), one that adds up metrics, which (`metrics(params)`); one that has a
factor by tier, of which (`tiers(params)`, none: every tier); one whose parameters can make every merit 0, whether they
do, whatever the figures, where these tiers share (`nothing(params, tiers) -> bool`; no tiers: every one may).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property, partial
from typing import Any

from allocation.context import PoolContext
from domain.facts import Strict
from domain.institution import Tier
from domain.modules import modules
from domain.problems import Problems
from domain.step import Numbers, Phrase, Step, Value

WORDS = {
    "factor": " × ({terms:join  + })",
    "weighed": "{weight} × {metric:title}",
    "months": " × 成员月数/期间月数",
}
COUNTED = {"months": "成员月数", "span": "期间月数"}
"""Numbers of every merit that counts months of membership."""


@dataclass(frozen=True)
class Merits:
    """Merit by unit code, for every member that shares in the pool, and how each came about.

    tell: makes the steps, which few runs ask for.
    """

    values: Mapping[str, Fraction]
    tell: Callable[[], tuple[Step, ...]]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """In the order of units, the merit of each after what it rests on."""
        return self.tell()

    def cells(self) -> dict[str, tuple[str, ...]]:
        """The cells that each member's merit itself came from, by unit code."""
        return {step.place.unit: step.cells for step in self.steps if not step.place.line}


@dataclass(frozen=True)
class Measure:
    """One merit formula: its code, Chinese name, parameters and functions; scorecard: "" if it looks at no score."""

    use: str
    title: str
    params: type[Strict]
    merit: Callable[[PoolContext, Any], Merits]
    scorecard: Callable[[Any], str]
    metrics: Callable[[Any], tuple[str, ...]]
    tiers: Callable[[Any], tuple[Tier, ...]]
    nothing: Callable[[Any, Collection[Tier]], bool]


def _no_scorecard(_params: Strict) -> str:
    return ""


def _no_metrics(_params: Strict) -> tuple[str, ...]:
    return ()


def _every_tier(_params: Strict) -> tuple[Tier, ...]:
    return ()


def _by_figures(_params: Strict, _tiers: Collection[Tier]) -> bool:
    return False


@cache
def merits() -> dict[str, Measure]:
    """Every merit formula, by its `use` (the file's name)."""
    return {
        use: Measure(
            use,
            code.TITLE,
            code.Params,
            code.merit,
            getattr(code, "scorecard", _no_scorecard),
            getattr(code, "metrics", _no_metrics),
            getattr(code, "tiers", _every_tier),
            getattr(code, "nothing", _by_figures),
        )
        for use, code in modules(__name__).items()
    }


def merit(context: PoolContext) -> Merits:
    """The merits of the members that share in `context`'s pool, as its plan entry says.

    Raises InputProblems for every missing score or fact at once.
    """
    measure = merits()[context.pool.merit.use]
    return measure.merit(context, context.pool.merit.given)


@dataclass(frozen=True)
class Part:
    """A merit, or a factor of one, before months count: its value, and how it came about, as a `Step` tells it.

    said: as a factor of the formula (" × (…)"), of a factor only.
    """

    value: Fraction
    said: Phrase | str = ""
    numbers: Numbers = field(default_factory=dict)
    fields: Mapping[str, Value] = field(default_factory=dict)
    cells: tuple[str, ...] = ()
    notes: tuple[Phrase, ...] = ()


def weighted(context: PoolContext, problems: Problems, unit: str, weights: Mapping[str, Fraction]) -> Part:
    """Σ weight × metric of a member, as the factor " × (…)" of a formula; 1 without a word where there are no weights.

    Metrics that are missing are noted (FACT-MISSING).
    """
    if not weights:
        return Part(Fraction(1))
    found = {code: context.need_value(problems, unit, code) for code in weights}
    terms = tuple(Phrase(f"{__name__}:weighed", {"weight": weight, "metric": code}) for code, weight in weights.items())
    return Part(
        sum(weights[code] * one.value for code, one in found.items()) or Fraction(0),
        Phrase(f"{__name__}:factor", {"terms": terms}),
        {code: one.value for code, one in found.items()},
        cells=tuple(cell for one in found.values() for cell in one.cells),
    )


def counted(context: PoolContext, parts: Mapping[str, Part], words: str, *, prorate: bool) -> Merits:
    """The merits of `parts` (by unit), times whole months of membership / months of the period where `prorate`.

    words: where those of the step stand; their formula ends with {by_months}.
    """
    span, months = context.period.months, _months(context)
    values = {
        unit: part.value * Fraction(months[unit], span) if prorate and months[unit] != span else part.value
        for unit, part in parts.items()
    }
    return Merits(values, partial(_told, context, parts, values, words, prorate=prorate))


def _months(context: PoolContext) -> dict[str, int]:
    return dict(zip(context.members["unit_code"], context.members["months"].tolist(), strict=True))


def _told(
    context: PoolContext, parts: Mapping[str, Part], values: Mapping[str, Fraction], words: str, *, prorate: bool
) -> tuple[Step, ...]:
    """The step of every merit."""
    steps, span, months = list[Step](), context.period.months, _months(context)
    for unit, part in parts.items():
        numbers = dict(part.numbers)
        fields = {**part.fields, "by_months": Phrase(f"{__name__}:months") if prorate else ""}
        if prorate:
            numbers |= {"months": Fraction(months[unit]), "span": Fraction(span)}
        place, rule = context.place(part="merit", unit=unit), context.pool.merit.use
        cites, cells = context.merit_cites, part.cells
        steps.append(Step("pool", place, words, values[unit], numbers, fields, rule, cites, cells, part.notes))
    return tuple(steps)
