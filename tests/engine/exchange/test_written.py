"""Problems and answers written out: exact decimal texts, and merits of which none ends."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.rules import rules
from allocation.statement import Problem, Rule
from allocation.terms import Member
from domain.money import exact
from engine.exchange.allocate import answer_one
from engine.exchange.parse import parse
from engine.exchange.written import decimal_text, problem_json


def stated(merits: dict[str, Fraction], *made: tuple[str, dict[str, Any]]) -> Problem:
    members = tuple(
        Member(code, "town", grassroots=True, signing=False, merit=merit) for code, merit in sorted(merits.items())
    )
    return Problem(
        "p", "income", 100, members, tuple(Rule(rules()[use], rules()[use].params(**data)) for use, data in made)
    )


def test_a_decimal_without_end_has_no_text() -> None:
    assert decimal_text(Fraction(1, 1024)) == "0.0009765625"
    with pytest.raises(ValueError, match="有限小数"):
        decimal_text(Fraction(1, 3))


@given(st.dictionaries(st.text("AB", min_size=1, max_size=3), st.fractions(0, 10**6, max_denominator=60), min_size=1))
def test_scaling_keeps_proportions(merits: dict[str, Fraction]) -> None:
    texts = {one["code"]: exact(one["merit"]) for one in problem_json(stated(merits))["members"]}
    first = next((unit for unit, merit in merits.items() if merit), None)
    if first is not None:
        assert {unit: merit * merits[first] / texts[first] for unit, merit in texts.items()} == merits


def test_shares_are_rounded_half_up_to_a_millionth() -> None:
    """0.02 and 0.01 of 0.03: 0.6666666… and 0.3333333…"""
    members = [{"code": code, "tier": "town", "merit": merit} for code, merit in (("A", "2"), ("B", "1"))]
    stated = {"pool": {"code": "p", "purpose": "income", "amount": "0.03"}, "members": members}
    assert [one["share"] for one in answer_one(stated)["amounts"]] == ["0.666667", "0.333333"]


def test_rules_are_written_as_given() -> None:
    """Two decimals at least; what was not given is left out, and an alias does not say its group."""
    problem = stated(
        {"A": Fraction(1)},
        ("grassroots_min_share", {"share": "0.6"}),
        ("min_share", {"share": "0.125", "group": "town"}),
        ("tier_shares", {"shares": {"town": "1"}}),
        ("total_cap", {"amount": "12.5"}),
    )
    written = problem_json(problem)
    assert written["rules"] == [
        {"use": "grassroots_min_share", "share": "0.60"},
        {"use": "min_share", "share": "0.125", "group": "town"},
        {"use": "tier_shares", "shares": {"town": "1.00"}},
        {"use": "total_cap", "amount": "12.50"},
    ]
    assert parse(written).ranked == problem.ranked
