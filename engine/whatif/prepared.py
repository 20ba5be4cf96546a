"""Reruns of a prepared run: a plan or facts with changes, and only what they touch is made again.

    prepared = prepare(configs, load(configs, "demo-county", period.end), facts, period)
    prepared.result                                                 # the run itself, without stories
    rerun(prepared, plan=changed).frames["allocations"]             # the same plan with changes (model_copy)
    rerun(prepared, facts=replace(facts, money=corrected))          # the same facts with changes

A rerun gives and refuses what a fresh `engine.run.run.run` gives and refuses, to the byte, and leaves what was prepared
as it was: reruns know nothing of each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import pandas as pd

from domain.demand import Target
from domain.facts import Facts
from domain.pack import Pack
from domain.period import Period
from domain.plan import Item, Plan, Scorecard
from engine.policy.configs import Configs
from engine.policy.given import given_item, given_pool
from engine.policy.load import Loaded
from engine.policy.readings import item_target
from engine.run.indexed import Indexed
from engine.run.memo import Memo, same
from engine.run.result import Result
from engine.run.run import run_indexed
from indicators.cards import item_key


@dataclass(frozen=True)
class Prepared:
    """A run without stories, with what its stages made and from what."""

    plan: Plan
    packs: Mapping[str, Pack]
    indexed: Indexed
    memo: Memo
    result: Result


def prepare(configs: Configs, plan: Loaded, facts: Facts, period: Period) -> Prepared:
    """Run a plan as it was loaded for the period's last day. Raises InputProblems and Refused as `run`."""
    indexed, memo = Indexed(facts, configs.catalogue, period), Memo()
    result = run_indexed(plan.plan, plan.packs, indexed, memo, batch=True)
    return Prepared(plan.plan, plan.packs, indexed, memo, result)


def rerun(prepared: Prepared, *, plan: Plan | Loaded | None = None, facts: Facts | None = None) -> Result:
    """The run with another plan (with other packs, where it was loaded with them), other facts, or both.

    The params of a changed `Plan` are taken anew. Raises InputProblems and Refused as a fresh run, and LookupError for
    params that no file of code takes.
    """
    packs, changed = prepared.packs, prepared.plan
    if isinstance(plan, Loaded):
        packs, changed = (packs if same(packs, plan.packs) else plan.packs), plan.plan
    elif plan is not None:
        changed = _taken(prepared.plan, plan, packs)
    indexed = prepared.indexed
    if facts is not None:
        told = _shared(indexed.facts, facts)
        indexed = Indexed(told, indexed.catalogue, indexed.period, before=indexed)
    return run_indexed(changed, packs, indexed, Memo(prepared.memo), batch=True)


def _taken(before: Plan, after: Plan, packs: Mapping[str, Pack]) -> Plan:
    """A changed plan with the params of what is not as before typed."""
    items = {
        item_key(card, item): item for card in before.scorecards for part in card.dimensions for item in part.items
    }
    pools = {pool.id: pool for pool in before.pools}

    def taken(card: Scorecard) -> Scorecard:
        parts = []
        for part in card.dimensions:
            known = ((item, items.get(item_key(card, item))) for item in part.items)
            made = [old if old and same(old, item) else given_item(item, _target(item, packs)) for item, old in known]
            parts.append(part.model_copy(update={"items": made}))
        return card.model_copy(update={"dimensions": parts})

    cards = {card.id: card for card in before.scorecards}
    return after.model_copy(
        update={
            "scorecards": [
                cards[card.id] if same(cards.get(card.id), card) else taken(card) for card in after.scorecards
            ],
            "pools": [pools[pool.id] if same(pools.get(pool.id), pool) else given_pool(pool) for pool in after.pools],
        }
    )


def _target(item: Item, packs: Mapping[str, Pack]) -> Target | None:
    """What the pack rules behind an item demand; None where they are not there."""
    try:
        return item_target(item, packs)
    except KeyError:
        return None


def _shared(before: Facts, after: Facts) -> Facts:
    """The facts after a change, with the tables of before wherever they say the same."""
    tables: dict[str, pd.DataFrame | None] = {}
    for each in fields(Facts):
        old, new = getattr(before, each.name), getattr(after, each.name)
        alike = old is new or (old is not None and new is not None and old.equals(new))
        tables[each.name] = old if alike else new
    return Facts(**tables)  # type: ignore[arg-type]  # each name has its own table
