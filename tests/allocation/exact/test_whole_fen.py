"""Whole fen under many rules: against every choice, and where the search ends early."""

from __future__ import annotations

import random
import time
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest

from allocation.allocated import allocate, warnings
from allocation.exact import counts
from allocation.exact.whole_fen import WholeFen, settle
from allocation.terms import Row, share_row
from engine.exchange.parse import parse


def first_choice(rows: list[tuple[int, Row]], amounts: list[int], unit: int) -> tuple[list[int], bool]:
    """What `settle` is to find, by looking at every choice."""
    floors = [x // unit for x in amounts]
    rest = [x % unit for x in amounts]
    order = sorted((i for i, left in enumerate(rest) if left), key=lambda i: (-rest[i], i))
    choices = [
        [fen + (i in up) for i, fen in enumerate(floors)] for up in combinations(order, sum(rest) // unit)
    ]  # in order: the first that is left wins
    passed_over = False
    for _, row in sorted(rows, key=lambda pair: (pair[0], pair[1].group, pair[1].holds == "inside")):
        left = [one for one in choices if row.value(one) >= 0]
        choices, passed_over = left or choices, passed_over or not left
    return choices[0], passed_over


def drawn(seed: int) -> tuple[list[tuple[int, Row]], list[int], int]:
    r = random.Random(seed)
    count, unit = r.randint(2, 9), r.choice([3, 7, 10])
    amounts = [r.randint(0, 3 * unit) for _ in range(count)]
    amounts[0] += -sum(amounts) % unit
    rows = []
    for k in range(r.randint(1, 10)):
        inside = [r.random() < 0.5 for _ in range(count)]
        total = sum(amounts)
        here = sum(x for x, one in zip(amounts, inside, strict=True) if one)
        share = Fraction(here, total or 1) if r.random() < 0.7 else Fraction(0)
        row = share_row(k, f"g{k}", inside, share, upper=r.random() < 0.4)
        if row.value(amounts, unit) >= 0:
            rows.append((r.choice([50, 60, 70]), row))
    return rows, amounts, unit


@pytest.mark.parametrize("descents", [0, 3])
def test_every_choice_looked_at(descents: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """By linear programs alone, and as it is."""
    monkeypatch.setattr(counts, "_DESCENTS", descents)
    for seed in range(1500):
        rows, amounts, unit = drawn(seed)
        paid, passed_over = first_choice(rows, amounts, unit)
        found = settle(rows, amounts, unit)
        assert found == WholeFen([x // unit for x in amounts], paid, passed_over=passed_over), seed


def many_tiers(r: random.Random, tiers: int, tolerance: str) -> dict[str, Any]:
    """Tiers of ten, each with a share of its own to three decimals, but for the last."""
    members = [
        {"code": f"M{t}{i}", "tier": f"t{t}", "merit": str(r.randint(1, 999))} for t in range(tiers) for i in range(10)
    ]
    shares = {f"t{t}": f"0.{r.randint(700 // tiers, 990 // tiers):03}" for t in range(tiers - 1)}
    rules = [{"use": "tier_shares", "shares": shares, "tolerance": tolerance}]
    return {"pool": {"code": "p", "purpose": "income", "amount": "12345.67"}, "members": members, "rules": rules}


def many_groups(r: random.Random) -> dict[str, Any]:
    """150 members of six tiers, grassroots and signing across them, under shares of all of these."""
    tiers = ["lead", "county", "township", "community", "station", "village"]
    members = []
    for i in range(150):
        grassroots, signing = r.random() < 0.7, r.random() < 0.6
        fields = {
            "tier": r.choice(tiers),
            "grassroots": grassroots,
            "signing": signing,
            "merit": f"{r.randint(1, 99999) / 100:.2f}",
        }
        members.append({"code": f"M{i:03}", **fields, "wage_headroom": f"{r.randint(20_000, 90_000)}.37"})
    shares = {tier: f"0.{r.randint(100, 180)}" for tier in tiers[1:]}
    rules = [
        {"use": "tier_shares", "shares": shares, "tolerance": "0.0001"},
        {"use": "wage_cap"},
        {"use": "grassroots_min_share", "share": "0.751"},
        {"use": "signing_min_share", "share": "0.490"},
    ]
    return {
        "pool": {"code": "p", "purpose": "staff_reward", "amount": "5920000.37"},
        "members": members,
        "rules": rules,
    }


def test_many_rules_do_not_take_long() -> None:
    r = random.Random(44)
    for problem in (
        many_tiers(r, 10, "0"),
        many_tiers(r, 40, "0.00001"),
        many_groups(r),
        many_groups(r),
        many_groups(r),
    ):
        stated = parse(problem)
        begun = time.process_time()
        made = allocate(stated)
        assert time.process_time() - begun < 4, "2 s on a quiet machine"
        assert made
        assert not made.whole.ended


def test_a_search_that_ends_keeps_what_is_known_to_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = 0
    for work in (0, 20, 100):
        monkeypatch.setattr(counts, "WORK", work)
        for seed in range(300):
            rows, amounts, unit = drawn(seed)
            found = settle(rows, amounts, unit)
            assert sum(found.paid) == sum(amounts) // unit
            assert all(x // unit <= fen <= -(-x // unit) for fen, x in zip(found.paid, amounts, strict=True))
            if not found.ended:
                assert (found.paid, found.passed_over) == first_choice(rows, amounts, unit)
            ended += found.ended
    assert ended > 100


def test_fen_bound_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    # V ≥ 0.6 · 2 fen asks for a search: by remainders alone the fen would go to H
    members = [
        {"code": "H", "tier": "lead", "merit": "3"},
        {"code": "V", "tier": "village", "grassroots": True, "merit": "1"},
    ]
    rules = [{"use": "grassroots_min_share", "share": "0.6"}]
    pool = {"code": "p", "purpose": "income", "amount": "0.02"}
    problem = parse({"pool": pool, "members": members, "rules": rules})
    made = allocate(problem)
    assert made
    assert warnings(made) == ()
    assert made.paid == [0, 2]
    monkeypatch.setattr(counts, "WORK", 0)
    made = allocate(problem)
    assert made
    assert warnings(made) == ("FEN-BOUND",)
    assert made.paid == [1, 1]
