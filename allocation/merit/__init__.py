"""What members share in proportion to: one file per use, found by looking into the folder.

A file holds a docstring, `TITLE`, a `Params` model and `merit(context, params) -> Merits`; its name is the `use` a
plan writes. Merits are exact rationals ≥ 0 and depend on the member's own figures only. A formula that looks at a
score says of which scorecard (`scorecard(params) -> str`), one that adds up metrics, which (`metrics(params)`);
one that has a factor by tier, of which (`tiers(params)`, none: every tier).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from allocation.context import PoolContext
from domain.facts import Strict
from domain.institution import Tier
from domain.modules import modules
from domain.money import format_exact
from domain.problems import Problems
from domain.trace import Trace


@dataclass(frozen=True)
class Merits:
    """Merit by unit code, for every member that shares in the pool, and how each came about (by unit code)."""

    values: Mapping[str, Fraction]
    traces: tuple[Trace, ...]


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


def _no_scorecard(_params: Strict) -> str:
    return ""


def _no_metrics(_params: Strict) -> tuple[str, ...]:
    return ()


def _every_tier(_params: Strict) -> tuple[Tier, ...]:
    return ()


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
    """A merit, or a factor of one, before months count: its value, and how it came about, as a `Trace` tells it."""

    value: Fraction
    formula: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    cells: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def weighted(context: PoolContext, problems: Problems, unit: str, weights: Mapping[str, Fraction]) -> Part:
    """Σ weight × metric of a member, as the factor " × (…)" of a formula; 1 without a word where there are no weights.

    Metrics that are missing are noted (FACT-MISSING).
    """
    if not weights:
        return Part(Fraction(1))
    found = {code: context.need_value(problems, unit, code) for code in weights}
    titles = {code: context.titles.get(code, code) for code in weights}
    return Part(
        sum((weights[code] * one.value for code, one in found.items()), Fraction(0)),
        f" × ({' + '.join(f'{format_exact(weights[code])} × {titles[code]}' for code in weights)})",
        {titles[code]: format_exact(one.value) for code, one in found.items()},
        tuple(cell for one in found.values() for cell in one.cells),
    )


def counted(context: PoolContext, parts: Mapping[str, Part], *, prorate: bool) -> Merits:
    """The merits of `parts` (by unit), times whole months of membership / months of the period where `prorate`."""
    values: dict[str, Fraction] = {}
    traces: list[Trace] = []
    span, months = (
        context.period.months,
        dict(zip(context.members["unit_code"], context.members["months"], strict=True)),
    )
    for unit, part in parts.items():
        formula, numbers, values[unit] = part.formula, dict(part.numbers), part.value
        if prorate:
            values[unit] *= Fraction(int(months[unit]), span)
            formula += " × 成员月数/期间月数"
            numbers |= {"成员月数": str(months[unit]), "期间月数": str(span)}
        traces.append(
            Trace(
                context.key("merit", unit), "绩效", formula, numbers, format_exact(values[unit]),
                context.pool.merit.use, context.merit_cites, part.cells, part.notes,
            )
        )  # fmt: skip
    return Merits(values, tuple(traces))
