"""No crying wolf: the catalogue's own checks find nothing in the examples, and hardly anything in ordinary quarters."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from domain.facts import Facts
from domain.period import Period
from engine.checks.kinds import Looked
from engine.checks.look import Finding, look, rules_of
from engine.checks.rows import Rows
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.read.reader import read
from engine.run.indexed import Indexed
from tests.engine.checks.looking import catalogue

EXAMPLES = Path(__file__).parents[3] / "examples"
RUNS = {
    "county/2026Q3.xlsx": ("demo-county", "2026Q3"),
    "county/2025.xlsx": ("demo-county", "2025"),
    "county/2025Q4-csv": ("demo-county", "2025Q4"),
    "beijing-2021/2022.xlsx": ("demo-beijing", "2022"),
    "hz-xiacheng-2018/2020.xlsx": ("demo-hz-xiacheng", "2020"),
    "jilin-city-2017/2018.xlsx": ("demo-jilin", "2018"),
    "liaoning-2017/2017.xlsx": ("demo-liaoning", "2017"),
    "pilot-counties/2019.xlsx": ("pilot-counties", "2019"),
}
UNCOUNTED = {"是否", "日期", "级"}


@cache
def given(data: str) -> Facts:
    plan, period = RUNS[data]
    when = Period.parse(period)
    loaded = load(load_configs(), plan, when.end)
    return read(EXAMPLES / data, catalogue(), loaded.plan, when, loaded.packs)


def found(data: str, facts: Facts) -> list[Finding]:
    plan, period = RUNS[data]
    when = Period.parse(period)
    checks = load(load_configs(), plan, when.end).plan
    pools = pd.DataFrame({"alliance_code": [], "pool": [], "amount": []})
    people = Indexed(facts, catalogue(), when).people
    looked = Looked(Rows.of(facts, catalogue()), catalogue(), when, pools, people)
    return look(rules_of(checks, catalogue()), checks.checks.waive, looked)


def drawn(facts: Facts, chance: random.Random) -> Facts:
    """Every number 15% larger or smaller at most, whole where it must be, no part above its whole."""
    known = catalogue().metrics

    def other(metric: str, value: Decimal) -> Decimal:
        if known[metric].unit in UNCOUNTED:
            return value
        moved = value * chance.randint(85, 115) / 100
        return moved.quantize(Decimal(1)) if known[metric].whole else moved

    keys = list(zip(*(facts.facts[name] for name in ("period", "unit_code", "metric")), strict=True))
    told = {key: other(key[2], value) for key, value in zip(keys, facts.facts["value"], strict=True)}

    def bounded(key: tuple[str, str, str]) -> Decimal:
        period, unit, metric = key
        whole = known[metric].part_of
        above = (period, unit, whole) if whole else key
        return min(told[key], bounded(above)) if above != key and above in told else told[key]

    numbers = list(map(bounded, keys))
    amounts = [int(fen) * chance.randint(85, 115) // 100 for fen in facts.money["amount"]]
    return replace(
        facts,
        facts=facts.facts.assign(value=pd.Series(numbers, dtype=object)),
        money=facts.money.assign(amount=pd.Series(amounts, dtype="int64")),
    )


@pytest.mark.parametrize("data", RUNS)
def test_nothing_is_found_in_an_example(data: str) -> None:
    assert found(data, given(data)) == []


@pytest.mark.parametrize("data", RUNS)
def test_at_most_one_finding_in_200_facts_of_ordinary_quarters(data: str) -> None:
    chance, facts = random.Random(data), given(data)
    draws = 5
    told = sum(len(found(data, drawn(facts, chance))) for _ in range(draws))
    assert told * 200 <= draws * (len(facts.facts) + len(facts.money))


def test_a_mistake_of_ten_times_or_of_wan_yuan_in_an_amount_is_found() -> None:
    """Every amount of the demo quarter that is above 0, ten times and a ten-thousandth of what it is, one at a time."""
    data = "county/2026Q3.xlsx"
    facts, chance = given(data), random.Random(3)
    rows = [at for at, fen in enumerate(facts.money["amount"]) if fen > 0]
    for at in chance.sample(rows, 30):
        for over, under in ((10, 1), (1, 10_000)):
            amounts = facts.money["amount"].copy()
            amounts.iloc[at] = int(amounts.iloc[at]) * over // under
            wrong = replace(facts, money=facts.money.assign(amount=amounts))
            row = facts.money.iloc[at]
            assert found(data, wrong), (row["item"], row["unit_code"], over, under)
