"""Random changes of plans and facts, such as somebody may try out; many make a run that is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from domain.facts import Facts
from domain.institution import Tier
from domain.money import format_exact
from domain.plan import Entry, Plan, Pool, Quota, Scorecard

FACTORS = tuple(map(Fraction, ("0", "1/2", "9/10", "11/10", "2", "-1", "100000000000")))


def _with(parts: Sequence[Any], at: int, new: Any) -> list[Any]:
    """The parts with another one at a place; None: without it."""
    return [*parts[:at], *([] if new is None else [new]), *parts[at + 1 :]]


def _number(value: Any, rng: Random) -> Any:
    """Some number inside, told as a text, times a factor; the same where there is none."""
    places = list(_numbers(value, ()))
    if not places:
        return value
    place, text = rng.choice(places)
    return _put(value, place, format_exact(Fraction(text) * rng.choice(FACTORS)))


def _numbers(value: Any, place: tuple[Any, ...]) -> Any:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _numbers(inner, (*place, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _numbers(inner, (*place, at))
    elif isinstance(value, str) and value.replace(".", "", 1).lstrip("-").isdigit():
        yield place, value


def _put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    key, *rest = place
    inner = _put(value[key], tuple(rest), new)
    return {**value, key: inner} if isinstance(value, Mapping) else _with(value, key, inner)


# ── plans ─────────────────────────────────────────────────────────────────────────────────────────────────


def _card(plan: Plan, rng: Random, change: Callable[[Scorecard, Random], Scorecard | None]) -> Plan:
    at = rng.randrange(len(plan.scorecards))
    return plan.model_copy(update={"scorecards": _with(plan.scorecards, at, change(plan.scorecards[at], rng))})


def _item(card: Scorecard, rng: Random, update: Callable[[Any, Random], dict[str, Any]]) -> Scorecard:
    part = rng.randrange(len(card.dimensions))
    dimension = card.dimensions[part]
    at = rng.randrange(len(dimension.items))
    item = dimension.items[at].model_copy(update=update(dimension.items[at], rng))
    items = {"items": _with(dimension.items, at, item)}
    return card.model_copy(update={"dimensions": _with(card.dimensions, part, dimension.model_copy(update=items))})


def weights(plan: Plan, rng: Random) -> Plan:
    """Points from one item of a dimension to another."""

    def change(card: Scorecard, rng: Random) -> Scorecard:
        part = rng.randrange(len(card.dimensions))
        items = list(card.dimensions[part].items)
        one, other = rng.randrange(len(items)), rng.randrange(len(items))
        moved = items[one].points / 3
        for at, by in ((one, -moved), (other, moved)):
            items[at] = items[at].model_copy(update={"points": items[at].points + by})
        dimension = card.dimensions[part].model_copy(update={"items": items})
        return card.model_copy(update={"dimensions": _with(card.dimensions, part, dimension)})

    return _card(plan, rng, change)


def curve(plan: Plan, rng: Random) -> Plan:
    """A number of a curve."""

    def update(item: Any, rng: Random) -> dict[str, Any]:
        return {"curve": item.curve.model_copy(update={"params": _number(item.curve.params, rng)})}

    return _card(plan, rng, lambda card, rng: _item(card, rng, update))


def measured(plan: Plan, rng: Random) -> Plan:
    """What an item measures, or of whom."""
    other = rng.choice([item.indicator for card in plan.scorecards for part in card.dimensions for item in part.items])
    updates: list[dict[str, Any]] = [{"indicator": other}, {"tiers": [rng.choice(list(Tier))]}, {"title": "另一名称"}]
    return _card(plan, rng, lambda card, rng: _item(card, rng, lambda _item, rng: rng.choice(updates)))


def card(plan: Plan, rng: Random) -> Plan:
    """What a gap does, grades, a title, or a scorecard less."""

    def change(card: Scorecard, rng: Random) -> Scorecard | None:
        updates: list[dict[str, Any]] = [
            {"missing": rng.choice(["reweight", "zero", "refuse"])},
            {"not_applicable": rng.choice(["reweight", "zero", "full", "refuse"])},
            {"grades": card.grades[1:]},
            {"title": "另一评分表"},
        ]
        return None if rng.random() < 0.1 else card.model_copy(update=rng.choice(updates))

    return _card(plan, rng, change)


def local(plan: Plan, rng: Random) -> Plan:
    """A local indicator the other way up."""
    if not plan.local_indicators:
        return plan
    at = rng.randrange(len(plan.local_indicators))
    one = plan.local_indicators[at]
    updates = [
        {"numerator": one.denominator, "denominator": one.numerator},
        {"unit": "另一单位"},
        {"title": "另一指标"},
    ]
    changed = one.model_copy(update=rng.choice(updates))
    return plan.model_copy(update={"local_indicators": _with(plan.local_indicators, at, changed)})


def _pool(plan: Plan, rng: Random, update: Callable[[Pool, Random], dict[str, Any]]) -> Plan:
    if not plan.pools:
        return plan
    at = rng.randrange(len(plan.pools))
    changed = plan.pools[at].model_copy(update=update(plan.pools[at], rng))
    return plan.model_copy(update={"pools": _with(plan.pools, at, changed)})


def formed(plan: Plan, rng: Random) -> Plan:
    """A number of how a pool is formed."""
    return _pool(plan, rng, lambda pool, rng: {"params": _number(pool.params, rng)})


def merit(plan: Plan, rng: Random) -> Plan:
    """The merit of a pool."""

    def update(pool: Pool, rng: Random) -> dict[str, Any]:
        params = dict(pool.merit.params)
        other = Entry(use="fixed", params={"metrics": ["heads_on_post"], "prorate": False})
        if "prorate" in params and rng.random() < 0.5:
            other = pool.merit.model_copy(update={"params": params | {"prorate": not params["prorate"]}})
        elif rng.random() < 0.5:
            other = pool.merit.model_copy(update={"params": _number(params, rng)})
        return {"merit": other}

    return _pool(plan, rng, update)


def rules(plan: Plan, rng: Random) -> Plan:
    """A number of a rule, its rank, or a rule less or more."""

    def update(pool: Pool, rng: Random) -> dict[str, Any]:
        share = format_exact(rng.choice([Fraction(1, 10), Fraction(3, 5), Fraction(9, 10)]))
        more = rng.choice(
            [
                Entry(use="grassroots_min_share", params={"share": share}),
                Entry(use="income_cap", params={"share": share}),
                Entry(use="cap_previous", params={"ratio": share}),
                Entry(use="total_cap", params={"amount": "500"}),
            ]
        )
        if not pool.rules or rng.random() < 0.3:
            return {"rules": [*pool.rules, more]}
        at = rng.randrange(len(pool.rules))
        rule = pool.rules[at]
        changed = rng.choice(
            [
                rule.model_copy(update={"params": _number(rule.params, rng)}),
                rule.model_copy(update={"priority": rng.choice([None, 1, 2])}),
                None,
            ]
        )
        return {"rules": _with(pool.rules, at, changed)}

    return _pool(plan, rng, update)


def pool(plan: Plan, rng: Random) -> Plan:
    """Something else of a pool."""
    updates: list[dict[str, Any]] = [
        {"soft_keep": rng.choice([None, Fraction(1, 2)])},
        {"tiers": rng.choice([[], [Tier.TOWNSHIP], [Tier.LEAD, Tier.TOWNSHIP]])},
        {"in_total": rng.choice(["yes", "no"])},
        {"basis": "estimate", "prepay_ratio": rng.choice([None, Fraction(1, 2)])},
        {"unpaid_to": rng.choice(["fund", "carry_forward"])},
        {"title": "另一资金池"},
        {"purpose": rng.choice(["income", "staff_reward", "subsidy"])},
    ]
    return _pool(plan, rng, lambda _pool, rng: rng.choice(updates))


def order(plan: Plan, rng: Random) -> Plan:
    """Pools in another order, or one less."""
    pools = list(plan.pools)
    if pools and rng.random() < 0.5:
        pools.pop(rng.randrange(len(pools)))
    else:
        rng.shuffle(pools)
    return plan.model_copy(update={"pools": pools})


def money(plan: Plan, rng: Random) -> Plan:
    """Permits and quota."""
    if plan.permits is not None and rng.random() < 0.6:
        name = rng.choice(["risk_fund_rate", "risk_fund_limit", "welfare_share", "development_share", "main_share"])
        number = rng.choice([Fraction(0), Fraction(1, 10), Fraction(3, 5), Fraction(2)])
        update = rng.choice([{name: number}, {"drugs_included": not plan.permits.drugs_included}])
        return plan.model_copy(update={"permits": plan.permits.model_copy(update=update)})
    scope = rng.choice(["member", "alliance"])
    over = Fraction(1, 10) if scope == "alliance" else None
    quotas = [None, plan.quota, Quota(scope=scope, grassroots_over=over, source="local")]  # type: ignore[arg-type]
    return plan.model_copy(update={"quota": rng.choice(quotas)})


def print_only(plan: Plan, rng: Random) -> Plan:
    """What stands on the sheets."""
    return plan.model_copy(update=rng.choice([{"title": "另一方案"}, {"signatures": plan.signatures[1:]}]))


PLANS = (weights, curve, measured, card, local, formed, merit, rules, pool, order, money, print_only)


# ── facts ─────────────────────────────────────────────────────────────────────────────────────────────────


def _cell(table: pd.DataFrame, row: int, column: str, value: Any) -> pd.DataFrame:
    cells = np.empty(len(table), dtype=object)
    cells[:] = table[column].tolist()
    cells[row] = value
    return table.assign(**{column: pd.Series(cells, dtype=table[column].dtype)})


def _rows(table: pd.DataFrame, rng: Random, column: str, change: Callable[[Any], Any]) -> pd.DataFrame:
    """A cell changed, or a row less, or one more: of another period, another unit, or stated twice."""
    if table.empty:
        return table
    row, kind = rng.randrange(len(table)), rng.random()
    if kind < 0.6:
        return _cell(table, row, column, change(table[column].iloc[row]))
    if kind < 0.75:
        return table.drop(index=row).reset_index(drop=True)
    more = table.iloc[[row]].assign(source="更正.xlsx 补表!C3")
    units = table["unit_code"].tolist()
    given = {
        "period": rng.choice(["2026Q3", "2025Q3", "2026", "2025", "2026-07"]),
        "unit_code": rng.choice([*units, "Z9"]),
    }
    for name, value in given.items():
        more = more.assign(**{name: value}).astype({name: table[name].dtype})
    at = rng.randrange(len(table) + 1)
    return pd.concat([table[:at], more, table[at:]], ignore_index=True)


def value(facts: Facts, rng: Random) -> Facts:
    """A fact."""
    factor = rng.choice([Decimal(0), Decimal("0.5"), Decimal(2), Decimal("1.25"), Decimal(10) ** 18])
    return replace(facts, facts=_rows(facts.facts, rng, "value", lambda cell: cell * factor))


def amount(facts: Facts, rng: Random) -> Facts:
    """An amount."""
    fen = rng.choice([0, 1, 12_345, -100, 10**11])
    return replace(facts, money=_rows(facts.money, rng, "amount", lambda cell: int(cell) + fen if fen else 0))


def document(facts: Facts, rng: Random) -> Facts:
    """The document of an amount, or the cell of a fact."""
    if facts.money.empty or rng.random() < 0.3:
        row = rng.randrange(len(facts.facts))
        return replace(facts, facts=_cell(facts.facts, row, "source", "更正.xlsx 表!A1"))
    row = rng.randrange(len(facts.money))
    return replace(facts, money=_cell(facts.money, row, "document", rng.choice(["", "县人社〔2026〕99号"])))


def institution(facts: Facts, rng: Random) -> Facts:
    """What an institution is."""
    table = facts.institutions
    row = rng.randrange(len(table))
    name, cell = rng.choice(
        [
            ("tier", rng.choice([tier.value for tier in Tier])),
            ("ownership", rng.choice(["public", "private", "collective"])),
            ("name", "另一名称"),
            ("signing", not table["signing"].iloc[row]),
        ]
    )
    return replace(facts, institutions=_cell(table, row, name, cell))


def membership(facts: Facts, rng: Random) -> Facts:
    """When an institution belonged to which alliance."""
    table = facts.memberships
    if table.empty:
        return facts
    row, day = rng.randrange(len(table)), date(2026, 9, 30) - timedelta(days=rng.randrange(500))
    name, cell = rng.choice(
        [
            ("from", day),
            ("to", day),
            ("alliance_code", rng.choice(table["alliance_code"].tolist())),
        ]
    )
    return replace(facts, memberships=_cell(table, row, name, cell))


def reread(facts: Facts, _rng: Random) -> Facts:
    """The same tables, read again."""
    return replace(facts, facts=facts.facts.copy(), money=facts.money.copy(), institutions=facts.institutions.copy())


FACTS = (value, value, value, amount, amount, amount, document, institution, membership, reread)


def changed(plan: Plan, facts: Facts, rng: Random) -> tuple[Plan | None, Facts | None]:
    """One to three changes of a plan, of facts, or of both; None for what stays."""
    new_plan, new_facts = plan, facts
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if rng.random() < 0.6:
            new_plan = rng.choice(PLANS)(new_plan, rng)
        else:
            new_facts = rng.choice(FACTS)(new_facts, rng)
    return (None if new_plan is plan else new_plan), (None if new_facts is facts else new_facts)
