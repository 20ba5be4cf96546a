"""What the scheme says of a pool, an item and a post."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from domain.pay import Only, Pay, PoolScheme
from domain.period import Period
from domain.plan import Plan
from domain.problems import InputProblems, Refused
from engine.pay.people import COLUMNS
from engine.pay.scheme import (
    allowed_by,
    counted,
    first_quantity,
    labour,
    line_counted,
    meant,
    needs_attendance,
    person_measures,
    pool_of,
    scheme_of,
    sharing,
    team_measures,
    there,
    untimed,
)

QUARTER = Period.parse("2026Q3")
GP = {"id": "gp", "title": "津贴", "rate": "1.00", "per": "月", "tax": "wages", "max": "3", "across": "person"}
ITEMS = [GP | {"in_total": "yes"}, GP | {"id": "away", "in_total": "separate", "document": "文2"}]
PAY: dict[str, Any] = {
    "approval": {"body": "职代会", "document": "文1", "public_days": 5},
    "labour_staffing": ["返聘"],
    "items": ITEMS,
    "pools": {
        "bonus": {"in_total": "no", "document": "文3", "items": ["gp", "away"], "points": ["score"]},
        "performance": {"points": ["position", "time", "score"]},
        "heads": {"in_total": "yes", "who": "head"},
    },
    "tax": {"mode": "cumulative"},
}
POOL = {
    "id": "performance",
    "title": "季度绩效奖励",
    "use": "x",
    "purpose": "staff_reward",
    "basis": "settled",
    "periods": ["quarter"],
    "fund": {"title": "t", "document": "d"},
    "merit": {"use": "x"},
    "unpaid_to": "fund",
    "in_total": "separate",
}


def plan_with(pay: dict[str, Any] | None, *pools: dict[str, Any]) -> Plan:
    said = {"id": "p", "title": "p", "region": "990101", "pools": [*pools]}
    return Plan.model_validate(said | ({"pay": pay} if pay else {}))


def scheme(**said: Any) -> PoolScheme:
    return PoolScheme.model_validate(said)


def posts(*rows: dict[str, Any]) -> pd.DataFrame:
    said = [dict.fromkeys(COLUMNS["posts"]) | {"role": "member", "staffing": "在编"} | row for row in rows]
    return pd.DataFrame(said, columns=[*COLUMNS["posts"], "source"], dtype=object)


def test_the_scheme_of_a_plan() -> None:
    assert scheme_of(plan_with(PAY)).labour_staffing == ["返聘"]
    with pytest.raises(InputProblems, match="p: 方案没有 pay"):
        scheme_of(plan_with(None))


@pytest.mark.parametrize("approval", [None, {"body": "职代会", "public_days": 5}])
def test_nobody_is_paid_by_what_nobody_passed(approval: dict[str, Any] | None) -> None:
    with pytest.raises(Refused, match=r"\(PAY-NO-APPROVAL\)") as caught:
        scheme_of(plan_with(PAY | {"approval": approval}))
    assert caught.value.exit_code == 4


def test_the_word_of_a_pool_and_of_a_line() -> None:
    """The scheme's own word, else the plan's pool's; an item's own, else its pool's."""
    plan = plan_with(PAY, POOL)
    pay = scheme_of(plan)
    words = counted(plan, pay)
    assert words == {"bonus": "no", "performance": "separate", "heads": "yes"}
    assert [line_counted(pay, "bonus", item, words) for item in ("points", "gp", "away")] == ["no", "yes", "separate"]
    assert [allowed_by(pay, "bonus", item) for item in ("points", "gp", "away")] == ["文3", "", "文2"]
    assert (pool_of(pay, "away"), pool_of(pay, "none")) == ("bonus", None)
    with pytest.raises(LookupError):
        counted(plan_with(PAY), pay)


def test_who_has_a_day_of_the_period() -> None:
    """2026Q3 is 7月1日 to 9月30日, both days in it."""
    days = [
        (None, None),
        (date(2026, 9, 30), None),
        (date(2026, 10, 1), None),
        (date(2020, 1, 1), date(2026, 7, 1)),
        (date(2020, 1, 1), date(2026, 6, 30)),
        (None, date(2026, 6, 30)),
    ]
    rows = posts(*({"from": since, "to": until} for since, until in days))
    assert [*there(rows, QUARTER)] == [True, True, False, True, False, False]
    assert [*there(posts(), QUARTER)] == []


def test_who_shares() -> None:
    """Heads in nothing but their own pool; labour only in a pool marked for it."""
    pay = scheme_of(plan_with(PAY))
    rows = posts(
        {},
        {"role": "posted"},
        {"role": "head"},
        {"staffing": "返聘"},
        {"role": "head", "staffing": "返聘"},
        {"to": date(2026, 6, 30)},
    )
    assert [*labour(pay, rows)] == [False, False, False, True, True, False]
    asked = [scheme(points=["score"]), scheme(points=["score"], labour=True), scheme(who="head")]
    assert [[*sharing(pay, one, rows, QUARTER)] for one in asked] == [
        [True, True, False, False, False, False],
        [True, True, False, True, False, False],
        [False, False, True, False, False, False],
    ]


def test_whom_a_bound_is_for() -> None:
    rows = posts(
        {"category": "专技", "grade": "中级"},
        {"category": "管理", "grade": "中级"},
        {"category": "专技", "grade": "初级"},
    )
    assert [*meant(Only(), rows)] == [True, True, True]
    assert [*meant(Only(category=["专技"]), rows)] == [True, False, True]
    assert [*meant(Only(category=["专技"], grade=["中级", "高级"]), rows)] == [True, False, False]


def test_what_a_pool_needs() -> None:
    whole = scheme(points=["position", "score", "工分", "hold"], teams={"weight": ["coefficient", "size", "score"]})
    assert person_measures(whole) == ("score", "工分")
    assert team_measures(whole) == ("coefficient", "score")
    assert (first_quantity(whole), first_quantity(scheme(points=["score"]))) == ("工分", None)
    assert person_measures(scheme(inside="list", points=["score"])) == ("amount",)
    assert team_measures(scheme(points=["score"])) == ()


@pytest.mark.parametrize(
    ("said", "needed"),
    [
        ({"points": ["score"]}, False),
        ({"points": ["time"]}, True),
        ({"points": ["score"], "teams": {"weight": ["score"]}}, True),
        ({"points": ["score"], "caps": [{"amount": "1.00"}]}, False),
        ({"points": ["score"], "caps": [{"amount": "1.00", "time": True}]}, True),
        ({"points": ["score"], "floors": [{"times_mean": "0.5"}]}, True),  # the mean is by time
    ],
)
def test_who_must_have_attendance(said: dict[str, Any], needed: bool) -> None:
    assert needs_attendance(scheme(**said)) is needed


def test_bounds_whatever_the_time() -> None:
    one = scheme(
        points=["score"], caps=[{"amount": "2.00"}, {"amount": "3.00", "time": True}], floors=[{"amount": "1.00"}]
    )
    assert [bound.amount for bound in untimed(one)] == [200, 100]


def test_the_word_of_pay_is_typed() -> None:
    with pytest.raises(ValueError, match="in_total"):
        Pay.model_validate(PAY | {"pools": {"bonus": {"in_total": "maybe", "points": ["score"]}}})
