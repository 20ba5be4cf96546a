"""What is too large is refused by name, and what is just not too large is answered."""

from __future__ import annotations

import copy
import json
import time
import tracemalloc
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


@pytest.mark.parametrize(
    ("rule", "others", "where"),
    [
        # a bad ratio hides no missing headcount
        (
            {"use": "pay_gap", "low": "village", "high": "lead", "ratio": "x"},
            [{"code": "B", "tier": "village", "merit": "1", "gap_income": "1.00"}],
            ["$.rules[0].ratio", "$.members[1].headcount"],
        ),
        # a bad group on one side, not those of the other
        (
            {"use": "pay_gap", "low": 3, "high": "nix", "ratio": "x", "priority": 0},
            [],
            ["$.rules[0].priority", "$.rules[0].low", "$.rules[0].low", "$.rules[0].ratio", "$.rules[0].high"],
        ),
        # a bad tolerance, no group without members
        (
            {"use": "tier_shares", "shares": {"nix": "0.5", "lead": "y"}, "tolerance": "x"},
            [],
            ["$.rules[0].shares.lead", "$.rules[0].tolerance", "$.rules[0].shares.nix"],
        ),
        ({"use": "income_cap", "share": "x", "more": 1}, [], ["$.rules[0].share", "$.rules[0].more", "$.members[0]"]),
    ],
)
def test_what_is_wrong_with_a_rule_hides_nothing_else(rule: Any, others: list[Any], where: list[str]) -> None:
    lead = {"code": "A", "tier": "lead", "merit": "1", "gap_income": "1.00", "headcount": 1}
    data = {**GOOD, "pool": {**GOOD["pool"], "purpose": "staff_reward"}, "members": [lead, *others], "rules": [rule]}
    found = [place for place, _ in told(data)]
    assert len(found) == len(where)
    assert all(any(one.startswith(expected) for one in found) for expected in where), found


def test_half_a_surrogate_hides_nothing_else() -> None:
    pool = {"code": "\ud800", "purpose": "bonus", "amount": "x"}
    assert told({"pool": pool, "members": [], "rules": []}) == [
        ("$.pool.code", "NOT-TEXT"),
        ("$.pool.purpose", "UNKNOWN-PURPOSE"),
        ("$.pool.amount", "NOT-MONEY"),
        ("$.members", "MISSING"),
    ]


def bad_texts() -> dict[str, str]:
    """Up to 10 MB of what takes long or much to refuse, if done carelessly."""
    long = "k" * 1_000_000
    surrogate = '{{"members": [{{"{}": {{{}}}}}]}}'.format(long, ",".join(f'"k{i}": "\\ud800"' for i in range(4000)))
    deep = '{{"members": [{}1{}]}}'.format(f'{{"{"k" * 199}": ' * 400 + "[", "]" + "}" * 400)
    merits = [{"code": f"M{i}", "tier": "lead", "merit": f"{i + 1}".ljust(4000, "7")} for i in range(200)]
    return {
        "one key twice": "{{{}}}".format(",".join(f'"k{i}": 1' for i in [*range(60_000), 59_999])),
        "all keys twice": "{{{}}}".format(",".join(f'"k{i}": 1' for i in [*range(60_000)] * 2)),
        "bad rules": json.dumps({**GOOD, "rules": [{"use": "x"}] * 20_000}),
        "bad shares": json.dumps(
            {**GOOD, "rules": [{"use": "tier_shares", "shares": dict.fromkeys(map(str, range(1000)), "x")}] * 400}
        ),
        "long key": json.dumps({**GOOD, "members": [{long: [{}] * 4000}]}),
        "long key of what is no text": surrogate,
        "long places": deep.replace("1", ",".join(["1"] * 200_000 + [f'"{"x" * 201}"'])),
        "long merits": json.dumps({**GOOD, "members": merits}),
        "many problems": "[{}]".format(",".join(["{}"] * 1_000_000)),
        "many numbers": "[{}]".format(",".join(["1"] * 3_000_000)),
        "many lines": '{"pool": 1}\n' * 450_000,
        "many blank lines": "\n" * 5_000_000,
        "nested": '{"rules": [{"use": "total_cap", "amount": %s}]}' % ('{"a":' * 900 + "1" + "}" * 900),
        "long number": '{"pool": %s}' % ("9" * 5_000_000),
    }


@pytest.mark.parametrize("name", bad_texts())
def test_bad_input_is_refused_in_bounded_time(name: str) -> None:
    text = bad_texts()[name]
    begun = time.process_time()
    answers, code = answer_problems(read_bytes(text.encode("utf-8"))[1], relief=False)
    assert time.process_time() - begun < 4, "2 s on a quiet machine"
    assert code == (0 if name == "long merits" else 2)
    assert sum(len(json.dumps(one)) for one in answers) < 2_000_000


def test_bad_input_takes_bounded_memory() -> None:
    texts = bad_texts()
    for name in ("long key of what is no text", "long places"):
        tracemalloc.start()
        answer_problems(read_bytes(texts[name].encode("utf-8"))[1], relief=False)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 250 * 2**20, name


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        ({**GOOD, "members": [{}] * 2001, "rules": [{}] * 1000}, "2000000"),
        (
            {**GOOD, "rules": [{"use": "tier_shares", "shares": dict.fromkeys(map(str, range(501)), "0")}] * 100},
            "50000",
        ),
    ],
)
def test_products_of_counts(data: object, limit: str) -> None:
    (problem,) = answer_one(data)["problems"]
    assert (problem["where"], problem["code"]) == ("$.rules", "TOO-LARGE")
    assert limit in problem["message"]


def test_number_of_problems_and_of_objects() -> None:
    for text, limit in (
        ("[{}]".format(",".join(["0"] * 50_001)), "50000"),
        ("[{}]".format(",".join(["[]"] * 1_000_000)), "1000000"),
    ):
        answers, code = answer_problems(read_problems(text)[1])
        assert code == 2
        assert "TOO-LARGE" in str(answers[0])
        assert f"至多 {limit} 个" in str(answers[0])


def test_of_many_bad_problems_each_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = {**GOOD, "members": [{}]}
    monkeypatch.setattr("engine.exchange.allocate.TOLD_OF_ALL", 4)
    whole = told(bad)
    answers, code = answer_problems([bad, bad, GOOD, 5])
    assert (code, len(whole)) == (2, 3)
    assert [len(one.get("problems", ())) for one in answers] == [3, 2, 0, 1]  # type: ignore[arg-type]
    assert "另有 2 处问题没有列出" in str(answers[1])
