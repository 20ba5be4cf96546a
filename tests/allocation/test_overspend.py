"""Who bears an overspend: hand-worked cases, parameters, and what must hold for every input."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from allocation.context import Value
from allocation.overspend import Statement, overspend_statement
from domain.money import exact, format_yuan
from domain.overspend import Overspend
from domain.problems import InputProblems

from .money import Json, cases, context, direct, said, told

UNDECIDED = "未决定, 只供测算"


def lines(statement: Statement) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for step in statement.steps:
        found[step.place.unit][step.place.line] = format_yuan(step.fen)
    return found


@pytest.mark.parametrize("case", cases("overspend"))
def test_case(case: Json) -> None:
    rules = Overspend.model_validate(case["rules"])
    if "refused" in case:
        with pytest.raises(InputProblems) as refused:
            overspend_statement(rules, context(case))
        assert said(refused.value) == case["refused"]
        return
    made = overspend_statement(rules, context(case))
    if case["expect"] is None:
        assert made is None
        return
    assert made is not None
    found = lines(made)
    for unit, expected in case["expect"]["lines"].items():
        assert found[unit] | expected == found[unit]
    decision = case["expect"].get("decision", made.decision)
    assert made.decision == ("" if decision == UNDECIDED else decision)
    assert {step.key.rpartition("/")[0] for step in made.steps} == {f"overspend/A01/{unit}" for unit in found}
    assert all(map(told, made.steps))


def test_without_a_decision_every_line_says_so() -> None:
    undecided = next(one.values[0] for one in cases("overspend") if "grassroots" in one.values[0]["name"])
    made = overspend_statement(Overspend.model_validate(undecided["rules"]), context(undecided))
    assert made is not None
    assert not made.decided
    assert all(UNDECIDED in told(step)["notes"] for step in made.steps)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bands": [{"upto": "0.1", "alliance": "0.4"}]}, "最后一档不写"),
        ({"bands": [{"alliance": "0.4"}, {"alliance": "1"}]}, "递增"),
        ({"bands": [{"upto": "0.1", "alliance": "1"}, {"upto": "0.05", "alliance": "1"}, {"alliance": "1"}]}, "递增"),
        ({"bands": [{"alliance": "1.1"}]}, "less than or equal"),
        ({"upper": ["city", "township"]}, "基层不分担"),
    ],
)
def test_parameters_that_make_no_sense(change: Json, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Overspend.model_validate(cases("overspend")[0].values[0]["rules"] | change)


FEN = st.integers(0, 10**9)
RULES = Overspend.model_validate(cases("overspend")[0].values[0]["rules"])


@given(
    over=st.integers(1, 10**9),
    budget=st.integers(1, 10**10),
    figures=st.lists(st.tuples(FEN, FEN, FEN), min_size=2, max_size=2),
    caused=FEN,
    down=st.lists(st.integers(0, 1000), min_size=2, max_size=2),
)
def test_nothing_is_created_or_lost(
    over: int, budget: int, figures: list[tuple[int, int, int]], caused: int, down: list[int]
) -> None:
    hospitals = ("C01", "K01")
    money = {("A01", "fund_budget"): budget, ("A01", "fund_spend"): budget + over, ("A01", "overspend_confirmed"): over}
    for unit, each in zip(hospitals, figures, strict=True):
        money |= {
            (unit, item): fen
            for item, fen in zip(("member_fund_budget", "member_fund_spend", "unreasonable_spend"), each, strict=True)
        }
    money[("T01", "unreasonable_spend")] = caused
    facts = {(unit, "down_referrals"): Value(exact(n)) for unit, n in zip(hospitals, down, strict=True)}
    facts |= {(unit, "discharges"): Value(exact(5000)) for unit in hospitals}
    people = {"C01": ("city", "public"), "K01": ("county", "public"), "T01": ("township", "public")}
    made = overspend_statement(RULES, direct("2026", people, money, facts=facts))
    assert made is not None
    rows = {(step.place.unit, step.place.line): step.fen for step in made.steps}
    borne = -sum(fen for (unit, line), fen in rows.items() if line == "borne")
    assert borne + rows["A01", "fund"] == over
    assert rows["A01", "fund"] >= 0
    assert ("T01", "share") not in rows  # the grassroots bear only what they caused
    assert all(fen <= 0 for (_, line), fen in rows.items() if line == "borne")
    for unit, each in zip(hospitals, figures, strict=True):
        own = max(0, each[1] - each[2] - each[0])
        assert 0 <= -rows.get((unit, "share"), 0) <= own
        assert 0 <= rows.get((unit, "relief"), 0) <= -rows.get((unit, "share"), 0)
    assert rows["A01", "relief"] <= budget // 100
