"""What the codes of a run are called: units, scorecards, items, pools and documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from allocation.pools import Payees
from domain.facts import Catalogue
from domain.plan import Plan
from indicators.cards import item_key, item_title


@dataclass(frozen=True)
class ItemLabel:
    """One line of a scorecard: what it is called, its indicator's code, unit, and the tiers it is for (empty: all).

    span: the range of values that earn full marks, in words, where there is a range instead of one target number.
    """

    title: str
    indicator: str
    unit: str
    tiers: frozenset[str]
    span: str = ""


@dataclass(frozen=True)
class CardLabel:
    """One scorecard: its scope, dimensions by id and items by id, both in the plan's order."""

    title: str
    scope: str
    dimensions: Mapping[str, str]
    items: Mapping[str, ItemLabel]


@dataclass(frozen=True)
class ShownLabel:
    """A number of every member's story that the allocation sheet shows (`allocation.pools.Shown`), and its title."""

    name: str
    title: str
    kind: Literal["money", "number", "factor"]
    summed: bool = False


@dataclass(frozen=True)
class PoolLabel:
    """One pool; scorecard: that of its merit or its coefficient, "" if none; payees, own, shown: `allocation.pools`.

    use: how it is formed; counts: where it pays staff, the metrics of persons that its merit adds up.
    """

    title: str
    fund: str = ""
    document: str = ""
    purpose: str = ""
    basis: str = ""
    unpaid_to: str = ""
    scorecard: str = ""
    payees: Payees | None = None
    counts: tuple[str, ...] = ()
    own: bool = False
    use: str = ""
    shown: tuple[ShownLabel, ...] = ()


@dataclass(frozen=True)
class Document:
    """A policy document the plan carries out; status: its standing on the period's last day, as a code."""

    id: str
    title: str
    number: str
    issuer: str
    status: str


@dataclass(frozen=True)
class CheckLabel:
    """One check of the data; source: where its bounds come from, note: what they mean, both in words."""

    title: str
    severity: str
    source: str
    note: str


@dataclass(frozen=True)
class Labels:
    """Everything by its code. Units have a name and a tier; heads: the fewest heads on post that were told of each.

    counted: the same of the other numbers of persons that pay is paid to or shared by, by (unit, metric).
    """

    names: Mapping[str, str] = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    heads: Mapping[str, Fraction] = field(default_factory=dict)
    counted: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    cards: Mapping[str, CardLabel] = field(default_factory=dict)
    pools: Mapping[str, PoolLabel] = field(default_factory=dict)
    indicators: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # code → title, unit
    definitions: Mapping[str, str] = field(default_factory=dict)  # code of an indicator → what it divides by what
    words: Mapping[str, str] = field(default_factory=dict)  # facts, money items, scorecards, items and pools → title
    documents: tuple[Document, ...] = ()
    checks: Mapping[str, CheckLabel] = field(default_factory=dict)


UNNAMED = Labels()
"""Codes that are called nothing but themselves."""


def words_of(plan: Plan, catalogue: Catalogue) -> dict[str, str]:
    """Titles of facts, money items, scorecards, items ("scorecard/item") and pools."""
    items = (
        (item_key(card, item), item_title(item))
        for card in plan.scorecards
        for dimension in card.dimensions
        for item in dimension.items
    )
    return {
        **{code: metric.title for code, metric in catalogue.metrics.items()},
        **{code: item.title for code, item in catalogue.items.items()},
        **{card.id: card.title for card in plan.scorecards},
        **dict(items),
        **{pool.id: pool.title for pool in plan.pools},
    }
