"""质量保证金: hand-worked cases, and what must hold for every input."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from allocation.context import Amount
from allocation.deposit import LINES, deposit_statement
from domain.deposit import Deposit
from domain.money import format_yuan, parse_yuan
from domain.problems import InputProblems

from .money import Json, cases, context, direct, pool, said, told

PLAIN = {"pools": ["P"], "rate": "0.05", "forfeited_to": "fund", "source": "local"}
RELEASE = {"periods": ["year"], "scorecard": "member", "whose": "member", "bands": [{"min": "0", "share": "score/100"}]}


@pytest.mark.parametrize("case", cases("deposit"))
def test_case(case: Json) -> None:
    rules, here = Deposit.model_validate(case["deposit"]), context(case)
    paid = {(unit, "P"): parse_yuan(yuan) for unit, yuan in case.get("paid", {}).items()}
    releasing = here.period.kind in rules.release.periods
    if "refused" in case:
        with pytest.raises(InputProblems) as refused:
            deposit_statement(rules, here, [pool({})], paid, releasing=releasing)
        assert said(refused.value) == case["refused"]
        return
    steps = deposit_statement(rules, here, [pool({})], paid, releasing=releasing)
    found: dict[str, dict[str, str]] = {}
    for step in steps:
        found.setdefault(step.place.unit, {})[step.place.line] = format_yuan(step.fen)
    assert {unit: list(lines.values()) for unit, lines in found.items()} == case["lines"]
    assert all(tuple(lines) == LINES for lines in found.values())
    notes = {step.place.unit: note for step in steps for note in told(step)["notes"]}
    assert notes == case.get("notes", notes)


@given(
    st.integers(0, 10**10),
    st.integers(0, 10**10),
    st.fractions(Fraction(1, 1000), Fraction(1, 2)),
    st.fractions(0, 130),
    st.booleans(),
)
def test_nothing_is_lost(opening: int, paid: int, rate: Fraction, score: Fraction, year: bool) -> None:
    rules = Deposit.model_validate(PLAIN | {"rate": rate, "release": RELEASE})
    scores = {("member", "T01"): score}
    here = direct("2026", {"T01": ("township", "public")}, {}, scores=scores)
    here = replace(here, money={("T01", "deposit_opening"): (Amount(opening, ("P",)),)})
    steps = deposit_statement(rules, here, [pool({})], {("T01", "P"): paid}, releasing=year)
    if not opening and not paid:
        assert not steps
        return
    fen = {step.place.line: step.fen for step in steps}
    assert fen["opening"] + fen["held"] - fen["released"] - fen["forfeited"] == fen["closing"]
    assert min(fen.values()) >= 0
    assert (fen["closing"] == 0) if year else (fen["released"] == fen["forfeited"] == 0)


@pytest.mark.parametrize(
    ("wrong", "said_of_it"),
    [
        ({"rate": "0"}, "greater than 0"),
        ({"pools": []}, "at least 1 item"),
        ({"release": RELEASE | {"bands": [{"min": "60", "share": "1"}]}}, "最低一档须从 0 起"),
        ({"release": RELEASE | {"bands": [{"min": "0", "share": "1"}, {"min": "0", "share": "0"}]}}, "min 不得重复"),
    ],
)
def test_rules_that_are_none(wrong: Json, said_of_it: str) -> None:
    with pytest.raises(ValidationError, match=said_of_it):
        Deposit.model_validate(PLAIN | {"release": RELEASE} | wrong)
