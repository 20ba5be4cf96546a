"""Who answers for postings: the hospital that heads an alliance, for those below it there, on the day asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from domain.facts import Facts
from domain.period import Period
from indicators.evaluate import Wanted, evaluate

from .cases import catalogue, region

SENDER = {"kind": "managers", "tiers": ["county", "township"], "whose": "sender"}


def posted(facts: Facts, params: Any = SENDER) -> dict[str, object]:
    """By unit, the fewest managers posted; None where nothing is asked or known."""
    table = evaluate(
        facts, catalogue(), Period.parse("2026Q3"), [Wanted("k", "posted_per_member", params, "member")]
    ).table
    return dict(zip(table["unit_code"], table["value"], strict=True))


def test_the_lead_alone_answers_where_one_stands_beside_county_hospitals() -> None:
    found = posted(region({"2026Q3": {"T01": {"posted_managers": 2}, "K01": {"posted_managers": 1}, "H01": {}}}))
    assert (found["H01"], found["K01"], found["T01"]) == (1, None, None)  # min(2, 1); the county hospital posts nobody


def test_a_lower_member_sends_in_the_alliance_that_it_heads() -> None:
    # the city hospital C01 heads A01 with the county hospital K01, which heads A02 with T01: each answers for its own
    facts = region(
        {"2026Q3": {"C01": {}, "K01": {"posted_managers": 0}, "T01": {"posted_managers": 2}, "A02": {}}},
        units=["A02"],
        outside=["T01"],
    )
    own = pd.DataFrame(
        [(unit, "A02", date(2020, 1, 1), None, f"in.xlsx 成员表!B{row}") for row, unit in enumerate(("K01", "T01"))],
        columns=facts.memberships.columns,
    )
    found = posted(replace(facts, memberships=pd.concat([facts.memberships, own], ignore_index=True)))
    assert (found["C01"], found["K01"], found["T01"]) == (0, 2, None)


def test_those_who_left_or_come_later_are_not_asked_for() -> None:
    rows = {"2026Q3": {"H01": {}, "T01": {"posted_managers": 2}, "T02": {"posted_managers": 0}, "T03": {}}}
    gone = {"T02": (date(2020, 1, 1), date(2026, 8, 31)), "T03": (date(2026, 10, 1), None)}
    assert posted(region(rows, dates=gone))["H01"] == 2
    assert posted(region(rows, dates={"T03": gone["T03"]}))["H01"] == 0


def test_above_members_a_sender_is_no_other() -> None:
    facts = region({"2026Q3": {"H01": {}, "T01": {"posted_managers": 2}, "T02": {"posted_managers": 1}}})
    params = {"kind": "managers", "whose": "sender"}
    wanted = [Wanted("k", "posted_per_member", params, "alliance")]
    assert evaluate(facts, catalogue(), Period.parse("2026Q3"), wanted).table["value"].tolist() == [1]
