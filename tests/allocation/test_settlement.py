"""A settlement member by member: due and prepaid beside each other, and what is paid or taken back now, by hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest

from allocation.settlement import prepaid, settle
from domain.money import format_yuan
from domain.problems import InputProblems

from .money import Json, pool_context, said, told

CASE: Json = {
    "period": "2026",
    "members": {unit: {"tier": "township"} for unit in ("T01", "T02", "T03", "T04")},
    "pool": {"id": "S"},
    "money": [
        *(["T01", "prepaid", *one] for one in (["6000.00", "P"], ["1500.00", "Q"])),
        *(["T02", "prepaid", *one] for one in (["4000.00", "P"], ["1500.00", "Q"])),
        *(["T03", "prepaid", *one] for one in (["0.00", "P"], ["20.00", "Q"])),
        *(["T04", "prepaid", *one] for one in (["0.00", "P"], ["0.00", "Q"])),
    ],
}
DUE = {"T01": 10_000_00, "T02": 5_000_00}


def lines(case: Json, away: frozenset[str] = frozenset()) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    here = replace(pool_context(case), away=away)
    for step in settle(here, DUE, prepaid(here, ["P", "Q"]), {}):
        assert told(step)
        found[step.place.unit]["/".join(filter(None, (step.place.line, step.place.of)))] = format_yuan(step.fen)
    return dict(found)


def test_every_prepayment_pool_is_set_off() -> None:
    """T01 10000 − 6000 − 1500 = 2500; T02 5000 − 4000 − 1500 = −500; T03 0 − 0 − 20; T04 has no line."""
    assert lines(CASE) == {
        "T01": {
            "due": "10000.00",
            "prepaid/P": "-6000.00",
            "prepaid/Q": "-1500.00",
            "top_up": "2500.00",
            "claw_back": "0.00",
        },
        "T02": {
            "due": "5000.00",
            "prepaid/P": "-4000.00",
            "prepaid/Q": "-1500.00",
            "top_up": "0.00",
            "claw_back": "-500.00",
        },
        "T03": {
            "due": "0.00",
            "prepaid/P": "0.00",
            "prepaid/Q": "-20.00",
            "top_up": "0.00",
            "claw_back": "-20.00",
        },
    }


def test_prepayments_are_set_off_at_home_alone() -> None:
    """T02 is at home elsewhere: what it is due here is paid here, its prepayments come off there."""
    assert lines(CASE, frozenset({"T02"}))["T02"] == {"due": "5000.00", "top_up": "5000.00", "claw_back": "0.00"}


@pytest.mark.parametrize(("stated", "refused"), [("10000.00", False), ("9999.99", True), ("10000.01", True)])
def test_the_alliance_s_own_figure_is_the_sum_of_its_members(stated: str, refused: bool) -> None:
    """6000 + 4000 + 0 + 0 = 10000 of P."""
    case = CASE | {"money": [["A01", "prepaid", stated, "P"], *CASE["money"]]}
    if not refused:
        assert lines(case) == lines(CASE)
        return
    with pytest.raises(InputProblems) as found:
        lines(case)
    assert [(one.code, one.where) for one in found.value.problems] == [("PREPAID-SUM", "in.xlsx 金额表!D2")]
    assert f"{stated} 元, 成员单位合计 10000.00 元" in found.value.problems[0].message


def test_who_got_nothing_states_it() -> None:
    with pytest.raises(InputProblems) as found:
        lines(CASE | {"money": CASE["money"][:-1]})
    assert said(found.value) == ["MONEY-MISSING T04"]
