"""What must hold for every case of every scheme: the same money, and a case with its reverse leaves what there was.

The schemes are those of `test_split_properties`. 240 in every run (LIANGYUN_CASES_PAY_CASES); the soak takes 20,000
and asks all that either module asks.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pandas as pd
import pytest

from domain.money import format_yuan, parse_yuan
from domain.pay import Pay
from domain.period import Period
from domain.problems import Problems
from engine.pay.corrections.cases import Case, New, State, applied
from engine.pay.corrections.deltas import of_case
from engine.pay.people import COLUMNS, People, empty
from engine.pay.read.measures import Measures
from engine.pay.result import Split
from engine.pay.split.split import split
from tests.allocation.test_properties import CHUNKS, SOAK_CHUNKS, cases, drive, soak

from .paying import PERIOD, Json, amounts, of, people, scheme
from .test_split_properties import by_any_order, drawn, empty_team, holds, more_points_in

RESERVE = "备用金"
SUMS = ["unit_code", "pool"]
LINE = ["unit_code", "post_no", "pool", "item", "component"]


def told(case: Json, r: random.Random) -> Case:
    """A number of somebody that was wrong and counted, or institutions' amounts that were."""
    pool = r.choice(sorted({pool for _, pool, _ in case["amounts"]}))
    several = len([one for _, one, _ in case["amounts"] if one == pool]) > 1
    if several and r.random() < 0.4:
        unit = r.choice(sorted(one for one, of_, _ in case["amounts"] if of_ == pool))
        return Case("1", "unit", pool, unit, "", "", "", "", "", "纪要", "", "更正表!A2")
    paid = {unit for unit, of_, _ in case["amounts"] if of_ == pool}
    sharing = sorted(n for n, one in case["posts"].items() if one.get("role") != "head" and one["unit"] in paid)
    number = r.choice(sharing or sorted(case["posts"]))
    post = case["posts"][number]
    wrong = {
        "score": ("person_facts", "score", post["facts"]["score"], ["0", "61", "99.9"]),
        "工分": ("person_facts", "工分", post["facts"]["工分"], ["0", "3", "88.8"]),
        "position": ("posts", "position", post["position"], ["0", "1", "2.5"]),
        "time": ("attendance", "days_employed", str(post["days"][1]), ["0", "33", "65.5"]),
        "hold": ("holds", "multiplier", post.get("hold", ""), ["0", "0.25", "1"]),
    }
    table, field, old, known = wrong[r.choice(case["pools"][pool]["points"])]
    new = r.choice([one for one in known if one != old])
    return Case("1", "person", pool, post["unit"], number, table, field, old, new, "纪要", "", "更正表!A2")


def moved(case: Json, one: Case, r: random.Random) -> list[list[str]]:
    """The amounts of the case's pool with a part of one institution's given to another."""
    mine = [row for row in case["amounts"] if row[1] == one.pool]
    if len(mine) < 2:
        return list(case["amounts"])
    giver, taker = r.sample(mine, 2)
    fen = r.randint(0, parse_yuan(giver[2]))
    by = {giver[0]: -fen, taker[0]: fen}
    return [
        [unit, pool, format_yuan(parse_yuan(yuan) + (by.get(unit, 0) if pool == one.pool else 0))]
        for unit, pool, yuan in case["amounts"]
    ]


def put_right(case: Json) -> None:
    """A case and its reverse: see the assertions."""
    r = random.Random(str(case))
    if empty_team(case):
        return
    pay, one = scheme(case["pools"], **case["scheme"]), told(case, r)
    rows = amounts(case["amounts"]), amounts(moved(case, one, r) if one.level == "unit" else case["amounts"])
    there = State(people(case), rows[0])
    was = _split(pay, there)
    if was.unmet:  # what was not paid cannot be put right
        return
    after, units = _after(one, there, rows[1], pay), frozenset(unit for unit, _, _ in case["amounts"])
    now = _split(pay, after).keeping(was, units)
    if one.level == "unit" and now.unmet:  # such a case moves nothing: `pay run --before` sees to it
        return
    back = replace(one, number="2", old=one.new, new=one.old)
    again = _split(pay, _after(back, after, rows[0], pay)).keeping(now, units)
    there_, back_ = of_case(one, was, now), of_case(back, now, again)
    _same_money(one, there_)
    _paid_by_a_reserve(replace(one, reserve=RESERVE), was, now, there_)
    assert _texts(again) == _texts(was)
    both = pd.concat([there_.lines, back_.lines])
    assert not any(both.groupby(LINE)["amount"].sum())


def _split(pay: Pay, state: State) -> Split:
    return split(pay, state.people, state.amounts, Period.parse(PERIOD), dict.fromkeys(pay.pools, "yes"))


def _after(one: Case, state: State, rows: pd.DataFrame, pay: Pay) -> State:
    problems = Problems()
    brought = People({name: empty(name) for name in COLUMNS})
    made = applied(one, state, New(PERIOD, brought, rows, Measures(pay)), problems)
    problems.raise_if_any()
    return made


def _same_money(one: Case, made: Split) -> None:
    """Σ of the deltas is 0 at the level of the case and below; of others' money nothing moves."""
    units = made.units
    assert not any(units.groupby("pool")["amount"].sum())
    if one.level == "person":
        assert not any(units["amount"])
        assert set(made.lines["unit_code"]) <= {one.unit}
    else:
        assert set(made.lines["pool"]) <= {one.pool}
    points = of(made, "due").groupby(SUMS)["amount"].sum().to_dict()
    teams = made.teams.groupby(SUMS)["amount"].sum().to_dict()
    for row in units.itertuples():
        assert row.amount == row.earmarks + row.shared + row.kept
        assert row.shared == points.pop((row.unit_code, row.pool), 0)
        if (row.unit_code, row.pool) in teams:
            assert row.shared == teams.pop((row.unit_code, row.pool))
    assert not any(points.values())
    assert not any(teams.values())


def _paid_by_a_reserve(one: Case, was: Split, now: Split, divided: Split) -> None:
    """The same change out of a reserve: whom it is about has as much, and nobody else a line."""
    made = of_case(one, was, now)
    mine = divided.lines["post_no"] == one.post if one.post else divided.lines["unit_code"] == one.unit
    pd.testing.assert_frame_equal(made.lines, divided.lines[mine].reset_index(drop=True))
    due = made.lines[made.lines["component"] == "due"]["amount"].sum()
    if one.level == "person":
        assert sum(made.units["amount"]) == due == sum(made.units["shared"])


def _texts(made: Split) -> list[str]:
    return [table.to_csv(index=False) for table in (made.units, made.teams, made.lines)]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_cases(chunk: int) -> None:
    drive(drawn(), put_right, chunk=200 + chunk, count=cases("PAY_CASES", 240))


def everything(case: Json) -> None:
    """All that must hold for a scheme."""
    for one in (holds, by_any_order, more_points_in, put_right):
        one(case)


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(SOAK_CHUNKS))
def test_soak_schemes(chunk: int) -> None:
    soak("pay_split", drawn(), everything, chunk)
