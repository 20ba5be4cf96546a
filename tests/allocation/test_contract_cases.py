"""The hand-worked cases of tests/spec/allocation, put to the optimizer and to the tests' own method."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from engine.exchange.allocate import answer_one as solve

from . import oracle
from .oracle_model import READ

Json = dict[str, Any]
SPEC = Path(__file__).parents[1] / "spec" / "allocation"
CODE = re.compile(r"[A-Z][A-Z0-9-]+")


def cases(*, valid: bool) -> list[Any]:
    """Every case of every file as a pytest parameter, named file: case."""
    files = [path for path in sorted(SPEC.glob("*.yaml")) if (path.stem == "invalid") != valid]
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in files
        for case in YAML(typ="safe", pure=True).load(path)
    ]


def compare(answer: Json, expect: Json) -> None:
    """Everything the case states must be in the answer; members not named under held_by are held by nothing."""
    if "conflict" in expect:
        assert answer == {"status": "infeasible", "conflict": expect["conflict"], "first": True}
        return
    assert answer["status"] == "optimal", answer
    rows = {row["code"]: row for row in answer["amounts"]}
    assert list(rows) == sorted(rows)
    seen = {
        "amounts": {code: row["amount"] for code, row in rows.items()},
        "shares": {code: row["share"] for code, row in rows.items()},
        "held_by": {code: row["held_by"] for code, row in rows.items() if row["held_by"]},
        "because": answer["undistributed_because"],
        "soft_violations": answer["soft_violations"],
    }
    for name, value in expect.items():
        assert seen.get(name, answer.get(name)) == value, name


@pytest.mark.parametrize("case", cases(valid=True))
@pytest.mark.parametrize("solver", ["auto", "highs", "cbc"])
def test_optimizer(case: Json, solver: str) -> None:
    compare(solve(case["problem"], solver=solver), case["expect"])


def is_read(case: Json) -> bool:
    """Whether the tests' own method has a reading of every rule; a new rule has none until it is written."""
    return READ.issuperset(rule["use"] for rule in case["problem"].get("rules", []))


@pytest.mark.parametrize("case", [one for one in cases(valid=True) if is_read(one.values[0])])
def test_own_method(case: Json) -> None:
    compare(oracle.answer(case["problem"]), case["expect"])


def fits(where: str, pattern: str) -> bool:
    """Whether a place is the one named (`*` at the end: begins like it)."""
    return where.startswith(pattern[:-1]) if pattern.endswith("*") else where == pattern


@pytest.mark.parametrize("case", cases(valid=False))
def test_refused(case: Json) -> None:
    answer = solve(case["problem"])
    assert answer["status"] == "invalid"
    assert set(answer) == {"status", "problems"}
    places = sorted(problem["where"] for problem in answer["problems"])
    assert len(places) == len(case["where"]), places
    assert all(fits(place, pattern) for place, pattern in zip(places, sorted(case["where"]), strict=True)), places
    for problem in answer["problems"]:
        assert set(problem) == {"where", "code", "message"}
        assert CODE.fullmatch(problem["code"])
        assert re.search(r"[一-鿿]", problem["message"])


def test_field_that_no_rule_needs_may_be_missing() -> None:
    members = [{"code": "A", "tier": "lead", "merit": "1", "exempt": {"pay_gap": "不适用"}}]
    problem = {"pool": {"code": "p", "purpose": "income", "amount": "1.00"}, "members": members, "rules": []}
    assert solve(problem)["amounts"][0]["amount"] == "1.00"


def test_relief_only_on_request() -> None:
    problem = cases(valid=True)[0].values[0]["problem"]
    assert "relief" in solve(problem)
    assert "relief" not in solve(problem, relief=False)


def test_enough_cases() -> None:
    assert len(cases(valid=True)) >= 25
