"""Params typed: each taken by the file of code that it is for, once, when a plan is read or made from another.

What is wrong with params is told by the checks of a plan; here an entry whose params do not fit is left untaken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from domain.demand import Target, misfit, supplied
from domain.pack import Pack
from domain.plan import Entry, Item, Plan, Pool, Scorecard
from engine.policy.data_checks import given_checks
from engine.policy.entries import CURVES, MERITS, POOLS, RULES, params_model
from engine.policy.readings import item_target
from indicators.curves import curves
from indicators.registry import Params, indicators

E = TypeVar("E", bound=Entry)


def given_plan(plan: Plan, packs: Mapping[str, Pack]) -> Plan:
    """A plan whose indicators, curves, pools, merits, rules and checks have their params typed.

    Curves take of the pack rules what they leave open; indicators do so before (`engine.policy.readings.filled`).
    """
    cards = [given_card(card, card_targets(card, packs)) for card in plan.scorecards]
    made = [given_pool(pool) for pool in plan.pools]
    return plan.model_copy(update={"scorecards": cards, "pools": made, "checks": given_checks(plan.checks)})


def card_targets(card: Scorecard, packs: Mapping[str, Pack]) -> dict[str, Target]:
    """What the pack rules behind a card's items demand, by item id; without rules that are not there."""
    found = {}
    for item in (item for dimension in card.dimensions for item in dimension.items):
        try:
            target = item_target(item, packs)
        except KeyError:
            continue
        if target is not None:
            found[item.id] = target
    return found


def given_card(card: Scorecard, targets: Mapping[str, Target]) -> Scorecard:
    """The same of one scorecard; targets: by item id."""
    dimensions = [
        part.model_copy(update={"items": [given_item(item, targets.get(item.id)) for item in part.items]})
        for part in card.dimensions
    ]
    return card.model_copy(update={"dimensions": dimensions})


def given_item(item: Item, target: Target | None = None) -> Item:
    """The same of one item. target: what the pack rules that it carries out demand."""
    known = indicators().get(item.indicator)
    model = known.params if known else Params  # a local indicator takes none of its own
    curve = given_entry(CURVES, item.curve, target)
    if curve.sound and misfit(target, curves()[curve.use].lean(curve.given)) is not None:
        curve = curve.taking(None)  # it would reward what the rule does not demand
    made = item.model_copy(update={"curve": curve})
    try:
        return made.taking(model.model_validate(dict(item.params)))
    except ValidationError:
        return made.taking(None)


def given_pool(pool: Pool) -> Pool:
    """The same of one pool with its merit and rules."""
    rules = [given_entry(RULES, rule) for rule in pool.rules]
    return given_entry(POOLS, pool.model_copy(update={"merit": given_entry(MERITS, pool.merit), "rules": rules}))


def given_entry(kind: str, entry: E, target: Target | None = None) -> E:
    """The same of one curve, pool, merit formula or rule; target: of a curve, what it takes where it has no own."""
    try:
        model = params_model(kind, entry.use)
        return entry.taking(model.model_validate(supplied(target, model.model_fields, entry.params)))
    except (KeyError, ValidationError):
        return entry.taking(None)
