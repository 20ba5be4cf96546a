"""Contexts for the money rooms, written as in tests/spec/money: rows as filled in, read through the catalogue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML

from allocation.context import Amount, Context, PoolContext, amounts, values
from allocation.merit import Merits, merit
from allocation.pools import Formed, form, pools
from allocation.to_date import amounts_to_date
from domain.facts import FACTS, INSTITUTIONS, MEMBERSHIPS, MONEY, Catalogue, Facts, Metric, MoneyItem
from domain.institution import Tier
from domain.money import exact, format_yuan, parse_yuan
from domain.period import Period
from domain.plan import Pool
from domain.problems import InputProblems
from domain.selection import MEMBERS, memberships, needed_months
from domain.step import Step
from engine.policy.given import given_pool
from engine.run.labels import Labels
from engine.run.say import Speaker

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
SPEC = ROOT / "tests" / "spec" / "money"


@cache
def loaded(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path)


def cases(name: str) -> list[Any]:
    """The cases of tests/spec/money/<name>.yaml as pytest parameters; a case stands on the file's `common` part."""
    document = loaded(SPEC / f"{name}.yaml")
    return [pytest.param({**document.get("common", {}), **case}, id=case["name"]) for case in document["cases"]]


@cache
def catalogue() -> Catalogue:
    """The real catalogue, so that the cases use items and metrics that exist."""
    document = loaded(ROOT / "configs" / "metrics.yaml")
    metrics = [Metric.model_validate(entry) for entry in document["metrics"]]
    items = [MoneyItem.model_validate(entry) for entry in document["items"]]
    return Catalogue({metric.code: metric for metric in metrics}, {item.code: item for item in items})


def frame(rows: list[list[Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def money_rows(case: Json) -> pd.DataFrame:
    """Rows `[unit, item, yuan, document, period, note]`, the last three optional; their cells are counted from D2."""
    rows = []
    for number, (unit, item, yuan, *rest) in enumerate(case.get("money", []), start=2):
        document, period, note = (*rest, *("", case["period"], "")[len(rest) :])
        cell = f"in.xlsx 金额表!D{number}"
        rows.append([str(period), unit, item, parse_yuan(yuan), document, "", "", note, cell])
    return frame(rows, MONEY).astype({"amount": "int64"})


def context(case: Json) -> Context:
    """The context of alliance A01. members: {unit: {tier, ownership, signing, from, to}}."""
    known = catalogue()
    period = Period.parse(str(case["period"]))
    people = case["members"]
    institutions = [
        [
            unit,
            f"{unit}院",
            one["tier"],
            one.get("ownership", "public"),
            "120000",
            "",
            one.get("signing", False),
            "",
            "",
            "in",
        ]
        for unit, one in people.items()
    ]
    spans = [[unit, "A01", one.get("from", date(2020, 1, 1)), one.get("to"), "in"] for unit, one in people.items()]
    facts = [
        [str(span[0]) if span else case["period"], unit, metric, Decimal(value), "", f"in.xlsx 事实表!D{number}"]
        for number, (unit, metric, value, *span) in enumerate(case.get("facts", []), start=2)
    ]
    money = money_rows(case)
    tables = Facts(frame(institutions, INSTITUTIONS), frame(spans, MEMBERSHIPS), frame(facts, FACTS), money)
    assert set(money["item"]) <= set(known.items)
    year = Period(period.year, "year", 1)
    owed, owed_year = (needed_months(tables.memberships, one) for one in (period, year))
    return Context(
        period=period,
        alliance_code="A01",
        members=memberships(tables, period),
        money=amounts(money, known.items, period, owed),
        facts=values(tables.facts, known.metrics, period, owed),
        scores={
            (card, unit): exact(score) for card, row in case.get("scores", {}).items() for unit, score in row.items()
        },
        year_money=amounts(money, known.items, year, owed_year),
        money_to_date=amounts_to_date(money, known.items, period, owed_year),
        year_facts=values(tables.facts, known.metrics, year, owed_year),
        titles={code: one.title for code, one in known.items.items()}
        | {code: one.title for code, one in known.metrics.items()},
        district=case.get("district", ""),
        withheld=case.get("withheld", {}),
    )


def direct(period: str, members: Json, money: dict[tuple[str, str], int], **more: Any) -> Context:
    """A context without files and frames of rows, for properties. money: fen by (unit, item), with a document."""
    rows = {key: (Amount(fen, (f"文{key[0]}",), ("in.xlsx 金额表!D2",)),) for key, fen in money.items()}
    people = [
        [unit, f"{unit}院", tier, ownership, Tier(tier).grassroots, False, 12]
        for unit, (tier, ownership) in members.items()
    ]
    return Context(Period.parse(period), "A01", frame(people, MEMBERS), money=rows, year_money=rows, **more)


def pool(data: Json) -> Pool:
    """A pool with what the case leaves open filled in."""
    base: Json = {
        "id": "P",
        "title": "池",
        "use": "handed_in",
        "purpose": "income",
        "basis": "settled",
        "periods": ["year"],
        "fund": {"title": "资金", "document": "财社〔2026〕1号"},
        "unpaid_to": "fund",
        "merit": {"use": "fixed", "params": {"metrics": ["heads_on_post"], "prorate": False}},
    }
    return given_pool(Pool.model_validate(base | data))


def pool_context(case: Json) -> PoolContext:
    return context(case).for_pool(pool(case["pool"]))


def said(refused: InputProblems) -> list[str]:
    """Problems as cases state them: code, and the unit at the head of where it stands. Each says what to do."""
    assert all(problem.remedy for problem in refused.problems), str(refused)
    return [f"{problem.code} {problem.where.split()[0]}" for problem in refused.problems]


def check_formed(case: Json) -> Formed | None:
    """Form a case's pool and compare amount, steps in order, settled pools and reason; None if refused.

    Of a pool that owes its members, `due` is what its merit formula gives each, in yuan.
    """
    context = pool_context(case)
    if "refused" in case:
        with pytest.raises(InputProblems) as refused:
            form(context)
        assert said(refused.value) == case["refused"]
        return None
    formed, expect = form(context), case["expect"]
    assert format_yuan(formed.amount) == expect["amount"]
    steps = {step.place.line: format_yuan(step.fen) for step in formed.steps}
    assert steps | expect.get("steps", {}) == steps
    assert [step for step in steps if step in expect.get("steps", {})] == list(expect.get("steps", {}))
    if "settles" in expect:
        assert list(formed.settles) == expect["settles"]
    assert format_yuan(formed.beyond) == expect.get("beyond", "0.00")
    assert (formed.reason is None) == (formed.amount != 0)
    assert expect.get("reason", "") in (speaker().phrase(formed.reason) if formed.reason else "")
    assert all(map(told, formed.steps))
    if "due" in expect:
        assert dues(context).values == {unit: fraction(amount) for unit, amount in expect["due"].items()}
    return formed


def dues(context: PoolContext) -> Merits:
    """What a pool owes its members: whole fen, each with its own line, together the pool."""
    found = merit(context)
    assert {100 * value % 1 for value in found.values.values()} <= {0}
    assert all(map(told, found.steps))
    own = {step.place.unit: step for step in found.steps if not step.place.line}
    assert {unit: Fraction(step.fen, 100) for unit, step in own.items()} == found.values
    shown = {one.name for one in pools()[context.pool.use].shown}
    assert all(shown <= set(step.numbers) or not step.numbers for step in own.values())
    assert sum(found.values.values()) * 100 == form(context).amount
    return found


@cache
def speaker() -> Speaker:
    """Says steps with the titles of the real catalogue and the names of the cases' units."""
    known = catalogue()
    words = {code: one.title for code, one in (*known.metrics.items(), *known.items.items())}
    letters, numbers = "ACKTV", range(1, 10)
    return Speaker(Labels(words=words, names={f"{a}0{n}": f"{a}0{n}院" for a in letters for n in numbers}))


def told(step: Step) -> Json:
    """A step in words."""
    return speaker().told(step)


def yuan(fen: dict[str, int]) -> dict[str, str]:
    return {unit: format_yuan(amount) for unit, amount in fen.items()}


def fraction(text: str) -> Fraction:
    """A rational as the cases write it: "28/3" or "47.35"."""
    top, _, bottom = text.partition("/")
    return exact(top) / exact(bottom or "1")
