"""Which irreducible set a contradiction is told by, and that many members do not keep it from being found."""

from allocation.solve import solve


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
