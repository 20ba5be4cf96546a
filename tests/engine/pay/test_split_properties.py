"""What must hold for every scheme: nothing is lost, no bound is passed, and every division is one of `allocate`.

The schemes are drawn to where the corners are: nobody there, nobody with points, bounds that meet or cannot hold, a
few fen. 2,000 in every run (LIANGYUN_CASES_PAY); the soak, of 20,000, is in `test_case_properties`.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from allocation.exact.groups import UNBOUNDED, divide
from domain.money import ceil_fen, floor_fen, format_yuan, half_up_fen, parse_yuan
from domain.period import Period
from domain.step import step_data
from engine.exchange.allocate import answer_one
from engine.pay.people import People
from engine.pay.result import Split
from engine.pay.split.split import split
from tests.allocation.test_properties import CHUNKS, cases, drive

from .paying import PERIOD, Json, adds_up, amounts, divided, of, people, scheme

RATE = "12.34"
Group = tuple[str, str]
"""A unit and a pool."""


def drawn() -> st.SearchStrategy[Json]:
    """Cases, each by a number of its own: drawing every choice by itself would take longer than what is tested."""
    return st.integers(0, 2**48).map(lambda number: _case(random.Random(number)))


def _case(r: random.Random) -> Json:
    """A case of up to two institutions, two pools and nine posts."""
    units = ["U1", "U2"][: r.choice([1, 1, 2])]
    posts = {f"P{i}": _post(r, f"P{i}", r.choice(units)) for i in range(r.choice([1, 2, 3, 5, 7, 9]))}
    pools = {"perf": _pool(r, len(posts)), **({"extra": _pool(r, len(posts))} if r.random() < 0.3 else {})}
    weights = {
        unit: {
            team: {"coefficient": r.choice(["1", "1", "0.8", "2", "0"]), "score": r.choice(["100", "90", "33.3"])}
            for team in sorted({post["team"] for post in posts.values() if post["unit"] == unit})
        }
        for unit in units
    }
    pools["perf"]["items"] = ["extra"]
    marks = [[post, "extra", str(r.choice([1, 2, "0.5"]))] for post in posts if r.random() < 0.2]
    item = {"id": "extra", "title": "专项", "rate": RATE, "per": "次", "in_total": r.choice(["yes", "no"])}
    return {
        "scheme": {"items": [{**item, "document": "文", "tax": "wages", "max": "9", "across": "post"}]},
        "pools": pools,
        "posts": posts,
        "teams": weights if any("teams" in pool for pool in pools.values()) else {},
        "earmarks": marks,
        "amounts": [[unit, pool, _amount(r)] for unit in units for pool in pools if r.random() < 0.9]
        or [[units[0], "perf", "0.00"]],
    }


def _amount(r: random.Random) -> str:
    return format_yuan(r.choice([0, r.randint(1, 50), r.randint(51, 100_000), r.randint(100_000, 5_000_000)]))


def _post(r: random.Random, number: str, unit: str) -> Json:
    made: Json = {
        "unit": unit,
        "team": r.choice(["甲", "甲", "乙", "丙"]),
        "position": r.choice(["1", "1", "1.5", "0.7", "3", "0"]),
        "share": r.choice(["1", "1", "0.5"]),
        "days": [66, r.choice([66, 66, 66, 44, 1, 0])],
        "staffing": r.choice(["在编", "合同"]),
        "facts": {"score": r.choice(["100", "100", "87.5", "60", "0"]), "工分": str(r.choice([0, 1, 7, "123.4"]))},
    }
    if r.random() < 0.2:
        made["hold"] = r.choice(["0", "0.5"])
    if r.random() < 0.1:
        made["role"] = "head"
    return made


def _pool(r: random.Random, posts: int) -> Json:
    made: Json = {"over_cap": r.choice(["share", "share", "keep"])}
    made["points"] = r.choice(
        [["position", "time", "score", "hold"], ["time"], ["工分", "hold"], ["position", "score"]]
    )
    if r.random() < 0.6:
        made["teams"] = {"weight": r.choice([["coefficient"], ["coefficient", "score", "size"], ["size"]])}
    if r.random() < 0.5:
        made["caps"] = [_bound(r, posts, (0, 1, 3, 20)) for _ in range(r.choice([1, 1, 2]))]
    if r.random() < 0.35:
        made["floors"] = [_bound(r, posts, (0, 0.1, 0.3)) for _ in range(r.choice([1, 1, 2]))]
    if r.random() < 0.3:
        made["defer"] = {"share": r.choice(["0.1", "0.333", "1"]), "leaver": "pay"}
    return made


def _bound(r: random.Random, posts: int, sizes: Sequence[float]) -> Json:
    made: Json = {"time": r.random() < 0.5}
    if r.random() < 0.4:
        made["times_mean"] = str(r.choice(sizes))
    else:
        made["amount"] = format_yuan(int(r.choice(sizes) * r.choice([10_000, 300_000]) / posts))
    if r.random() < 0.3:
        made["of"] = {"staffing": [r.choice(["在编", "合同"])]}
    return made


@dataclass
class Share:
    """One post in one pool by the contract's own words: points and bounds in fen (high None: none)."""

    number: str
    team: str
    points: Fraction
    low: int
    high: int | None


def _time(post: Json) -> Fraction:
    return Fraction(post["share"]) * Fraction(post["days"][1], 66)


def reading(case: Json, unit: str, pool: str, rest: int) -> list[Share]:
    """Who shares with what, written from the contract again (1, 2 and 5)."""
    posts = {n: post for n, post in case["posts"].items() if post["unit"] == unit and post.get("role") != "head"}
    rules = case["pools"][pool]
    total = sum((_time(post) for post in posts.values()), Fraction(0))
    found = []
    for number, post in posts.items():
        facts, hold = post["facts"], Fraction(post.get("hold", 1))
        factors = {"position": Fraction(post["position"]), "time": _time(post), "hold": hold}
        factors |= {"score": Fraction(facts["score"]) / 100, "工分": Fraction(facts["工分"])}
        points = Fraction(1)
        for name in rules["points"]:
            points *= factors[name]

        def values(kind: str, by: Fraction = hold, post: Json = post) -> Iterable[Fraction]:
            for one in rules.get(kind, []):
                if one.get("of", {}).get("staffing", [post["staffing"]]) != [post["staffing"]]:
                    continue
                if "amount" not in one and not total:
                    continue
                fen = (
                    Fraction(parse_yuan(one["amount"]))
                    if "amount" in one
                    else Fraction(one["times_mean"]) * rest / total
                )
                yield fen * (_time(post) if one["time"] else 1) * (by if kind == "floors" else 1)

        low = max(map(ceil_fen, values("floors")), default=0)
        high = min(map(floor_fen, values("caps")), default=None)
        found.append(Share(number, post["team"], points, *((low, high) if points else (0, 0))))
    return sorted(found, key=lambda one: one.number)


def allocated(amount: int, members: Mapping[str, tuple[Fraction, int, int | None]]) -> dict[str, int] | None:
    """Fen of each by `allocate` with own caps and floors; None where these contradict each other."""
    if not members:
        return {}
    if any(high is not None and low > high for _, low, high in members.values()):
        return None
    scale = lcm(*(merit.denominator for merit, _, _ in members.values()))
    if not any(merit for merit, _, _ in members.values()):
        return (
            {name: low for name, (_, low, _) in members.items()}
            if sum(m[1] for m in members.values()) <= amount
            else None
        )
    problem = {
        "pool": {"code": "p", "purpose": "staff_reward", "amount": format_yuan(amount)},
        "members": [
            {
                "code": name,
                "tier": "t",
                "grassroots": False,
                "signing": False,
                "merit": str(int(merit * scale)),
                "wage_headroom": format_yuan(amount if high is None else high),
                "previous": format_yuan(low),
            }
            for name, (merit, low, high) in members.items()
        ],
        "rules": [{"use": "wage_cap"}, {"use": "floor_previous", "ratio": "1"}],
    }
    answer: Any = answer_one(problem, relief=False)
    if answer["status"] == "infeasible":
        return None
    return {row["code"]: parse_yuan(row["amount"]) for row in answer["amounts"]}


def expected(case: Json, unit: str, pool: str, rest: int) -> dict[str, int] | None:
    """What every post is due, by `allocate` alone; None where it cannot be divided (6)."""
    shares, rules = reading(case, unit, pool, rest), case["pools"][pool]
    if "teams" not in rules:
        return allocated(rest, {one.number: (one.points, one.low, one.high) for one in shares})
    teams: dict[str, list[Share]] = defaultdict(list)
    for one in shares:
        teams[one.team].append(one)
    weights = {team: _weight(case, unit, team, rules["teams"]["weight"]) for team in teams}
    keep = rules["over_cap"] == "keep"
    bounds: dict[str, tuple[Fraction, int, int | None]] = {}
    for team, several in teams.items():
        free = any(one.high is None for one in several)
        high = None if free else sum(one.high or 0 for one in several)
        bounds[team] = (weights[team], 0, None) if keep else (weights[team], sum(one.low for one in several), high)
    given = allocated(rest, bounds)
    if given is None:
        return None
    found: dict[str, int] = {}
    for team, several in teams.items():
        inside = allocated(given[team], {one.number: (one.points, one.low, one.high) for one in several})
        if inside is None:
            return None
        found |= inside
    return found


def _weight(case: Json, unit: str, team: str, names: Sequence[str]) -> Fraction:
    posts = [post for post in case["posts"].values() if (post["unit"], post["team"]) == (unit, team)]
    size = sum(
        (
            Fraction(post["position"]) * _time(post) * Fraction(post.get("hold", 1))
            for post in posts
            if post.get("role") != "head"
        ),
        Fraction(0),
    )
    known = case["teams"][unit][team]
    factors = {"coefficient": Fraction(known["coefficient"]), "score": Fraction(known["score"]) / 100, "size": size}
    weight = Fraction(1)
    for name in names:
        weight *= factors[name]
    return weight


def empty_team(case: Json) -> bool:
    """Whether a team has numbers and nobody who shares: refused elsewhere."""
    here = {(post["unit"], post["team"]) for post in case["posts"].values() if post.get("role") != "head"}
    return any((unit, team) not in here for unit, teams in case["teams"].items() for team in teams)


def holds(case: Json) -> None:
    """Identities, bounds, equal pay, `allocate`, deferral; what cannot be divided is refused for that unit alone."""
    case = (
        case
        if not empty_team(case)
        else {**case, "posts": {n: {**p, "role": "member"} for n, p in case["posts"].items()}}
    )
    made = divided(case)
    adds_up(made)
    marks: dict[Group, int] = defaultdict(int)
    for number, _, quantity in case["earmarks"]:
        marks[case["posts"][number]["unit"], "perf"] += half_up_fen(parse_yuan(RATE) * Fraction(quantity))
    unmet = set()
    due = of(made, "due").set_index(["unit_code", "pool", "post_no"])["amount"].to_dict()
    wanted: dict[tuple[str, str, str], int] = {}
    for unit, pool, yuan in case["amounts"]:
        rest = parse_yuan(yuan) - marks[unit, pool]
        found = expected(case, unit, pool, rest) if rest >= 0 else None
        if found is None:
            unmet.add(unit)
        else:
            wanted |= {(unit, pool, number): fen for number, fen in found.items()}
            within(reading(case, unit, pool, rest), found)
    assert set(made.unmet) == unmet - {unit for unit in unmet if not _peopled(case, unit)}
    assert due == {key: fen for key, fen in wanted.items() if key[0] not in made.unmet}
    for line in of(made, "deferred").itertuples():
        share = Fraction(case["pools"][line.pool]["defer"]["share"])
        assert -line.amount == half_up_fen(share * due[line.unit_code, line.pool, line.post_no])


def _peopled(case: Json, unit: str) -> bool:
    return any(post["unit"] == unit for post in case["posts"].values())


def within(shares: Iterable[Share], due: Mapping[str, int]) -> None:
    """No bound is passed, and equal posts of a team differ by a fen at most."""
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for one in shares:
        assert one.low <= due[one.number] <= (due[one.number] if one.high is None else one.high)
        alike[one.team, one.points, one.low, one.high].append(due[one.number])
    assert all(max(several) - min(several) <= 1 for several in alike.values())


def shuffled(known: People, r: random.Random) -> People:
    """The same tables with their rows in another order, and persons of other codes."""
    tables = {}
    for name, frame in known.tables.items():
        order = [*range(len(frame))]
        r.shuffle(order)
        tables[name] = frame.iloc[order].reset_index(drop=True)
    tables["posts"] = tables["posts"].assign(person_code=[f"Z{code}" for code in tables["posts"]["person_code"]])
    return People(tables)


def by_any_order(case: Json) -> None:
    """Tables and stories are the same to the byte whatever the order of rows and whoever the persons are."""
    if empty_team(case):
        return
    pay, known, given = scheme(case["pools"], **case["scheme"]), people(case), amounts(case["amounts"])
    counts = dict.fromkeys(pay.pools, "yes")
    other = shuffled(known, random.Random(len(case["posts"])))
    one, two = (
        split(pay, tables, rows, Period.parse(PERIOD), counts)
        for tables, rows in ((known, given), (other, given[::-1]))
    )

    def as_text(made: Split) -> list[str]:
        frames = [frame.drop(columns="person_code", errors="ignore") for frame in (made.units, made.teams, made.lines)]
        return [
            *(frame.to_csv(index=False) for frame in frames),
            str(list(map(step_data, made.steps))),
            str(made.unmet),
        ]

    assert as_text(one) == as_text(two)


@st.composite
def group(draw: st.DrawFn) -> tuple[list[int], list[int], int, int]:
    """Weights, caps, an amount, and by how much the first weight is raised."""
    size = draw(st.integers(1, 6))
    weights = draw(st.lists(st.integers(0, 1000), min_size=size, max_size=size))
    caps = draw(st.lists(st.sampled_from([0, 1, 10, 500, 10_000, UNBOUNDED]), min_size=size, max_size=size))
    return weights, caps, draw(st.integers(0, 20_000)), draw(st.integers(1, 2000))


def more_points_never_lower(case: tuple[list[int], list[int], int, int]) -> None:
    """Where only caps bind, more points never lower their owner's exact amount."""
    weights, caps, amount, more = case
    places, low, high = np.zeros(len(weights), dtype=np.int64), np.zeros(len(weights), dtype=np.int64), np.array(caps)
    one, two = (
        divide(places, np.array(numbers), np.array([amount]), low, high)
        for numbers in (weights, [weights[0] + more, *weights[1:]])
    )
    assert two.exact(0) >= one.exact(0)


def more_points_in(case: Json) -> None:
    """The same of every post that shares with points in a pool of the case, where no floor binds."""
    for unit, pool, yuan in case["amounts"]:
        shares = reading(case, unit, pool, parse_yuan(yuan))
        scale = lcm(*(one.points.denominator for one in shares))
        weights = [int(one.points * scale) for one in shares]
        caps = [UNBOUNDED if one.high is None else one.high for one in shares]
        if not any(one.low for one in shares):
            for at in (at for at, weight in enumerate(weights) if weight):
                first, rest = weights[at], weights[:at] + weights[at + 1 :]
                bounds = [caps[at], *caps[:at], *caps[at + 1 :]]
                more_points_never_lower(([first, *rest], bounds, parse_yuan(yuan), max(1, first // 3)))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_schemes(chunk: int) -> None:
    drive(drawn(), holds, chunk=chunk, count=cases("PAY", 1600))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_order_and_names_are_irrelevant(chunk: int) -> None:
    drive(drawn(), by_any_order, chunk=100 + chunk, count=cases("PAY", 400))


def test_more_points() -> None:
    drive(group(), more_points_never_lower, chunk=0, count=500)
