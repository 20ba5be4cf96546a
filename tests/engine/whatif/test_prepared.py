"""A rerun is a fresh run: whatever is changed, and in whatever order changes are tried."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.api.types import is_object_dtype

from domain.facts import Facts
from domain.period import Period
from domain.plan import Plan
from engine.policy.configs import load_configs
from engine.policy.given import given_plan
from engine.policy.load import Loaded, load
from engine.read.reader import read
from engine.run.result import Result
from engine.run.run import run
from engine.run.tables import texts
from engine.whatif.prepared import Prepared, prepare, rerun
from tests.engine.whatif import changes

ROOT = Path(__file__).parents[3]
CASES = {
    "small": (str(ROOT / "tests/engine/small/plan.yaml"), "tests/engine/small/data", "2026Q3"),
    "county": ("demo-county", "examples/county/2026Q3.xlsx", "2026Q3"),
    "county-year": ("demo-county", "examples/county/2025.xlsx", "2025"),
    "overspend": ("demo-county", "examples/county/2025-overspend.xlsx", "2025"),
    "liaoning": ("demo-liaoning", "examples/liaoning-2017/2017.xlsx", "2017"),
}
CONFIGS = load_configs()
Ready = tuple[Loaded, Facts, Prepared]


@cache
def ready(name: str) -> Ready:
    plan, data, text = CASES[name]
    period = Period.parse(text)
    loaded = load(CONFIGS, plan, period.end)
    facts = read(ROOT / data, CONFIGS.catalogue, loaded.plan, period, loaded.packs)
    return loaded, facts, prepare(CONFIGS, loaded, facts, period)


def fresh(name: str, plan: Plan | None = None, facts: Facts | None = None) -> Result:
    loaded, told, prepared = ready(name)
    taken = given_plan(plan, loaded.packs) if plan else loaded.plan
    return run(taken, loaded.packs, facts or told, CONFIGS.catalogue, prepared.indexed.period, batch=True)


def outcome(make: Callable[[], Result]) -> Result | tuple[Any, ...]:
    try:
        return make()
    except Exception as error:  # noqa: BLE001  (whatever ends one run must end the other)
        return type(error), str(error), getattr(error, "problems", ())


def assert_same(one: Result | tuple[Any, ...], other: Result | tuple[Any, ...]) -> None:
    if isinstance(one, tuple) or isinstance(other, tuple):
        assert one == other
        return
    assert vars(one).keys() == vars(other).keys()
    for name in vars(one).keys() - {"frames"}:
        assert getattr(one, name) == getattr(other, name), name
    for tables, others in ((one.frames, other.frames), (texts(one), texts(other))):
        assert list(tables) == list(others)
        for name, table in tables.items():
            pd.testing.assert_frame_equal(table, others[name])
            for column in filter(lambda one, of=table: is_object_dtype(of[one]), table):  # others hold one type
                assert [*map(type, table[column])] == [*map(type, others[name][column])], (name, column)


def tried(name: str, seed: int) -> None:
    """One case: a rerun with random changes against a fresh run with the same."""
    loaded, facts, prepared = ready(name)
    plan, told = changes.changed(loaded.plan, facts, Random(seed))
    assert_same(outcome(lambda: rerun(prepared, plan=plan, facts=told)), outcome(lambda: fresh(name, plan, told)))


SEEDS = st.integers(min_value=0, max_value=2**40)


@settings(max_examples=40)
@given(SEEDS)
def test_small_changes(seed: int) -> None:
    tried("small", seed)


@pytest.mark.parametrize("name", sorted(CASES.keys() - {"small"}))
def test_changes_of_examples(name: str) -> None:
    for seed in range(4):
        tried(name, seed)


@pytest.mark.parametrize("change", changes.PLANS)
@pytest.mark.parametrize("name", ["small", "county-year"])
def test_every_kind_of_change_of_a_plan(name: str, change: Callable[[Plan, Random], Plan]) -> None:
    loaded, _, prepared = ready(name)
    plan = change(loaded.plan, Random(7))
    assert_same(outcome(lambda: rerun(prepared, plan=plan)), outcome(lambda: fresh(name, plan)))


@pytest.mark.parametrize("change", dict.fromkeys(changes.FACTS))
@pytest.mark.parametrize("name", ["small", "county-year"])
def test_every_kind_of_change_of_facts(name: str, change: Callable[[Facts, Random], Facts]) -> None:
    _, facts, prepared = ready(name)
    told = change(facts, Random(5))
    assert_same(outcome(lambda: rerun(prepared, facts=told)), outcome(lambda: fresh(name, facts=told)))


@pytest.mark.soak
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("chunk", range(4))
def test_soak_reruns(name: str, chunk: int) -> None:
    cases = int(os.environ.get("LIANGYUN_CASES_RERUNS", "100"))
    for seed in range(1_000_000 + chunk * cases, 1_000_000 + (chunk + 1) * cases):
        tried(name, seed)


def test_reruns_know_nothing_of_each_other_and_leave_the_base_alone() -> None:
    loaded, facts, _ = ready("small")
    prepared = prepare(CONFIGS, loaded, facts, Period.parse("2026Q3"))
    before = fresh("small")
    assert_same(prepared.result, before)
    tries = [changes.changed(loaded.plan, facts, Random(seed)) for seed in range(12)]

    def all_of(order: list[int]) -> dict[int, Result | tuple[Any, ...]]:
        return {at: outcome(lambda at=at: rerun(prepared, plan=tries[at][0], facts=tries[at][1])) for at in order}

    one, other = all_of(list(range(12))), all_of(list(reversed(range(12))))
    for at in range(12):
        assert_same(one[at], other[at])
    assert_same(rerun(prepared), before)
    assert_same(prepared.result, before)


def test_nothing_changed_makes_nothing_again() -> None:
    _, _, prepared = ready("small")
    again = rerun(prepared)
    for name, frame in again.frames.items():
        assert frame is prepared.result.frames[name], name


def test_a_plan_may_come_with_its_packs(tmp_path: Path) -> None:
    loaded, _, prepared = ready("small")
    text = (ROOT / "tests/engine/small/plan.yaml").read_text("utf-8").replace('target: "0.8"', 'target: "0.9"')
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "packs").mkdir()
    pack = (ROOT / "tests/engine/small/packs/small-pack.yaml").read_text("utf-8")
    title = loaded.packs["small-pack"].title
    (tmp_path / "packs" / "small-pack.yaml").write_text(pack.replace(title, f"{title} (修订)"), encoding="utf-8")
    other = load(CONFIGS, tmp_path / "plan.yaml", Period.parse("2026Q3").end)
    found = rerun(prepared, plan=other)
    assert found.labels.documents[0].title == f"{title} (修订)"
    facts = ready("small")[1]
    assert_same(found, run(other.plan, other.packs, facts, CONFIGS.catalogue, prepared.indexed.period, batch=True))
