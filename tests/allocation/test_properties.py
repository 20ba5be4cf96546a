"""What must hold for every problem: against the contract, against the tests' own method, and between solvers.

The counts come from LIANGYUN_CASES_AUTO, _ORACLE, _SOLVERS and _PROPERTIES. The soak runs take 20,000 of each and write
what they saw to docs/soak.json.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from allocation.exact.certificate import check
from allocation.exact.solution import Optimum, optimum_of
from domain.money import ceil_fen, floor_fen, format_yuan, parse_yuan
from engine.exchange.allocate import answer_one as solve
from engine.exchange.parse import parse
from tests.soaking import record

from . import oracle, strategies

Json = dict[str, Any]
Body = Callable[[Json], None]
CHUNKS = 8
SOAK_CHUNKS = 20
SOAK_CASES = 20_000


def cases(name: str, default: int) -> int:
    """How many cases one chunk takes."""
    return -(-int(os.environ.get(f"LIANGYUN_CASES_{name}", default)) // CHUNKS)


def drive(
    strategy: st.SearchStrategy[Any], body: Callable[[Any], None], *, chunk: int, count: int, shrink: bool = True
) -> None:
    """Put `count` problems to `body`, the same ones in every run; each chunk has its own."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)

    @seed(chunk)
    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(strategy)
    def run(problem: Any) -> None:
        body(problem)

    run()


def optimum(problem: Json) -> Optimum:
    """The exact optimum of a problem whose hard rules can hold together."""
    best = optimum_of(parse(problem))
    assert best is not None
    return best


def as_bytes(answer: Json) -> str:
    """An answer as it is written out."""
    return json.dumps(answer, ensure_ascii=False)


def paid(answer: Json) -> dict[str, int]:
    """Fen by code."""
    return {row["code"]: parse_yuan(row["amount"]) for row in answer["amounts"]}


def stays_within_contract(problem: Json) -> None:
    """The certificate proves x*; whole fen close, stay beside x* and never pass an own hard bound."""
    answer = solve(problem, relief=False)
    model = oracle.read(problem)
    if answer["status"] == "infeasible":
        assert oracle.proves_conflict(model, answer["conflict"]), answer
        return
    assert answer["status"] == "optimal", answer
    parsed = parse(problem)
    best = optimum_of(parsed)
    assert best is not None
    assert check(parsed, best) == []
    amounts = paid(answer)
    assert list(amounts) == sorted(member["code"] for member in problem["members"])
    assert sum(amounts.values()) == parse_yuan(answer["distributed"]) == floor_fen(best.distributed)
    assert parse_yuan(answer["distributed"]) + parse_yuan(answer["undistributed"]) == model.pool
    assert (answer["undistributed"] == "0.00") == (not answer["undistributed_because"])
    assert sum(best.exact.values()) == best.distributed
    for code, amount in amounts.items():
        assert floor_fen(best.exact[code]) <= amount <= ceil_fen(best.exact[code])
    for rule in model.hard:
        for side in rule.sides:
            assert side.value(best.exact) >= 0
            if rule.use in oracle.OWN:
                assert side.value(amounts) >= 0


def settled_order(answer: Json) -> Json:
    """The answer with entries that bear the same name in an order of their own; the contract names none."""
    by_name = {"relief": ("use", "code"), "soft_violations": ("priority", "use")}
    sorted_lists = {}
    for part, names in by_name.items():
        entries = answer[part]
        keys = [tuple(entry[name] or "" for name in names) for entry in entries]
        assert keys == sorted(keys), part
        sorted_lists[part] = sorted(entries, key=as_bytes)
    return {**answer, **sorted_lists}


def agrees_with_own_method(problem: Json) -> None:
    """The whole answer, relief included, is what the tests' own method finds.

    In a conflict several rules may bear one name: any of them is right, if it proves the conflict.
    """
    answer = solve(problem)
    try:
        expected = oracle.answer(problem)
    except oracle.TooManyConflicts:
        assert oracle.proves_conflict(oracle.read(problem), answer["conflict"])
        return
    assert answer["status"] == expected["status"]
    if answer["status"] == "infeasible":
        names = [[(one["use"], one["code"]) for one in said["conflict"]] for said in (answer, expected)]
        assert names[0] == names[1]
        assert oracle.proves_conflict(oracle.read(problem), answer["conflict"])
    else:
        assert settled_order(answer) == settled_order(expected)


def same_from_every_solver(problem: Json) -> None:
    """auto, highs and cbc give the same bytes."""
    auto = as_bytes(solve(problem, relief=False))
    assert as_bytes(solve(problem, solver="highs", relief=False)) == auto
    assert as_bytes(solve(problem, solver="cbc", relief=False)) == auto


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_contract(chunk: int) -> None:
    drive(strategies.problems(most=12), stays_within_contract, chunk=chunk, count=cases("AUTO", 2000))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_own_method(chunk: int) -> None:
    drive(strategies.problems(), agrees_with_own_method, chunk=chunk, count=cases("ORACLE", 300), shrink=False)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_own_method_on_conflicts(chunk: int) -> None:
    drive(strategies.conflicts(), agrees_with_own_method, chunk=chunk, count=cases("ORACLE", 300), shrink=False)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_solvers(chunk: int) -> None:
    drive(strategies.problems(), same_from_every_solver, chunk=chunk, count=cases("SOLVERS", 300))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_order_is_irrelevant(chunk: int) -> None:
    drawn = strategies.problems().flatmap(
        lambda problem: st.tuples(
            st.just(problem), st.permutations(problem["members"]), st.permutations(problem["rules"])
        )
    )

    def body(case: tuple[Json, list[Json], list[Json]]) -> None:
        problem, members, rules = case
        assert as_bytes(solve({**problem, "members": members, "rules": rules})) == as_bytes(solve(problem))

    drive(drawn, body, chunk=chunk, count=cases("PROPERTIES", 200))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_equal_members_get_the_same(chunk: int) -> None:
    def body(problem: Json) -> None:
        twin = {**problem["members"][0], "code": "twin"}
        doubled = {**problem, "members": [*problem["members"], twin]}
        answer = solve(doubled, relief=False)
        if answer["status"] == "optimal":
            amounts = paid(answer)
            assert abs(amounts["twin"] - amounts[problem["members"][0]["code"]]) <= 1
            exact = optimum(doubled).exact
            assert exact["twin"] == exact[problem["members"][0]["code"]]

    drive(strategies.problems(), body, chunk=chunk, count=cases("PROPERTIES", 200))


def decimal(value: Fraction) -> str:
    """An exact decimal text of a number that has one."""
    places = 0
    while value.denominator != 1:
        value *= 10
        places += 1
    digits = str(value.numerator).rjust(places + 1, "0")
    return f"{digits[: len(digits) - places]}.{digits[len(digits) - places :]}" if places else digits


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_scale_of_merit_is_irrelevant(chunk: int) -> None:
    drawn = st.tuples(strategies.problems(), st.sampled_from(("3", "0.01", "12.5", "1000", "0.7")))

    def body(case: tuple[Json, str]) -> None:
        problem, factor = case
        members = [
            {**member, "merit": decimal(Fraction(member["merit"]) * Fraction(factor))} for member in problem["members"]
        ]
        assert as_bytes(solve({**problem, "members": members})) == as_bytes(solve(problem))

    drive(drawn, body, chunk=chunk, count=cases("PROPERTIES", 200))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_more_pool_lowers_nobody_under_caps_and_floors(chunk: int) -> None:
    drawn = st.tuples(strategies.bounded(), st.sampled_from((1, 2, 17, 10_000, 10**9)))

    def body(case: tuple[Json, int]) -> None:
        problem, more = case
        if solve(problem, relief=False)["status"] == "infeasible":
            return
        pool = {**problem["pool"], "amount": format_yuan(parse_yuan(problem["pool"]["amount"]) + more)}
        before, after = optimum(problem).exact, optimum({**problem, "pool": pool}).exact
        assert all(after[code] >= amount for code, amount in before.items())

    drive(drawn, body, chunk=chunk, count=cases("PROPERTIES", 200))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_more_merit_never_lowers_its_owner_under_caps_and_floors(chunk: int) -> None:
    drawn = st.tuples(strategies.bounded(), st.sampled_from(("0.001", "1", "50")))

    def body(case: tuple[Json, str]) -> None:
        problem, more = case
        if solve(problem, relief=False)["status"] == "infeasible":
            return
        first, *others = problem["members"]
        better = {**first, "merit": decimal(Fraction(first["merit"]) + Fraction(more))}
        after = optimum({**problem, "members": [better, *others]}).exact
        assert after[first["code"]] >= optimum(problem).exact[first["code"]]

    drive(drawn, body, chunk=chunk, count=cases("PROPERTIES", 200))


def soak(name: str, strategy: st.SearchStrategy[Json], body: Body, chunk: int) -> None:
    """Take one chunk of the long run to its end, counting, then fail if anything differed."""
    wrong: list[Json] = []
    seen = 0

    def count(problem: Json) -> None:
        nonlocal seen
        seen += 1
        try:
            body(problem)
        except Exception:  # noqa: BLE001  (whatever goes wrong is a mismatch, and the run goes on)
            wrong.append(problem)

    began = time.perf_counter()
    drive(strategy, count, chunk=1000 + chunk, count=SOAK_CASES // SOAK_CHUNKS, shrink=False)
    seconds = round(time.perf_counter() - began, 1)
    record(name, chunk, {"cases": seen, "seconds": seconds, "mismatches": len(wrong)})
    assert not wrong, as_bytes(min(wrong, key=lambda problem: len(as_bytes(problem))))


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(SOAK_CHUNKS))
def test_soak_contract(chunk: int) -> None:
    soak("auto", strategies.problems(most=12), stays_within_contract, chunk)


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(SOAK_CHUNKS))
def test_soak_own_method(chunk: int) -> None:
    soak("oracle", strategies.problems() | strategies.conflicts(), agrees_with_own_method, chunk)


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(SOAK_CHUNKS))
def test_soak_solvers(chunk: int) -> None:
    soak("solvers", strategies.problems(), same_from_every_solver, chunk)
