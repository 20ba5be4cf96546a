"""What a memo keeps: answers whose key and reads are the same, type by type, and nothing that failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from domain.plan import Entry
from engine.run.indexed import differing
from engine.run.memo import Memo, Watched, found, same


@dataclass(frozen=True)
class Pair:
    one: object
    other: object = None


TABLE = pd.DataFrame({"a": [1]})
SAME = [
    (1, 1),
    ((1, "a"), (1, "a")),
    ({"a": [1, {"b": Fraction(1, 2)}]}, {"a": [1, {"b": Fraction(1, 2)}]}),
    (Pair(1, (2,)), Pair(1, (2,))),
    (Pair(TABLE), Pair(TABLE)),
    (Entry(use="x", params={"a": "1"}), Entry(use="x", params={"a": "1"})),
    (Decimal("1.0"), Decimal("1.0")),
]
OTHER = [
    (1, True),
    (1, Fraction(1)),
    ([1], (1,)),
    ((1, 2), (1,)),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({"a": 1}, {"a": True}),
    (Pair(1), Pair(1, 2)),
    (Pair(TABLE), Pair(TABLE.copy())),
    (np.zeros(2), np.zeros(2)),
    (Entry(use="x", params={"a": "1"}), Entry(use="x", params={"a": 1})),
    (Entry(use="x"), Entry(use="x").taking(Entry(use="y"))),
    (Decimal("1.0"), Decimal("1.00")),
    (None, 0),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same(one: object, other: object) -> None:
    assert same(one, other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_not_the_same(one: object, other: object) -> None:
    assert not same(one, other)


def counted(memo: Memo, key: int, facts: Mapping[str, int], made: list[int]) -> int:
    """A stage that reads one fact."""

    def make() -> tuple[int, tuple[object, ...]]:
        made.append(key)
        watched = Watched(facts)
        return watched.get("a", 0) + key, watched.asked or ()

    return memo.of(("stage",), (key,), make, lambda answer: found(facts, answer[1]))[0]


def test_only_what_was_read_matters() -> None:
    made: list[int] = []
    base = Memo()
    assert counted(base, 1, {"a": 1, "b": 1}, made) == 2
    assert counted(Memo(base), 1, {"a": 1, "b": 2}, made) == 2
    assert made == [1]
    assert counted(Memo(base), 1, {"a": 2}, made) == 3
    assert counted(Memo(base), 1, {}, made) == 1
    assert counted(Memo(base), 2, {"a": 1}, made) == 3
    assert counted(Memo(base), 1, {"a": 1}, made) == 2
    assert made == [1, 1, 1, 2]


def test_a_mapping_that_is_gone_through_is_read_as_a_whole() -> None:
    facts = {"a": 1}
    watched = Watched(facts)
    assert "b" not in watched
    assert watched.asked == ("b",)
    assert list(watched) == ["a"]
    assert watched.asked is None
    assert same(found(facts, None), (facts,))


def test_what_fails_is_not_kept() -> None:
    memo = Memo()
    with pytest.raises(ZeroDivisionError):
        memo.of(("stage",), (), lambda: 1 // 0)
    assert memo.of(("stage",), (), lambda: 1) == 1


FACTS = pd.DataFrame({"metric": ["a", "b", "a", "c"], "value": [1, 2, 3, 4]})


@pytest.mark.parametrize(
    ("after", "codes"),
    [
        (FACTS.copy(), set()),
        (FACTS.assign(value=[1, 2, 9, 4]), {"a"}),
        (FACTS.assign(metric=["a", "b", "d", "c"]), {"a", "d"}),
        (FACTS.drop(index=1), {"b"}),
        (FACTS[:0], {"a", "b", "c"}),
        (pd.concat([FACTS, FACTS[1:2]]), {"b"}),
        (pd.concat([FACTS[:1], FACTS]), {"a"}),
    ],
)
def test_codes_with_other_rows(after: pd.DataFrame, codes: set[str]) -> None:
    after = after.reset_index(drop=True)
    assert differing(FACTS, after, "metric") == codes
    assert differing(after, FACTS, "metric") == codes


def test_a_dataclass_is_compared_by_its_fields_alone() -> None:
    one = replace(Pair(1), other=2)
    vars(one)["cached"] = 3
    assert same(one, Pair(1, 2))
