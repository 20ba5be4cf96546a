"""Which irreducible set a contradiction is told by, and that many members do not keep it from being found."""

from typing import Any

import pytest

from allocation.exact import irreducible
from engine.exchange.allocate import answer_one as solve
from tests.allocation import oracle


def many_ways(count: int) -> dict[str, Any]:
    """Floors of the lead tier and low caps of the others that shares contradict in very many ways."""
    members = [
        {
            "code": f"M{i:02}",
            "tier": f"t{i % 3}",
            "grassroots": i % 3 > 0,
            "merit": "1",
            "previous": f"{100 + i * 37 % 91}.00" if i % 3 == 0 else "0.00",
            "wage_headroom": f"{1 + i * 53 % 29}.00" if i % 3 else "9999.00",
            "reward_base": f"{1 + i * 41 % 31}.00" if i % 3 else "9999.00",
        }
        for i in range(count)
    ]
    shares = {"t0": "0.2", "t1": "0.4", "t2": "0.4"}
    rules = [
        {"use": "floor_previous", "ratio": "1"},
        {"use": "wage_cap"},
        {"use": "income_cap", "share": "0.7"},
        {"use": "grassroots_min_share", "share": "0.6"},
        {"use": "tier_shares", "shares": shares, "tolerance": "0.02"},
    ]
    return {"pool": {"code": "p", "purpose": "staff_reward", "amount": "99999.00"}, "members": members, "rules": rules}


@pytest.mark.parametrize("work", [0, 20_000, 200_000])
def test_a_search_that_ends_early_tells_an_irreducible_set_all_the_same(
    work: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(irreducible, "_WORK", work)
    problem = many_ways(15)
    answer = solve(problem)
    assert answer["status"] == "infeasible"
    assert not answer["first"]
    assert oracle.proves_conflict(oracle.read(problem), answer["conflict"])


def test_floors_of_many_members_above_the_pool() -> None:
    members = [
        {"code": f"M{i:03}", "tier": "town", "merit": "1", "previous": f"{100 + i * 37 % 91}.00"} for i in range(200)
    ]
    pool = {"code": "p", "purpose": "income", "amount": "10000.00"}
    rules = [{"use": "floor_previous", "ratio": "1"}]
    told = solve({"pool": pool, "members": members, "rules": rules})["conflict"]
    named = {one["code"] for one in told} - {None}
    owed = {member["code"]: float(member["previous"]) for member in members}
    assert told[-1]["use"] == "pool"
    short = sum(owed[code] for code in named) - 10000
    # above the pool, and no longer so without the least of them
    assert 0 < short <= min(owed[code] for code in named)
    # the first members in order, until the sum would pass the pool; what the last ones are is seen by what is left over
    assert sorted(named)[:60] == [f"M{i:03}" for i in range(60)]


def test_a_floor_above_a_cap_among_many() -> None:
    members = [
        {
            "code": f"M{i:03}",
            "tier": "town",
            "merit": "1",
            "previous": "10.00",
            "wage_headroom": "9.00" if i == 150 else "99.00",
        }
        for i in range(200)
    ]
    pool = {"code": "p", "purpose": "staff_reward", "amount": "10000.00"}
    rules = [{"use": "floor_previous", "ratio": "1"}, {"use": "wage_cap"}]
    told = solve({"pool": pool, "members": members, "rules": rules})["conflict"]
    assert told == [
        {"use": "floor_previous", "code": "M150", "short": "1.00"},
        {"use": "wage_cap", "code": "M150", "short": "1.00"},
    ]
