"""The schema of `pay:`: exact numbers, one of two bounds, words of funding."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from domain.pay import Bound, Defer, LeaveRule, Pay, PayCorrections, PayItem, PoolScheme
from domain.plan import Plan

ITEM: dict[str, Any] = {
    "id": "gp",
    "title": "津贴",
    "rate": "80.05",
    "per": "天",
    "in_total": "no",
    "tax": "wages",
    "max": "66",
    "across": "person",
}


def test_amounts_are_fen_and_numbers_exact() -> None:
    item = PayItem.model_validate(ITEM)
    assert (item.rate, item.max) == (8005, 66)  # 80.05 元
    assert LeaveRule.model_validate({"kind": "病假", "counts": "0.1"}).counts == Fraction(1, 10)
    assert Bound.model_validate({"times_mean": "2.5"}).times_mean == Fraction(5, 2)


@pytest.mark.parametrize(
    "said",
    [
        {"rate": 80.05},  # a float would be another number
        {"rate": "80.005"},
        {"per": "年"},
        {"across": "unit"},
        {"in_total": True},
        {"tax": "bonus"},
        {"max": "-1"},
    ],
)
def test_no_item(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PayItem.model_validate(ITEM | said)


@pytest.mark.parametrize("left", sorted(ITEM))
def test_no_number_of_an_item_has_a_default(left: str) -> None:
    with pytest.raises(ValidationError, match=left):
        PayItem.model_validate({key: value for key, value in ITEM.items() if key != left})


@pytest.mark.parametrize("said", [{}, {"amount": "1.00", "times_mean": "2"}, {"time": True}])
def test_a_bound_is_an_amount_or_times_the_mean(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="amount 和 times_mean 写其中一个"):
        Bound.model_validate(said)


@pytest.mark.parametrize(("counts", "taken"), [("0", True), ("1", True), ("1.01", False), ("-0.5", False)])
def test_a_day_of_leave_counts_at_most_a_day(counts: str, *, taken: bool) -> None:
    if taken:
        LeaveRule.model_validate({"kind": "病假", "counts": counts})
    else:
        with pytest.raises(ValidationError):
            LeaveRule.model_validate({"kind": "病假", "counts": counts})


@pytest.mark.parametrize(
    ("funding", "taken"),
    [("redivide", True), ("reserve: 绩效备用金", True), ("reserve: ", False), ("reserve", False), ("总额", False)],
)
def test_words_of_funding(funding: str, *, taken: bool) -> None:
    said = {"funding": funding, "claw_back_max": "0.20"}
    if taken:
        assert PayCorrections.model_validate(said).funding == funding
    else:
        with pytest.raises(ValidationError, match="redivide"):
            PayCorrections.model_validate(said)


def test_quantities_are_what_is_no_factor() -> None:
    scheme = PoolScheme.model_validate({"points": ["position", "工分", "time", "score", "hold", "签约人月"]})
    assert scheme.quantities == ("工分", "签约人月")


def test_who_leaves_is_paid_or_not_as_is_said() -> None:
    with pytest.raises(ValidationError, match="leaver"):
        Defer.model_validate({"share": "0.10"})
    assert Defer.model_validate({"share": "0.10", "leaver": "pay"}).release is None  # carried on


def test_leave_without_a_rule_counts_nothing_of_its_own() -> None:
    pay = Pay.model_validate(
        {
            "leave": [{"kind": "病假", "counts": "0.5"}],
            "pools": {"p": {}},
            "tax": {"mode": "cumulative"},
            "items": [ITEM],
        }
    )
    assert (pay.counts("病假"), pay.counts("婚假")) == (Fraction(1, 2), None)
    assert pay.item("gp") is pay.items[0]
    assert pay.item("points") is None


@pytest.mark.parametrize("key", ["pools", "tax"])
def test_how_pools_are_shared_and_tax_is_withheld_is_said(key: str) -> None:
    said = {"pools": {"p": {}}, "tax": {"mode": "cumulative"}}
    with pytest.raises(ValidationError, match=key):
        Pay.model_validate({one: value for one, value in said.items() if one != key})


def test_a_plan_of_pay_alone() -> None:
    head = {"id": "p", "title": "p", "region": "990101"}
    pay = {"pools": {"p": {}}, "tax": {"mode": "cumulative"}}
    assert Plan.model_validate(head | {"pay": pay}).only_pays
    assert not Plan.model_validate(head).only_pays
    card = {
        "id": "c",
        "title": "c",
        "scope": "member",
        "missing": "refuse",
        "not_applicable": "zero",
        "source": "local",
    }
    assert not Plan.model_validate(head | {"pay": pay, "scorecards": [card | {"dimensions": []}]}).only_pays
