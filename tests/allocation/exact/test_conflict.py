"""Which irreducible set a contradiction is told by, and that many members do not keep it from being found."""

import random
from itertools import product
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


def one_row(r: random.Random) -> dict[str, Any]:
    """Floors of some, two caps of each of the others, and a share between them that is missed in many ways."""
    members: list[dict[str, Any]] = [
        {"code": f"M{i:02}", "tier": "lead", "merit": "1", "previous": f"{r.randint(1, 9)}.{r.randint(0, 99):02}"}
        for i in range(r.randint(2, 4))
    ]
    members += [
        {
            "code": f"T{i:02}",
            "tier": "town",
            "grassroots": True,
            "merit": "1",
            "previous": "0.00",
            "wage_headroom": f"{r.randint(1, 9)}.{r.randint(0, 99):02}",
            "reward_base": f"{r.randint(1, 9)}.{r.randint(0, 99):02}",
        }
        for i in range(r.randint(2, 6))
    ]
    for one in members:
        if one["tier"] == "lead":
            one["exempt"] = {"wage_cap": "x", "income_cap": "x"}
    rules = [
        {"use": "floor_previous", "ratio": "1"},
        {"use": "wage_cap"},
        {"use": "income_cap", "share": "1"},
        {"use": "grassroots_min_share", "share": r.choice(["0.6", "0.7", "0.8"])},
    ]
    pool = {"code": "p", "purpose": "staff_reward", "amount": "99999.00"}
    return {"pool": pool, "members": members, "rules": rules}


def fen(text: str) -> int:
    return int(text.replace(".", ""))


def first_of_one_row(problem: dict[str, Any]) -> list[tuple[str, str]] | None:
    """The first irreducible set, by looking at every one: floors f, caps c, (1 − s)·Σc < s·Σf ≤ (1 − s)·Σc + s·f."""
    share = int(problem["rules"][3]["share"][2:])
    floors = {one["code"]: fen(one["previous"]) for one in problem["members"] if one["tier"] == "lead"}
    others = [one for one in problem["members"] if one["tier"] == "town"]
    found = []
    for here in product([False, True], repeat=len(floors)):
        chosen = {code: floor for (code, floor), taken in zip(floors.items(), here, strict=True) if taken}
        for caps in product(["income_cap", "wage_cap"], repeat=len(others)):
            field = {"income_cap": "reward_base", "wage_cap": "wage_headroom"}
            left = (10 - share) * sum(fen(one[field[use]]) for use, one in zip(caps, others, strict=True))
            left -= share * sum(chosen.values())
            if left < 0 and all(left + share * floor >= 0 for floor in chosen.values()):
                own = [(use, one["code"]) for use, one in zip(caps, others, strict=True)]
                found.append(
                    sorted([*(("floor_previous", code) for code in chosen), *own, ("grassroots_min_share", "")])
                )
    return min(found, default=None)


def test_sums_of_one_row_are_found_however_short_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(irreducible, "_WORK", 0)
    r, torn = random.Random(7), 0
    for _ in range(60):
        problem = one_row(r)
        expected, answer = first_of_one_row(problem), solve(problem)
        assert (answer["status"] == "infeasible") == (expected is not None)
        if expected is not None:
            torn += 1
            assert [(one["use"], one["code"] or "") for one in answer["conflict"]] == expected
    assert torn > 20
