"""Small regions for the indicator tests: alliance A01 in district D01, members by the letter of their code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from domain.facts import DISEASES, FACTS, INSTITUTIONS, MEMBERSHIPS, MONEY, Catalogue, Facts, Metric, MoneyItem
from domain.money import parse_yuan
from domain.plan import Scorecard
from domain.step import Phrase
from engine.run.labelling import definition
from engine.run.labels import Labels
from engine.run.say import Speaker
from indicators.cards import item_key, item_title
from indicators.registry import indicators
from tests.words import said

ROOT = Path(__file__).parents[2]
TIERS = {
    "P": "province",
    "C": "city",
    "K": "county",
    "H": "lead",
    "T": "township",
    "S": "community",
    "V": "village",
    "A": "alliance",
    "D": "district",
}
Values = Mapping[str, Mapping[str, Any]]


def lacking(gaps: Iterable[Phrase]) -> str:
    """Which facts are missing, in words."""
    known = catalogue()
    return "; ".join(said(gaps, {code: one.title for code, one in (known.metrics | known.items).items()}))


def speaker(sheet: Scorecard) -> Speaker:
    """Says the stories of a card."""
    words = {code: one.title for code, one in catalogue().metrics.items()} | {sheet.id: sheet.title}
    items = [one for dimension in sheet.dimensions for one in dimension.items]
    words |= {item_key(sheet, one): item_title(one) for one in items}
    meanings = {one.code: definition(one) for one in indicators().values()}
    return Speaker(Labels(names={"T01": "机构T01"}, words=words, definitions=meanings))


def told(sheet: Scorecard, result: Any) -> dict[str, dict[str, Any]]:
    """The stories of a card in words, by key."""
    return {one.key: speaker(sheet).told(one) for one in result.steps}


@cache
def catalogue() -> Catalogue:
    read = YAML(typ="safe").load(ROOT / "configs" / "metrics.yaml")
    metrics = [Metric(**entry) for entry in read["metrics"]]
    items = [MoneyItem(**entry) for entry in read["items"]]
    return Catalogue({entry.code: entry for entry in metrics}, {entry.code: entry for entry in items})


def region(
    facts: Mapping[str, Values],
    money: Mapping[str, Values] | None = None,
    *,
    units: Iterable[str] = (),
    outside: Iterable[str] = (),
    without: Iterable[str] = (),
    dates: Mapping[str, tuple[date, date | None]] | None = None,
    forms: Mapping[str, str] | None = None,
    ownership: Mapping[str, str] | None = None,
    diseases: Mapping[int, Mapping[str, Mapping[str, tuple[int, int]]]] | None = None,
) -> Facts:
    """facts, money: by period, unit and code. Units named anywhere exist; members belong to A01, or `outside`.

    forms: of alliances, by code; ownership: of units that are not public, by code; diseases: by year, unit and disease:
    referred out of the county, patients.
    """
    given = [facts, money or {}]
    codes = (
        {unit for table in given for values in table.values() for unit in values}
        | set(units)
        | ({"A01", "D01"} - set(without))
    )
    members = sorted(code for code in codes - set(outside) if code[0] not in "AD" and "A01" in codes)
    span = dates or {}
    institutions = [
        (
            code,
            f"机构{code}",
            TIERS[code[0]],
            (ownership or {}).get(code, "public"),
            "220200",
            "",
            code[0] in "TS",
            (forms or {}).get(code, ""),
            "",
            f"in.xlsx 机构表!A{row}",
        )
        for row, code in enumerate(sorted(codes), start=2)
    ]
    memberships = [
        (code, "A01", *span.get(code, (date(2020, 1, 1), None)), f"in.xlsx 成员表!A{row}")
        for row, code in enumerate(members, start=2)
    ]
    fact_rows = [
        (period, unit, metric, Decimal(str(value)), "")
        for period, values in facts.items()
        for unit, each in values.items()
        for metric, value in each.items()
    ]
    money_rows = [
        (period, unit, item, parse_yuan(value), "", "", "", "")
        for period, values in (money or {}).items()
        for unit, each in values.items()
        for item, value in each.items()
    ]
    facts_table = [(*row, f"in.xlsx 事实表!D{at}") for at, row in enumerate(fact_rows, start=2)]
    money_table = [(*row, f"in.xlsx 金额表!D{at}") for at, row in enumerate(money_rows, start=2)]
    return Facts(
        pd.DataFrame(institutions, columns=list(INSTITUTIONS)),
        pd.DataFrame(memberships, columns=list(MEMBERSHIPS)),
        pd.DataFrame(facts_table, columns=list(FACTS)),
        pd.DataFrame(money_table, columns=list(MONEY)).astype({"amount": "int64"}),
        None if diseases is None else disease_table(diseases),
    )


def disease_table(given: Mapping[int, Mapping[str, Mapping[str, tuple[int, int]]]]) -> pd.DataFrame:
    """The table of diseases of `region`, its cells counted from E2."""
    rows = [
        (str(year), unit, disease, f"病种{disease}", out, cases)
        for year, units in given.items()
        for unit, each in units.items()
        for disease, (out, cases) in each.items()
    ]
    table = [(*row, f"in.xlsx 病种表!E{at}") for at, row in enumerate(rows, start=2)]
    return pd.DataFrame(table, columns=list(DISEASES)).astype({"outbound": "int64", "cases": "int64"})
