"""What is too large is refused by name, and what is just not too large is answered."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from allocation import solve as solving
from engine.exchange import limits
from engine.exchange.allocate import answer_one, answer_problems, read_bytes, read_problems

GOOD: dict[str, Any] = {
    "pool": {"code": "p", "purpose": "income", "amount": "100.00"},
    "members": [{"code": "A", "tier": "lead", "merit": "1"}, {"code": "B", "tier": "lead", "merit": "3"}],
    "rules": [],
}


def told(data: object) -> list[tuple[str, str]]:
    """Where and what: of what is refused."""
    answer = answer_one(data, relief=False)
    return [(one["where"], one["code"]) for one in answer.get("problems", [])]


def changed(**fields: Any) -> dict[str, Any]:
    """The problem with fields of the first member."""
    data = copy.deepcopy(GOOD)
    data["members"][0] |= fields
    return data


@pytest.mark.parametrize(
    ("good", "bad", "where"),
    [
        (changed(name="医" * 200), changed(name="医" * 201), "$.members[0].name"),
        (changed(merit="0." + "1" * 3999), changed(merit="0." + "1" * 4000), "$.members[0].merit"),
        (changed(headcount=10**4000 - 1), changed(headcount=10**4000), "$.members[0].headcount"),
        ({**GOOD, "rules": [{"use": "total_cap", "amount": "5.00"}] * 1000}, {**GOOD, "rules": [0] * 1001}, "$.rules"),
    ],
)
def test_too_large(good: Any, bad: Any, where: str) -> None:
    assert told(good) == []
    assert told(bad) == [(where, "TOO-LARGE")]


def test_the_limit_is_named() -> None:
    for data, limit in (
        (changed(name="x" * 201), "200"),
        (changed(merit="1" * 4001), "4000"),
        (many(100_001), "100000"),
    ):
        (problem,) = answer_one(data)["problems"]
        assert limit in problem["message"]


def many(count: int, **fields: Any) -> dict[str, Any]:
    members = [{"code": f"M{i}", "tier": "lead", "merit": "1", **fields} for i in range(count)]
    return {**GOOD, "members": members}


def test_members() -> None:
    assert told(many(100_001)) == [("$.members", "TOO-LARGE")]


def test_members_times_digits() -> None:
    # 2,501 × 4,000 is above ten million
    assert told(many(2501, merit="1" * 4000)) == [("$.members", "TOO-LARGE")]
    assert told(many(50, merit="1" * 4000)) == []


def test_names_of_fields() -> None:
    assert told({**GOOD, "x" * 201: 1}) == [("$", "TOO-LARGE")]


def test_input(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = json.dumps(GOOD).encode()
    assert limits.BYTES == 64_000_000
    monkeypatch.setattr("engine.exchange.allocate.BYTES", len(raw))
    assert answer_problems(read_bytes(raw)[1])[1] == 0
    answers, code = answer_problems(read_bytes(raw + b" ")[1])
    assert code == 2
    assert [(one["where"], one["code"]) for one in answers[0]["problems"]] == [("$", "TOO-LARGE")]  # type: ignore[attr-defined]


def test_no_more_than_a_thousand_problems_are_told() -> None:
    members = [{"code": f"M{i}", "tier": "lead", "merit": 0.5} for i in range(1000)]
    assert len(told({**GOOD, "members": members})) == 1000
    problems = answer_one({**GOOD, "members": members * 2})["problems"]
    assert len(problems) == 1001
    # 2,000 merits, and 1,000 codes that stand twice
    assert problems[-1]["message"] == "另有 2000 处问题没有列出"
    assert {one["code"] for one in problems[:-1]} == {"FLOAT"}


def test_relief_of_many_members_only_if_asked_for() -> None:
    few, more = many(300), many(301)
    answers, _ = answer_problems([few, more])
    assert ["relief" in one for one in answers] == [True, False]
    assert "relief" in answer_problems([more], relief=True)[0][0]


def test_relief_is_counted_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    data = many(6, previous="1.00")
    data["rules"] = [{"use": "cap_previous", "ratio": "1"}]
    whole = answer_one(data)
    monkeypatch.setattr(solving, "_RELIEF_WORK", 6 * 4)
    cut = answer_one(data)
    assert cut.pop("warnings") == ["RELIEF-BOUND"]
    assert whole.pop("warnings") == []
    assert len(whole["relief"]) == 6
    assert cut.pop("relief") == whole.pop("relief")[:4]
    assert cut == whole


def test_long_numbers_among_lines_spoil_nothing_else() -> None:
    text = f'{json.dumps(GOOD)}\n{{"pool": {"9" * 5000}}}\n{json.dumps(GOOD)}\n'
    answers, _ = answer_problems(read_problems(text)[1])
    assert [one["status"] for one in answers] == ["optimal", "invalid", "optimal"]
