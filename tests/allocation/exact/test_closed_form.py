"""Closed forms against the tableau: the same x*, the same violations, a proof that the same check accepts.

The problems are drawn to where the corners are: ties, merits of 0 and of 200 digits, caps of 0, R below 0, pools of a
few fen, groups that overlap. 400 in every run, 20,000 in the soak.
"""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from allocation.exact.certificate import check, check_solved
from allocation.exact.closed_form import NoFitError, Sides, _two_levels, solve_closed
from allocation.exact.filling import Rising, fill
from allocation.exact.model import compile_model
from allocation.exact.optimum import Solved
from allocation.exact.solution import optimum_of
from allocation.rules import rules
from allocation.solve import solve
from allocation.statement import Problem, Rule
from allocation.terms import Member
from engine.exchange.written import answer_json, problem_json
from tests.allocation import oracle

GROUPS = ("all", "grassroots", "signing_grassroots", "lead", "township", "village")
CHUNKS = 20


def rule(use: str, priority: int | None = None, **params: Any) -> Rule:
    return Rule(rules()[use], rules()[use].params.model_validate(params), priority)


def drawn(seed: int, most: int = 20) -> Problem:
    """One problem of a common shape, or nearly so."""
    r = random.Random(seed)
    count = r.choice([n for n in (1, 2, 3, 4, 6, 9, 20) if n <= most])
    pool = r.choice([r.randint(1, 50), r.randint(51, 100_000), 10**9 + r.randint(0, 9), 123_456_789])
    members = [_member(r, f"U{i:02}", pool, count) for i in range(count)]
    if r.random() < 0.3:
        scale = Fraction(r.getrandbits(700) | 1, (r.getrandbits(70) | 1) ** 3)
        members = [replace(m, merit=m.merit * (scale if r.random() < 0.8 else 1)) for m in members]
    if not any(m.merit for m in members):
        members[0] = replace(members[0], merit=Fraction(5, 2))
    keep = r.choice([None, Fraction(0), Fraction(1, 2), Fraction(7, 10), Fraction(7, 10), Fraction(1)])
    return Problem("p", "staff_reward", pool, tuple(members), tuple(_rules(r, members, pool)), keep)


def _near(r: random.Random, pool: int, count: int, *more: float) -> int:
    part = r.choice([0, 0.01, 1 / 7, 1 / count, 1 / count, 0.5 / count, 2 / count, 1, *more])
    return max(0, int(pool * part) + r.choice([0, 0, 0, 1, -1, 7]))


def _member(r: random.Random, code: str, pool: int, count: int) -> Member:
    tier = r.choice(["lead", "township", "village"])
    merit = Fraction(r.choice([0, 1, 1, 2, 3, 10, 33333, 61250, r.randint(1, 10**6)]), r.choice([1, 1, 1000]))
    fields = {
        "wage_headroom": _near(r, pool, count, 3) * r.choice([1, 1, 1, -1]),
        "reward_base": _near(r, pool, count, 3) * r.choice([1, 1, 1, -1]),
        "headcount": r.choice([Fraction(1), Fraction(2), Fraction(3), Fraction(820), Fraction(5, 2)]),
        "gap_income": _near(r, pool, count) * r.choice([1, 1, 3, 15]),
        "previous": _near(r, pool, count),
    }
    grassroots = tier != "lead" if r.random() < 0.9 else r.random() < 0.5
    return Member(code, tier, grassroots=grassroots, signing=r.random() < 0.5, merit=merit, fields=fields)


def _rules(r: random.Random, members: list[Member], pool: int) -> list[Rule]:
    here = [group for group in GROUPS if any(m.belongs(group) for m in members)]
    cap = int(pool * r.choice([0.1, 0.5, 0.9]))
    offered = [
        (0.7, lambda: rule("wage_cap")),
        (0.5, lambda: rule("income_cap", share=r.choice(["0.5", "0.7", "1"]))),
        (0.2, lambda: rule("cap_previous", ratio=r.choice(["0.5", "1", "2"]))),
        (0.15, lambda: rule("floor_previous", ratio=r.choice(["0.1", "0.5"]))),
        (0.3, lambda: rule("total_cap", amount=f"{cap // 100}.{cap % 100:02}")),
        (0.6, lambda: rule("min_share", group=r.choice(here), share=r.choice(["0", "0.1", "0.5", "0.6", "0.8", "1"]))),
        (
            0.7,
            lambda: rule(
                "pay_gap",
                r.choice([1, 1, 1, None]),
                low=r.choice(here),
                high=r.choice(here),
                ratio=r.choice(["0", "0.5", "0.8", "0.95", "1.2", "3"]),
            ),
        ),
        (0.1, lambda: rule("min_share", 1, group=r.choice(here), share=r.choice(["0.5", "0.9"]))),
    ]
    return [make() for chance, make in offered if r.random() < chance]


def agrees(problem: Problem) -> bool:
    """Whether both find x*, the same one and proved; False: the hard rules contradict each other."""
    closed, tableau = optimum_of(problem), optimum_of(problem, "tableau")
    assert (closed is None) == (tableau is None)
    if closed is None or tableau is None:
        return False
    assert closed.amounts == tableau.amounts
    assert closed.violations == tableau.violations
    assert check(problem, closed) == []
    assert check(problem, tableau) == []
    return True


def test_the_tableau_finds_the_same() -> None:
    assert sum(agrees(drawn(seed)) for seed in range(400)) > 250


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_soak_the_tableau_finds_the_same(chunk: int) -> None:
    for seed in range(10_000 + 1000 * chunk, 11_000 + 1000 * chunk):
        agrees(drawn(seed))


def test_the_tests_own_method_finds_the_same() -> None:
    """The whole answer of small problems, relief aside."""
    for seed in range(2000, 2060):
        problem = drawn(seed, most=4)
        if optimum_of(problem) is not None:
            expected = oracle.answer(problem_json(problem), with_relief=False)
            assert answer_json(solve(problem, relief=False)) == expected, seed


def test_common_problems_need_no_tableau() -> None:
    hard = [compile_model(drawn(seed), soft=False) for seed in range(400)]
    possible = [model for model in hard if not model.contradictory]
    assert sum(solve_closed(model) is not None for model in possible) > 0.75 * len(possible)


@pytest.mark.parametrize(
    ("weights", "low", "high", "target", "level"),
    [
        ([1, 3], [0, 0], [100, 100], 8, Fraction(2)),
        ([1, 3], [0, 0], [100, 5], 8, Fraction(3)),  # the second is full at 5, the first has 3
        ([1, 3], [4, 0], [100, 100], 7, Fraction(1)),  # the first stands at 4 until level 4
        ([10**300, 3 * 10**300], [0, 0], [100, 100], 8, Fraction(2, 10**300)),
        ([1, 1], [0, 0], [5, 5], 11, None),
        ([1, 10**400], [0, 0], [5, 5], 6, Fraction(1)),  # too far apart for a float: the second guess is exact
    ],
)
def test_level(weights: list[int], low: list[int], high: list[int], target: int, level: Fraction | None) -> None:
    rates = [weight / max(weights) or 1.0 for weight in weights]
    ends = [hi / rate for hi, rate in zip(high, rates, strict=True)]
    found = fill(Rising(weights, low, high, rates, ends, 1, max(weights)), (target, 1))
    assert (found and Fraction(*found.level)) == level
    if found:
        amounts = [Fraction(x, found.level[1]) for x in found.amounts]
        assert sum(amounts) == target
        assert amounts == [min(max(level * w, lo), hi) for w, lo, hi in zip(weights, low, high, strict=True)]


def test_levels_that_fall_prove_nothing() -> None:
    """A row made tight although it holds without: every identity is right, but the lower of the two could have more."""
    members = tuple(
        Member(code, tier, grassroots=False, signing=False, merit=Fraction(1))
        for code, tier in (("A", "lead"), ("B", "village"))
    )
    problem = Problem("p", "income", 1000, members, (rule("min_share", group="lead", share="0.2"),))
    work = Sides(compile_model(problem, soft=False))
    with pytest.raises(NoFitError):
        _two_levels(work, 0, 1000)
    solved = Solved([200, 800], 1, work.frame, work.steps, {})
    (held,) = (c for c in work.frame.classes if c.coefs[0] < 0)
    work.prove("level", {work.limit_slack: 1, **work.parts(work.frame.classes)}, (200, 1))
    assert held.level
    assert Fraction(*held.level) == 800
    assert check_solved(solved) == ["level 200/1: 水平低于前一步"]
    good = optimum_of(problem)
    assert good
    assert check(problem, good) == []
    assert good.amounts == [500, 500]
