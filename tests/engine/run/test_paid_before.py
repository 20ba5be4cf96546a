"""What shorter periods paid out of R, taken from their runs: tests/spec/corrections/earlier.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from allocation.context import added, amounts
from domain.facts import INSTITUTIONS, MEMBERSHIPS, MONEY, Facts
from domain.money import format_yuan, parse_yuan
from domain.period import Period
from domain.plan import Entry, Plan
from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.run.paid_before import EarlierRun, with_paid
from engine.yaml.document import read_bytes

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "spec" / "corrections" / "earlier.yaml"
CASES = read_bytes(SPEC.read_bytes(), name=SPEC.name).data["cases"]
CONFIGS = load_configs()


def plan(*, statement: bool) -> Plan:
    """The small plan, whose quarterly reward is held to R; the statement is the year's."""
    small = load(CONFIGS, ROOT / "engine" / "small" / "plan.yaml", Period.parse("2026Q3").end).plan
    cap = Entry(use="income_cap", params={"share": "0.6"}, source="local")
    reward = small.pools[0].model_copy(update={"rules": [*small.pools[0].rules, cap], "ownership": ["public"]})
    assert small.permits is not None
    permits = small.permits.model_copy(update={"periods": ["quarter", "year"] if statement else ["year"]})
    return small.model_copy(update={"pools": [reward, *small.pools[1:]], "permits": permits})


def facts(rows: list[list[str]]) -> Facts:
    units = [
        (code, code, tier, owner, "330000", "", False, "", "", "")
        for code, tier, owner in (
            ("A1", "alliance", "public"),
            ("T1", "township", "public"),
            ("T2", "township", "public"),
            ("P1", "township", "private"),
        )
    ]
    members = [(code, "A1", Period.parse("2026").start, None, "") for code in ("T1", "T2", "P1")]
    money = pd.DataFrame(
        [
            ("2026", unit, item, parse_yuan(yuan), "", "", "", "", f"money.csv!D{at}")
            for at, (unit, item, yuan) in enumerate(rows, start=2)
        ],
        columns=list(MONEY),
    ).astype({"amount": "int64"})
    tables = pd.DataFrame(units, columns=list(INSTITUTIONS)), pd.DataFrame(members, columns=list(MEMBERSHIPS))
    return Facts(*tables, pd.DataFrame(), money)


def runs(case: dict[str, Any]) -> list[EarlierRun]:
    found = []
    for at, (name, told) in enumerate(case["runs"].items()):
        paid = {
            pool: {unit: parse_yuan(yuan) for unit, yuan in units.items()}
            for pool, units in told.get("paid", {}).items()
        }
        stated = {unit: parse_yuan(yuan) for unit, yuan in told.get("stated", {}).items()}
        period = Period.parse(str(name).partition(" ")[0])
        found.append(EarlierRun(f"{at}" * 64, case.get("region", "330000"), period, paid, stated))
    return found


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_was_paid_to_date(case: dict[str, Any]) -> None:
    period = Period.parse(case.get("period", "2026"))
    given = facts(case.get("workbook", []))
    own = plan(statement=case.get("statement", False))
    if "codes" in case:
        with pytest.raises(InputProblems) as caught:
            with_paid(given, own, CONFIGS.catalogue, period, runs(case))
        problems = [(problem.where, problem.code) for problem in caught.value.problems]
        assert len(problems) == len(case["codes"])
        for (where, code), (at, expected) in zip(problems, case["codes"], strict=True):
            assert code == expected
            assert where.startswith(at)
        return
    made = with_paid(given, own, CONFIGS.catalogue, period, runs(case))
    found = amounts(made.money, CONFIGS.catalogue.items, period)
    sums = {"/".join(key): added(rows) for key, rows in found.items()}
    assert {name: format_yuan(one.fen) for name, one in sums.items() if one} == case["expect"]
    assert len(made.money) - len(given.money) == case["filled"]
    assert made.money.dtypes.equals(given.money.dtypes)


def test_a_figure_filled_in_names_the_runs_it_is_from() -> None:
    case = CASES[0]
    made = with_paid(facts([]), plan(statement=False), CONFIGS.catalogue, Period.parse("2026"), runs(case))
    first = amounts(made.money, CONFIGS.catalogue.items, Period.parse("2026"))["T1", "reward_paid"]
    assert [one.cells for one in first] == [
        ("2026Q1 000000000000 allocations!reward_paid",),
        ("2026Q2 111111111111 allocations!reward_paid",),
        ("2026Q3 222222222222 allocations!reward_paid",),
        ("2026Q4 333333333333 allocations!reward_paid",),
    ]


def test_without_runs_nothing_is_touched() -> None:
    given = facts([])
    assert with_paid(given, plan(statement=False), CONFIGS.catalogue, Period.parse("2026"), []) is given
