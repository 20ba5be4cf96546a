"""What a case changes, and how what was paid too much comes back: by hand, to the fen."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal

import pytest

from domain.money import parse_yuan
from engine.pay.corrections.cases import Case
from engine.pay.corrections.deltas import of_case
from engine.pay.corrections.recovery import recovery_of
from engine.pay.people import COLUMNS, People
from engine.pay.result import Split

from .paying import Json, divided, of, table, yuan

MONTH = "2026-11"


def case(level: Literal["unit", "person"] = "person", reserve: str = "") -> Case:
    """Case 1 about U1 and, of a person, P1."""
    post = "P1" if level == "person" else ""
    return Case("1", level, "perf", "U1", post, "", "", "", "", "", reserve, "")


def made(*amounts: list[str], **pool: Json) -> Split:
    """P1 and P2 of U1, P3 of U2 share in these amounts."""
    posts: Json = {"P1": {}, "P3": {"unit": "U2"}}
    return divided({"pools": {"perf": pool}, "posts": posts, "amounts": amounts})


def test_what_a_case_defers_is_the_difference_of_what_was_deferred() -> None:
    """Half of 0.01 is 0.005 and of 0.02 is 0.01, so 0.01 both times: nothing more is deferred, though 0.01 more is due.

    Half of 0.03 is 0.015: 0.02, by 0.01 more.
    """
    defer = {"share": "0.5", "leaver": "defer"}
    one, two, three = (made(["U1", "perf", fen], defer=defer) for fen in ("0.01", "0.02", "0.03"))
    assert yuan(of(of_case(case(), one, two), "due"), "post_no") == {"P1": "0.01"}
    assert yuan(of(of_case(case(), one, two), "deferred"), "post_no") == {}
    assert yuan(of(of_case(case(), two, three), "deferred"), "post_no") == {"P1": "-0.01"}


@pytest.mark.parametrize(("reserve", "paid"), [("备用金", {"P1": "10.00"}), ("", {"P1": "10.00", "P3": "-10.00"})])
def test_a_unit_that_a_reserve_pays_for_takes_nothing_from_others(reserve: str, paid: dict[str, str]) -> None:
    old = made(["U1", "perf", "50.00"], ["U2", "perf", "50.00"])
    new = made(["U1", "perf", "60.00"], ["U2", "perf", "40.00"])
    found = of_case(case("unit", reserve), old, new)
    assert yuan(found.lines, "post_no") == paid
    assert set(found.units["unit_code"]) == {"U1", "U2"} if not reserve else {"U1"}


@pytest.mark.parametrize(
    ("ahead", "until", "row"),
    [
        # a fifth of 333.33 is 66.666: at most 66.66 is kept back
        ("333.33", None, ("-100.00", "-66.66", "-33.34", "0.00", "266.67")),
        ("333.33", "2026-10-31", ("-100.00", "0.00", "0.00", "100.00", "333.33")),
        ("333.33", "2026-11-01", ("-100.00", "-66.66", "-33.34", "0.00", "266.67")),
        ("0.00", None, ("-100.00", "0.00", "0.00", "100.00", "0.00")),
        ("600.00", None, ("-100.00", "-100.00", "0.00", "0.00", "500.00")),
    ],
)
def test_at_most_the_plan_s_share_comes_off_and_nothing_of_who_left(
    ahead: str, until: str | None, row: tuple[str, ...]
) -> None:
    posts = [{"post_no": "P1", "person_code": "A-P1", "to": date.fromisoformat(until) if until else None}]
    upcoming = [{"month": MONTH, "unit_code": "U1", "person_code": "A-P1", "payable": parse_yuan(ahead)}]
    tables = {"posts": posts, "next_payments": upcoming}
    people = People({name: table(name, tables.get(name, [])) for name in COLUMNS})
    changed = of_case(case(), made(["U1", "perf", "200.00"]), made(["U1", "perf", "100.00"]))
    found = recovery_of(changed.lines, people, Fraction(1, 5), MONTH)
    names = ("payable_delta", "recovered", "carried", "receivable", "next_payment")
    assert tuple(yuan(found, "person_code", of=name)["A-P1"] for name in names) == row
