"""Small regions for the checks, as tests/spec/checks writes them: alliance A01 in district D01, members by code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML

from domain.check import CheckRule, Waiver
from domain.facts import FACTS, INSTITUTIONS, MEMBERSHIPS, MONEY, Catalogue, Facts
from domain.money import parse_yuan
from domain.period import Period
from engine.checks.kinds import Looked
from engine.checks.look import Finding, look
from engine.checks.rows import Rows
from engine.policy.configs import load_configs
from engine.policy.data_checks import given_check
from engine.run.indexed import Indexed
from tests.indicators.cases import TIERS

SPEC = Path(__file__).parents[2] / "spec" / "checks"
Json = Mapping[str, Any]


@cache
def catalogue() -> Catalogue:
    return load_configs().catalogue


def cases(name: str) -> list[Any]:
    found = YAML(typ="safe", pure=True).load(SPEC / f"{name}.yaml")
    return [pytest.param({**found.get("common", {}), **case}, id=case["name"]) for case in found["cases"]]


def facts(case: Json) -> Facts:
    """`facts`: [unit, metric, number, period?, note?]; `money`: [unit, item, yuan, period?, note?, document?]."""
    period = str(case["period"])

    def full(row: list[Any], rest: tuple[str, ...]) -> list[Any]:
        return [*row, *rest[len(row) - 3 :]]

    metrics = [full(row, (period, "", "")) for row in case.get("facts", [])]
    money = [full(row, (period, "", "")) for row in case.get("money", [])]
    known = catalogue()
    assert {row[1] for row in metrics} <= known.metrics.keys()
    assert {row[1] for row in money} <= known.items.keys()
    units = sorted({row[0] for row in (*metrics, *money)} | {"A01", "D01"})
    members = [unit for unit in units if unit[0] not in "AD"]
    return Facts(
        pd.DataFrame(
            [
                [unit, f"机构{unit}", TIERS[unit[0]], "public", "", "", False, "", "", f"机构表!{unit}"]
                for unit in units
            ],
            columns=list(INSTITUTIONS),
        ),
        pd.DataFrame(
            [[unit, "A01", date(2020, 1, 1), None, f"成员关系表!{unit}"] for unit in members], columns=list(MEMBERSHIPS)
        ),
        pd.DataFrame(
            [
                [str(row[3]), row[0], row[1], Decimal(str(row[2])), row[4], f"事实表!D{at}"]
                for at, row in enumerate(metrics, start=2)
            ],
            columns=list(FACTS),
        ),
        pd.DataFrame(
            [
                [str(row[3]), row[0], row[1], parse_yuan(row[2]), row[5], "", "", row[4], f"资金表!D{at}"]
                for at, row in enumerate(money, start=2)
            ],
            columns=list(MONEY),
        ).astype({"amount": "int64"}),
    )


def found(case: Json) -> list[Finding]:
    """What the case's check finds. `earlier`: cases of runs before."""
    period, told = Period.parse(str(case["period"])), facts(case)
    rule = given_check(CheckRule.model_validate({"id": "c", "title": "核对", "source": "local", **case["check"]}))
    assert rule.sound
    pools = pd.DataFrame(
        [[alliance, pool, parse_yuan(yuan)] for alliance, pool, yuan in case.get("pools", [])],
        columns=["alliance_code", "pool", "amount"],
    )
    people = Indexed(told, catalogue(), period).people
    earlier = [facts(one) for one in case.get("earlier", [])]
    looked = Looked(Rows.of(told, catalogue(), earlier), catalogue(), period, pools, people)
    return look([rule], [Waiver.model_validate(one) for one in case.get("waive", [])], looked)
