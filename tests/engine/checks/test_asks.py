"""A check that says which figures it asks for finds the same without all others, and is looked at anew for these."""

from __future__ import annotations

import random
from dataclasses import replace

import pandas as pd
import pytest

from domain.facts import Facts
from domain.period import Period
from domain.plan import Plan
from engine.checks.kinds import Looked, kinds
from engine.checks.look import look, rules_of
from engine.checks.rows import Rows
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.run.checking import find
from engine.run.indexed import Indexed
from engine.run.memo import Memo
from tests.engine.checks.looking import catalogue
from tests.engine.checks.test_clean import RUNS, given

NO_POOLS = pd.DataFrame({"alliance_code": [], "pool": [], "amount": []})
FACTORS = (0, 1, 1, 1, 1, 1, 1, 3, 20)


def wild(facts: Facts) -> Facts:
    """Facts of which a third is far off or left out, the same way every time."""
    chance = random.Random(5)
    values = [value * chance.choice(FACTORS) for value in facts.facts["value"]]
    amounts = [int(fen) * chance.choice(FACTORS) for fen in facts.money["amount"]]
    told, money = (
        table.loc[[chance.random() < 0.9 for _ in range(len(table))]].reset_index(drop=True)
        for table in (
            facts.facts.assign(value=pd.Series(values, dtype=object)),
            facts.money.assign(amount=pd.Series(amounts, dtype="int64")),
        )
    )
    return replace(facts, facts=told, money=money)


def planned(data: str) -> tuple[Plan, Period]:
    plan, text = RUNS[data]
    period = Period.parse(text)
    return load(load_configs(), plan, period.end).plan, period


@pytest.mark.parametrize("data", ["county/2026Q3.xlsx", "county/2025.xlsx", "liaoning-2017/2017.xlsx"])
def test_what_a_check_does_not_ask_for_changes_nothing(data: str) -> None:
    (plan, period), facts, some = planned(data), wild(given(data)), 0
    people = Indexed(facts, catalogue(), period).people
    whole = Looked(Rows.of(facts, catalogue()), catalogue(), period, NO_POOLS, people)
    for rule in rules_of(plan, catalogue()):
        asks = kinds()[rule.use].asks
        if not rule.sound or asks is None:
            continue
        asked = asks(rule.given, catalogue())
        less = replace(
            facts,
            facts=facts.facts.loc[[*map(asked, facts.facts["metric"])]].reset_index(drop=True),
            money=facts.money.loc[[*map(asked, facts.money["item"])]].reset_index(drop=True),
        )
        alone = Looked(Rows.of(less, catalogue()), catalogue(), period, NO_POOLS, people)
        found = look([rule], plan.checks.waive, whole)
        assert look([rule], plan.checks.waive, alone) == found, rule.id
        some += len(found)
    assert some > 20


def test_only_checks_that_ask_for_a_changed_figure_are_looked_at_again() -> None:
    data = "county/2026Q3.xlsx"
    (plan, period), facts, first = planned(data), given(data), Memo()
    indexed, pools = Indexed(facts, catalogue(), period), NO_POOLS
    find(plan, indexed, pools, first)
    values = list(facts.facts["value"])
    values[0] += 1
    metric = facts.facts["metric"][0]
    changed = replace(facts, facts=facts.facts.assign(value=pd.Series(values, dtype=object)))
    again = Memo(first)
    find(plan, Indexed(changed, catalogue(), period, before=indexed), pools, again)
    stale = {name[1] for name, kept in first.made.items() if again.made[name] is not kept}
    sound = [rule for rule in rules_of(plan, catalogue()) if rule.sound]
    known = ((rule.id, kinds()[rule.use].asks, rule.given) for rule in sound)
    assert stale == {name for name, asks, params in known if asks is None or asks(params, catalogue())(metric)}
    assert 1 < len(stale) < len(first.made) / 2
