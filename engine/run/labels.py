"""What the codes of a run are called: units, scorecards, items, pools and documents, in the words of plan and packs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from allocation.merit import merits
from allocation.pools import Payees, pools, score_of
from domain.facts import Catalogue, Facts
from domain.money import format_exact
from domain.pack import Pack, PackIndicator
from domain.period import Period
from domain.plan import Plan, Pool
from engine.policy.given import card_targets
from engine.policy.standing import standing
from engine.policy.words import STATUS, number_text
from engine.run.say import Speaker, Titles
from engine.run.words import rule_titles
from indicators.cards import Line, ready_lines
from indicators.registry import indicators

PERSONS = "人"  # the unit of metrics that count people


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

    counts: where it pays staff, the metrics of persons that its merit adds up.
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
    shown: tuple[ShownLabel, ...] = ()


@dataclass(frozen=True)
class Document:
    """A policy document the plan carries out."""

    id: str
    title: str
    number: str
    issuer: str
    status: str


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
    words: Mapping[str, str] = field(default_factory=dict)  # facts, money items, scorecards and pools → title
    documents: tuple[Document, ...] = ()


def labels(plan: Plan, packs: Mapping[str, Pack], facts: Facts, catalogue: Catalogue, period: Period) -> Labels:
    """The labels of a run of `plan`; documents are in force or not on the last day of the period.

    A rule on the same indicator gives an item's unit, for ratios and changes of any figures have none of their own.
    """
    units = facts.institutions
    known = {code: (one.title, one.unit) for code, one in indicators().items()}
    known |= {one.id: (one.title, one.unit) for one in plan.local_indicators}
    rules = {f"{pack.id}:{entry.id}": entry for pack in packs.values() for entry in pack.entries()}
    districts = units[units["tier"].astype(str) == "district"]
    used = {item.indicator for card in plan.scorecards for part in card.dimensions for item in part.items}

    def label(line: Line) -> ItemLabel:
        item = line.item
        _, unit = known.get(item.indicator, ("", ""))
        rule = rules.get(item.rule or "")
        if isinstance(rule, PackIndicator) and rule.indicator == item.indicator:
            unit = rule.unit
        return ItemLabel(
            item.title or item.id, item.indicator, unit, frozenset(tier.value for tier in item.tiers), _span(line, unit)
        )

    shown = {pool.id: _pool(pool, catalogue, period) for pool in plan.pools}
    counts = {one for pool in shown.values() for one in (*pool.counts, *([pool.payees.metric] if pool.payees else []))}
    return Labels(
        names=dict(zip(units["unit_code"], units["name"], strict=True)),
        tiers=dict(zip(units["unit_code"], units["tier"].astype(str), strict=True)),
        heads={unit: number for (unit, _), number in _fewest(facts, {"heads_on_post"}).items()},
        counted=_fewest(facts, counts),
        regions=dict(zip(districts["region"].astype(str), districts["name"], strict=True)),
        cards={
            card.id: CardLabel(
                card.title,
                card.scope,
                {part.id: part.title for part in card.dimensions},
                {line.item.id: label(line) for line in ready_lines(card, card_targets(card, packs))},
            )
            for card in plan.scorecards
        },
        pools=shown,
        indicators={code: known[code] for code in sorted(used) if code in known},
        words=titles(plan, facts, catalogue).words,
        documents=tuple(
            Document(pack.id, pack.title, pack.number or "", pack.issuer, STATUS[standing(pack, period.end)])
            for pack in (packs[one.id] for one in plan.packs)
        ),
    )  # fmt: skip


def titles(plan: Plan, facts: Facts, catalogue: Catalogue) -> Titles:
    """What the steps of a run call its codes."""
    units = facts.institutions
    return Titles(
        words={code: metric.title for code, metric in catalogue.metrics.items()}
        | {code: item.title for code, item in catalogue.items.items()}
        | {card.id: card.title for card in plan.scorecards}
        | {pool.id: pool.title for pool in plan.pools},
        names=dict(zip(units["unit_code"], units["name"], strict=True)),
        rules=rule_titles(),
    )


def _span(line: Line, unit: str) -> str:
    """What stands where a number to reach would: two ends of a range, the last day of a milestone, which way to go."""
    if line.curve.use == "trend":
        return {"up": "高于对比期", "down": "低于对比期"}[getattr(line.params, "direction", "")]
    last: date | None = getattr(line.params, "by", None)
    if last is not None:
        return f"{last} 前"
    if line.span is None:
        return ""
    return " 至 ".join(number_text(format_exact(end), unit if unit == "%" else "").strip() for end in line.span)


def _scorecard(pool: Pool) -> str:
    """Of the merit, else of the pool: a subsidy, a signing fee or a salary is due by the pool's own coefficient."""
    of_pool = score_of(pool)
    return merits()[pool.merit.use].scorecard(pool.merit.given) or (of_pool.scorecard if of_pool else "")


def _pool(pool: Pool, catalogue: Catalogue, period: Period) -> PoolLabel:
    former, measure = pools()[pool.use], merits()[pool.merit.use]
    payees = former.payees(pool.given, pool.purpose, period.months)
    added = measure.metrics(pool.merit.given)
    persons = [one for one in added if one in catalogue.metrics and catalogue.metrics[one].unit == PERSONS]
    speaker = Speaker()
    shown = tuple(
        ShownLabel(one.name, speaker.name(f"allocation.pools.{pool.use}:owed", one.name), one.kind, one.summed)
        for one in former.shown
    )
    return PoolLabel(
        pool.title, pool.fund.title, pool.fund.document, pool.purpose, pool.basis, pool.unpaid_to, _scorecard(pool),
        payees, tuple(persons) if pool.purpose == "staff_reward" else (), former.own, shown,
    )  # fmt: skip


def _fewest(facts: Facts, metrics: Iterable[str]) -> dict[tuple[str, str], Fraction]:
    """The smallest number told of each unit, by (unit, metric)."""
    told = facts.facts[facts.facts["metric"].isin(list(metrics))]
    return {(str(unit), str(metric)): Fraction(min(part)) for (unit, metric), part in
            told.groupby(["unit_code", "metric"])["value"]}  # fmt: skip
